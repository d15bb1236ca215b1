import { describe, expect, test } from "vitest";
import { decidesAt, nextStop } from "./market";
import { DASH, compact, count, direction, fixed, krw, percent, plain, signed, usd } from "./numbers";
import { clock, countdown, day, days, isoDay, minutesOfDay, span } from "./times";

const MINUS = "\u2212";

describe("numbers", () => {
  test.each([null, undefined, NaN, Infinity])("unknown (%s) is a dash, never zero", (value) => {
    for (const format of [fixed, signed, percent, count, plain, usd, krw]) expect(format(value)).toBe(DASH);
    expect(compact(value, "ko")).toBe(DASH);
    expect(direction(value)).toBeNull();
  });
  test.each([
    [0.424, "+0.42%"],
    [-3.125, `${MINUS}3.13%`],
    [0, "0.00%"],
    [-0, "0.00%"],
    [-0.001, "0.00%"],
    [1234.5, "+1,234.50%"],
  ])("%d as a change", (value, text) => expect(percent(value)).toBe(text));
  test("prices have two decimals and commas", () => expect(fixed(1234.5)).toBe("1,234.50"));
  test("won have no decimals", () => expect(krw(20_000_000)).toBe("₩20,000,000"));
  test("dollars have their minus in front", () => expect(usd(-3.1)).toBe(`${MINUS}$3.10`));
  test("thresholds are as short as they are exact", () => {
    expect([plain(0.3), plain(-3), plain(0.00278)]).toEqual(["0.3", `${MINUS}3`, "0.00278"]);
  });
  test("large numbers by language", () =>
    expect([compact(1_234_567, "en"), compact(1_234_567, "ko")]).toEqual(["1.2M", "123.5만"]));
});

describe("times", () => {
  test("Seoul, New York and Los Angeles in winter", () => {
    const at = "2026-11-23T14:41:07Z";
    expect([clock(at, "kst"), clock(at, "et"), clock(at, "pt", false)]).toEqual([
      "23:41:07",
      "09:41:07",
      "06:41",
    ]);
  });
  test("summer time in New York moves the distance to Seoul", () => {
    const at = "2026-07-06T13:30:00Z"; // the open
    expect([clock(at, "kst", false), clock(at, "et", false)]).toEqual(["22:30", "09:30"]);
  });
  test("midnight is 00, not 24", () => expect(clock("2026-11-23T15:00:00Z", "kst")).toBe("00:00:00"));
  test("no time and no sense are a dash", () =>
    expect([clock(null, "kst"), clock("soon", "kst"), day(null, "ko")]).toEqual([DASH, DASH, DASH]));
  test("a trade date is no instant: it does not move with the zone", () => {
    expect(day("2026-11-23", "en")).toBe("Mon 23 Nov");
    expect(day("2026-11-23", "ko")).toContain("23");
  });
  test("the day in Seoul is the next one already", () => {
    const at = Date.parse("2026-11-23T16:00:00Z");
    expect([isoDay(at, "et"), isoDay(at, "kst"), minutesOfDay(at, "et")]).toEqual([
      "2026-11-23",
      "2026-11-24",
      660,
    ]);
  });
  test.each([
    [0, "0:00"],
    [1, "0:01"],
    [59_000, "0:59"],
    [1_102_000, "18:22"],
    [19_800_000, "5:30:00"],
    [-5, "0:00"],
  ])("a countdown of %d ms", (ms, text) => expect(countdown(ms)).toBe(text));
  test.each([
    [400, { unit: "s", text: "0.4" }],
    [12_000, { unit: "s", text: "12" }],
    [180_000, { unit: "min", text: "3" }],
    [7_200_000, { unit: "h", text: "2" }],
    [259_200_000, { unit: "d", text: "3" }],
  ])("an age of %d ms", (ms, expected) => expect(span(ms, true)).toEqual(expected));
});

test.each([
  ["2026-11-02", "2026-11-27", "2026년 11월 2일 ~ 27일", "2 – 27 Nov 2026"],
  ["2025-12-01", "2026-11-27", "2025년 12월 1일 ~ 2026년 11월 27일", "1 Dec 2025 – 27 Nov 2026"],
  ["2026-11-25", "2026-11-25", "2026년 11월 25일", "25 Nov 2026"],
])("the days from %s to %s", (start, end, ko, en) => {
  expect(days(start, end, "ko", "fullDate")).toBe(ko);
  expect(days(start, end, "en", "fullDate")).toBe(en);
});

describe("what comes next", () => {
  const at = (time: string) => Date.parse(`2026-11-23T${time}Z`);
  const day = (session: "pre" | "regular" | "after" | "closed") => ({
    session,
    opens_at: "2026-11-23T14:30:00Z",
    closes_at: "2026-11-23T21:00:00Z",
  });
  test.each([
    ["pre", "14:00:00", { kind: "open", inMs: 1_800_000 }],
    ["regular", "14:41:38", { kind: "decision", inMs: 1_102_000 }],
    ["regular", "15:00:00", { kind: "close", inMs: 21_600_000 }],
    ["regular", "21:00:01", null],
    ["after", "22:00:00", null],
    ["closed", "23:00:00", null],
  ] as const)("in %s at %s", (session, time, expected) => {
    expect(nextStop(day(session), 30, at(time))).toEqual(expected);
  });
  test("on a day with an early close the close is the close", () => {
    const friday = {
      session: "regular" as const,
      opens_at: "2026-11-27T14:30:00Z",
      closes_at: "2026-11-27T18:00:00Z",
    };
    expect(nextStop(friday, 30, Date.parse("2026-11-27T17:00:00Z"))).toEqual({
      kind: "close",
      inMs: 3_600_000,
    });
  });
  test("nothing is counted while the clock or the day is unknown", () => {
    expect(nextStop(day("regular"), 30, null)).toBeNull();
    expect(nextStop({ session: null, opens_at: null, closes_at: null }, 30, 0)).toBeNull();
  });
  test("the observation ends some minutes after the open", () => {
    expect(decidesAt(day("regular"), 30)).toBe("2026-11-23T15:00:00.000Z");
    expect(decidesAt(day("regular"), null)).toBeNull();
  });
});
