import { direction, percent } from "@/format/numbers";
import { useModel } from "@/stream/hooks";
import styles from "./Chart.module.css";
import { at } from "./points";
import type { ChartSeries, Level } from "./types";

/** Names lines and levels of a chart, each line with its value at `time`, the newest one where nothing is pointed at. */
export function Legend({
  series,
  levels = [],
  format = percent,
  time = null,
}: {
  series: readonly ChartSeries[];
  levels?: readonly Level[] | undefined;
  time?: number | null;
  format?: ((value: number) => string) | undefined;
}) {
  return (
    <ul className={styles.legend}>
      {series.map((one) => (
        <Entry key={one.id} series={one} format={format} time={time} />
      ))}
      {levels
        .filter((level) => level.label !== "")
        .map((level) => (
          <li key={level.label}>
            <span
              className={styles.swatch}
              data-level
              style={{ borderColor: `var(${level.colour})` }}
              aria-hidden="true"
            />
            <span className="muted">{level.label}</span>
          </li>
        ))}
    </ul>
  );
}

interface EntryProps {
  series: ChartSeries;
  format: (value: number) => string;
  time: number | null;
}

function Entry({ series, format, time }: EntryProps) {
  const live = useModel((model) => series.live?.(model)?.value ?? null);
  const newest = series.history.at(-1);
  const past = time !== null && newest !== undefined && time <= newest.time;
  const value = past ? (at(series.history, time)?.value ?? null) : (live ?? newest?.value ?? null);
  return (
    <li>
      <span
        className={styles.swatch}
        data-dashed={series.dashed}
        style={{ borderColor: series.kind === "baseline" ? "var(--muted)" : `var(${series.colour})` }}
        aria-hidden="true"
      />
      <span>{series.label}</span>
      {value !== null && (
        <span className="num" data-dir={direction(value)}>
          {format(value)}
        </span>
      )}
    </li>
  );
}
