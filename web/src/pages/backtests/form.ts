// What a person asks of a run, as text while it is typed, and the request that it makes.

import type { Limit } from "@/data/queries";
import type { ParameterValues, RunRequest } from "@/data/runs";

/** Parameters that a run reads: the rest of the limits is for live use, or asked for under another name. */
export const RUN_PARAMETERS = [
  "pair_gap_entry_threshold",
  "pair_gap_sell_threshold",
  "stop_loss_pct",
  "gold_threshold_pct",
  "gold_observe_minutes",
  "conditional_trigger_pct",
  "bearish_index_threshold_pct",
  "alloc_twin",
  "alloc_cond",
  "alloc_bear",
] as const;

export const INTERVALS = ["auto", "ticks", "1m", "5m", "1h", "1d"] as const;
export const FEES = ["standard", "discount", "none"] as const;
export const MODELS = ["rule_text", "v1"] as const;

export interface GridLine {
  name: string;
  text: string;
}

export interface Draft {
  kind: "backtest" | "sweep";
  start: string;
  end: string;
  interval: string;
  capital: string;
  fees: string;
  model: string;
  slippage: string;
  /** Empty: as in force. */
  parameters: Record<string, string>;
  grid: readonly GridLine[];
  walkForward: string;
}

/** What is wrong with a field: a text of the catalogue under `backtests.fault`, or the server's own words. */
export interface Fault {
  key?: string;
  values?: Record<string, string | number>;
  said?: string;
}
export type Faults = Readonly<Record<string, Fault>>;

/** So many days up to the last one. */
export function spanOf(last: string, days: number): { start: string; end: string } {
  const at = new Date(`${last}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() - days);
  return { start: at.toISOString().slice(0, 10), end: last };
}

export const emptyDraft = (last: string | null): Draft => ({
  kind: "backtest",
  ...(last === null ? { start: "", end: "" } : spanOf(last, 21)),
  interval: "auto",
  capital: "1000",
  fees: "standard",
  model: "rule_text",
  slippage: "0.02",
  parameters: {},
  grid: [
    { name: "stop_loss_pct", text: "-4:-2:0.5" },
    { name: "pair_gap_entry_threshold", text: "1, 1.5, 2, 2.5" },
  ],
  walkForward: "5",
});

/** The draft that would ask for a run again, with other parameters where a lane of a sweep is meant. */
export function draftOf(request: RunRequest, lane: ParameterValues = {}): Draft {
  const values = { ...request.parameters, ...lane };
  const grid = Object.entries(request.grid);
  const again = grid.length > 0 && Object.keys(lane).length === 0;
  const { commission_pct: commission } = request.fees;
  const base = emptyDraft(null);
  return {
    ...base,
    kind: again ? "sweep" : "backtest",
    start: request.start,
    end: request.end,
    interval: request.interval,
    capital: String(request.initial_capital_usd),
    fees: commission === 0 ? "none" : commission === 0.1 ? "discount" : "standard",
    model: request.model,
    slippage: String(request.slippage_pct),
    parameters: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
    grid: again ? grid.map(([name, list]) => ({ name, text: list.join(", ") })) : base.grid,
    walkForward: again ? String(request.walk_forward_days ?? "") : base.walkForward,
  };
}

/** A number as it is typed, also with a minus sign or a decimal comma. Null when it is none. */
export function numberFrom(text: string): number | null {
  const plain = text
    .trim()
    .replace("\u2212", "-")
    .replace(/^(-?\d+),(\d+)$/, "$1.$2");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(plain) ? Number(plain) : null;
}

const MOST_VALUES = 200;

/** Values of a grid from `1, 1.5, 2` or `first:last:step`. Null when it is neither. */
export function valuesFrom(text: string): number[] | null {
  const range = text.split(":");
  if (range.length === 1) {
    const values = text
      .split(/[,;\s]+/)
      .filter(Boolean)
      .map(numberFrom);
    return values.length > 0 && values.every((value) => value !== null) ? [...new Set(values)] : null;
  }
  const [first, last, step] = range.map(numberFrom);
  if (range.length !== 3 || first == null || last == null || step == null || step === 0) return null;
  const count = Math.floor(Math.abs(last - first) / Math.abs(step) + 1e-9) + 1;
  if (count > MOST_VALUES) return null;
  const sign = last >= first ? 1 : -1;
  return Array.from({ length: count }, (_, i) => Number((first + sign * Math.abs(step) * i).toFixed(10)));
}

/** How many parameter sets a grid makes; null while a line cannot be read. */
export function combinations(grid: readonly GridLine[]): number | null {
  let product = 1;
  for (const { text } of grid) {
    const values = valuesFrom(text);
    if (values === null) return null;
    product *= values.length;
  }
  return product;
}

export type Limits = Readonly<Record<string, Limit | undefined>>;

function outside(value: number | null, limit: Limit | undefined): Fault | null {
  if (value === null) return { key: "number" };
  const [min, max] = [limit?.min ?? -Infinity, limit?.max ?? Infinity];
  if (value >= min && value <= max) return null;
  return { key: "between", values: { min, max } };
}

/** What can be told without asking the server. */
export function faultsOf(draft: Draft, limits: Limits, last: string): Faults {
  const found: Record<string, Fault> = {};
  const say = (field: string, fault: Fault | null) => {
    if (fault && !(field in found)) found[field] = fault;
  };
  if (draft.start === "") say("start", { key: "date" });
  if (draft.end === "") say("end", { key: "date" });
  if (draft.start && draft.end && draft.end < draft.start)
    say("end", { key: "before", values: { start: draft.start } });
  if (draft.start > last) say("start", { key: "notOver", values: { last } });
  if (draft.end > last) say("end", { key: "notOver", values: { last } });
  const capital = numberFrom(draft.capital);
  say("initial_capital_usd", capital === null ? { key: "number" } : capital > 0 ? null : { key: "positive" });
  if (draft.model === "rule_text") {
    const slippage = numberFrom(draft.slippage);
    if (slippage === null) say("slippage_pct", { key: "number" });
    else if (slippage < 0 || slippage > 5)
      say("slippage_pct", { key: "between", values: { min: 0, max: 5 } });
  }
  for (const [name, text] of Object.entries(draft.parameters)) {
    if (text.trim() === "" || text === "null") continue;
    say(`parameters.${name}`, outside(numberFrom(text), limits[name]));
  }
  if (draft.kind === "sweep") {
    if (draft.grid.length === 0) say("grid", { key: "gridEmpty" });
    for (const { name, text } of draft.grid) {
      const values = valuesFrom(text);
      if (values === null) say(`grid.${name}`, { key: "values" });
      for (const value of values ?? []) say(`grid.${name}`, outside(value, limits[name]));
    }
    if (draft.walkForward.trim() !== "") {
      const days = numberFrom(draft.walkForward);
      if (days === null || days < 1 || !Number.isInteger(days)) say("walk_forward_days", { key: "whole" });
    }
  }
  return found;
}

/** Where to send a draft without faults, and what. */
export function requestOf(draft: Draft): { path: string; body: Record<string, unknown> } {
  const swept = new Set(draft.kind === "sweep" ? draft.grid.map((line) => line.name) : []);
  const parameters = Object.fromEntries(
    Object.entries(draft.parameters)
      .filter(([name, text]) => text.trim() !== "" && !swept.has(name))
      .map(([name, text]) => [name, text === "null" ? null : numberFrom(text)]),
  );
  const body: Record<string, unknown> = {
    start: draft.start,
    end: draft.end,
    interval: draft.interval,
    initial_capital_usd: numberFrom(draft.capital),
    fees: draft.fees,
    model: draft.model,
    ...(draft.model === "rule_text" ? { slippage_pct: numberFrom(draft.slippage) } : {}),
    parameters,
  };
  if (draft.kind === "backtest") return { path: "/api/backtest", body };
  const grid = Object.fromEntries(draft.grid.map(({ name, text }) => [name, valuesFrom(text)]));
  const days = numberFrom(draft.walkForward);
  return {
    path: "/api/sweep",
    body: { ...body, grid, ...(days === null ? {} : { walk_forward_days: days }) },
  };
}
