// How fresh what we show is, and what time it is on the market's clock.

import type { Model } from "./model";
import type { Connection } from "./types";

/** `closed` and `live` are good; in the others numbers are grey and no badge is shown as current. */
export type Feed = "connecting" | "live" | "stale" | "closed" | "waiting" | "offline";

/** Nothing heard for this long: the heartbeat comes every 2 s. */
export const STALE_MS = 5000;

const FEEDS: readonly string[] = ["live", "stale", "closed", "waiting", "offline"] satisfies Feed[];

export function feedOf(model: Model, connection: Connection, now: number): Feed {
  if (!model.loaded && connection.state === "connecting") return "connecting";
  if (connection.state === "waiting") return "offline";
  if (connection.state === "connecting")
    return now - connection.heardAt > STALE_MS ? "offline" : "connecting";
  if (now - connection.heardAt > STALE_MS) return "stale";
  const said = model.status?.feed;
  return said !== undefined && FEEDS.includes(said) ? (said as Feed) : "connecting";
}

export const isCurrent = (feed: Feed): boolean => feed === "live" || feed === "closed";

/** Milliseconds since the producer read the newest frame; null while there is none. */
export const ageMs = (model: Model, now: number): number | null =>
  model.freshAt === null ? null : Math.max(0, now - model.freshAt);

/** Now on the market's clock, in milliseconds since the epoch. A demo's clock stands still when its feed does. */
export function marketNow(model: Model, now: number, feed: Feed): number | null {
  const { status } = model;
  if (!status?.market_time) return null;
  const still = status.demo && !isCurrent(feed);
  const elapsed = still ? 0 : Math.max(0, now - model.statusAt);
  return Date.parse(status.market_time) + elapsed * status.market_speed;
}
