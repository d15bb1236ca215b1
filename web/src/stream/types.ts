// What the stream carries. The records come from the generated contracts; only the frames around them are named here.

import type { components } from "@/generated/api";
import type { Parameters, SignalView as View, Verdict } from "@/generated/events";

export type { Parameters, Session, QuoteState, SignalState, Verdict } from "@/generated/events";

type Schemas = components["schemas"];

export type Price = Schemas["Price"];
export type Status = Schemas["Status"];
export type Candle = Schemas["Candle"];

/** The inputs and findings of a rule. Its fields depend on the rule; `@/signals/data` reads them. */
export type SignalData = Readonly<Record<string, unknown>>;

export type SignalView = Omit<View, "data" | "verdict"> & { data: SignalData; verdict: Verdict | null };

/** A signal event, alike on the stream and in the history. */
export type SignalEvent = Omit<
  Schemas["Told"],
  "event_time" | "trade_date" | "session" | "before" | "after" | "data"
> & {
  event_time: string;
  trade_date: string;
  session: string;
  before: Verdict | null;
  after: Verdict;
  data: SignalData;
};

export interface Config {
  version: number;
  updated_at: string | null;
  parameters: Required<Parameters>;
}

/** A signal of the catalogue: `type` is known by the rules, the titles are for people. */
export interface CatalogueEntry {
  type: string;
  title_ko: string;
  title_en: string;
}

export interface Snapshot {
  id: string;
  status: Status;
  config: Config | null;
  signals: CatalogueEntry[];
  views: SignalView[];
  events: SignalEvent[];
  prices?: { tickers: Record<string, Price> };
}

/** The events of the stream by name. */
export interface StreamEvents {
  snapshot: Snapshot;
  tick: { tickers: Record<string, Price> };
  view: { views: SignalView[] };
  signal: SignalEvent;
  config: Config | null;
  status: Status;
  reset: { reason: string };
}

export type StreamEventName = keyof StreamEvents;

export type StreamMessage = {
  [Name in StreamEventName]: { name: Name; data: StreamEvents[Name]; id: string | null };
}[StreamEventName];

export const STREAM_EVENTS: readonly StreamEventName[] = [
  "snapshot",
  "tick",
  "view",
  "signal",
  "config",
  "status",
  "reset",
];

/** The connection itself. Times are milliseconds of `now()`. */
export interface Connection {
  state: "connecting" | "open" | "waiting";
  heardAt: number;
  retryAt: number | null;
}

/** Milliseconds since the epoch that never run backwards within a tab and agree between the tabs of a browser. */
export const now = (): number => performance.timeOrigin + performance.now();
