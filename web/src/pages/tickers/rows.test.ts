import { expect, test } from "vitest";
import { distanceOf, kindOf, ageOf } from "./rows";

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

test("a quote ages from when it came", () => {
  expect(ageOf(100, 5000, 7000)).toBe(2100);
  expect([ageOf(null, 5000, 7000), ageOf(100, undefined, 7000)]).toEqual([null, null]);
});
