// The day so far as the charts show it: bars of each symbol as changes, and the moments where signals changed.

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { barsQuery, eventsQuery } from "@/data/queries";
import { isNews, shownEvent, type Tone } from "@/signals/verdict";
import { mergedEvents } from "@/stream/model";
import { sameItems, useEvents, useTradeDay, useModel } from "@/stream/hooks";
import type { SignalEvent } from "@/stream/types";
import { changesOf, minuteOf, type Point } from "./points";
import type { Mark, Shade, Token } from "./types";

export interface DayHistory {
  state: "loading" | "failed" | "ready";
  /** Per symbol, in percent against the previous close. */
  changes: Readonly<Record<string, readonly Point[]>>;
}

const NONE: readonly Point[] = [];

/**
 * The changes of `symbols` over the day: the same object until something in it changes, since whole lines are drawn anew
 * for another one. Asked for again each minute, so that whatever was missed while away is filled.
 */
export function useDayHistory(symbols: readonly string[]): DayHistory {
  const date = useTradeDay()?.trade_date ?? null;
  const closes = useModel(
    (model) => symbols.map((symbol) => model.prices.get(symbol)?.prev_close ?? null),
    sameItems,
  );
  const found = useQueries({
    queries: symbols.map((symbol) => ({
      ...barsQuery(symbol, date),
      enabled: date !== null,
      refetchOnMount: "always" as const,
      refetchInterval: 60_000,
    })),
    combine: (results) => ({
      loading: results.some((one) => one.isLoading),
      failed: results.some((one) => one.isError && one.data === undefined),
      bars: results.map((one) => one.data?.items),
    }),
  });
  const { bars } = found; // the same list until one of its parts changes
  const changes = useMemo(
    () => Object.fromEntries(symbols.map((symbol, i) => [symbol, changesOf(bars[i] ?? [], closes[i])])),
    [symbols, bars, closes],
  );
  const state = date === null || found.loading ? "loading" : found.failed ? "failed" : "ready";
  return useMemo(() => ({ state, changes }), [state, changes]);
}

export const pointsOf = (day: DayHistory, symbol: string): readonly Point[] => day.changes[symbol] ?? NONE;

/** Signal events of the day from the archive, continued by the stream, newest first. */
export function useDayEvents(type: string, subject: string | null = null): readonly SignalEvent[] {
  const date = useTradeDay()?.trade_date ?? null;
  const live = useEvents();
  const archived = useQuery({
    ...eventsQuery({ type, subject, trade_date: date }),
    enabled: date !== null,
    refetchOnMount: "always",
  }).data;
  return useMemo(() => {
    const mine = (event: SignalEvent) =>
      event.signal_type === type &&
      event.trade_date === date &&
      (subject === null || event.subject === subject);
    return mergedEvents(live.filter(mine), archived?.items ?? []).filter(isNews);
  }, [live, archived, type, subject, date]);
}

const COLOURS: Record<Tone, Token> = {
  entry: "--entry",
  sell: "--sell",
  hold: "--hold",
  ban: "--ban",
  stop: "--bad",
  down: "--accent",
  wait: "--warn",
  ok: "--ok",
  unknown: "--muted",
};

const SHAPES: Partial<Record<Tone, Mark["shape"]>> = {
  entry: "arrowUp",
  sell: "arrowDown",
  down: "arrowDown",
  stop: "square",
  ban: "square",
};

const MOST_MARKS = 40;

/**
 * Where signals changed, as marks on a series. Of several in one minute the last one stands; what looks as before is left
 * out, and so are the oldest of a restless day, whose marks would hide the line.
 */
export function marksOf(events: readonly SignalEvent[], series: string): Mark[] {
  const byMinute = new Map<number, Mark>();
  const looks = new Map<string, string>();
  for (const event of events.toReversed()) {
    const { tone, word } = shownEvent(event);
    if (looks.get(event.subject) === word) continue;
    looks.set(event.subject, word);
    const time = minuteOf(event.event_time);
    byMinute.set(time, {
      id: event.event_id,
      time,
      series,
      colour: COLOURS[tone],
      shape: SHAPES[tone] ?? "circle",
    });
  }
  return [...byMinute.values()].slice(-MOST_MARKS);
}

/** Before the open and after the close. */
export function useSessionShades(): readonly Shade[] {
  const day = useTradeDay();
  const [opens, closes] = [day?.opens_at ?? null, day?.closes_at ?? null];
  return useMemo(
    () =>
      opens === null || closes === null
        ? []
        : [
            { from: 0, to: Date.parse(opens) / 1000 },
            { from: Date.parse(closes) / 1000, to: Date.parse(closes) / 1000 + 86_400 },
          ],
    [opens, closes],
  );
}
