import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { DASH } from "@/format/numbers";
import { dateTime } from "@/format/times";
import { Button, Card, Stat, Stats } from "@/ui";
import { changesOf, namesOf, textOf, type Draft, type Limits } from "./draft";
import styles from "./Standing.module.css";
import type { Editor } from "./useEditor";
import { changeText } from "./words";

/** What is in force since when, and how far it is from the defaults. */
export function Standing({ editor, limits }: { editor: Editor; limits: Limits }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const { inForce } = editor;
  const time = (at: string | null) =>
    at === null ? DASH : `${dateTime(at, zone, i18n.language)} ${t(`zone.${zone}`)}`;
  const defaults = defaultsOf(limits);
  const different = changesOf(defaults, inForce.parameters);
  return (
    <Card
      title={t("parameters.standing")}
      aside={
        <Button disabled={different.length === 0 || editor.sending} onClick={() => editor.fill(defaults)}>
          {t("parameters.fillDefaults")}
        </Button>
      }
    >
      <Stats>
        <Stat label={t("parameters.version")}>v{inForce.version}</Stat>
        <Stat label={t("parameters.since")}>
          {inForce.updated_at === null && inForce.version === 1
            ? t("parameters.sinceOpening")
            : time(inForce.updated_at)}
        </Stat>
        <Stat label={t("parameters.notDefault")}>{t("parameters.count", { count: different.length })}</Stat>
      </Stats>
      {different.length > 0 && (
        <p className={styles.different}>
          {different
            .map(({ name, before, after }) => changeText(t, { name, before: after, after: before }))
            .join(" · ")}
        </p>
      )}
    </Card>
  );
}

const defaultsOf = (limits: Limits): Draft =>
  Object.fromEntries(
    namesOf(limits as never).map((name) => {
      const { default: value } = limits[name];
      return [name, typeof value === "number" ? textOf(value) : value];
    }),
  );
