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
  const all = now === null ? values : [...values, now];
  const reach = [...all, ...lines.map((line) => line.value), ...(band ? [band.from, band.to] : [])];
  const [low, high] = [Math.min(...reach), Math.max(...reach)];
  const room = high - low || 1;
  const y = (value: number) => 4 + (1 - (value - low) / room) * (height - 8);
  const x = (i: number) => (i / Math.max(fewest - 1, all.length - 1)) * (WIDTH - 6);
  const path = all
    .map((value, i) => `${i === 0 ? "M" : "L"}${x(i).toFixed(1)} ${y(value).toFixed(1)}`)
    .join("");
  const last = all.at(-1);
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
      {all.length > 1 && <path d={path} className={styles.path} />}
      {last !== undefined && (
        <path d={`M${x(all.length - 1).toFixed(1)} ${y(last).toFixed(1)}l0 0`} className={styles.dot} />
      )}
    </svg>
  );
}
