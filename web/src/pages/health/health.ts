// What `/api/health` tells, and what it means for the person who looks.

import { ApiError } from "@/data/api";
import type { components } from "@/generated/api";

export type Health = components["schemas"]["Health"];

export interface Checked {
  health: Health;
  /** How long the answer took. */
  tookMs: number;
}

/** Ask for the state of the line. 503 brings a whole answer too: it says that no data flows. */
export async function check(signal: AbortSignal): Promise<Checked> {
  const began = performance.now();
  let response: Response;
  try {
    response = await fetch("/api/health", { signal, headers: { Accept: "application/json" } });
  } catch (fault) {
    if (signal.aborted) throw fault;
    throw new ApiError(0, "unreachable", "The server cannot be reached.", {});
  }
  const body: unknown = await response.json().catch(() => null);
  if (!isHealth(body)) throw new ApiError(response.status, "error", response.statusText, {});
  return { health: body, tookMs: performance.now() - began };
}

const isHealth = (body: unknown): body is Health =>
  typeof body === "object" && body !== null && "producer" in body && "agents" in body;

export type Level = "ok" | "quiet" | "warn" | "bad";

/** A sentence `health.finding.<key>` of the catalogue. */
export interface Finding {
  level: Level;
  key: string;
  values: Readonly<Record<string, string | number>>;
}

/** Records that an agent may be behind before that is worth a word; a few are rest. */
export const BEHIND = 1000;

const FEED_LEVELS: Readonly<Record<string, Level>> = {
  live: "ok",
  closed: "quiet",
  waiting: "warn",
  stale: "bad",
  offline: "bad",
};

export const feedLevel = (feed: string): Level => FEED_LEVELS[feed] ?? "warn";

export const isBehind = (lag: number | null): boolean => lag !== null && lag > BEHIND;

/** Everything worth a word, the worst first; empty when all is well. */
export function findingsOf(health: Health): readonly Finding[] {
  const found: Finding[] = [];
  const say = (level: Level, key: string, values: Finding["values"] = {}) =>
    found.push({ level, key, values });
  const { feed, symbols_missing: missing } = health.producer;
  if (health.kafka.status !== "up") say("bad", "kafka");
  else if (feed === "stale") say("bad", "stale");
  else if (feed === "waiting") say("warn", "waiting");
  else if (health.status === "starting") say("warn", "starting");
  if (health.postgres.status !== "up") say("warn", "postgres");
  const behind = Object.entries(health.agents).filter(([, { lag }]) => isBehind(lag));
  if (behind.length > 0) say("warn", "behind", { agents: behind.map(([name]) => name).join(", ") });
  if (missing.length > 0 && feed !== "waiting") say("warn", "missing", { symbols: missing.join(", ") });
  if (found.length === 0 && health.status !== "ok")
    say("warn", "other", { reasons: health.reasons.join("; ") });
  return found.sort((a, b) => RANK[b.level] - RANK[a.level]);
}

const RANK: Readonly<Record<Level, number>> = { ok: 0, quiet: 1, warn: 2, bad: 3 };

/** Whether one may rely on what is shown: by the worst that was found. */
export const levelOf = (findings: readonly Finding[]): Level => findings[0]?.level ?? "ok";
