// Points of a chart from bars, quotes and events. Times are seconds since the epoch, at the start of a minute.

import type { Model } from "@/stream/model";
import type { Candle } from "@/stream/types";

export interface Point {
  time: number;
  value: number;
}

export const MINUTE = 60;

/** The start of the minute of an instant, in seconds. */
export const minuteOf = (iso: string): number => Math.floor(Date.parse(iso) / 60_000) * MINUTE;

const round2 = (value: number): number => Math.round(value * 100 + Number.EPSILON) / 100;

/** The change against the previous close in percent at the end of each bar. Empty while the close is unknown. */
export function changesOf(bars: readonly Candle[], prevClose: number | null | undefined): Point[] {
  if (!prevClose || prevClose <= 0) return [];
  return bars.flatMap(({ start, close }) =>
    start === null ? [] : [{ time: minuteOf(start), value: round2((close / prevClose - 1) * 100) }],
  );
}

/** `lead` minus `follow` in percentage points, from the minute on at which both are known; either keeps its last value. */
export function gapOf(lead: readonly Point[], follow: readonly Point[]): Point[] {
  const found: Point[] = [];
  let [i, j] = [0, 0];
  let [a, b]: [number | null, number | null] = [null, null];
  while (i < lead.length || j < follow.length) {
    const time = Math.min(lead[i]?.time ?? Infinity, follow[j]?.time ?? Infinity);
    const [x, y] = [lead[i], follow[j]];
    if (x?.time === time) [a, i] = [x.value, i + 1];
    if (y?.time === time) [b, j] = [y.value, j + 1];
    if (a !== null && b !== null) found.push({ time, value: round2(a - b) });
  }
  return found;
}

/** `history`, continued by what was seen live: of a minute that both know, the live value counts from the last bar on. */
export function continued(history: readonly Point[], live: readonly Point[]): Point[] {
  const last = history.at(-1)?.time ?? -Infinity;
  const earlier = history.filter((point) => point.time < last);
  const newest = live.find((point) => point.time === last) ?? history.at(-1);
  return [...earlier, ...(newest ? [newest] : []), ...live.filter((point) => point.time > last)];
}

/** Keep `point` as the newest of its minute; what is older than the newest is late and dropped. */
export function pushed(points: Point[], point: Point): boolean {
  const last = points.at(-1);
  if (last && point.time < last.time) return false;
  if (last?.time === point.time) {
    if (last.value === point.value) return false;
    points[points.length - 1] = point;
  } else {
    points.push(point);
  }
  return true;
}

/** The change of a symbol right now. */
export const liveChange =
  (symbol: string) =>
  (model: Model): Point | null => {
    const price = model.prices.get(symbol);
    return price?.state === "ok" && price.change_pct !== null && price.event_time !== null
      ? { time: minuteOf(price.event_time), value: price.change_pct }
      : null;
  };

/** The gap of a pair right now. */
export const liveGap =
  (lead: string, follow: string) =>
  (model: Model): Point | null => {
    const [a, b] = [liveChange(lead)(model), liveChange(follow)(model)];
    return a && b ? { time: Math.max(a.time, b.time), value: round2(a.value - b.value) } : null;
  };

/** The point at `time` or the last one before it. */
export function at(points: readonly Point[], time: number): Point | null {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.time ?? Infinity) <= time) low = middle + 1;
    else high = middle;
  }
  return points[low - 1] ?? null;
}
