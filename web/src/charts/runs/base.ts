// What the charts of runs have in common: colours of the theme, times of the reader's zone, and how they come and go.

import {
  createChart,
  type ChartOptions,
  type DeepPartial,
  type IChartApi,
  type Time,
  TickMarkType,
} from "lightweight-charts";
import { useEffect, useRef, type RefObject } from "react";
import { preferences, usePreferences, type Preferences } from "@/app/preferences";
import { clock, dateTime, day } from "@/format/times";
import { useThemeKey } from "../theme";

const NAMES = {
  surface: "--surface",
  line: "--line",
  text: "--text",
  muted: "--muted",
  accent: "--accent",
  up: "--up",
  down: "--down",
  entry: "--entry",
  sell: "--sell",
  series1: "--series-1",
  series2: "--series-2",
  series3: "--series-3",
  series4: "--series-4",
} as const;

export type Palette = Readonly<Record<keyof typeof NAMES, string>>;

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    Object.entries(NAMES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]),
  ) as Palette;
}

/** A colour `#rrggbb` with an opacity of 0 to 1. */
export const faded = (colour: string, opacity: number): string =>
  `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, "0")}`;

/** A time of a chart as text: a date as it is, an instant in the reader's zone. */
const labelOf = (time: Time, { zone, language }: Preferences): string =>
  typeof time === "number" ? dateTime(time * 1000, zone, language) : day(dateText(time), language);

export const dateText = (time: Time): string =>
  typeof time === "string"
    ? time
    : typeof time === "number"
      ? new Date(time * 1000).toISOString().slice(0, 10)
      : [time.year, time.month, time.day].map((n) => String(n).padStart(2, "0")).join("-");

function tickOf(time: Time, type: TickMarkType, { zone, language }: Preferences): string {
  if (typeof time === "number") return clock(time * 1000, zone, false);
  const date = new Date(`${dateText(time)}T12:00:00Z`);
  const options: Intl.DateTimeFormatOptions =
    type === TickMarkType.Year
      ? { year: "numeric" }
      : type === TickMarkType.Month
        ? { month: "short" }
        : { month: "numeric", day: "numeric" };
  return new Intl.DateTimeFormat(language === "ko" ? "ko-KR" : "en-GB", {
    timeZone: "UTC",
    ...options,
  }).format(date);
}

function optionsOf(palette: Palette, chosen: Preferences): DeepPartial<ChartOptions> {
  const border = { borderColor: palette.line };
  return {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: palette.muted,
      fontFamily: getComputedStyle(document.body).fontFamily,
      fontSize: 12,
      attributionLogo: false, // the foot of every page says whose charts they are
      panes: {
        separatorColor: palette.line,
        separatorHoverColor: faded(palette.accent, 0.2),
        enableResize: false,
      },
    },
    grid: { vertLines: { visible: false }, horzLines: { color: faded(palette.line, 0.7) } },
    crosshair: {
      vertLine: { color: palette.muted, labelBackgroundColor: palette.muted },
      horzLine: { color: palette.muted, labelBackgroundColor: palette.muted },
    },
    rightPriceScale: border,
    timeScale: {
      ...border,
      timeVisible: true,
      secondsVisible: false,
      fixLeftEdge: true, // also keeps the first and the last label within the chart
      fixRightEdge: true,
      tickMarkFormatter: (time: Time, type: TickMarkType) => tickOf(time, type, chosen),
    },
    localization: {
      locale: chosen.language === "ko" ? "ko-KR" : "en-GB",
      timeFormatter: (time: Time) => labelOf(time, chosen),
    },
    // The page scrolls under finger and wheel; a chart is moved sideways only.
    handleScroll: { mouseWheel: false, vertTouchDrag: false },
    handleScale: { mouseWheel: false, axisPressedMouseMove: { time: true, price: false } },
  };
}

/**
 * A chart in the element of the returned ref. `draw` fills it, again after a change of theme, language or `data`, and
 * may return what undoes it.
 */
export function useChart(
  draw: (chart: IChartApi, palette: Palette) => (() => void) | undefined,
  data: readonly unknown[],
): RefObject<HTMLDivElement | null> {
  const element = useRef<HTMLDivElement>(null);
  const drawn = useRef(draw);
  const theme = useThemeKey();
  const { zone, language } = usePreferences();
  useEffect(() => {
    drawn.current = draw;
  });
  useEffect(() => {
    if (!element.current) return undefined;
    const palette = readPalette();
    const chart = createChart(element.current, optionsOf(palette, preferences.get()));
    const undo = drawn.current(chart, palette);
    return () => {
      undo?.();
      chart.remove();
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `data` is the caller's list of dependencies
  }, [theme, zone, language, ...data]);
  return element;
}
