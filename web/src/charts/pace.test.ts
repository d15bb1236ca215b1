import { expect, test, vi } from "vitest";
import { Pacer, REDRAW_MS, TURN_MS } from "./pace";

const BEAT_MS = 250;

/** `count` charts over `ms` of values four times a second: how often each drew, and the most that drew at one beat. */
function drawnOver(ms: number, count: number): { each: number[]; most: number } {
  let now = 0;
  let most = 0;
  const pacer = new Pacer(() => now);
  const each = Array.from({ length: count }, () => 0);
  for (const i of each.keys()) pacer.join(() => (each[i] = (each[i] ?? 0) + 1));
  for (; now < ms; now += BEAT_MS) {
    const before = each.reduce((sum, one) => sum + one, 0);
    pacer.beat();
    most = Math.max(most, each.reduce((sum, one) => sum + one, 0) - before);
  }
  return { each, most };
}

test("one chart draws once a second", () => {
  expect(drawnOver(30_000, 1).each).toEqual([30_000 / REDRAW_MS]);
});

test("six take turns: all get the same, never two at once", () => {
  const { each, most } = drawnOver(TURN_MS * 60, 6);
  expect(each).toEqual([10, 10, 10, 10, 10, 10]);
  expect(most).toBe(1);
});

test("who left is not called", () => {
  const pacer = new Pacer(() => 0);
  const draw = vi.fn();
  const leave = pacer.join(draw);
  leave();
  pacer.beat();
  expect(draw).not.toHaveBeenCalled();
});
