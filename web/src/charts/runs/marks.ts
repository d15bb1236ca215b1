// Where the trades of a symbol stand on its bars.

export interface Bar {
  /** Seconds since the epoch of a minute's start, or a date for a bar of a day. */
  time: number | string;
  open: number;
  high: number;
  low: number;
  close: number;
}

export interface Mark {
  /** Of the round trip: both of its marks have the same. */
  id: string;
  at: string;
  date: string;
  side: "buy" | "sell";
  price: number;
}

/** The time of the bar that a mark stands on: the last that begins at or before it, the first one at least. */
export function barAt(bars: readonly Bar[], mark: Pick<Mark, "at" | "date">): Bar["time"] | null {
  const first = bars[0];
  if (first === undefined) return null;
  if (typeof first.time === "string") return bars.find((bar) => bar.time === mark.date)?.time ?? null;
  const at = Date.parse(mark.at) / 1000;
  let found = first.time;
  for (const { time } of bars) {
    if (typeof time !== "number" || time > at) break;
    found = time;
  }
  return found;
}

/** The index range to show so that the marks of a trip are in the middle with some air around. */
export function rangeAround(
  bars: readonly Bar[],
  times: readonly (Bar["time"] | null)[],
): { from: number; to: number } | null {
  const places = times
    .map((time) => bars.findIndex((bar) => bar.time === time))
    .filter((place) => place >= 0);
  if (places.length === 0) return null;
  const [from, to] = [Math.min(...places), Math.max(...places)];
  const air = Math.max(20, (to - from) * 0.35);
  return { from: from - air, to: to + air };
}
