import { describe, expect, test } from "vitest";
import type { Lane, RunTrade } from "@/data/runs";
import { foldStep } from "@/data/runStream";
import { differing, idsIn, toggled } from "./compare";
import { csvOf } from "./csv";
import { faultFrom, faultsFrom } from "./faults";
import { ApiError } from "@/data/api";
import {
  combinations,
  draftOf,
  emptyDraft,
  faultsOf,
  numberFrom,
  requestOf,
  spanOf,
  valuesFrom,
} from "./form";
import { axesOf, bestOf, laneAt, scaleOf } from "./heat";
import { datesOf, filtered, tripsOf } from "./trips";

const trade = (at: string, symbol: string, action: string, rest: Partial<RunTrade> = {}): RunTrade => ({
  lane: "",
  trade_id: `${at}:${symbol}:${action}`,
  trade_time: `${at}:00Z`,
  trade_date: at.slice(0, 10),
  symbol,
  action,
  price: 10,
  quantity: 2,
  amount_usd: 20,
  fx_rate: null,
  amount_krw: null,
  fee_usd: 0.07,
  pnl_usd: null,
  reason: "twin",
  entry_event_id: null,
  ...rest,
});

describe("the form", () => {
  const limit = { min: -50, max: -0.1, nullable: true, default: -3, unit: "%", step: 0.5, note: "" };
  const limits = { stop_loss_pct: limit };

  test("reads values as a list and as a range, either way", () => {
    expect(valuesFrom("1, 1.5, 2 2")).toEqual([1, 1.5, 2]);
    expect(valuesFrom("-4:-2:0.5")).toEqual([-4, -3.5, -3, -2.5, -2]);
    expect(valuesFrom("-2:-4:1")).toEqual([-2, -3, -4]);
    expect(valuesFrom("0:0.3:0.1")).toEqual([0, 0.1, 0.2, 0.3]);
    for (const text of ["", "a", "1:2", "1:2:0", "0:1:0.0001", "1:2:x"]) expect(valuesFrom(text)).toBeNull();
  });

  test("reads a number with a minus sign and with a decimal comma, and nothing else", () => {
    expect(numberFrom("\u22123,5")).toBe(-3.5);
    expect(numberFrom(".5")).toBe(0.5);
    for (const text of ["", "1e3", "1,000,000", "3%"]) expect(numberFrom(text)).toBeNull();
  });

  test("counts the combinations", () => {
    expect(
      combinations([
        { name: "a", text: "1,2,3" },
        { name: "b", text: "1:2:0.5" },
      ]),
    ).toBe(9);
    expect(combinations([{ name: "a", text: "?" }])).toBeNull();
  });

  test("tells what is wrong before it asks", () => {
    const draft = { ...emptyDraft("2026-11-23"), start: "2026-11-20", end: "2026-11-19", capital: "0" };
    const faults = faultsOf({ ...draft, parameters: { stop_loss_pct: "3" } }, limits, "2026-11-23");
    expect(faults).toEqual({
      end: { key: "before", values: { start: "2026-11-20" } },
      initial_capital_usd: { key: "positive" },
      "parameters.stop_loss_pct": { key: "between", values: { min: -50, max: -0.1 } },
    });
    expect(faultsOf(emptyDraft("2026-11-23"), limits, "2026-11-23")).toEqual({});
  });

  test("sends parameters over those in force only, and null for what is turned off", () => {
    const draft = { ...emptyDraft("2026-11-23"), parameters: { stop_loss_pct: "null", alloc_twin: " " } };
    expect(requestOf(draft)).toEqual({
      path: "/api/backtest",
      body: {
        start: "2026-11-02",
        end: "2026-11-23",
        interval: "auto",
        initial_capital_usd: 1000,
        fees: "standard",
        model: "rule_text",
        slippage_pct: 0.02,
        parameters: { stop_loss_pct: null },
      },
    });
  });

  test("a swept parameter is not set as well, and v1 has no slippage", () => {
    const draft = {
      ...emptyDraft("2026-11-23"),
      kind: "sweep" as const,
      model: "v1",
      parameters: { stop_loss_pct: "-2" },
    };
    const { path, body } = requestOf(draft);
    expect(path).toBe("/api/sweep");
    expect(body).toMatchObject({
      parameters: {},
      grid: { stop_loss_pct: [-4, -3.5, -3, -2.5, -2] },
      walk_forward_days: 5,
    });
    expect(body).not.toHaveProperty("slippage_pct");
  });

  test("asks for a run again, for a lane of a sweep as a backtest", () => {
    const request = {
      kind: "sweep" as const,
      start: "2026-11-02",
      end: "2026-11-20",
      interval: "5m",
      model: "rule_text",
      fees: { commission_pct: 0.1, sec_fee_pct: 0, fx_spread_pct: 0 },
      initial_capital_usd: 500,
      slippage_pct: 0.02,
      parameters: { alloc_twin: 0.3 },
      grid: { stop_loss_pct: [-2, -3] },
      walk_forward_days: 5,
      step: "",
      session_id: null,
      in_force_version: 1,
    };
    expect(draftOf(request)).toMatchObject({
      kind: "sweep",
      fees: "discount",
      grid: [{ name: "stop_loss_pct", text: "-2, -3" }],
    });
    expect(draftOf(request, { stop_loss_pct: -2 })).toMatchObject({
      kind: "backtest",
      parameters: { alloc_twin: "0.3", stop_loss_pct: "-2" },
    });
  });

  test("spans run up to the market's date, over months too", () => {
    expect(spanOf("2026-03-02", 5)).toEqual({ start: "2026-02-25", end: "2026-03-02" });
  });
});

test("faults of the server stand at their field, in known words where there are", () => {
  expect(faultFrom("a number from -50 to -0.1 or null")).toEqual({
    key: "between",
    values: { min: "-50", max: "-0.1" },
  });
  expect(
    faultFrom("a span with a trading day (2026-11-21 is a Saturday); would work: 2026-11-20 or 2026-11-23"),
  ).toEqual({
    key: "noTradingWork",
    values: { work: "2026-11-20, 2026-11-23" },
  });
  expect(
    faultFrom(
      "a trade date that is over; 2026-11-30 is not, its bars still change; would work: 2026-11-27 and before",
    ),
  ).toEqual({ key: "notOver", values: { last: "2026-11-27" } });
  expect(faultFrom("less than pair_gap_entry_threshold (1.5)")).toEqual({
    key: "belowEntry",
    values: { entry: "1.5" },
  });
  expect(faultFrom("something new")).toEqual({ said: "something new" });
  const faults = [
    { field: "grid.stop_loss_pct.1", expected: "a number from -50 to -0.1" },
    {
      field: "end",
      expected: "a date up to today, 2026-11-23 at the exchange; would work: 2026-11-23 and before",
    },
  ];
  expect(faultsFrom(new ApiError(422, "validation_failed", "", { faults }))).toEqual({
    "grid.stop_loss_pct": { key: "between", values: { min: "-50", max: "-0.1" } },
    end: { key: "future", values: { today: "2026-11-23" } },
  });
  expect(faultsFrom(new Error("x"))).toEqual({});
});

test("a purchase and its sale are one row; what was not sold has no result", () => {
  const trips = tripsOf([
    trade("2026-11-03T15:00", "MSTU", "BUY"),
    trade("2026-11-03T15:00", "COIN", "BUY"),
    trade("2026-11-03T15:12", "MSTU", "SELL", { pnl_usd: 0.5, reason: "twin_converge" }),
    trade("2026-11-04T15:12", "MSTU", "SELL", { pnl_usd: 9 }),
    trade("2026-11-04T15:30", "MSTU", "BUY"),
  ]);
  expect(trips.map(({ symbol, pnlPct, minutes }) => [symbol, pnlPct, minutes])).toEqual([
    ["MSTU", 2.5, 12],
    ["COIN", null, null],
    ["MSTU", null, null],
  ]);
  expect(datesOf(trips)).toEqual(["2026-11-04", "2026-11-03"]);
  expect(filtered(trips, { date: "2026-11-03", symbol: null })).toHaveLength(2);
});

test("CSV quotes what needs it and leaves the unknown empty", () => {
  expect(
    csvOf(
      ["a", "b"],
      [
        ['say "1,2"', null],
        ["x\ny", -1.5],
      ],
    ),
  ).toBe('a,b\r\n"say ""1,2""",\r\n"x\ny",-1.5\r\n');
});

describe("the heat map", () => {
  const lane = (stop: number, gap: number, total_return_pct: number | null): Lane => ({
    lane: `${stop},${gap}`,
    parameters: { stop, gap },
    metrics: { total_return_pct, mdd_pct: -stop },
  });
  const lanes = [
    lane(-3, 1, 4),
    lane(-2, 1, -2),
    lane(-3, 1.5, null),
    lane(-2, 1.5, 1),
    lane(-3, 2, 0),
    lane(-2, 2, 3),
  ];

  test("has its longest parameter first, values ascending", () => {
    expect(axesOf(lanes)).toEqual([
      { name: "gap", values: [1, 1.5, 2] },
      { name: "stop", values: [-3, -2] },
    ]);
    expect(laneAt(lanes, { gap: 1.5, stop: -2 })?.metrics.total_return_pct).toBe(1);
    expect(laneAt(lanes, { gap: 9 })).toBeNull();
  });

  test("knows for which metric less is better", () => {
    expect(bestOf(lanes, "total_return_pct")?.lane).toBe("-3,1");
    expect(bestOf(lanes, "mdd_pct")?.lane).toBe("-2,1");
    expect(bestOf([], "sharpe")).toBeNull();
  });

  test("colours returns around zero, the rest between its ends, and the unknown not at all", () => {
    const returns = scaleOf("total_return_pct", [4, -2, null]);
    expect(returns(4)).toEqual({ hue: "up", share: 1 });
    expect(returns(-2)).toEqual({ hue: "down", share: 0.5 });
    expect(returns(null)).toBeNull();
    const fall = scaleOf("mdd_pct", [1, 3]);
    expect(fall(1)).toEqual({ hue: "accent", share: 1 });
    expect(fall(3)).toEqual({ hue: "accent", share: 0 });
    expect(scaleOf("sells", [5])(5)).toEqual({ hue: "accent", share: 0.5 });
  });
});

test("comparison: few runs, each once, and only what differs", () => {
  expect(idsIn("a,b,a,,<x>,c,d,e")).toEqual(["a", "b", "c", "d"]);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  expect(toggled(["a", "b", "c", "d"], "e")).toEqual(["b", "c", "d", "e"]);
  expect(
    differing([
      { x: 1, y: 2 },
      { x: 1, y: 3, z: null },
    ]),
  ).toEqual(["y"]);
});

test("progress goes on while a run does, and stands while the database is away", () => {
  const going = foldStep(null, { status: "running", progress: 0.5, phase: "streaming" });
  expect(foldStep(going, { status: "running", progress: 0.4, ahead: null })).toEqual({
    ...going,
    progress: 0.5,
  });
  expect(foldStep(going, { status: null, progress: null })).toBe(going);
  expect(foldStep(going, { status: "finished", progress: 1, phase: "done" })?.status).toBe("finished");
});
