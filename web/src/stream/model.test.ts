import { describe, expect, test } from "vitest";
import { FRESH_A_SECOND, KEPT_EVENTS, createModel, fold, mergedEvents, viewOf } from "./model";
import { event, price, prices, signal, snapshot, status, tick, view } from "./testing";
import type { StreamMessage } from "./types";

const folded = (...messages: StreamMessage[]) => {
  const model = createModel();
  for (const [i, message] of messages.entries()) fold(model, message, 1000 + i);
  return model;
};
const ids = (model: ReturnType<typeof createModel>) => model.events.map((one) => one.event_id);

describe("signal events", () => {
  test("come newest first", () => {
    expect(ids(folded(snapshot({ events: [event(1), event(2)] }), signal(3)))).toEqual([
      "event-3",
      "event-2",
      "event-1",
    ]);
  });

  test("that come again after a resume are dropped", () => {
    expect(ids(folded(signal(1), signal(2), signal(1), signal(2), signal(3)))).toEqual([
      "event-3",
      "event-2",
      "event-1",
    ]);
  });

  test("of a snapshot join those that are known already", () => {
    const model = folded(signal(1), signal(2), snapshot({ events: [event(2), event(3)] }));
    expect(ids(model)).toEqual(["event-3", "event-2", "event-1"]);
  });

  test("that are late find their place", () => {
    expect(ids(folded(signal(1), signal(3), signal(2)))).toEqual(["event-3", "event-2", "event-1"]);
  });

  test("keep their order where a fraction of a second is left out", () => {
    const [at, after] = [
      { event_time: "2026-11-23T14:50:07Z" },
      { event_time: "2026-11-23T14:50:07.517000Z" },
    ];
    const merged = mergedEvents([event(1, at)], [event(2, after)]);
    expect(merged.map((one) => one.event_id)).toEqual(["event-2", "event-1"]);
  });

  test("are fresh when they came live, not in a snapshot", () => {
    expect([...folded(snapshot({ events: [event(1)] }), signal(2)).fresh.keys()]).toEqual(["event-2"]);
  });

  test("are fresh up to some in a second, however many come", () => {
    const model = createModel();
    for (let n = 0; n < 100; n += 1) fold(model, signal(n), 1000 + 20 * n);
    expect(model.fresh.size).toBe(2 * FRESH_A_SECOND);
    expect(model.events).toHaveLength(100);
  });

  test("are kept up to a limit, and what is forgotten leaves nothing behind", () => {
    const model = folded(...Array.from({ length: KEPT_EVENTS + 20 }, (_, n) => signal(n)));
    expect(model.events).toHaveLength(KEPT_EVENTS);
    expect(model.seen.size).toBe(KEPT_EVENTS);
    expect([...model.fresh.keys()].filter((id) => !model.seen.has(id))).toEqual([]);
    expect(ids(model)[0]).toBe(`event-${KEPT_EVENTS + 19}`);
  });

  test("of the archive and of the stream make one list", () => {
    const merged = mergedEvents([event(3), event(2)], [event(2), event(1)]);
    expect(merged.map((one) => one.event_id)).toEqual(["event-3", "event-2", "event-1"]);
  });
});

describe("prices and views", () => {
  test("are replaced by the newest; what did not change stays the same object", () => {
    const [gld, spy] = [price("GLD", 101), price("SPY", 99)];
    const model = folded(tick(gld, spy), tick(price("GLD", 102)));
    expect(model.prices.get("GLD")?.price).toBe(102);
    expect(model.prices.get("SPY")).toBe(spy);
  });

  test("that a snapshot does not have are gone", () => {
    const model = folded(tick(price("GLD", 101)), snapshot({ prices: prices(price("SPY", 99)) }));
    expect([...model.prices.keys()]).toEqual(["SPY"]);
  });

  test("a view of another day says nothing about today", () => {
    const model = folded(snapshot({ views: [view("twin_pairs", "coin", { trade_date: "2026-11-20" })] }));
    expect(viewOf(model, "twin_pairs", "coin")).toBeNull();
  });
});

describe("the id to resume from", () => {
  test("is that of the newest event, or of the snapshot", () => {
    expect(folded(snapshot({ id: "5.0.ab" })).lastId).toBe("5.0.ab");
    expect(folded(snapshot(), signal(7), tick(price("GLD", 1))).lastId).toBe("7.0.aa");
  });

  test("a reset forgets it, with everything from the log that is gone", () => {
    const model = folded(snapshot(), signal(7), { name: "reset", id: null, data: { reason: "unknown id" } });
    expect(model).toMatchObject({ lastId: null, events: [], loaded: false, generation: 1 });
  });
});

test("the age of the data is told by ages, not by comparing clocks", () => {
  const model = createModel();
  fold(
    model,
    { name: "status", id: null, data: status({ age_ms: 300, server_time: "1999-01-01T00:00:00Z" }) },
    10_000,
  );
  expect(model.freshAt).toBe(9700);
  fold(model, tick(price("GLD", 1, { age_ms: 20 })), 11_000);
  expect(model.freshAt).toBe(10_980);
});
