import { LineSeries } from "lightweight-charts";
import { percent } from "@/format/numbers";
import { useChart, type Palette } from "./base";
import styles from "./charts.module.css";

export interface Curve {
  id: string;
  label: string;
  points: readonly { date: string; value: number }[];
}

export const CURVE_COLOURS = [
  "series1",
  "series2",
  "series3",
  "series4",
] as const satisfies readonly (keyof Palette)[];

/** Returns of several runs in percent on one axis. */
export default function CurvesChart({ curves, label }: { curves: readonly Curve[]; label: string }) {
  const element = useChart(
    (chart, palette) => {
      curves.forEach((curve, i) => {
        const series = chart.addSeries(LineSeries, {
          color: palette[CURVE_COLOURS[i % CURVE_COLOURS.length] ?? "series1"],
          lineWidth: 2,
          title: curve.label,
          priceLineVisible: false,
          priceFormat: { type: "custom", minMove: 0.01, formatter: (value: number) => percent(value) },
        });
        series.setData(curve.points.map(({ date, value }) => ({ time: date, value })));
      });
      chart.timeScale().fitContent();
      return undefined;
    },
    [curves],
  );
  return <div ref={element} className={styles.medium} role="img" aria-label={label} />;
}
