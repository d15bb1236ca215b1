// How a verdict is shown. Nothing is judged here: decision, state and what suppresses it were decided upstream.

import type { SignalData, SignalEvent, SignalView, Verdict } from "@/stream/types";
import { flagOf, listOf, textOf } from "./data";

/** The look of a badge: hue, icon and hatching. */
export type Tone = "entry" | "sell" | "hold" | "ban" | "stop" | "down" | "wait" | "ok" | "unknown";

export interface Shown {
  tone: Tone;
  /** Key of the word in the catalogue; `plain` is used when there is no such text (a plug-in's decision). */
  word: string;
  plain: string | null;
  /** What holds new buys back, as codes: R1, R4, R5, data, session. */
  heldBy: readonly string[];
}

const UNJUDGED: Shown = { tone: "unknown", word: "state.none", plain: null, heldBy: [] };

/** What holds buys back. A regime itself is never gated, so `bearish` says it beside its verdict. */
function heldBy(type: string, verdict: Verdict, data: SignalData | undefined): readonly string[] {
  return type === "bearish" ? listOf(data, "suppressed_by") : verdict.suppressed_by;
}

export function shown(type: string, verdict: Verdict | null | undefined, data?: SignalData): Shown {
  if (!verdict) return UNJUDGED;
  if (verdict.state !== "ok") return { ...UNJUDGED, word: `state.${verdict.state}` };
  const decision = verdict.decision ?? "";
  const held = heldBy(type, verdict, data);
  const say = (tone: Tone, word: string, heldBy: readonly string[] = []): Shown => ({
    tone,
    word,
    plain: null,
    heldBy,
  });
  switch (type) {
    case "twin_pairs": {
      const [signal, side] = decision.split(":");
      if (signal === "ENTRY")
        return side === "follow_leads" ? say("hold", "pair.ahead") : say("entry", "pair.ENTRY", held);
      if (signal === "SELL") return say("sell", "pair.SELL");
      return say("hold", "pair.HOLD");
    }
    case "conditional":
      return decision === "met" ? say("entry", "cond.met", held) : say("hold", "cond.unmet");
    case "bearish":
      if (decision === "down_gold" || decision === "down_defensive") {
        return held.length > 0 ? say("down", "bear.onHold", held) : say("down", `bear.${decision}`);
      }
      return say("ok", "bear.normal");
    case "stop_loss":
      return decision === "alert"
        ? say("stop", flagOf(data ?? {}, "tradable") === false ? "stop.watched" : "stop.alert")
        : say("ok", "stop.clear");
    case "gold": {
      const [now, day] = decision.split(":");
      if (day === "banned") return say("ban", "gold.banned");
      if (day === "pending") return say("wait", now === "warning" ? "gold.pendingUp" : "gold.pending");
      return say(now === "warning" ? "wait" : "ok", now === "warning" ? "gold.allowedUp" : "gold.allowed");
    }
    default:
      return {
        tone: verdict.is_actionable ? "entry" : "hold",
        word: "",
        plain: decision.replaceAll(/[_:]/g, " "),
        heldBy: held,
      };
  }
}

export const shownView = (type: string, view: SignalView | null): Shown =>
  shown(type, view?.verdict, view?.data);
export const shownEvent = (event: SignalEvent): Shown => shown(event.signal_type, event.after, event.data);

/** Whether the raw data already says something else than the confirmed verdict: a change must hold to count. */
export function isPending(view: SignalView | null): boolean {
  if (!view?.verdict || view.verdict.state !== "ok") return false;
  const { signal_type: type, verdict, data } = view;
  const decision = verdict.decision ?? "";
  const raw = {
    twin_pairs: () => {
      const [signal, side] = decision.split(":");
      const said = textOf(data, "signal");
      return (
        said !== null &&
        (said !== signal || (said !== "SELL" && side !== undefined && textOf(data, "direction") !== side))
      );
    },
    conditional: () =>
      flagOf(data, "all_positive") !== null && flagOf(data, "all_positive") !== (decision === "met"),
    bearish: () => textOf(data, "regime") !== null && textOf(data, "regime") !== decision,
    gold: () =>
      flagOf(data, "warning") !== null && flagOf(data, "warning") !== decision.startsWith("warning"),
  }[type];
  return raw?.() ?? false;
}

/** A day's first "nothing to do" is no news; neither is the state before the first verdict. */
export const isNews = (event: SignalEvent): boolean =>
  event.before !== null || event.is_actionable || shownEvent(event).heldBy.length > 0;

export interface Attention {
  rank: number;
  view: SignalView;
  shown: Shown;
}

/** What needs the reader now, the most urgent first: stops, buys, exits. It reads verdicts, it judges nothing. */
export function attentionOf(views: Iterable<SignalView>): readonly Attention[] {
  const found: Attention[] = [];
  for (const view of views) {
    if (view.signal_type === "gold" || !view.verdict?.is_actionable) continue;
    const look = shownView(view.signal_type, view);
    const watched = view.signal_type === "stop_loss" && flagOf(view.data, "tradable") === false;
    if (look.heldBy.length > 0 || look.tone === "hold") continue;
    const rank = { stop: watched ? 4 : 0, entry: 1, down: 2, sell: 3 }[look.tone as string] ?? 5;
    found.push({ rank, view, shown: look });
  }
  return found.sort((a, b) => a.rank - b.rank || a.view.subject.localeCompare(b.view.subject));
}
