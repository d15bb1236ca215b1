import { describe, expect, test } from "vitest";
import { event, view } from "@/stream/testing";
import type { SignalView, Verdict } from "@/stream/types";
import { gateOf, type GateInput } from "./gate";
import { attentionOf, isNews, isPending, shown } from "./verdict";

const verdict = (decision: string | null, over: Partial<Verdict> = {}): Verdict => ({
  state: "ok",
  decision,
  is_actionable: false,
  suppressed_by: [],
  ...over,
});

describe("how a verdict looks", () => {
  test.each([
    ["twin_pairs", "ENTRY:follow_lags", "entry", "pair.ENTRY"],
    ["twin_pairs", "ENTRY:follow_leads", "hold", "pair.ahead"],
    ["twin_pairs", "SELL", "sell", "pair.SELL"],
    ["conditional", "met", "entry", "cond.met"],
    ["bearish", "down_gold", "down", "bear.down_gold"],
    ["bearish", "normal", "ok", "bear.normal"],
    ["stop_loss", "alert", "stop", "stop.alert"],
    ["gold", "warning:banned", "ban", "gold.banned"],
    ["gold", "clear:pending", "wait", "gold.pending"],
  ])("%s %s", (type, decision, tone, word) => {
    expect(shown(type, verdict(decision))).toMatchObject({ tone, word });
  });

  test("without a verdict, or with data that do not suffice, it is unknown", () => {
    expect(shown("gold", null)).toMatchObject({ tone: "unknown", word: "state.none" });
    expect(shown("gold", verdict(null, { state: "insufficient_data" }))).toMatchObject({
      tone: "unknown",
      word: "state.insufficient_data",
    });
  });

  test("an entry that is held back says by what", () => {
    expect(shown("twin_pairs", verdict("ENTRY:follow_lags", { suppressed_by: ["R5"] })).heldBy).toEqual([
      "R5",
    ]);
  });

  test("a falling market is on hold when the data say so, though a regime is never gated", () => {
    const down = verdict("down_gold", { is_actionable: true });
    expect(shown("bearish", down, { suppressed_by: ["R1"] })).toMatchObject({
      word: "bear.onHold",
      heldBy: ["R1"],
    });
    expect(shown("bearish", verdict("normal"), { suppressed_by: ["R1"] })).toMatchObject({
      word: "bear.normal",
      heldBy: [],
    });
  });

  test("a plug-in's decision is shown in its own words", () => {
    expect(shown("breadth", verdict("very_broad:up"))).toMatchObject({ plain: "very broad up" });
  });
});

test("a value that does not hold yet is being confirmed", () => {
  const pending = view("twin_pairs", "coin", { data: { signal: "ENTRY", direction: "follow_lags" } });
  expect(isPending(pending)).toBe(true);
  expect(isPending(view("twin_pairs", "coin", { data: { signal: "HOLD", direction: "follow_lags" } }))).toBe(
    false,
  );
});

test("a day's first nothing-to-do is no news", () => {
  const first = event(1, { before: null, is_actionable: false, after: verdict("HOLD:follow_lags") });
  expect(isNews(first)).toBe(false);
  expect(isNews(event(2))).toBe(true);
});

test("what needs the reader: stops first, then buys, then exits; what is on hold does not", () => {
  const acting = (type: string, subject: string, decision: string, data: SignalView["data"] = {}) =>
    view(type, subject, { verdict: verdict(decision, { is_actionable: true }), data });
  const found = attentionOf([
    acting("twin_pairs", "semi", "SELL"),
    acting("stop_loss", "SPY", "alert", { tradable: false }),
    acting("twin_pairs", "coin", "ENTRY:follow_lags"),
    acting("bearish", "MARKET", "down_gold", { suppressed_by: ["R1"] }),
    acting("stop_loss", "CONL", "alert", { tradable: true }),
    view("twin_pairs", "bank"),
  ]);
  expect(found.map((one) => one.view.subject)).toEqual(["CONL", "coin", "semi", "SPY"]);
});

describe("the gate", () => {
  const gold = (data: SignalView["data"], over: Partial<SignalView> = {}) =>
    view("gold", "GLD", { verdict: verdict("clear:allowed"), data, ...over });
  const gate = (data: SignalView["data"]) => view("gold", "gate", { verdict: null, data });
  const open: GateInput = {
    feed: "live",
    connected: true,
    session: "regular",
    gold: gold({ change_pct: -0.1, warning: false, phase: "latched", day_ban: false }),
    gate: gate({ new_buys_allowed: true, reasons: [], day_ban: false }),
  };
  test.each<[string, Partial<GateInput>, string]>([
    ["all is well", {}, "allowed"],
    ["the stream comes back, with values from before", { feed: "connecting" }, "reconnecting"],
    ["nothing has come yet", { feed: "connecting", gold: null, gate: null }, "loading"],
    [
      "gold banned the day",
      { gate: gate({ new_buys_allowed: false, reasons: ["R1"], day_ban: true }) },
      "ban",
    ],
    [
      "gold is still watched",
      {
        gold: gold({ phase: "observing", day_ban: null }),
        gate: gate({ new_buys_allowed: false, reasons: ["session"] }),
      },
      "observing",
    ],
    [
      "both indices are down",
      { gate: gate({ new_buys_allowed: false, reasons: ["R5"], day_ban: false }) },
      "down",
    ],
    [
      "gold has no quote",
      { gold: gold({}, { verdict: verdict(null, { state: "insufficient_data" }) }), gate: null },
      "unknown",
    ],
    ["the server is away", { feed: "offline", connected: false }, "offline"],
    ["Kafka is away, the server is not", { feed: "offline" }, "feedOffline"],
    ["nothing comes", { feed: "stale" }, "stale"],
    ["the day is over", { feed: "closed", session: "closed" }, "closed"],
    ["before the open", { session: "pre" }, "pre"],
  ])("%s", (_, over, kind) => expect(gateOf({ ...open, ...over }).kind).toBe(kind));
});
