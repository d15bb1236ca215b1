import {
  CandlestickSeries,
  createSeriesMarkers,
  type IChartApi,
  type ISeriesMarkersPluginApi,
  type MouseEventParams,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { useEffect, useRef } from "react";
import { useChart, faded, type Palette } from "./base";
import styles from "./charts.module.css";
import { barAt, rangeAround, type Bar, type Mark } from "./marks";

interface Props {
  bars: readonly Bar[];
  marks: readonly Mark[];
  selected: string | null;
  onSelect: (id: string | null) => void;
  label: string;
  words: { buy: string; sell: string };
}

interface Drawn {
  chart: IChartApi;
  palette: Palette;
  markers: ISeriesMarkersPluginApi<Time>;
}

/** Prices of a symbol with purchases and sales on them. A click on a mark selects its trade. */
export default function TradeChart({ bars, marks, selected, onSelect, label, words }: Props) {
  const drawn = useRef<Drawn | null>(null);
  const select = useRef(onSelect);
  const chosen = useRef(selected);
  useEffect(() => {
    select.current = onSelect;
    chosen.current = selected;
  });
  const element = useChart(
    (chart, palette) => {
      const series = chart.addSeries(CandlestickSeries, {
        upColor: palette.up,
        downColor: palette.down,
        wickUpColor: palette.up,
        wickDownColor: palette.down,
        borderVisible: false,
        priceLineVisible: false,
        lastValueVisible: false,
      });
      series.setData(bars.map((bar) => ({ ...bar, time: bar.time as UTCTimestamp })));
      const markers = createSeriesMarkers(series, markersOf(bars, marks, chosen.current, palette, words));
      series.priceScale().applyOptions({ scaleMargins: { top: 0.16, bottom: 0.16 } }); // room for the marks
      drawn.current = { chart, palette, markers };
      chart.timeScale().fitContent();
      const click = ({ hoveredInfo, time }: MouseEventParams) => {
        const id = hoveredInfo?.objectId;
        if (typeof id === "string") select.current(id.slice(0, id.lastIndexOf("#")));
        else select.current(nearest(bars, marks, time));
      };
      chart.subscribeClick(click);
      return () => {
        chart.unsubscribeClick(click);
        drawn.current = null;
      };
    },
    [bars, marks],
  );
  useEffect(() => {
    if (!drawn.current) return;
    const { chart, palette, markers } = drawn.current;
    markers.setMarkers(markersOf(bars, marks, selected, palette, words));
    const own = marks.filter((mark) => mark.id === selected).map((mark) => barAt(bars, mark));
    const range = rangeAround(bars, own);
    if (range) chart.timeScale().setVisibleLogicalRange(range);
  }, [bars, marks, selected, words]);
  return <div ref={element} className={styles.medium} role="img" aria-label={label} />;
}

function markersOf(
  bars: readonly Bar[],
  marks: readonly Mark[],
  selected: string | null,
  palette: Palette,
  words: Props["words"],
): SeriesMarker<Time>[] {
  const found = marks.flatMap((mark): SeriesMarker<Time>[] => {
    const time = barAt(bars, mark);
    if (time === null) return [];
    const buy = mark.side === "buy";
    const mine = mark.id === selected;
    const colour = buy ? palette.entry : palette.sell;
    return [
      {
        id: `${mark.id}#${mark.side}`,
        time: time as UTCTimestamp,
        position: buy ? "belowBar" : "aboveBar",
        shape: buy ? "arrowUp" : "arrowDown",
        color: selected === null || mine ? colour : faded(colour, 0.35),
        size: mine ? 1.3 : 1,
        ...(mine ? { text: buy ? words.buy : words.sell } : {}),
      },
    ];
  });
  return found.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** The trade whose mark is next to a place that was clicked, within a few bars. */
function nearest(bars: readonly Bar[], marks: readonly Mark[], time: Time | undefined): string | null {
  const place = bars.findIndex((bar) => bar.time === time);
  if (place < 0) return null;
  let best: { id: string; away: number } | null = null;
  for (const mark of marks) {
    const at = barAt(bars, mark);
    const away = Math.abs(bars.findIndex((bar) => bar.time === at) - place);
    if (away <= 3 && (best === null || away < best.away)) best = { id: mark.id, away };
  }
  return best?.id ?? null;
}
