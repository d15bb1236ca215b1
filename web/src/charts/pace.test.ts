import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pacer, REDRAW_MS, TURN_MS } from "./pace";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** `count` charts over `ms`: how often each drew, and the most that drew at one moment. */
function drawnOver(ms: number, count: number): { each: number[]; most: number } {
  const pacer = new Pacer(() => Date.now());
  const each = Array.from({ length: count }, () => 0);
  const at = new Map<number, number>();
  const leave = each.map((_, i) =>
    pacer.join(() => {
      each[i] = (each[i] ?? 0) + 1;
      at.set(Date.now(), (at.get(Date.now()) ?? 0) + 1);
    }),
  );
  vi.advanceTimersByTime(ms);
  for (const one of leave) one();
  return { each, most: Math.max(...at.values()) };
}

test("one chart draws about once a second", () => {
  const step = Math.ceil(REDRAW_MS / TURN_MS) * TURN_MS;
  expect(drawnOver(30_000, 1).each[0]).toBe(Math.floor((30_000 - TURN_MS) / step) + 1);
});

test("six take turns: all get the same, never two at once", () => {
  const { each, most } = drawnOver(TURN_MS * 60, 6);
  expect(each).toEqual([10, 10, 10, 10, 10, 10]);
  expect(most).toBe(1);
});

test("who left is not called, and nothing goes on when all left", () => {
  const pacer = new Pacer(() => Date.now());
  const draw = vi.fn();
  const leave = pacer.join(draw);
  leave();
  vi.advanceTimersByTime(10_000);
  expect(draw).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
