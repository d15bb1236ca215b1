import { useTranslation } from "react-i18next";
import { LONGEST_NAME, useWriter, writer } from "@/data/writer";
import { TextField } from "@/ui";

/** Who one is, for the history. It may stay empty. */
export function NameField() {
  const { t } = useTranslation();
  const name = useWriter();
  return (
    <TextField
      label={t("parameters.writer.label")}
      hint={t("parameters.writer.hint")}
      autoComplete="name"
      maxLength={LONGEST_NAME}
      value={name}
      onChange={(event) => writer.set(event.target.value)}
    />
  );
}
