import { memo } from "react";
import styles from "./Sparkline.module.css";

interface Line {
  value: number;
  colour: string;
}

interface Props {
  /** What it shows, for those who do not see it. */
  label: string;
  values: readonly number[];
  /** The value right now, drawn at the end. */
  now?: number | null;
  /** Thresholds, always within the picture. */
  lines?: readonly Line[];
  /** A filled range of values. */
  band?: { from: number; to: number };
  /** So many places at least, so that a young day does not fill the whole width. */
  fewest?: number;
  height?: number;
}

const WIDTH = 300;

/** The day in small. It has no axes; the numbers stand beside it. */
export function Sparkline({ label, values, now = null, lines = [], band, fewest = 60, height = 56 }: Props) {
  const count = values.length + (now === null ? 0 : 1);
  const reach = [...values, ...(now === null ? [] : [now]), ...lines.map((line) => line.value)];
  if (band) reach.push(band.from, band.to);
  const [low, high] = [Math.min(...reach), Math.max(...reach)];
  const x = (i: number) => placeOf(i, fewest, count);
  const y = (value: number) => heightOf(value, low, high, height);
  const last = now ?? values.at(-1);
  const previous = values.at(-1);
  const end = last === undefined ? "" : `${x(count - 1).toFixed(1)} ${y(last).toFixed(1)}`;
  return (
    <svg
      className={styles.spark}
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      height={height}
      role="img"
      aria-label={label}
    >
      {reach.length > 0 && band && (
        <rect
          className={styles.band}
          x={0}
          width={WIDTH}
          y={y(band.to)}
          height={Math.max(1, y(band.from) - y(band.to))}
        />
      )}
      <Past {...{ values, fewest, count, low, high, height }} />
      {now !== null && previous !== undefined && (
        <path d={`M${x(count - 2).toFixed(1)} ${y(previous).toFixed(1)}L${end}`} className={styles.path} />
      )}
      {lines.map((line) => (
        <line
          key={line.value}
          x1={0}
          x2={WIDTH}
          y1={y(line.value)}
          y2={y(line.value)}
          stroke={line.colour}
          className={styles.line}
        />
      ))}
      {end !== "" && <path d={`M${end}l0 0`} className={styles.dot} />}
    </svg>
  );
}

/** The day behind us: drawn anew only when it grew, or when the newest value needs another scale. */
const Past = memo(function Past(scale: {
  values: readonly number[];
  fewest: number;
  count: number;
  low: number;
  high: number;
  height: number;
}) {
  const { values, fewest, count, low, high, height } = scale;
  const points = values.map(
    (value, i) => `${placeOf(i, fewest, count).toFixed(1)} ${heightOf(value, low, high, height).toFixed(1)}`,
  );
  return points.length > 1 && <path d={`M${points.join("L")}`} className={styles.path} />;
});

const placeOf = (i: number, fewest: number, count: number): number =>
  (i / Math.max(fewest - 1, count - 1)) * (WIDTH - 6);

const heightOf = (value: number, low: number, high: number, height: number): number =>
  4 + (1 - (value - low) / (high - low || 1)) * (height - 8);
