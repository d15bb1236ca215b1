import { expect, test } from "vitest";
import { entriesOf, nextLookMs, pauseMs, type Version } from "./history";
import type { Seen } from "./useEditor";

const stored = (version: number): Version => ({
  version,
  changed_at: "2026-02-10T15:00:00Z",
  changed_by: "api",
  position: version,
  beginning: version === 1,
  changes: [],
});
const seen = (version: number): Seen => ({ version, at: null, changes: [] });

test("what only the stream told stands above, and gives way to what is stored", () => {
  const rows = (...all: Parameters<typeof entriesOf>) =>
    entriesOf(...all).map(({ version, stored: row }) => [version, row !== null]);
  expect(rows([], [seen(3), seen(2)])).toEqual([
    [3, false],
    [2, false],
  ]);
  expect(rows([stored(2), stored(1)], [seen(3), seen(2)])).toEqual([
    [3, false],
    [2, true],
    [1, true],
  ]);
});

test("nobody is asked while everything in force is there", () => {
  expect(nextLookMs(3, 3, 0, false)).toBe(false);
  expect(nextLookMs(4, 3, 0, false)).toBe(false); // stored from a log that is gone
});

test("it looks again soon, then ever more patiently", () => {
  expect([0, 999, 1000, 2999, 3000, 7000, 15_000, 1e9].map(pauseMs)).toEqual([
    1000, 1000, 2000, 2000, 4000, 8000, 16_000, 30_000,
  ]);
  expect(nextLookMs(2, 3, 0, false)).toBe(1000);
  expect(nextLookMs(null, 1, 0, false)).toBe(1000);
  expect(nextLookMs(3, 3, 0, true)).toBe(10_000);
  expect(nextLookMs(null, 1, 60_000, true)).toBe(30_000);
});
