// How components read the stream: each selects what it shows and is drawn again only when that changed.

import { createContext, use, useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { ageMs, feedOf, marketNow, type Feed } from "./feed";
import { ticker } from "./ticker";
import { viewOf, type Model } from "./model";
import type { StreamStore } from "./store";
import { now, type Config, type Price, type SignalEvent, type SignalView, type Status } from "./types";

export interface Stream {
  store: StreamStore;
  retryNow: () => void;
}

export const StreamContext = createContext<Stream | null>(null);

export function useStream(): Stream {
  const stream = use(StreamContext);
  if (!stream) throw new Error("useStream: expected a StreamProvider above");
  return stream;
}

/** Reads a selection; what equals the value before is the value before. */
function reader<T>(store: StreamStore, select: (model: Model) => T, same: (a: T, b: T) => boolean): () => T {
  let kept: { value: T } | null = null;
  return () => {
    const value = select(store.model);
    if (kept === null || !same(kept.value, value)) kept = { value };
    return kept.value;
  };
}

/**
 * A part of the model. `select` must return the same value while nothing changed: a part itself, or a primitive;
 * for lists made on the way pass `same`.
 */
export function useModel<T>(select: (model: Model) => T, same: (a: T, b: T) => boolean = Object.is): T {
  const { store } = useStream();
  const read = useMemo(() => reader(store, select, same), [store, select, same]);
  return useSyncExternalStore(store.subscribe, read);
}

export const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, i) => Object.is(item, b[i]));

export const usePrice = (symbol: string): Price | null =>
  useModel((model) => model.prices.get(symbol) ?? null);

export const useView = (type: string, subject: string): SignalView | null =>
  useModel((model) => viewOf(model, type, subject));

/** The views of today of the given subjects, in their order; null where there is none. */
export const useViews = (type: string, subjects: readonly string[]): readonly (SignalView | null)[] =>
  useModel((model) => subjects.map((subject) => viewOf(model, type, subject)), sameItems);

export const useEvents = (): readonly SignalEvent[] => useModel((model) => model.events);
export const useConfig = (): Config | null => useModel((model) => model.config);

/** The part of the status that a page hangs on. The status itself is news every 2 s, this a few times a day. */
export type TradeDay = Pick<Status, "trade_date" | "session" | "opens_at" | "closes_at" | "demo">;

const OF_THE_DAY = [
  "trade_date",
  "session",
  "opens_at",
  "closes_at",
  "demo",
] as const satisfies (keyof TradeDay)[];

export const useTradeDay = (): TradeDay | null =>
  useModel<TradeDay | null>(
    (model) => model.status,
    (a, b) => a === b || (a !== null && b !== null && OF_THE_DAY.every((name) => a[name] === b[name])),
  );

export const useLoaded = (): boolean => useModel((model) => model.loaded);

/** Changes when the server's log was replaced: what came from the old one no longer holds. */
export const useGeneration = (): number => useModel((model) => model.generation);

const seconds = ticker(1000);

/** Draw again each second, all who ask in one go: for clocks and ages. Returns `now()`. */
export const useSeconds = (): number => useSyncExternalStore(seconds.subscribe, seconds.at);

const halves = ticker(500);

/** How fresh what is shown is. Looks again every half second, because silence is no message. */
export function useFeed(): Feed {
  const { store } = useStream();
  const subscribe = useCallback(
    (changed: () => void) => {
      const quiet = halves.subscribe(changed);
      const gone = store.subscribe(changed);
      return () => {
        quiet();
        gone();
      };
    },
    [store],
  );
  return useSyncExternalStore(subscribe, () => feedOf(store.model, store.connection, now()));
}

// The model changes in place, and so does the time: what is read of them must be read in a hook, or a component that was
// compiled to remember what it made would go on showing it.

/** Milliseconds since the producer read the newest frame, at this second; null while there is none. */
export function useAge(): number | null {
  const { store } = useStream();
  return useSyncExternalStore(seconds.subscribe, () => ageMs(store.model, seconds.at()));
}

/** Now on the market's clock at this second, in milliseconds since the epoch. */
export function useMarketTime(): number | null {
  const { store } = useStream();
  const feed = useFeed();
  return useSyncExternalStore(seconds.subscribe, () => marketNow(store.model, seconds.at(), feed));
}

/** Call `heard` for each new signal event while mounted. */
export function useSignalHeard(heard: (event: SignalEvent) => void): void {
  const { store } = useStream();
  const latest = useRef(heard);
  useEffect(() => {
    latest.current = heard;
  });
  useEffect(
    () =>
      store.onMessage((message) => {
        if (message.name === "signal") latest.current(message.data);
      }),
    [store],
  );
}
