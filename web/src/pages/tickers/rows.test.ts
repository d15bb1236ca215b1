import { expect, test } from "vitest";
import { price } from "@/stream/testing";
import { distanceOf, kindOf, seenAge } from "./rows";

test("the distance to the stop line counts down to it and below", () => {
  expect(distanceOf(0.4, -3)).toBe(3.4);
  expect(distanceOf(-3, -3)).toBe(0);
  expect(distanceOf(-3.12, -3)).toBe(-0.12);
});

test("without a change, or with the line off, there is no distance", () => {
  expect([distanceOf(null, -3), distanceOf(1, null)]).toEqual([null, null]);
});

test("kinds by category", () => {
  expect(
    ["gold", "twin_semi", "conditional_target", "bearish", "market"].map((category) => kindOf({ category })),
  ).toEqual(["market", "twins", "conditional", "bearish", "market"]);
});

test("a quote ages from when it was first seen", () => {
  const quote = price("GLD", 1, { age_ms: 100 });
  expect([seenAge(quote, 5000), seenAge(null, 5000)]).toEqual([100, null]);
  expect(seenAge(quote, 7000)).toBe(2100);
});
