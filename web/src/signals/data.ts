// Reads what a rule says of a subject. Fields are checked where they are read: a plug-in or an older event may lack any.

import type { SignalData } from "@/stream/types";

export const numberOf = (data: SignalData | undefined, key: string): number | null => {
  const value = data?.[key];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
};
export const textOf = (data: SignalData | undefined, key: string): string | null => {
  const value = data?.[key];
  return typeof value === "string" ? value : null;
};
export const flagOf = (data: SignalData | undefined, key: string): boolean | null => {
  const value = data?.[key];
  return typeof value === "boolean" ? value : null;
};
export const listOf = (data: SignalData | undefined, key: string): readonly string[] => {
  const value = data?.[key];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
};
export const recordOf = (data: SignalData | undefined, key: string): SignalData => {
  const value = data?.[key];
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as SignalData) : {};
};

export interface Trigger {
  symbol: string;
  change: number | null;
  positive: boolean | null;
}

export const triggersOf = (data: SignalData | undefined, symbols: readonly string[]): readonly Trigger[] => {
  const triggers = recordOf(data, "triggers");
  return symbols.map((symbol) => {
    const trigger = recordOf(triggers, symbol);
    return { symbol, change: numberOf(trigger, "change_pct"), positive: flagOf(trigger, "positive") };
  });
};

export interface Pick {
  symbol: string;
  change: number | null;
}

export const picksOf = (data: SignalData | undefined): readonly Pick[] => {
  const picks = data?.["bearish_picks"];
  if (!Array.isArray(picks)) return [];
  return picks.flatMap((pick: SignalData) => {
    const symbol = textOf(pick, "ticker");
    return symbol === null ? [] : [{ symbol, change: numberOf(pick, "change_pct") }];
  });
};

/** Symbols without a usable quote. */
export const lackingOf = (data: SignalData | undefined): readonly string[] => [
  ...new Set([...listOf(data, "missing"), ...listOf(data, "suspect"), ...listOf(data, "stale")]),
];
