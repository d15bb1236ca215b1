import { useTranslation } from "react-i18next";
import type { Going } from "@/data/runStream";
import type { Run } from "@/data/runs";
import { share } from "@/format/numbers";
import styles from "./Progress.module.css";
import { messageText, phaseText } from "./words";

/** How far a run is: a bar, a share, and what it is doing. */
export function Progress({ run, going }: { run: Run; going: Going | null }) {
  const { t } = useTranslation();
  const progress = Math.max(run.progress, going?.progress ?? 0);
  const waits = (going?.status ?? run.status) === "requested";
  const said = phaseText(t, waits ? "queued" : (going?.phase ?? run.phase), going ? going.ahead : run.ahead);
  return (
    <div className={styles.progress}>
      <div
        className={styles.track}
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(progress * 100)}
        aria-label={t("backtests.progress")}
        data-waits={waits}
      >
        <span style={{ transform: `scaleX(${progress})` }} />
      </div>
      <p>
        <span className="num">{share(progress * 100, 0)}</span> <span className="muted">{said}</span>
      </p>
      {going?.message ? <p className={styles.message}>{messageText(t, going.message)}</p> : null}
    </div>
  );
}
