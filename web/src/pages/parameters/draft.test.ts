import { describe, expect, test } from "vitest";
import type { Limit } from "@/data/queries";
import {
  changesOf,
  chosen,
  conflictsOf,
  faultsOf,
  numberOf,
  refusedFaults,
  stepped,
  tidied,
  type Limits,
  type Values,
} from "./draft";

const VALUES = {
  pair_gap_sell_threshold: 0.3,
  pair_gap_entry_threshold: 1.5,
  stop_loss_pct: -3,
  gold_observe_minutes: 30,
  use_fees: true,
} as Values;

const limit = (min: number | null, max: number | null, step: number, nullable = false): Limit => ({
  min,
  max,
  step,
  nullable,
  default: null,
  unit: "",
  note: "",
});
const LIMITS = {
  pair_gap_sell_threshold: limit(0, 5, 0.1),
  pair_gap_entry_threshold: limit(0.1, 20, 0.1),
  stop_loss_pct: limit(-50, -0.1, 0.5, true),
  gold_observe_minutes: limit(0, 390, 5),
  use_fees: limit(null, null, 1),
} as Limits;

test.each([
  ["0.3", 0.3],
  [" \u22123.5 ", -3.5],
  ["-3.5", -3.5],
  ["20,000,000", 20_000_000],
  [".5", 0.5],
  ["", null],
  ["-", null],
  ["1e3", null],
  ["3%", null],
])("reads %j as %j", (text, value) => expect(numberOf(text)).toBe(value));

describe("stepping", () => {
  test("leaves no dust of binary fractions", () => {
    expect(stepped("0.2", 1, 0, limit(0, 5, 0.1))).toBe("0.3"); // 0.1 + 0.2
    expect(stepped("0.00278", 1, 0, limit(0, 1, 0.00001))).toBe("0.00279");
  });
  test("stops at the limits", () => {
    expect(stepped("5", 1, 0, limit(0, 5, 0.1))).toBe("5");
    expect(stepped("\u22120.2", 1, 0, limit(-50, -0.1, 0.5))).toBe("\u22120.1");
  });
  test("begins at what is in force when there is no number", () => {
    expect(stepped("", -1, -3, limit(-50, -0.1, 0.5))).toBe("\u22123.5");
  });
});

test("only fields that became different are changes", () => {
  expect(changesOf({ pair_gap_sell_threshold: "0.30", stop_loss_pct: null, use_fees: true }, VALUES)).toEqual(
    [{ name: "stop_loss_pct", before: -3, after: null }],
  );
  expect(tidied({ pair_gap_sell_threshold: "0.30", stop_loss_pct: "x" }, VALUES)).toEqual({
    stop_loss_pct: "x",
  });
});

test("faults are told before anything is sent", () => {
  const draft = { pair_gap_sell_threshold: "6", stop_loss_pct: "x", gold_observe_minutes: "30.5" };
  expect(faultsOf(draft, VALUES, LIMITS)).toEqual({
    pair_gap_sell_threshold: { kind: "range", min: 0, max: 5 },
    stop_loss_pct: { kind: "number" },
    gold_observe_minutes: { kind: "whole" },
  });
  expect(faultsOf({ stop_loss_pct: null }, VALUES, LIMITS)).toEqual({});
});

test("the sell gap stays below the entry gap, whichever was typed", () => {
  const fault = (entry: number) => ({ pair_gap_sell_threshold: { kind: "belowEntry", entry } });
  expect(faultsOf({ pair_gap_sell_threshold: "1.5" }, VALUES, LIMITS)).toEqual(fault(1.5));
  expect(faultsOf({ pair_gap_entry_threshold: "0.3" }, VALUES, LIMITS)).toEqual(fault(0.3));
});

test("a refusal is told at its fields", () => {
  const details = {
    faults: [{ field: "stop_loss_pct", expected: "a number", received: 1 }, { field: "new" }],
  };
  expect(refusedFaults({ faults: details.faults }, VALUES)).toEqual({
    stop_loss_pct: { kind: "refused", expected: "a number" },
  });
  expect(refusedFaults({}, VALUES)).toEqual({});
});

describe("someone else was first", () => {
  const theirs = { ...VALUES, stop_loss_pct: -4, gold_observe_minutes: 45 };
  const draft = { stop_loss_pct: "-2.5", pair_gap_entry_threshold: "2" };

  test("both sets stand side by side, what was touched first", () => {
    expect(conflictsOf(draft, VALUES, theirs)).toEqual([
      { name: "pair_gap_entry_threshold", base: 1.5, theirs: 1.5, mine: 2, touched: true },
      { name: "stop_loss_pct", base: -3, theirs: -4, mine: -2.5, touched: true },
      { name: "gold_observe_minutes", base: 30, theirs: 45, mine: 30, touched: false },
    ]);
  });
  test("what was left to the others is sent no more", () => {
    expect(chosen(draft, new Set(["stop_loss_pct"] as const), theirs)).toEqual({
      pair_gap_entry_threshold: "2",
    });
    expect(chosen({ stop_loss_pct: "-4" }, new Set(), theirs)).toEqual({});
  });
});
