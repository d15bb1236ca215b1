import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isActive, type Run } from "@/data/runs";
import { Button, Confirm } from "@/ui";

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
      <Confirm
        open={asks}
        onClose={() => setAsks(false)}
        title={title}
        about={t(`backtests.${what}.about`)}
        yes={t(`backtests.${what}.do`)}
        onYes={onEnd}
      />
    </>
  );
}
