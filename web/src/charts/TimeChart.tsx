import {
  AreaSeries,
  BaselineSeries,
  ColorType,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
  createChart,
  createSeriesMarkers,
  type IChartApi,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type SeriesType,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import { use, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePreferences } from "@/app/preferences";
import { percent } from "@/format/numbers";
import { ZONES } from "@/format/times";
import { useStream } from "@/stream/hooks";
import { Button } from "@/ui";
import styles from "./Chart.module.css";
import { Ground } from "./ground";
import { GroupContext } from "./group";
import { pacer } from "./pace";
import { at, continued, pushed, type Point } from "./points";
import { colourOf, faded, useThemeKey } from "./theme";
import type { ChartProps, ChartSeries, Level, Mark } from "./types";

/** So many places are shown at least: a day that has just begun has room to grow into. */
const FEWEST = 60;

interface Drawn {
  spec: ChartSeries;
  series: ISeriesApi<SeriesType>;
  /** Only while there are marks: with this part a chart lays itself out anew, and draws twice, for each value. */
  markers: ISeriesMarkersPluginApi<Time> | null;
  live: Point[];
  points: Point[];
}

/** The canvas. It is drawn anew when colours, zone or the set of series change, and only continued by new values. */
export default function TimeChart(props: ChartProps) {
  const theme = useThemeKey();
  const { zone, language } = usePreferences();
  const shape = props.series.map((one) => `${one.id}.${one.kind ?? ""}.${one.colour}`).join();
  return <Canvas key={[theme, zone, language, shape, props.daily].join("|")} {...props} />;
}

function Canvas({
  label,
  series,
  levels,
  bands,
  marks,
  shades,
  height = 260,
  format = percent,
  daily = false,
  onMark,
  namesLevels = true,
  onPoint,
}: ChartProps) {
  const { t } = useTranslation();
  const { zone } = usePreferences();
  const { store } = useStream();
  const group = use(GroupContext);
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<IChartApi | null>(null);
  const drawn = useRef<Drawn[]>([]);
  const ground = useRef<Ground | null>(null);
  const moved = useRef(false);
  const levelsNow = useRef<readonly Level[]>([]);
  const heard = useRef({ onMark, onPoint });
  const [isMoved, setMoved] = useState(false);

  const fit = () => {
    const most = Math.max(0, ...drawn.current.map((one) => one.points.length));
    if (daily || most >= FEWEST) chart.current?.timeScale().fitContent();
    else chart.current?.timeScale().setVisibleLogicalRange({ from: 0, to: FEWEST - 0.5 });
  };

  useEffect(() => {
    heard.current = { onMark, onPoint };
  });

  // The chart itself.
  useEffect(() => {
    if (!element.current) return undefined;
    const made = makeChart(element.current, zone, daily, format);
    chart.current = made;
    const behind = new Ground();
    ground.current = behind;
    drawn.current = series.map((spec) => {
      const alone = series.length === 1;
      const one = addSeries(made, spec, alone, () => levelsNow.current.map((level) => level.value));
      return { spec, series: one, markers: null, live: [], points: [] };
    });
    drawn.current[0]?.series.attachPrimitive(behind);
    made.subscribeClick(({ hoveredInfo }) => {
      const id = hoveredInfo?.objectId;
      if (typeof id === "string") heard.current.onMark?.(id);
    });
    const onPoint = (time: number | null) => heard.current.onPoint?.(time);
    made.subscribeCrosshairMove(({ time }) => onPoint(typeof time === "number" ? time : null));
    const first = drawn.current[0];
    const leave =
      first &&
      group?.join({
        chart: made,
        series: first.series,
        valueAt: (time) => at(first.points, time)?.value ?? null,
        onPoint,
      });
    return () => {
      leave?.();
      made.remove();
      chart.current = null;
      drawn.current = [];
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the parent gives this component a new key for the rest
  }, []);

  // History, continued by what was seen live meanwhile.
  useEffect(() => {
    for (const [i, spec] of series.entries()) {
      const one = drawn.current[i];
      if (!one) continue;
      one.spec = spec;
      one.points = continued(spec.history, one.live);
      one.series.setData(one.points.map(({ time, value }) => ({ time: time as UTCTimestamp, value })));
    }
    if (!moved.current) fit();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `fit` reads refs only
  }, [series]);

  // New values. The legend shows each of them; the lines take them when it is their turn.
  useEffect(() => {
    const grow = () => {
      let longer = false;
      for (const one of drawn.current) {
        const point = one.spec.live?.(store.model);
        if (!point || !pushed(one.live, point)) continue;
        const before = one.points.at(-1)?.time ?? -Infinity;
        if (point.time < before) continue;
        longer ||= point.time > before;
        pushed(one.points, point);
        one.series.update({ time: point.time as UTCTimestamp, value: point.value });
      }
      if (longer && !moved.current) fit();
    };
    grow();
    const leave = pacer.join(grow);
    const deaf = store.subscribe(() => pacer.beat());
    return () => {
      leave();
      deaf();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `fit` reads refs only
  }, [store]);

  const levelsKey = JSON.stringify([levels, bands, shades]);
  useEffect(() => {
    levelsNow.current = levels ?? [];
    const first = drawn.current[0]?.series;
    const lines = (levels ?? []).map((level) =>
      first?.createPriceLine({
        price: level.value,
        color: colourOf(level.colour),
        lineWidth: 1,
        lineStyle: LineStyle.Dashed,
        axisLabelVisible: true,
        axisLabelColor: colourOf("--surface"),
        axisLabelTextColor: colourOf(level.colour),
        title: namesLevels ? level.label : "",
      }),
    );
    if (ground.current) {
      ground.current.bands = (bands ?? []).map(({ from, to, colour }) => ({
        from,
        to,
        fill: faded(colour, 0.14),
      }));
      ground.current.shades = shades ?? [];
      ground.current.shadeFill = faded("--muted", 0.08);
      ground.current.redraw();
    }
    return () => {
      for (const line of lines) if (line && chart.current) first?.removePriceLine(line);
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- compared by content
  }, [levelsKey]);

  const marksKey = JSON.stringify(marks);
  useEffect(() => {
    for (const one of drawn.current) {
      const times = new Set(one.points.map((point) => point.time));
      const shown = (marks ?? []).filter((mark) => mark.series === one.spec.id && times.has(mark.time));
      mark(one, shown);
    }
    // eslint-disable-next-line react-hooks/exhaustive-deps -- compared by content, and set again with the history
  }, [marksKey, series]);

  const noteMove = () => {
    moved.current = true;
    setMoved(true);
  };
  return (
    <div className={styles.canvas} style={{ height }}>
      <div
        ref={element}
        role="img"
        aria-label={label}
        className={styles.place}
        onWheel={noteMove}
        onPointerDown={noteMove}
      />
      {isMoved && (
        <Button
          className={styles.fit}
          onClick={() => {
            moved.current = false;
            setMoved(false);
            fit();
          }}
        >
          {t("chart.reset")}
        </Button>
      )}
    </div>
  );
}

/** Puts `marks` on the line in place of those before. */
function mark(one: Drawn, marks: readonly Mark[]): void {
  if (marks.length > 0) {
    one.markers ??= createSeriesMarkers(one.series);
    one.markers.setMarkers(marks.map(markerOf));
  } else if (one.markers) {
    one.markers.detach();
    one.markers = null;
  }
}

const markerOf = (mark: Mark): SeriesMarker<Time> => ({
  id: mark.id,
  time: mark.time as UTCTimestamp,
  position: mark.shape === "arrowUp" ? "belowBar" : "aboveBar",
  shape: mark.shape,
  color: colourOf(mark.colour),
  size: mark.shape === "circle" ? 0.5 : 1,
  ...(mark.text === undefined ? {} : { text: mark.text }),
});

function makeChart(
  place: HTMLElement,
  zone: "kst" | "et",
  daily: boolean,
  format: (value: number) => string,
): IChartApi {
  const timeZone = daily ? "UTC" : ZONES[zone];
  const hours = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const days = new Intl.DateTimeFormat(document.documentElement.lang, {
    timeZone,
    month: "short",
    day: "numeric",
  });
  const dateOf = (time: Time) => new Date((time as number) * 1000);
  return createChart(place, {
    autoSize: true,
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: colourOf("--muted"),
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 11,
      attributionLogo: false, // named in the footer of every page
    },
    grid: { vertLines: { visible: false }, horzLines: { color: faded("--line", 0.7) } },
    crosshair: {
      mode: CrosshairMode.Magnet,
      vertLine: { color: colourOf("--muted"), labelBackgroundColor: colourOf("--muted") },
      horzLine: { color: colourOf("--muted"), labelBackgroundColor: colourOf("--muted") },
    },
    rightPriceScale: {
      borderVisible: false,
      scaleMargins: { top: 0.12, bottom: 0.1 },
      ensureEdgeTickMarksVisible: true, // else the topmost one is cut in half
    },
    timeScale: {
      borderVisible: false,
      timeVisible: !daily,
      secondsVisible: false,
      fixLeftEdge: true, // also keeps the first label within the chart
      rightOffset: 3, // room for the label of the newest minute
      tickMarkFormatter: (time: Time) => (daily ? days : hours).format(dateOf(time)),
    },
    localization: {
      priceFormatter: (value: number) => format(value), // it is given more than the value
      timeFormatter: (time: Time) => (daily ? days : hours).format(dateOf(time)),
    },
    handleScroll: { vertTouchDrag: false },
    handleScale: { axisPressedMouseMove: { price: false, time: true } },
  });
}

/** `alone`: its newest value stands on the axis. The values of several would cover the axis; they stand in the legend. */
function addSeries(
  chart: IChartApi,
  spec: ChartSeries,
  alone: boolean,
  reach: () => number[],
): ISeriesApi<SeriesType> {
  const shared = {
    priceLineVisible: false,
    lastValueVisible: alone,
    crosshairMarkerRadius: 3,
    autoscaleInfoProvider: (
      original: () => { priceRange: { minValue: number; maxValue: number } | null } | null,
    ) => {
      const info = original();
      const values = reach();
      if (!info?.priceRange || values.length === 0) return info;
      const { minValue, maxValue } = info.priceRange;
      return {
        ...info,
        priceRange: { minValue: Math.min(minValue, ...values), maxValue: Math.max(maxValue, ...values) },
      };
    },
  };
  const colour = colourOf(spec.colour);
  const lineWidth = spec.thin ? 1 : 2;
  if (spec.kind === "baseline") {
    return chart.addSeries(BaselineSeries, {
      ...shared,
      lineWidth,
      baseValue: { type: "price", price: 0 },
      topLineColor: colourOf("--up"),
      topFillColor1: faded("--up", 0.18),
      topFillColor2: faded("--up", 0.02),
      bottomLineColor: colourOf("--down"),
      bottomFillColor1: faded("--down", 0.02),
      bottomFillColor2: faded("--down", 0.18),
    });
  }
  if (spec.kind === "area") {
    return chart.addSeries(AreaSeries, {
      ...shared,
      lineWidth,
      lineColor: colour,
      topColor: faded(spec.colour, 0.22),
      bottomColor: faded(spec.colour, 0.02),
    });
  }
  if (spec.kind === "bars") return chart.addSeries(HistogramSeries, { ...shared, color: colour });
  return chart.addSeries(LineSeries, {
    ...shared,
    lineWidth,
    color: colour,
    lineStyle: spec.dashed ? LineStyle.Dashed : LineStyle.Solid,
  });
}
