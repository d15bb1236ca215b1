import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { clock } from "@/format/times";
import { Button, Segmented } from "@/ui";
import styles from "./Controls.module.css";
import type { Snapshot } from "./data";
import { SPEEDS, type PlayerState } from "./usePlayer";

/** The time of the day: a slider, play and pause, a step either way, and how fast. */
export function Controls({ snapshots, player }: { snapshots: readonly Snapshot[]; player: PlayerState }) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const { index, playing, speed } = player;
  const timeOf = (at: number) => clock(snapshots[at]?.snapshot_time, zone, false);
  const other = zone === "kst" ? "et" : "kst";
  return (
    <section className={styles.controls} aria-label={t("review.controls")}>
      <div className={styles.buttons}>
        <Button
          kind="quiet"
          icon="chevron"
          className={styles.back}
          label={t("review.before")}
          disabled={index === 0}
          onClick={() => player.seek(index - 1)}
        />
        <Button kind="primary" icon={playing ? "pause" : "play"} onClick={player.toggle}>
          {t(playing ? "review.pause" : "review.play")}
        </Button>
        <Button
          kind="quiet"
          icon="chevron"
          label={t("review.after")}
          disabled={index >= snapshots.length - 1}
          onClick={() => player.seek(index + 1)}
        />
      </div>
      <p className={styles.now}>
        <b className="num">{timeOf(index)}</b> <span className="muted">{t(`zone.${zone}`)}</span>
        <span className={styles.other}>
          <span className="num">{clock(snapshots[index]?.snapshot_time, other, false)}</span>{" "}
          {t(`zone.${other}`)}
        </span>
      </p>
      <div className={styles.slide}>
        <span className="num" aria-hidden="true">
          {timeOf(0)}
        </span>
        <input
          type="range"
          min={0}
          max={snapshots.length - 1}
          value={index}
          aria-label={t("review.time")}
          aria-valuetext={`${timeOf(index)} ${t(`zone.${zone}`)}`}
          onChange={(event) => player.seek(Number(event.target.value))}
        />
        <span className="num" aria-hidden="true">
          {timeOf(snapshots.length - 1)}
        </span>
      </div>
      <Segmented
        label={t("review.speed")}
        value={String(speed)}
        options={SPEEDS.map((value) => ({ value: String(value), label: `${value}×` }))}
        onChange={(value) => player.setSpeed(SPEEDS.find((one) => String(one) === value) ?? 1)}
      />
    </section>
  );
}
