import type { TickerInfo } from "@/data/queries";

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

/** How old a quote is: its age when it was sent, and the time since it came. */
export const ageOf = (
  sentAge: number | null | undefined,
  cameAt: number | undefined,
  now: number,
): number | null =>
  sentAge === null || sentAge === undefined || cameAt === undefined
    ? null
    : sentAge + Math.max(0, now - cameAt);
