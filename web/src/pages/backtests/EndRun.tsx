import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isActive, type Run } from "@/data/runs";
import { Button, Sheet } from "@/ui";
import styles from "./EndRun.module.css";

interface Props {
  run: Run;
  busy: boolean;
  onEnd: () => void;
  /** With words instead of an icon alone. */
  worded?: boolean;
}

/** Cancels a run that goes on, removes one that has ended, after asking. */
export function EndRun({ run, busy, onEnd, worded = false }: Props) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState(false);
  const what = isActive(run.status) ? "cancel" : "remove";
  const title = t(`backtests.${what}.title`);
  return (
    <>
      <Button
        kind={worded ? "plain" : "quiet"}
        icon={what === "cancel" ? "close" : "trash"}
        disabled={busy}
        onClick={() => setAsks(true)}
        {...(worded ? { children: title } : { label: title })}
      />
      <Sheet open={asks} onClose={() => setAsks(false)} title={title} side="center">
        <p>{t(`backtests.${what}.about`)}</p>
        <div className={styles.answers}>
          <Button onClick={() => setAsks(false)}>{t("backtests.keep")}</Button>
          <Button
            kind="danger"
            onClick={() => {
              setAsks(false);
              onEnd();
            }}
          >
            {t(`backtests.${what}.do`)}
          </Button>
        </div>
      </Sheet>
    </>
  );
}
