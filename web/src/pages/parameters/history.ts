// The history of the parameters: what is stored, and what the stream told that is not stored yet.

import { infiniteQueryOptions } from "@tanstack/react-query";
import { get, query } from "@/data/api";
import type { components } from "@/generated/api";
import type { Seen } from "./useEditor";

type Schemas = components["schemas"];
export type Version = Schemas["ParameterVersion"];

/** A row of the list; `stored` is null while only the stream has told of it. */
export interface Entry {
  version: number;
  at: string | null;
  changes: readonly Schemas["ParameterChange"][] | null;
  stored: Version | null;
}

const PAGE = 20;
const AWAY_MS = 10_000;

export const historyQuery = () =>
  infiniteQueryOptions({
    queryKey: ["parameter-history"],
    queryFn: ({ signal, pageParam }) =>
      get<Schemas["ParameterVersions"]>(
        `/api/config/parameters/history${query({ limit: PAGE, cursor: pageParam })}`,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
    staleTime: Infinity,
    refetchOnMount: "always" as const,
    retry: false,
  });

/** The pause before the next look for a version that is not stored yet: 1, 2, 4 … 30 s, the longer the more was waited. */
export const pauseMs = (waitedMs: number): number =>
  Math.min(30_000, 1000 * 2 ** Math.floor(Math.log2(Math.max(0, waitedMs) / 1000 + 1)));

/** When to look again; false: everything that is in force is here. */
export const nextLookMs = (
  newest: number | null,
  inForce: number,
  waitedMs: number,
  failed: boolean,
): number | false => {
  if (failed) return Math.max(AWAY_MS, pauseMs(waitedMs));
  return newest !== null && newest >= inForce ? false : pauseMs(waitedMs);
};

/** Newest first: what only the stream knows, then what is stored. */
export function entriesOf(stored: readonly Version[], seen: readonly Seen[]): readonly Entry[] {
  const newest = stored[0]?.version ?? 0;
  const ahead = seen
    .filter(({ version }) => version > newest)
    .map(({ version, at, changes }): Entry => ({ version, at, changes, stored: null }));
  return [
    ...ahead,
    ...stored.map((one): Entry => ({
      version: one.version,
      at: one.changed_at,
      changes: one.changes,
      stored: one,
    })),
  ];
}
