import {
  LineSeries,
  LineStyle,
  type ISeriesApi,
  type MouseEventParams,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import { signed } from "@/format/numbers";
import { useChart, type Palette } from "./base";
import styles from "./charts.module.css";

export interface ReplayLine {
  id: string;
  label: string;
  colour: "series1" | "series2" | "series3" | "series4" | "up";
  /** By snapshot; null where there is no value. */
  values: readonly (number | null)[];
}

export interface Level {
  value: number;
  label: string;
}

interface Props {
  /** Seconds since the epoch of every snapshot of the day. */
  times: readonly number[];
  lines: readonly ReplayLine[];
  levels: readonly Level[];
  /** What is drawn: snapshots up to this one. The time axis is that of the whole day. */
  until: number;
  onSeek: (index: number) => void;
  label: string;
}

/** The day as far as it has been replayed; a click goes to that moment. */
export default function ReplayChart({ times, lines, levels, until, onSeek, label }: Props) {
  const drawn = useRef<ISeriesApi<"Line">[]>([]);
  const now = useRef(until);
  const seek = useRef(onSeek);
  useEffect(() => {
    now.current = until;
    seek.current = onSeek;
  });
  const element = useChart(
    (chart, palette: Palette) => {
      drawn.current = lines.map((line) => {
        const series = chart.addSeries(LineSeries, {
          color: palette[line.colour],
          lineWidth: 2,
          priceLineVisible: false,
          title: line.label,
          priceFormat: { type: "custom", minMove: 0.01, formatter: (value: number) => signed(value) },
        });
        series.setData(dataOf(line, times, now.current));
        return series;
      });
      // Unseen, over the whole day: without it the time axis would end where the lines do.
      const day = chart.addSeries(LineSeries, {
        color: "transparent",
        priceLineVisible: false,
        lastValueVisible: false,
        crosshairMarkerVisible: false,
        autoscaleInfoProvider: () => null,
      });
      day.setData(times.map((time) => ({ time: time as UTCTimestamp, value: 0 })));
      for (const level of levels) {
        day.createPriceLine({
          price: level.value,
          color: palette.muted,
          lineStyle: LineStyle.Dashed,
          lineWidth: 1,
          axisLabelVisible: level.label !== "",
          title: level.label,
        });
      }
      chart.timeScale().fitContent();
      const click = ({ logical }: MouseEventParams) => {
        if (logical === undefined) return;
        seek.current(Math.max(0, Math.min(times.length - 1, Math.round(logical))));
      };
      chart.subscribeClick(click);
      return () => {
        chart.unsubscribeClick(click);
        drawn.current = [];
      };
    },
    [times, lines, levels],
  );
  useEffect(() => {
    drawn.current.forEach((series, i) => {
      const line = lines[i];
      if (line) series.setData(dataOf(line, times, until));
    });
  }, [times, lines, until]);
  return <div ref={element} className={styles.medium} role="img" aria-label={label} />;
}

/** Values up to a snapshot, and the bare times of the rest. */
const dataOf = ({ values }: ReplayLine, times: readonly number[], until: number) =>
  times.map((seconds, i) => {
    const time = seconds as UTCTimestamp;
    const value = values[i];
    return i > until || value === null || value === undefined ? { time } : { time, value };
  });
