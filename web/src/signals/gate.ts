// What the page says about buying today, from the gold views and the feed.

import type { Feed } from "@/stream/feed";
import type { SignalView } from "@/stream/types";
import { flagOf, listOf, numberOf, textOf } from "./data";

export type GateKind =
  | "loading"
  | "reconnecting"
  | "offline"
  | "feedOffline"
  | "stale"
  | "waiting"
  | "closed"
  | "unknown"
  | "ban"
  | "pre"
  | "observing"
  | "after"
  | "down"
  | "data"
  | "allowed";

export interface Gate {
  kind: GateKind;
  tone: "ban" | "wait" | "ok" | "bad" | "quiet";
  /** Gold is up at this moment. */
  up: boolean;
  change: number | null;
}

export interface GateInput {
  feed: Feed;
  connected: boolean;
  session: string | null;
  gold: SignalView | null;
  gate: SignalView | null;
}

export function gateOf({ feed, connected, session, gold, gate }: GateInput): Gate {
  const change = numberOf(gold?.data, "change_pct");
  const up = flagOf(gold?.data, "warning") === true;
  const say = (kind: GateKind, tone: Gate["tone"]): Gate => ({ kind, tone, up, change });
  if (feed === "connecting") return say(gold ? "reconnecting" : "loading", "quiet");
  if (feed === "offline") return say(connected ? "feedOffline" : "offline", "bad");
  if (feed === "stale") return say("stale", "bad");
  if (feed === "waiting") return say("waiting", "quiet");
  if (feed === "closed" || session === "closed") return say("closed", "quiet");
  if (session === "after") return say("after", "quiet");
  if (session === "pre") return say("pre", "wait");
  const banned = flagOf(gate?.data, "day_ban") ?? flagOf(gold?.data, "day_ban");
  if (banned === true) return say("ban", "ban");
  if (!gold?.verdict || gold.verdict.state !== "ok") return say("unknown", "wait");
  if (textOf(gold.data, "phase") === "observing") return say("observing", "wait");
  if (flagOf(gate?.data, "new_buys_allowed") === true) return say("allowed", "ok");
  const reasons = listOf(gate?.data, "reasons");
  if (reasons.includes("R5")) return say("down", "wait");
  if (reasons.includes("data")) return say("data", "wait");
  return banned === false ? say("allowed", "ok") : say("observing", "wait");
}
