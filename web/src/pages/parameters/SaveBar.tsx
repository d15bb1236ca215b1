import { useTranslation } from "react-i18next";
import { Button, Icon } from "@/ui";
import styles from "./SaveBar.module.css";
import type { Editor } from "./useEditor";
import { changeText } from "./words";

/** What would be sent, and what became of it. It stays at the foot of the window while there is something to say. */
export function SaveBar({ editor, onCompare }: { editor: Editor; onCompare: () => void }) {
  const { t } = useTranslation();
  const { changes, faults, overtaken, sending, outcome, inForce, base } = editor;
  const wrong = Object.keys(faults).length;
  const dirty = changes.length > 0 || wrong > 0;
  const news = newsOf(editor);
  return (
    <div className={styles.place}>
      <div role="status" className={styles.news}>
        {overtaken ? (
          <p className={styles.line} data-tone="warn">
            <Icon name="stop" />
            <span>{t("parameters.overtaken", { before: base.version, after: inForce.version })}</span>
            <Button onClick={onCompare}>{t("parameters.compare")}</Button>
          </p>
        ) : (
          news && (
            <p className={styles.line} data-tone={news.tone}>
              <Icon name={news.tone === "ok" ? "ok" : "stop"} />
              <span>{t(news.key, news.values)}</span>
              <Button kind="quiet" icon="close" label={t("common.close")} onClick={editor.dismiss} />
            </p>
          )
        )}
      </div>
      {dirty && (
        <div className={styles.bar}>
          <p className={styles.changes}>
            <b>
              {wrong > 0
                ? t("parameters.wrong", { count: wrong })
                : t("parameters.changes", { count: changes.length })}
            </b>{" "}
            <span className="muted">{changes.map((change) => changeText(t, change)).join(" · ")}</span>
          </p>
          <span className={styles.buttons}>
            <Button disabled={sending} onClick={editor.discard}>
              {t("parameters.discard")}
            </Button>
            <Button
              kind="primary"
              disabled={sending || wrong > 0 || changes.length === 0}
              onClick={() => (overtaken ? onCompare() : void editor.apply())}
            >
              {t(sending ? "parameters.applying" : "parameters.apply")}
            </Button>
          </span>
        </div>
      )}
      {outcome?.kind === "refused" && Object.keys(outcome.faults).length === 0 && <p>{outcome.message}</p>}
    </div>
  );
}

function newsOf({
  outcome,
}: Editor): { tone: "ok" | "bad"; key: string; values: Record<string, unknown> } | null {
  switch (outcome?.kind) {
    case "saved":
      return { tone: "ok", key: "parameters.saved", values: { version: outcome.config.version } };
    case "refused":
      return { tone: "bad", key: "parameters.refused", values: {} };
    case "failed":
      return {
        tone: "bad",
        key: `parameters.failed.${outcome.reason}`,
        values: { message: outcome.message },
      };
    default:
      return null;
  }
}
