// What pages ask the API for, as TanStack queries. Keys begin with what they are about, so that groups can be dropped.

import { infiniteQueryOptions, queryOptions, useQuery } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import { useTradeDay } from "@/stream/hooks";
import type { Parameters, SignalEvent } from "@/stream/types";
import { get, query } from "./api";

type Schemas = components["schemas"];
export type Candles = Schemas["Candles"];

/** The registry of the day: which symbols there are and which rules read them. */
export type Registry = Schemas["Registry"];
export type TickerInfo = Schemas["TickerInfo"];
export type PairInfo = Schemas["Pair"];
export type Limit = Schemas["Limit"];

export type ParametersAnswer = Omit<Schemas["ParametersAnswer"], "limits"> & {
  limits: Record<keyof Parameters, Limit>;
};

export type EventsPage = Omit<Schemas["Events"], "items"> & { items: SignalEvent[] };

export const registryQuery = (tradeDate: string | null) =>
  queryOptions({
    queryKey: ["registry", tradeDate],
    queryFn: ({ signal }) => get<Registry>("/api/config/tickers", signal),
    staleTime: Infinity,
    refetchInterval: ({ state }) => (state.data === undefined ? 5000 : false), // nothing can be shown without it
  });

/** The registry; undefined while it is loading. It is asked for again when a new trade date opens. */
export function useRegistry(): Registry | undefined {
  const day = useTradeDay();
  return useQuery({ ...registryQuery(day?.trade_date ?? null), placeholderData: (before) => before }).data;
}

export const parametersQuery = (version: number | null) =>
  queryOptions({
    queryKey: ["parameters", version],
    queryFn: ({ signal }) => get<ParametersAnswer>("/api/config/parameters", signal),
    staleTime: Infinity,
  });

export type Interval = "1m" | "5m" | "15m" | "1h" | "1d";

/** Bars of one symbol and trade date, oldest first. */
export const barsQuery = (symbol: string, date: string | null, interval: Interval = "1m") =>
  queryOptions({
    queryKey: ["bars", symbol, date, interval],
    queryFn: ({ signal }) =>
      get<Candles>(`/api/bars/${encodeURIComponent(symbol)}${query({ interval, date })}`, signal),
    staleTime: 5 * 60_000,
  });

export interface EventFilter {
  type?: string | null;
  subject?: string | null;
  actionable?: boolean | null;
  trade_date?: string | null;
}

/** One page of signal events, newest first: up to 500. */
export const eventsQuery = (filter: EventFilter, limit = 500) =>
  queryOptions({
    queryKey: ["events", filter, limit],
    queryFn: ({ signal }) => get<EventsPage>(`/api/events${query({ ...filter, limit })}`, signal),
    staleTime: 60_000,
  });

/** All pages of signal events, newest first. */
export const eventPagesQuery = (filter: EventFilter, limit = 100) =>
  infiniteQueryOptions({
    queryKey: ["events", "pages", filter, limit],
    queryFn: ({ signal, pageParam }) =>
      get<EventsPage>(`/api/events${query({ ...filter, limit, cursor: pageParam })}`, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: 60_000,
  });

/** On which days of a span the exchange trades. */
export const tradingDaysQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["tradingDays", from, to],
    queryFn: ({ signal }) =>
      get<Schemas["TradingDates"]>(`/api/config/trading-days${query({ from, to })}`, signal),
    staleTime: 60_000,
    refetchInterval: 300_000, // the day under way will be over
  });

/**
 * The newest trade date that is over, the last one that a run can have. Null until it is known; the day under way where
 * the server does not tell, which then says what is wrong with it.
 */
export function useLastOver(): string | null {
  const today = useTradeDay()?.trade_date ?? null;
  const { data, isError } = useQuery({
    ...tradingDaysQuery(today ?? "", today ?? ""),
    enabled: today !== null,
  });
  return data?.over ?? (isError ? today : null);
}
