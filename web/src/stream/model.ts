// What the page knows: a fold of the stream's messages. No I/O and no rules in here; verdicts come from the views.

import type { CatalogueEntry, Config, Price, SignalEvent, SignalView, Status, StreamMessage } from "./types";

/** Signal events kept in memory, the newest; the history has the rest. */
export const KEPT_EVENTS = 500;

/** So many events a second are shown as new. Each is a layer that the browser fades, and of a burst nobody sees more. */
export const FRESH_A_SECOND = 8;

export interface Model {
  loaded: boolean;
  status: Status | null;
  /** `now()` at which the status came: the market's clock goes on from there. */
  statusAt: number;
  config: Config | null;
  catalogue: readonly CatalogueEntry[];
  prices: Map<string, Price>;
  /** `now()` at which the price of a symbol came. */
  pricesAt: Map<string, number>;
  /** By `<signal_type>:<subject>`. */
  views: Map<string, SignalView>;
  /** Newest first, each `event_id` once. */
  events: readonly SignalEvent[];
  /** `event_id` → `now()` at which it came live, for those that are shown as new. */
  fresh: Map<string, number>;
  seen: Set<string>;
  lastId: string | null;
  /** `now()` at which the newest frame was read by the producer, as far as ages tell: no two clocks are compared. */
  freshAt: number | null;
  /** Counts logs: it grows when the server says that the log we knew is gone. */
  generation: number;
}

export function createModel(): Model {
  return {
    loaded: false,
    status: null,
    statusAt: 0,
    config: null,
    catalogue: [],
    prices: new Map(),
    pricesAt: new Map(),
    views: new Map(),
    events: [],
    fresh: new Map(),
    seen: new Set(),
    lastId: null,
    freshAt: null,
    generation: 0,
  };
}

export const viewKey = (view: Pick<SignalView, "signal_type" | "subject">): string =>
  `${view.signal_type}:${view.subject}`;

/** Fold one message into `model`, at `at` of `now()`. Prices, views and events are replaced, never changed. */
export function fold(model: Model, message: StreamMessage, at: number): void {
  if (message.id !== null) model.lastId = message.id;
  switch (message.name) {
    case "snapshot": {
      const { data } = message;
      model.lastId = data.id;
      model.catalogue = data.signals;
      model.config = data.config;
      model.prices.clear();
      model.views.clear();
      takeStatus(model, data.status, at);
      takePrices(model, data.prices?.tickers ?? {}, at);
      takeViews(model, data.views);
      takeEvents(model, data.events);
      model.loaded = true;
      return;
    }
    case "tick":
      takePrices(model, message.data.tickers, at);
      return;
    case "view":
      takeViews(model, message.data.views);
      return;
    case "signal":
      if (takeEvents(model, [message.data]) > 0 && !isBurst(model, at))
        model.fresh.set(message.data.event_id, at);
      return;
    case "config":
      model.config = message.data;
      return;
    case "status":
      takeStatus(model, message.data, at);
      return;
    case "reset":
      Object.assign(model, createModel(), { generation: model.generation + 1 });
  }
}

function isBurst({ fresh }: Model, at: number): boolean {
  const earlier = [...fresh.values()].at(-FRESH_A_SECOND);
  return earlier !== undefined && at - earlier < 1000;
}

function takeStatus(model: Model, status: Status, at: number): void {
  model.status = status;
  model.statusAt = at;
  if (status.age_ms !== null) model.freshAt = Math.max(model.freshAt ?? 0, at - status.age_ms);
}

function takePrices(model: Model, tickers: Record<string, Price>, at: number): void {
  for (const [symbol, price] of Object.entries(tickers)) {
    model.prices.set(symbol, price);
    model.pricesAt.set(symbol, at);
    if (price.age_ms !== null) model.freshAt = Math.max(model.freshAt ?? 0, at - price.age_ms);
  }
}

function takeViews(model: Model, views: readonly SignalView[]): void {
  for (const view of views) model.views.set(viewKey(view), view);
}

/** How many of `events` were news: after a resume or a snapshot some come again. */
function takeEvents(model: Model, events: readonly SignalEvent[]): number {
  const news = events.filter((event) => !model.seen.has(event.event_id));
  if (news.length === 0) return 0;
  for (const event of news) model.seen.add(event.event_id);
  const merged = [...news.toReversed(), ...model.events];
  if (!isNewestFirst(merged)) merged.sort(newestFirst);
  for (const gone of merged.splice(KEPT_EVENTS)) {
    model.seen.delete(gone.event_id);
    model.fresh.delete(gone.event_id);
  }
  model.events = merged;
  return news.length;
}

/** Whether instant `a` is before `b`; both ISO text in UTC, where a fraction of zero may be left out. */
export const isBefore = (a: string, b: string): boolean =>
  a.length === b.length ? a < b : Date.parse(a) < Date.parse(b);

export const newestFirst = (a: SignalEvent, b: SignalEvent): number =>
  isBefore(a.event_time, b.event_time) ? 1 : isBefore(b.event_time, a.event_time) ? -1 : 0;

const isNewestFirst = (events: readonly SignalEvent[]): boolean =>
  events.every((event, i) => {
    const next = events[i + 1];
    return next === undefined || !isBefore(event.event_time, next.event_time);
  });

/** Two lists of events as one, newest first, each event once. */
export function mergedEvents(a: readonly SignalEvent[], b: readonly SignalEvent[]): SignalEvent[] {
  const byId = new Map([...b, ...a].map((event) => [event.event_id, event]));
  return [...byId.values()].sort(newestFirst);
}

/** The view of a subject if it is of the trade date; that of another day says nothing about today. */
export function viewOf(model: Model, type: string, subject: string): SignalView | null {
  const view = model.views.get(`${type}:${subject}`);
  const today = model.status?.trade_date;
  return view && (!today || view.trade_date === today) ? view : null;
}
