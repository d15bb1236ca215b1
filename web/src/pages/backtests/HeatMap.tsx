import { useTranslation } from "react-i18next";
import type { Lane, ParameterValues } from "@/data/runs";
import { plain } from "@/format/numbers";
import styles from "./HeatMap.module.css";
import { laneAt, metricOf, scaleOf, type Axis, type Metric } from "./heat";
import { metricText, parameterName } from "./words";

interface Props {
  lanes: readonly Lane[];
  across: Axis;
  /** Missing where only one parameter was varied. */
  down: Axis | null;
  /** The values of the parameters that are not shown. */
  held: ParameterValues;
  metric: Metric;
  chosen: string | null;
  onChoose: (lane: Lane) => void;
}

/** A metric over two parameters. Every cell is a button with its value in words. */
export function HeatMap({ lanes, across, down, held, metric, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const rows = down?.values ?? [null];
  const cells = rows.map((y) =>
    across.values.map((x) =>
      laneAt(lanes, { ...held, [across.name]: x, ...(down && y !== null ? { [down.name]: y } : {}) }),
    ),
  );
  const scale = scaleOf(
    metric,
    cells.flat().map((lane) => lane && metricOf(lane.metrics, metric)),
  );
  return (
    // A region that scrolls must be reachable by keyboard.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} role="region" tabIndex={0} aria-label={t("backtests.sweep.map")}>
      <table className={styles.map}>
        <caption>
          <span>→ {parameterName(t, across.name)}</span>
          {down && <span>↓ {parameterName(t, down.name)}</span>}
        </caption>
        <thead>
          <tr>
            <td />
            {across.values.map((x) => (
              <th key={x} scope="col">
                {plain(x)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map((row, i) => (
            <tr key={rows[i] ?? "one"}>
              <th scope="row">{rows[i] == null ? "" : plain(rows[i])}</th>
              {row.map((lane, j) => {
                const value = lane && metricOf(lane.metrics, metric);
                const heat = scale(value);
                return (
                  <td key={across.values[j]}>
                    {lane && (
                      <button
                        type="button"
                        className={styles.cell}
                        aria-pressed={lane.lane === chosen}
                        onClick={() => onChoose(lane)}
                        style={
                          heat
                            ? {
                                backgroundColor: `color-mix(in srgb, var(--${heat.hue}) ${Math.round(4 + heat.share * 38)}%, var(--surface))`,
                              }
                            : undefined
                        }
                      >
                        {metricText(metric, value)}
                      </button>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
