// Review sessions, and what a replay left: snapshots and the signal events between them.

import { queryOptions } from "@tanstack/react-query";
import { call, get, query } from "@/data/api";
import { allOffsets, allPages, askFor } from "@/data/runs";
import type { components } from "@/generated/api";
import type { SignalEvent, SignalView } from "@/stream/types";

export type ReviewSession = components["schemas"]["ReviewSession"];

export const sessionsQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: ["sessions", from, to],
    queryFn: ({ signal }) =>
      get<components["schemas"]["ReviewSessions"]>(`/api/sessions${query({ from, to, limit: 500 })}`, signal),
    placeholderData: (before) => before,
    refetchInterval: ({ state }) =>
      state.data?.items.some((session) => session.status === "running") ? 3000 : false,
  });

export const sessionQuery = (id: number | null) =>
  queryOptions({
    queryKey: ["sessions", "one", id],
    queryFn: ({ signal }) => get<ReviewSession>(`/api/sessions/${id ?? 0}`, signal),
    enabled: id !== null,
  });

export const addSession = async (session_date: string, notes: string): Promise<ReviewSession> =>
  (await call<ReviewSession>("/api/sessions", { method: "POST", body: { session_date, notes } })).body;

/** Write other notes in place of those of `session`. 409 when somebody else did so first. */
export const changeNotes = async (session: ReviewSession, notes: string): Promise<ReviewSession> =>
  (
    await call<ReviewSession>(`/api/sessions/${session.id}`, {
      method: "PATCH",
      headers: { "If-Match": `"${session.notes_tag}"` },
      body: { notes },
    })
  ).body;

export const removeSession = async (id: number): Promise<void> => {
  await call(`/api/sessions/${id}`, { method: "DELETE" });
};

export const STEPS = ["1m", "5m", "15m", "30m"] as const;

export const replayDay = (day: string, step: string, session: number | null) =>
  askFor(`/api/replay/${day}`, {
    interval: "auto",
    step,
    ...(session === null ? {} : { session_id: session }),
  });

/** A quote of a snapshot. */
export interface Quote {
  symbol: string;
  last: number | null;
  base: number | null;
  change_pct: number | null;
  state: string;
  /** There was no price in this bar: it is an older one. */
  carried?: boolean;
}

/** All quotes and signals as they stood at one time of the day. */
export interface Snapshot {
  id: number;
  snapshot_time: string;
  tickers: Record<string, Quote | undefined>;
  /** By `<signal_type>:<subject>`. */
  signals: Record<string, SignalView | undefined>;
}

const PAGE = 60;

export const snapshotsQuery = (run: string, heard: (found: number, total: number) => void) =>
  queryOptions({
    queryKey: ["runs", "snapshots", run],
    queryFn: ({ signal }) =>
      allOffsets<Snapshot>(`/api/runs/${encodeURIComponent(run)}/snapshots`, PAGE, signal, heard),
    staleTime: Infinity,
    gcTime: 60_000, // some megabytes
  });

/** The events of a replay on which a person should have acted, oldest first. */
export const replayEventsQuery = (run: string) =>
  queryOptions({
    queryKey: ["runs", "events", run],
    queryFn: ({ signal }) =>
      allPages<SignalEvent>(`/api/runs/${encodeURIComponent(run)}/events`, signal, { actionable: true }),
    staleTime: Infinity,
    gcTime: 60_000,
  });
