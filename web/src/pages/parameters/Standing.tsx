import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { DASH } from "@/format/numbers";
import { dateTime } from "@/format/times";
import { Badge, Button, Card, Stat, Stats } from "@/ui";
import { changesOf, namesOf, textOf, type Draft, type Limits } from "./draft";
import styles from "./Standing.module.css";
import type { Editor } from "./useEditor";
import { changeText } from "./words";

/** What is in force since when, how far it is from the defaults, and what changed while one looked. */
export function Standing({ editor, limits }: { editor: Editor; limits: Limits }) {
  const { t, i18n } = useTranslation();
  const { zone } = usePreferences();
  const { inForce, seen, own } = editor;
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
      {seen.length > 0 && (
        <div className={styles.seen} role="log" aria-label={t("parameters.seen")}>
          <h3>{t("parameters.seen")}</h3>
          <ol>
            {seen.map(({ version, at, changes }) => (
              <li key={version}>
                <Badge tone="quiet" size="s">
                  v{version} · {t(own.includes(version) ? "parameters.here" : "parameters.elsewhere")}
                </Badge>
                <span>{changes.map((change) => changeText(t, change)).join(" · ")}</span>
                <span className="muted num">{time(at)}</span>
              </li>
            ))}
          </ol>
        </div>
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
