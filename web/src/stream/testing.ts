// Builders for tests: what the stream says, in small.

import type { Price, SignalEvent, SignalView, Snapshot, Status, StreamMessage } from "./types";

export const status = (over: Partial<Status> = {}): Status => ({
  feed: "live",
  age_ms: 100,
  kafka: "up",
  session: "regular",
  trade_date: "2026-11-23",
  opens_at: "2026-11-23T14:30:00Z",
  closes_at: "2026-11-23T21:00:00Z",
  market_time: "2026-11-23T14:50:00Z",
  market_speed: 1,
  server_time: "2026-11-23T14:50:00Z",
  parameter_version: 1,
  symbols_ok: 16,
  symbols_missing: [],
  namespace: "demo",
  demo: false,
  ...over,
});

export const price = (symbol: string, last: number | null, over: Partial<Price> = {}): Price =>
  ({
    symbol,
    name: symbol,
    name_en: symbol,
    category: "market",
    price: last,
    prev_close: 100,
    change_pct: last === null ? null : last - 100,
    event_time: "2026-11-23T14:50:00Z",
    age_ms: 10,
    state: last === null ? "missing" : "ok",
    ...over,
  }) as Price;

const bySymbol = (all: readonly Price[]): Record<string, Price> =>
  Object.fromEntries(all.map((one) => [one.symbol, one]));

export const prices = (...all: Price[]): NonNullable<Snapshot["prices"]> => ({
  as_of: "2026-11-23T14:50:00Z",
  trade_date: "2026-11-23",
  session: "regular",
  stale: false,
  demo: false,
  tickers: bySymbol(all),
});

export const view = (type: string, subject: string, over: Partial<SignalView> = {}): SignalView => ({
  book: "us",
  signal_type: type,
  subject,
  event_time: "2026-11-23T14:50:00.000Z",
  trade_date: "2026-11-23",
  session: "regular",
  verdict: { state: "ok", decision: "HOLD:follow_lags", is_actionable: false, suppressed_by: [] },
  since: "2026-11-23T14:49:00.000Z",
  data: {},
  parameter_version: 1,
  position: 1,
  v: 1,
  ...over,
});

/** The event `n`, a second after the one before. */
export const event = (n: number, over: Partial<SignalEvent> = {}): SignalEvent => ({
  event_id: `event-${n}`,
  event_time: new Date(Date.parse("2026-11-23T14:50:00Z") + n * 1000).toISOString(),
  trade_date: "2026-11-23",
  session: "regular",
  signal_type: "twin_pairs",
  subject: "coin",
  before: { state: "ok", decision: "HOLD:follow_lags", is_actionable: false, suppressed_by: [] },
  after: { state: "ok", decision: "SELL", is_actionable: true, suppressed_by: [] },
  is_actionable: true,
  data: {},
  parameter_version: 1,
  position: n,
  namespace: "demo",
  ...over,
});

export const snapshot = (over: Partial<Snapshot> = {}): StreamMessage => ({
  name: "snapshot",
  id: over.id ?? "0.0.aa",
  data: {
    id: "0.0.aa",
    status: status(),
    config: null,
    signals: [],
    views: [],
    events: [],
    prices: prices(),
    ...over,
  },
});

export const signal = (n: number): StreamMessage => ({ name: "signal", id: `${n}.0.aa`, data: event(n) });

export const tick = (...changed: Price[]): StreamMessage => ({
  name: "tick",
  id: null,
  data: { tickers: bySymbol(changed) },
});
