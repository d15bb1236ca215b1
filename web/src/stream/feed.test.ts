import { describe, expect, test } from "vitest";
import { STALE_MS, ageMs, feedOf, marketNow } from "./feed";
import { createModel, fold } from "./model";
import { snapshot, status } from "./testing";
import type { Connection, Status } from "./types";

const AT = 1_000_000;
const open: Connection = { state: "open", heardAt: AT, retryAt: null };
function model(over: Partial<Status> = {}) {
  const made = createModel();
  fold(made, snapshot({ status: status(over) }), AT);
  return made;
}

describe("how fresh it is", () => {
  test.each([
    ["live", "live"],
    ["stale", "stale"],
    ["closed", "closed"],
    ["waiting", "waiting"],
    ["offline", "offline"],
    ["a state of a later server", "connecting"],
  ])("the server says %s: %s", (feed, expected) => {
    expect(feedOf(model({ feed }), open, AT)).toBe(expected);
  });

  test("silence makes it stale, whatever the server said last", () => {
    expect(feedOf(model(), open, AT + STALE_MS)).toBe("live");
    expect(feedOf(model(), open, AT + STALE_MS + 1)).toBe("stale");
  });

  test("without a connection it is offline", () => {
    expect(feedOf(model(), { state: "waiting", heardAt: AT, retryAt: AT + 1000 }, AT)).toBe("offline");
  });

  test("before the first answer it is connecting", () => {
    expect(feedOf(createModel(), { state: "connecting", heardAt: AT, retryAt: null }, AT)).toBe("connecting");
  });
});

describe("the market's clock", () => {
  test("goes on from what the status said", () => {
    expect(marketNow(model(), AT + 1500, "live")).toBe(Date.parse("2026-11-23T14:50:01.500Z"));
  });
  test("runs as fast as the simulator", () => {
    expect(marketNow(model({ demo: true, market_speed: 60 }), AT + 1000, "live")).toBe(
      Date.parse("2026-11-23T14:51:00Z"),
    );
  });
  test("stands still in a demo whose feed does, but not in a real market", () => {
    expect(marketNow(model({ demo: true }), AT + 9000, "stale")).toBe(Date.parse("2026-11-23T14:50:00Z"));
    expect(marketNow(model(), AT + 9000, "stale")).toBe(Date.parse("2026-11-23T14:50:09Z"));
  });
  test("is unknown until it was told", () => {
    expect(marketNow(createModel(), AT, "connecting")).toBeNull();
  });
});

test("age grows while nothing comes", () => {
  expect(ageMs(model({ age_ms: 200 }), AT + 3000)).toBe(3200);
  expect(ageMs(createModel(), AT)).toBeNull();
});
