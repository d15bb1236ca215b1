// Where the trading day stands and what comes next.

import type { Session } from "@/stream/types";
import { DASH } from "./numbers";

/** What the countdown runs to: the open, the end of the gold observation, the close, or nothing. */
export interface NextStop {
  kind: "open" | "decision" | "close";
  inMs: number;
}

export interface Day {
  session: Session | null;
  opens_at: string | null;
  closes_at: string | null;
}

export function nextStop(day: Day, observeMinutes: number | null, now: number | null): NextStop | null {
  if (now === null || !day.opens_at || !day.closes_at) return null;
  const opens = Date.parse(day.opens_at);
  const decides = opens + (observeMinutes ?? 0) * 60_000;
  const closes = Date.parse(day.closes_at);
  if (day.session === "pre" && now < opens) return { kind: "open", inMs: opens - now };
  if (day.session !== "regular") return null;
  if (now < decides && decides < closes) return { kind: "decision", inMs: decides - now };
  if (now < closes) return { kind: "close", inMs: closes - now };
  return null;
}

/** When the gold observation ends, ISO text in UTC. */
export function decidesAt(day: Pick<Day, "opens_at">, observeMinutes: number | null): string | null {
  if (!day.opens_at || observeMinutes === null) return null;
  return new Date(Date.parse(day.opens_at) + observeMinutes * 60_000).toISOString();
}

export const orDash = (text: string | null | undefined): string => (text ? text : DASH);
