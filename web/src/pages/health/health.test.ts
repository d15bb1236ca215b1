import { expect, test } from "vitest";
import { feedLevel, findingsOf, levelOf, type Health } from "./health";

const WELL: Health = {
  status: "ok",
  reasons: [],
  namespace: "demo",
  demo: true,
  session: "regular",
  trade_date: "2026-02-13",
  market_time: "2026-02-13T15:00:00Z",
  server_time: "2026-02-13T15:00:00Z",
  kafka: { status: "up" },
  postgres: { status: "up", reason: null },
  producer: { feed: "live", last_tick_age_ms: 200, symbols_ok: 16, symbols_missing: [] },
  tickers: {},
  ticks: { end: 5000 },
  agents: { gold: { position: 4990, lag: 9 }, bars: { position: 4900, lag: null } },
  parameters: { version: 1 },
  clients: 1,
};
const keys = (health: Partial<Health>) => findingsOf({ ...WELL, ...health }).map(({ key }) => key);

test("says nothing while all is well, also when the market is closed", () => {
  expect(keys({})).toEqual([]);
  expect(keys({ producer: { ...WELL.producer, feed: "closed" } })).toEqual([]);
  expect(levelOf([])).toBe("ok");
});

test("the worst comes first", () => {
  const found = findingsOf({
    ...WELL,
    postgres: { status: "down", reason: "refused" },
    producer: { ...WELL.producer, feed: "stale" },
  });
  expect(found.map(({ key }) => key)).toEqual(["stale", "postgres"]);
  expect(levelOf(found)).toBe("bad");
});

test("a broker that is away explains a feed that is silent", () => {
  expect(keys({ kafka: { status: "down" }, producer: { ...WELL.producer, feed: "offline" } })).toEqual([
    "kafka",
  ]);
});

test("an agent may be a few records behind", () => {
  expect(keys({ agents: { gold: { position: 0, lag: 1000 } } })).toEqual([]);
  expect(findingsOf({ ...WELL, agents: { gold: { position: 0, lag: 1001 } } })[0]).toEqual({
    level: "warn",
    key: "behind",
    values: { agents: "gold" },
  });
});

test("what this page has no words for is said as the server put it", () => {
  expect(findingsOf({ ...WELL, status: "degraded", reasons: ["a", "b"] })[0]?.values).toEqual({
    reasons: "a; b",
  });
  expect(feedLevel("new")).toBe("warn");
});
