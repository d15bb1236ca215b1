import { direction, percent } from "@/format/numbers";
import { useModel } from "@/stream/hooks";
import styles from "./Chart.module.css";
import type { ChartSeries } from "./types";

/** Names the lines of a chart, each with its newest value. */
export function Legend({
  series,
  format = percent,
}: {
  series: readonly ChartSeries[];
  format?: ((value: number) => string) | undefined;
}) {
  return (
    <ul className={styles.legend}>
      {series.map((one) => (
        <Entry key={one.id} series={one} format={format} />
      ))}
    </ul>
  );
}

function Entry({ series, format }: { series: ChartSeries; format: (value: number) => string }) {
  const live = useModel((model) => series.live?.(model)?.value ?? null);
  const value = live ?? series.history.at(-1)?.value ?? null;
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
