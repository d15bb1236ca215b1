// The charts that pages have in common, as descriptions.

import { percent } from "@/format/numbers";
import { liveChange } from "./points";
import { pointsOf, type DayHistory } from "./useDay";
import type { ChartSeries, Level, Token } from "./types";

const COLOURS: readonly Token[] = ["--series-1", "--series-2", "--series-3", "--series-4"];

/** The change of one symbol over the day, above and below its previous close. */
export const dayOf = (day: DayHistory, symbol: string): ChartSeries => ({
  id: symbol,
  label: symbol,
  colour: "--muted",
  kind: "baseline",
  history: pointsOf(day, symbol),
  live: liveChange(symbol),
});

/** Several symbols in one picture. The last one is dashed if it is another kind of thing than the rest. */
export const linesOf = (
  day: DayHistory,
  symbols: readonly string[],
  dashed: string | null = null,
): ChartSeries[] =>
  symbols.map((symbol, i) => ({
    id: symbol,
    label: symbol,
    colour: COLOURS[i % COLOURS.length] ?? "--series-1",
    dashed: symbol === dashed,
    history: pointsOf(day, symbol),
    live: liveChange(symbol),
  }));

export const ZERO: Level = { value: 0, label: "", colour: "--muted" };

/** A threshold with its value; at zero the line says so by where it is. */
export const levelOf = (value: number | null | undefined, label: string, colour: Token): Level[] =>
  value === null || value === undefined
    ? []
    : [{ value, label: value === 0 ? label : `${label} ${percent(value)}`, colour }];
