import { expect, test } from "vitest";
import { barAt, rangeAround, type Bar } from "./marks";

const bar = (time: Bar["time"]): Bar => ({ time, open: 1, high: 1, low: 1, close: 1 });
const at = (text: string) => ({ at: `2026-11-03T${text}Z`, date: "2026-11-03" });
const seconds = (text: string) => Date.parse(`2026-11-03T${text}Z`) / 1000;

test("a mark stands on the bar that it was filled in; the sale at the close on the last one", () => {
  const bars = [bar(seconds("14:30:00")), bar(seconds("14:31:00")), bar(seconds("14:33:00"))];
  expect(barAt(bars, at("14:31:00"))).toBe(seconds("14:31:00"));
  expect(barAt(bars, at("14:32:10"))).toBe(seconds("14:31:00"));
  expect(barAt(bars, at("21:00:00"))).toBe(seconds("14:33:00"));
  expect(barAt(bars, at("14:00:00"))).toBe(seconds("14:30:00"));
  expect(barAt([], at("14:30:00"))).toBeNull();
});

test("on daily bars it stands on its date, or nowhere", () => {
  expect(barAt([bar("2026-11-03")], at("14:31:00"))).toBe("2026-11-03");
  expect(barAt([bar("2026-11-04")], at("14:31:00"))).toBeNull();
});

test("a trade is shown with air around", () => {
  const bars = Array.from({ length: 390 }, (_, i) => bar(i));
  expect(rangeAround(bars, [100, 110])).toEqual({ from: 80, to: 130 });
  expect(rangeAround(bars, [100, 300])).toEqual({ from: 30, to: 370 });
  expect(rangeAround(bars, [null])).toBeNull();
});
