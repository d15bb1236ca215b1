import { useState } from "react";
import { useTranslation } from "react-i18next";
import { token } from "@/data/api";
import { Button, Sheet, TextField } from "@/ui";
import { NameField } from "./NameField";
import styles from "./Token.module.css";

/** Asks for the token that the server wants for writing. It is kept for this tab only. */
export function Token({
  open,
  onClose,
  onToken,
}: {
  open: boolean;
  onClose: () => void;
  onToken: () => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const wrong = token.get() !== null;
  return (
    <Sheet open={open} onClose={onClose} side="center" title={t("parameters.token.title")}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          token.set(text.trim());
          setText("");
          onToken();
        }}
      >
        <p>{t(wrong ? "parameters.token.wrong" : "parameters.token.about")}</p>
        <TextField
          label={t("parameters.token.label")}
          hint={t("parameters.token.hint")}
          type="password"
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <NameField />
        <div className={styles.buttons}>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={text.trim() === ""}>
            {t("parameters.apply")}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
