import { describe, expect, test } from "vitest";
import type { SignalView } from "@/stream/types";
import type { ReviewSession, Snapshot } from "./data";
import { drafts } from "./drafts";
import { advanced, alertsOf, asEvent, changeOf, groupsOf, indexAt } from "./moment";
import { byDay, dayNumber, isWeekend, monthOf, shifted, stepped, weeksOf } from "./month";

describe("the calendar", () => {
  test("fills the weeks of a month from Sunday on", () => {
    const weeks = weeksOf("2026-11"); // the 1st is a Sunday
    expect(weeks).toHaveLength(5);
    expect(weeks[0]?.[0]).toBe("2026-11-01");
    expect(weeks[4]?.[6]).toBe("2026-12-05");
    const february = weeksOf("2026-02"); // 1 February 2026 is a Sunday, 28 days: exactly four weeks
    expect(february.flat()).toHaveLength(28);
    expect(weeksOf("2025-03")).toHaveLength(6);
    for (const week of weeksOf("2024-02")) expect(week).toHaveLength(7);
  });

  test("goes over years and knows weekends", () => {
    expect(shifted("2026-01", -1)).toBe("2025-12");
    expect(shifted("2026-12", 1)).toBe("2027-01");
    expect(stepped("2026-02-28", 1)).toBe("2026-03-01");
    expect(monthOf("2026-11-23")).toBe("2026-11");
    expect(dayNumber("2026-11-03")).toBe(3);
    expect(isWeekend("2026-11-21")).toBe(true);
    expect(isWeekend("2026-11-23")).toBe(false);
  });

  test("sorts by day", () => {
    const found = byDay(
      [
        { on: "a", n: 1 },
        { on: "b", n: 2 },
        { on: "a", n: 3 },
      ],
      (one) => one.on,
    );
    expect(found.get("a")?.map((one) => one.n)).toEqual([1, 3]);
  });
});

describe("notes that are edited", () => {
  const note = (id: number, session_date = "2026-11-20", notes = "") =>
    ({ id, session_date, notes }) as ReviewSession;

  test("stay where they are while they are stored, and behind the others when they are not any more", () => {
    drafts.keep({ session: note(2, "2026-11-20", "old"), text: "typed" });
    drafts.keep({ session: note(3, "2026-11-23"), text: "of another day" });
    expect(drafts.with([note(2), note(1)], "2026-11-20").map(({ id }) => id)).toEqual([2, 1]);
    expect(drafts.with([note(1)], "2026-11-20").map(({ id }) => id)).toEqual([1, 2]);
    expect(drafts.of(2)?.text).toBe("typed");
    drafts.drop(2);
    expect(drafts.with([note(1)], "2026-11-20").map(({ id }) => id)).toEqual([1]);
    drafts.drop(3);
  });
});

const view = (
  signal_type: string,
  subject: string,
  data: object,
  decision: string | null = "clear",
): SignalView =>
  ({
    signal_type,
    subject,
    data,
    verdict: decision === null ? null : { state: "ok", decision, is_actionable: true, suppressed_by: [] },
    event_time: "2026-11-20T15:00:00Z",
    trade_date: "2026-11-20",
    session: "regular",
    since: null,
    position: 7,
    parameter_version: 1,
    book: "us",
  }) as unknown as SignalView;

const snapshot = (time: string, views: SignalView[] = []): Snapshot => ({
  id: 1,
  snapshot_time: time,
  tickers: {},
  signals: Object.fromEntries(views.map((one) => [`${one.signal_type}:${one.subject}`, one])),
});

describe("a moment", () => {
  const full = snapshot("2026-11-20T15:00:00Z", [
    view("gold", "GLD", {}),
    view("gold", "gate", {}, null),
    view("twin_pairs", "coin", { lead: "BITU", follow: "MSTU" }),
    view("conditional", "COIN", { triggers: { ETHU: {}, XXRP: {} }, target: "COIN" }),
    view("bearish", "MARKET", { bearish_picks: [{ ticker: "HIMZ" }] }),
    view("stop_loss", "A", { change_pct: -3.1 }, "alert"),
    view("stop_loss", "B", { change_pct: -5 }, "alert"),
    view("stop_loss", "C", { change_pct: -1 }),
  ]);

  test("has a group for each thing that can be drawn", () => {
    expect(groupsOf(full).map(({ id, symbols }) => [id, symbols.join()])).toEqual([
      ["market", "GLD,SPY,QQQ"],
      ["coin", "BITU,MSTU"],
      ["conditional", "ETHU,XXRP,COIN"],
      ["bearish", "HIMZ"],
    ]);
  });

  test("lists stops from the furthest on", () => {
    expect(alertsOf(full).map((one) => one.subject)).toEqual(["B", "A"]);
  });

  test("an unusable quote has no change", () => {
    const quote = { symbol: "A", last: 1, base: 1, change_pct: 2, state: "ok" };
    expect(changeOf(quote)).toBe(2);
    expect(changeOf({ ...quote, state: "stale" })).toBeNull();
    expect(changeOf(undefined)).toBeNull();
  });

  test("is found by its time, and playing stops at the end", () => {
    const day = [snapshot("2026-11-20T14:35:00Z"), snapshot("2026-11-20T14:40:00Z")];
    expect(indexAt(day, "2026-11-20T14:39:59.5Z")).toBe(0);
    expect(indexAt(day, "2026-11-20T21:00:00Z")).toBe(1);
    expect(indexAt(day, "2026-11-20T10:00:00Z")).toBe(0);
    expect(advanced(0, 2)).toBe(1);
    expect(advanced(1, 2)).toBe(1);
  });

  test("explains a view with the inputs of the moment; what is not judged has nothing to explain", () => {
    const gate = full.signals["gold:gate"];
    const gold = full.signals["gold:GLD"];
    if (!gate || !gold) throw new Error("expected both views");
    expect(asEvent(gate, [], "x")).toBeNull();
    expect(asEvent(gold, [], "x")).toMatchObject({ namespace: "replay.x", position: 7, before: null });
  });
});
