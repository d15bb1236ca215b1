// Runs: what is asked for, how far it is, what it came to. The shapes of requests, summaries and results follow
// `schemas/runs.py` and `schemas/results.py`; the API passes them on as they were stored.

import { queryOptions } from "@tanstack/react-query";
import type { components } from "@/generated/api";
import type { Parameters } from "@/stream/types";
import { call, callText, get, query } from "./api";

type Schemas = components["schemas"];
export type RunKind = Schemas["RunKind"];
export type RunStatus = Schemas["RunStatus"];
export type Accepted = Schemas["Accepted"];
export type RunTrade = Schemas["Trade"];
export type EquityPoint = Schemas["EquityPoint"];
export type BacktestBody = Schemas["BacktestBody"];

export type Maybe = number | null;
export type ParameterName = keyof Parameters;
export type ParameterValues = Partial<Record<string, number | boolean | null>>;

export interface Fees {
  commission_pct: number;
  sec_fee_pct: number;
  fx_spread_pct: number;
}

export interface RunRequest {
  kind: RunKind;
  start: string;
  end: string;
  interval: string;
  model: string;
  fees: Fees;
  initial_capital_usd: number;
  slippage_pct: number;
  parameters: ParameterValues;
  grid: Record<string, number[]>;
  walk_forward_days: Maybe;
  step: string;
  session_id: Maybe;
  in_force_version: number;
}

/** A few figures of a run, for lists. A run on daily bars has signals only. */
export interface Summary {
  days?: number;
  model?: string;
  interval?: string;
  signals?: Record<string, number>;
  total_return_pct?: Maybe;
  final_equity_usd?: Maybe;
  mdd_pct?: Maybe;
  sharpe?: Maybe;
  win_rate_pct?: Maybe;
  profit_factor?: Maybe;
  exposure_pct?: Maybe;
  fees_usd?: Maybe;
  sells?: number;
  stop_loss_count?: number;
  no_portfolio_because?: string;
  /** Of a sweep. */
  lanes?: number;
  best?: Lane | null;
}

export interface Lane {
  lane: string;
  parameters: ParameterValues;
  metrics: Summary;
}

export interface Run extends Omit<Schemas["Run"], "request" | "summary"> {
  request: RunRequest;
  summary: Summary | null;
}

export interface Tally {
  count: number;
  pnl_usd: number;
  wins: number;
  losses: number;
  win_rate_pct: number;
  average_pnl_pct: number;
  average_holding_minutes: number;
}

export interface DayRow {
  trade_date: string;
  opens_at: string;
  closes_at: string;
  equity_usd: number;
  pnl_usd: number;
  return_pct: number;
  buys: number;
  sells: number;
  gold_change_pct: Maybe;
  banned: boolean | null;
  frames: number;
  missing_symbol_bars: number;
  benchmark_usd: Maybe;
}

export interface Metrics {
  initial_capital_usd: number;
  final_equity_usd: number;
  total_return_pct: number;
  total_pnl_usd: number;
  mdd_pct: number;
  intraday_mdd_pct: number;
  sharpe: Maybe;
  volatility_pct: Maybe;
  buys: number;
  sells: number;
  wins: number;
  losses: number;
  win_rate_pct: Maybe;
  profit_factor: Maybe;
  average_pnl_pct: Maybe;
  best_pnl_pct: Maybe;
  worst_pnl_pct: Maybe;
  average_holding_minutes: Maybe;
  exposure_pct: number;
  time_in_market_pct: number;
  stop_loss_count: number;
  stop_loss_pnl_usd: number;
  days: number;
  banned_days: number;
  fees: { total_usd: number; commission_usd: number; sec_fee_usd: number; fx_spread_usd: number };
}

export interface Benchmark {
  symbol: string;
  final_equity_usd: number;
  total_return_pct: number;
  mdd_pct: number;
  sharpe: Maybe;
}

/** The same run with other fees: none where it paid some. */
export interface FeeTwin {
  fees: Fees;
  final_equity_usd: number;
  total_return_pct: number;
  mdd_pct: number;
  sharpe: Maybe;
  win_rate_pct: Maybe;
  fees_usd: number;
}

export interface Portfolio {
  metrics: Metrics;
  benchmark: Benchmark | null;
  twin: FeeTwin | null;
  by_exit: Record<string, Tally>;
  by_entry: Record<string, Tally>;
  by_symbol: Record<string, Tally>;
  skipped_days: string[];
  days: DayRow[];
}

export interface DataQuality {
  interval: string;
  frames: number;
  missing_symbol_bars: Record<string, number>;
  missing_total: number;
  days_without_data: string[];
  notes: string[];
}

export interface Result {
  model: string;
  fill: string;
  start: string;
  end: string;
  first_day: string | null;
  last_day: string | null;
  initial_capital_usd: number;
  fees: Fees;
  slippage_pct: number;
  parameters: ParameterValues | null;
  parameter_version: number;
  data_quality: DataQuality;
  signals: Record<string, { events: number; actionable: number }>;
  portfolio: Portfolio | null;
  no_portfolio_because: string;
}

export interface WalkForward {
  days: number;
  windows: {
    chosen_from: string;
    chosen_to: string;
    lane: string;
    in_sample_pct: number;
    judged_from: string;
    judged_to: string;
    out_of_sample_pct: number;
  }[];
  in_sample_pct: number;
  out_of_sample_pct: number;
}

export interface SweepResult {
  best: Lane[];
  lanes: number;
  walk_forward: WalkForward | null;
}

export interface RunWhole extends Run {
  result: Result | SweepResult | null;
  shards: Record<string, number>;
}

export const isActive = (status: RunStatus): boolean => status === "requested" || status === "running";
export const resultOf = (run: RunWhole): Result | null =>
  run.result !== null && "data_quality" in run.result ? run.result : null;
export const sweepOf = (run: RunWhole): SweepResult | null =>
  run.result !== null && "best" in run.result ? run.result : null;

const address = (id: string): string => `/api/runs/${encodeURIComponent(id)}`;

export const runsQuery = (kind: RunKind | null = null, limit = 50) =>
  queryOptions({
    queryKey: ["runs", "list", kind, limit],
    queryFn: ({ signal }) =>
      get<Omit<Schemas["Runs"], "items"> & { items: Run[] }>(`/api/runs${query({ kind, limit })}`, signal),
    // Others ask for runs too, and a run that waits moves up: while any goes on the list is looked at again.
    refetchInterval: ({ state }) => (state.data?.items.some((run) => isActive(run.status)) ? 4000 : 30_000),
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["runs", "one", id],
    queryFn: ({ signal }) => get<RunWhole>(address(id), signal),
    staleTime: 5000,
  });

/** All trades of a run, oldest first. */
export const runTradesQuery = (id: string, enabled = true) =>
  queryOptions({
    queryKey: ["runs", "trades", id],
    queryFn: ({ signal }) => allPages<RunTrade>(`${address(id)}/trades`, signal),
    staleTime: Infinity,
    enabled,
  });

/** All parameter sets of a sweep, the best return first. */
export const lanesQuery = (id: string, enabled = true) =>
  queryOptions({
    queryKey: ["runs", "lanes", id],
    queryFn: ({ signal }) => allOffsets<Lane>(`${address(id)}/lanes`, 500, signal),
    enabled,
  });

/** Pages by cursor, one after the other. */
export async function allPages<Item>(
  path: string,
  signal?: AbortSignal,
  filter: Readonly<Record<string, string | boolean>> = {},
): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Item[]; next_cursor: string | null } = await get(
      `${path}${query({ ...filter, limit: 5000, cursor })}`,
      signal,
    );
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

/** Pages by offset. `heard` is told after each how many there are and how many will be. */
export async function allOffsets<Item>(
  path: string,
  limit: number,
  signal?: AbortSignal,
  heard?: (found: number, total: number) => void,
): Promise<Item[]> {
  const found: Item[] = [];
  for (;;) {
    const page: { items: Item[]; total: number } = await get(
      `${path}${query({ limit, offset: found.length })}`,
      signal,
    );
    found.push(...page.items);
    heard?.(found.length, page.total);
    if (page.items.length === 0 || found.length >= page.total) return found;
  }
}

/** A finished run as one HTML file. */
export const reportOf = async (id: string): Promise<string> =>
  (await callText(`${address(id)}/report.html`)).body;

export const askFor = async (path: string, body: unknown): Promise<Accepted> =>
  (await call<Accepted>(path, { method: "POST", body })).body;

/** Cancel a run that waits or goes on; remove one that has ended. */
export const endRun = async (id: string): Promise<void> => {
  await call(address(id), { method: "DELETE" });
};
