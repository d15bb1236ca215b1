// What the stream carries: the shapes of the OpenAPI document; only what a rule tells of itself is left open there.

import type { components } from "@/generated/api";

type Schemas = components["schemas"];

export type Parameters = Schemas["Parameters"];
export type Session = Schemas["Session"];
export type QuoteState = Schemas["QuoteState"];
export type SignalState = Schemas["SignalState"];
export type Verdict = Schemas["Verdict"];
export type Price = Schemas["Price"];
export type Status = Schemas["Status"];
export type Candle = Schemas["Candle"];
export type Config = Schemas["Config"];
export type CatalogueEntry = Schemas["CatalogueEntry"];

/** The inputs and findings of a rule. Its fields depend on the rule; `@/signals/data` reads them. */
export type SignalData = Readonly<Record<string, unknown>>;

export type SignalView = Omit<Schemas["SignalView"], "data"> & { data: SignalData };

/** A signal event, alike on the stream and in the history. */
export type SignalEvent = Omit<Schemas["Told"], "data"> & { data: SignalData };

export type Snapshot = Omit<Schemas["StreamSnapshot"], "views" | "events"> & {
  views: SignalView[];
  events: SignalEvent[];
};

/** The events of the stream by name. */
export type StreamEvents = Omit<Schemas["StreamEvents"], "snapshot" | "view" | "signal"> & {
  snapshot: Snapshot;
  view: { views: SignalView[] };
  signal: SignalEvent;
};

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
