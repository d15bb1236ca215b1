// What a person has typed so far, against what is in force: values, faults, and what to do when someone else was first.

import type { Limit } from "@/data/queries";
import { plain } from "@/format/numbers";
import type { Parameters } from "@/stream/types";

export type Name = keyof Parameters;
export type Values = Parameters;
export type Value = Values[Name];
export type Limits = Readonly<Record<Name, Limit>>;

/** Only fields that were touched. A number is kept as the text that was typed; null turns the field off. */
export type Draft = Readonly<Partial<Record<Name, string | boolean | null>>>;

/** What is wrong with a field, for a text `parameters.fault.<kind>`. */
export type Fault =
  | { kind: "number" | "whole" }
  | { kind: "range"; min: number; max: number }
  | { kind: "belowEntry"; entry: number }
  | { kind: "refused"; expected: string };

export type Faults = Readonly<Partial<Record<Name, Fault>>>;

export interface Change {
  name: Name;
  before: Value;
  after: Value;
}

/** What counts in pieces: the server refuses a part of one. */
const WHOLE: readonly Name[] = ["max_trade_amount_krw", "split_buy_interval_min", "gold_observe_minutes"];

export const namesOf = (values: Values): readonly Name[] => Object.keys(values) as Name[];

/** The text of a value in its input. */
export const textOf = (value: Value): string => (typeof value === "number" ? plain(value) : "");

/** `−3.5`, `-3.5`, `20,000,000`; null when it is no number. */
export function numberOf(text: string): number | null {
  const bare = text.trim().replaceAll(",", "").replace("\u2212", "-");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(bare) ? Number(bare) : null;
}

/** One step up or down from `text`, within the limits; without dust like 0.30000000000000004. */
export function stepped(text: string, by: 1 | -1, fallback: number, { step, min, max }: Limit): string {
  const from = numberOf(text) ?? fallback;
  const digits = Math.max(decimals(step), decimals(from));
  const next = Number((from + by * step).toFixed(digits));
  return plain(Math.min(max ?? Infinity, Math.max(min ?? -Infinity, next)));
}

function decimals(value: number): number {
  const text = value.toFixed(8).replace(/0+$/, "");
  return text.length - text.indexOf(".") - 1;
}

/** The value of a field with the draft applied; undefined while what is typed is no number. */
export function valueOf(name: Name, draft: Draft, values: Values): Value | undefined {
  const typed = draft[name];
  if (typed === undefined) return values[name];
  return typeof typed === "string" ? (numberOf(typed) ?? undefined) : typed;
}

/** The fields that would become different, in the order of the set. */
export function changesOf(draft: Draft, values: Values): readonly Change[] {
  return namesOf(values).flatMap((name) => {
    const after = valueOf(name, draft, values);
    return after === undefined || after === values[name] ? [] : [{ name, before: values[name], after }];
  });
}

/** What the server would refuse, as far as the limits tell. */
export function faultsOf(draft: Draft, values: Values, limits: Limits): Faults {
  const faults: Partial<Record<Name, Fault>> = {};
  for (const name of Object.keys(draft) as Name[]) {
    const value = valueOf(name, draft, values);
    const { min, max } = limits[name];
    if (value === undefined) faults[name] = { kind: "number" };
    else if (typeof value !== "number") continue;
    else if ((min !== null && value < min) || (max !== null && value > max))
      faults[name] = { kind: "range", min: min ?? -Infinity, max: max ?? Infinity };
    else if (WHOLE.includes(name) && !Number.isInteger(value)) faults[name] = { kind: "whole" };
  }
  const [sell, entry] = (["pair_gap_sell_threshold", "pair_gap_entry_threshold"] as const).map((name) =>
    valueOf(name, draft, values),
  );
  const touched = draft.pair_gap_sell_threshold !== undefined || draft.pair_gap_entry_threshold !== undefined;
  if (touched && typeof sell === "number" && typeof entry === "number" && sell >= entry)
    faults.pair_gap_sell_threshold ??= { kind: "belowEntry", entry };
  return faults;
}

/** The faults of a 422 by field; those of no field that is known are left out. */
export function refusedFaults(details: Readonly<Record<string, unknown>>, values: Values): Faults {
  const faults: Partial<Record<Name, Fault>> = {};
  const told: unknown[] = Array.isArray(details["faults"]) ? details["faults"] : [];
  for (const one of told) {
    const { field, expected } = one as { field?: unknown; expected?: unknown };
    const name = namesOf(values).find((known) => known === field);
    if (name && typeof expected === "string") faults[name] = { kind: "refused", expected };
  }
  return faults;
}

/** Without fields that were typed back to what is in force. */
export function tidied(draft: Draft, values: Values): Draft {
  const kept = Object.entries(draft).filter(
    ([name]) => valueOf(name as Name, draft, values) !== values[name as Name],
  );
  return Object.fromEntries(kept);
}

export interface Conflict {
  name: Name;
  /** When the editing began. */
  base: Value;
  theirs: Value;
  /** What the draft says; null fields of it are those that the person did not touch. */
  mine: Value | undefined;
  touched: boolean;
}

/** Every field in which the three sets differ: those of both first, then those that only others changed. */
export function conflictsOf(draft: Draft, base: Values, theirs: Values): readonly Conflict[] {
  const rows = namesOf(theirs).flatMap((name): Conflict[] => {
    const touched = draft[name] !== undefined;
    const mine = valueOf(name, draft, base);
    const differs = theirs[name] !== base[name] || (touched && mine !== base[name]);
    return differs ? [{ name, base: base[name], theirs: theirs[name], mine, touched }] : [];
  });
  return [...rows.filter((row) => row.touched), ...rows.filter((row) => !row.touched)];
}

/** The draft after a choice: a field that was left to the others is no longer part of it. */
export function chosen(draft: Draft, theirsWins: ReadonlySet<Name>, theirs: Values): Draft {
  const kept = Object.entries(draft).filter(([name]) => !theirsWins.has(name as Name));
  return tidied(Object.fromEntries(kept), theirs);
}
