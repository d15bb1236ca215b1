import type { TickerInfo } from "@/data/queries";
import type { Price } from "@/stream/types";

export const KINDS = ["all", "market", "twins", "conditional", "bearish"] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(ticker: Pick<TickerInfo, "category">): Kind {
  if (ticker.category.startsWith("twin")) return "twins";
  if (ticker.category.startsWith("conditional")) return "conditional";
  if (ticker.category === "bearish") return "bearish";
  return "market";
}

/** Percentage points that a ticker may still fall before its stop line; null when either is unknown. */
export function distanceOf(change: number | null | undefined, stop: number | null): number | null {
  if (change === null || change === undefined || stop === null) return null;
  return Math.round((change - stop) * 100) / 100;
}

const seen = new WeakMap<Price, number>();

/** How old a quote is: its age when it was sent, and the time since it was first seen here. */
export function seenAge(price: Price | null, now: number): number | null {
  if (!price || price.age_ms === null) return null;
  const at = seen.get(price) ?? now;
  seen.set(price, at);
  return price.age_ms + (now - at);
}
