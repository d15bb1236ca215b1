// What the server found wrong, at the field where it belongs and in the reader's words where we know them.

import type { TFunction } from "i18next";
import { ApiError } from "@/data/api";
import { plain } from "@/format/numbers";
import type { Fault, Faults } from "./form";

interface Said {
  field: string;
  expected: string;
}

const DATE = String.raw`(\d{4}-\d\d-\d\d)`;
const PATTERNS: readonly (readonly [RegExp, string, readonly string[]])[] = [
  [/^a (?:whole )?number from (\S+) to (\S+)/, "between", ["min", "max"]],
  [/^greater than 0/, "positive", []],
  [new RegExp(`^a (?:trade )?date up to today, ${DATE}`), "future", ["today"]],
  [new RegExp(`^a trade date that is over;.*would work: ${DATE}`), "notOver", ["last"]],
  [/^less than pair_gap_entry_threshold \((\S+)\)/, "belowEntry", ["entry"]],
  [new RegExp(`^a date from ${DATE} on, which is the start`), "before", ["start"]],
  [/^a date like/, "date", []],
  [/^a span with a trading day.*; would work: (.+)$/, "noTradingWork", ["work"]],
  [/^a span with a trading day/, "noTrading", []],
  [/^a trade date \(.*\); would work: (.+)$/, "notTradedWork", ["work"]],
  [/^a trade date \(/, "notTraded", []],
  [/^a span of at most ([\d,]+) trading days/, "tooManyDays", ["most"]],
  [/^at most ([\d,]+) combinations over/, "tooManyLanesDays", ["most"]],
  [/^at most ([\d,]+) combinations/, "tooManyLanes", ["most"]],
  [/^fewer than the (\d+) trading days/, "walkTooLong", ["days"]],
  [new RegExp(`^one that reaches back to .*bars can be had from ${DATE} on`), "reach", ["from"]],
  [/no ticks of these dates are archived/, "noTicks", []],
];

/** The fault that the server's words mean; its own words where they are not known. */
export function faultFrom(expected: string): Fault {
  for (const [pattern, key, names] of PATTERNS) {
    const match = pattern.exec(expected);
    if (match) {
      const values = names.map((name, i) => [name, (match[i + 1] ?? "").replaceAll(" or ", ", ")] as const);
      return { key, values: Object.fromEntries(values) };
    }
  }
  return { said: expected };
}

export function faultsFrom(error: unknown): Faults {
  if (!(error instanceof ApiError)) return {};
  const { faults } = error.details;
  if (!Array.isArray(faults)) return {};
  return Object.fromEntries(
    (faults as Said[]).map((fault) => [fieldOf(fault.field), faultFrom(fault.expected)] as const).reverse(),
  );
}

/** `grid.stop_loss_pct.2` is about the field `grid.stop_loss_pct`. */
const fieldOf = (field: string): string => {
  const [group = "", name] = field.split(".");
  return (group === "grid" || group === "parameters") && name !== undefined ? `${group}.${name}` : group;
};

export function wordsOf(t: TFunction, fault: Fault | undefined): string | undefined {
  if (fault?.key === undefined) return fault?.said;
  const values = Object.entries(fault.values ?? {}).map(([name, value]) => {
    const number = typeof value === "number" ? value : /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : null;
    return [name, number === null ? value : plain(number)] as const;
  });
  return t(`backtests.fault.${fault.key}`, Object.fromEntries(values));
}
