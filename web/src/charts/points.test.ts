import { describe, expect, test } from "vitest";
import type { Candle } from "@/stream/types";
import { at, changesOf, continued, gapOf, pushed, type Point } from "./points";

const bar = (start: string, close: number): Candle =>
  ({
    start,
    end: start,
    trade_date: "2026-11-23",
    session: "regular",
    open: close,
    high: close,
    low: close,
    close,
    volume: 1,
  }) as unknown as Candle;

describe("changes against the previous close", () => {
  test("are rounded to two decimals, as the rules do", () => {
    const bars = [bar("2026-11-23T14:30:00Z", 101.005), bar("2026-11-23T14:31:00Z", 99)];
    expect(changesOf(bars, 100).map((point) => point.value)).toEqual([1, -1]); // 1.00499… in binary
  });
  test("are unknown without a previous close", () => {
    expect(changesOf([bar("2026-11-23T14:30:00Z", 101)], null)).toEqual([]);
  });
});

describe("the gap", () => {
  test("begins when both are known and carries the last value on", () => {
    const lead = [
      { time: 0, value: 1 },
      { time: 60, value: 2 },
      { time: 180, value: 3 },
    ];
    const follow = [
      { time: 60, value: 0.5 },
      { time: 120, value: 0.7 },
    ];
    expect(gapOf(lead, follow)).toEqual([
      { time: 60, value: 1.5 },
      { time: 120, value: 1.3 },
      { time: 180, value: 2.3 },
    ]);
  });
});

test("live values continue the history and replace its last minute", () => {
  const history = [
    { time: 0, value: 1 },
    { time: 60, value: 2 },
  ];
  const live = [
    { time: 0, value: 9 },
    { time: 60, value: 2.5 },
    { time: 120, value: 3 },
  ];
  expect(continued(history, live)).toEqual([
    { time: 0, value: 1 },
    { time: 60, value: 2.5 },
    { time: 120, value: 3 },
  ]);
});

test("of one minute the newest value is kept, and nothing goes back in time", () => {
  const points: Point[] = [];
  expect(pushed(points, { time: 60, value: 1 })).toBe(true);
  expect(pushed(points, { time: 60, value: 1 })).toBe(false);
  expect(pushed(points, { time: 60, value: 2 })).toBe(true);
  expect(pushed(points, { time: 0, value: 5 })).toBe(false);
  expect(points).toEqual([{ time: 60, value: 2 }]);
});

test("a time between two points has the earlier one", () => {
  const points = [
    { time: 0, value: 1 },
    { time: 120, value: 2 },
  ];
  expect(at(points, 60)?.value).toBe(1);
  expect(at(points, 120)?.value).toBe(2);
  expect(at(points, -1)).toBeNull();
});
