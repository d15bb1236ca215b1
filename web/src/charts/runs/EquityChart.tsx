import {
  AreaSeries,
  BaselineSeries,
  createTextWatermark,
  HistogramSeries,
  LineSeries,
  LineStyle,
  type IPaneApi,
  type MouseEventParams,
  type Time,
} from "lightweight-charts";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EquityPoint } from "@/data/runs";
import { fixed, percent, usd } from "@/format/numbers";
import { day } from "@/format/times";
import { Delta } from "@/ui";
import { dateText, faded, useChart, type Palette } from "./base";
import styles from "./charts.module.css";

interface Props {
  points: readonly EquityPoint[];
  capital: number;
  benchmark: string | null;
}

/** Equity with its benchmark, the fall from its peak and the return of each day, on one time axis. */
export default function EquityChart({ points, capital, benchmark }: Props) {
  const { t, i18n } = useTranslation();
  const [under, setUnder] = useState<string | null>(null);
  const byDate = useMemo(() => new Map(points.map((point) => [point.trade_date, point])), [points]);
  const labels = [t("backtests.chart.equity"), t("backtests.chart.drawdown"), t("backtests.chart.daily")];
  const deepest = Math.min(0, ...points.map((point) => -(point.drawdown_pct ?? 0)));
  const element = useChart(
    (chart, palette) => {
      const market = chart.addSeries(LineSeries, {
        color: palette.muted,
        lineWidth: 1,
        lastValueVisible: false,
        priceLineVisible: false,
        crosshairMarkerVisible: false,
        priceFormat: format(fixed),
      });
      const equity = chart.addSeries(AreaSeries, {
        lineColor: palette.series1,
        lineWidth: 2,
        topColor: faded(palette.series1, 0.22),
        bottomColor: faded(palette.series1, 0.02),
        priceLineVisible: false,
        priceFormat: format(fixed),
      });
      const fall = chart.addSeries(
        BaselineSeries,
        {
          baseValue: { type: "price", price: 0 },
          topLineColor: palette.muted,
          topFillColor1: "transparent",
          topFillColor2: "transparent",
          bottomLineColor: palette.down,
          bottomFillColor1: faded(palette.down, 0.08),
          bottomFillColor2: faded(palette.down, 0.32),
          lineWidth: 1,
          priceFormat: format(percent),
          lastValueVisible: false,
          priceLineVisible: false,
          // From zero down, and never so near that a small fall looks like a deep one.
          autoscaleInfoProvider: () => ({ priceRange: { minValue: Math.min(-1, deepest), maxValue: 0 } }),
        },
        1,
      );
      const returns = chart.addSeries(
        HistogramSeries,
        { priceFormat: format(percent), lastValueVisible: false, priceLineVisible: false },
        2,
      );
      equity.createPriceLine({
        price: capital,
        color: palette.muted,
        lineStyle: LineStyle.Dotted,
        lineWidth: 1,
        axisLabelVisible: false,
        title: "",
      });
      equity.setData(points.map((point) => ({ time: point.trade_date, value: point.equity_usd })));
      market.setData(
        points.flatMap(({ trade_date: time, benchmark_usd: value }) =>
          value == null ? [] : [{ time, value }],
        ),
      );
      fall.setData(points.map((point) => ({ time: point.trade_date, value: -(point.drawdown_pct ?? 0) })));
      returns.setData(
        points.map((point) => {
          const value = point.return_pct ?? 0;
          const time = point.trade_date;
          return value === 0 ? { time } : { time, value, color: value < 0 ? palette.down : palette.up };
        }),
      );
      chart.panes().forEach((pane, i) => {
        pane.setStretchFactor([3, 1, 1.2][i] ?? 1);
        name(pane, labels[i] ?? "", palette);
      });
      chart.timeScale().fitContent();
      const move = ({ time }: MouseEventParams) => setUnder(time === undefined ? null : dateText(time));
      chart.subscribeCrosshairMove(move);
      return () => chart.unsubscribeCrosshairMove(move);
    },
    [points, capital, i18n.language],
  );
  const last = points.at(-1);
  const shown = (under === null ? undefined : byDate.get(under)) ?? last;
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.legend}>
        <b className="num">{day(shown?.trade_date, i18n.language)}</b>
        <span>
          <i className={styles.key} data-key="equity" aria-hidden="true" />
          {labels[0]} <span className="num">{usd(shown?.equity_usd)}</span>
        </span>
        {benchmark !== null && (
          <span>
            <i className={styles.key} data-key="benchmark" aria-hidden="true" />
            {benchmark} <span className="num">{usd(shown?.benchmark_usd)}</span>
          </span>
        )}
        <span>
          {labels[1]}{" "}
          <span className="num">{percent(shown?.drawdown_pct == null ? null : -shown.drawdown_pct)}</span>
        </span>
        <span>
          {labels[2]} <Delta value={shown?.return_pct} />
        </span>
      </figcaption>
      <div
        ref={element}
        className={styles.tall}
        role="img"
        aria-label={t("backtests.chart.equityLabel", {
          from: day(points[0]?.trade_date, i18n.language),
          to: day(last?.trade_date, i18n.language),
          equity: usd(last?.equity_usd),
        })}
      />
    </figure>
  );
}

const format = (formatter: (value: number) => string) => ({
  type: "custom" as const,
  minMove: 0.01,
  formatter: (value: number) => formatter(value),
});

const name = (pane: IPaneApi<Time>, text: string, palette: Palette) =>
  createTextWatermark(pane, {
    horzAlign: "left",
    vertAlign: "top",
    lines: [
      {
        text: ` ${text}`,
        color: palette.muted,
        fontSize: 12,
        fontFamily: getComputedStyle(document.body).fontFamily,
      },
    ],
  });
