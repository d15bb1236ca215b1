// How far a run is, live. The stream tells all signals and trades of a run that has ended; they are asked for in pages
// where they are shown, so the stream is closed as soon as the run is over.

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { components } from "@/generated/api";
import type { RunStatus } from "./runs";
import { isActive } from "./runs";

export interface Going {
  status: RunStatus;
  progress: number;
  phase: string | null;
  message: string;
  ahead: number | null;
}

type Schemas = components["schemas"];

/** A step of the run, or how it stands; each leaves out what the other tells. */
type Step = Pick<Schemas["RunBeat"], "status" | "progress"> &
  Partial<Pick<Schemas["RunBeat"], "ahead"> & Pick<Schemas["RunProgress"], "phase" | "message">>;

/** Fold one event of the stream into what is known. Progress never goes back within an attempt that is shown. */
export function foldStep(before: Going | null, step: Step): Going | null {
  if (step.status === null) return before; // the database is away: what was known stands
  return {
    status: step.status,
    progress: Math.max(before?.status === step.status ? before.progress : 0, step.progress ?? 0),
    phase: step.phase ?? before?.phase ?? null,
    message: step.message ?? before?.message ?? "",
    ahead: step.ahead === undefined ? (before?.ahead ?? null) : step.ahead,
  };
}

/** The steps of a run while it goes on, or null. When it has ended everything about runs is asked for anew. */
export function useGoing(id: string | null, active: boolean): Going | null {
  const queries = useQueryClient();
  const [heard, setHeard] = useState<{ id: string; going: Going } | null>(null);
  useEffect(() => {
    if (id === null || !active) return undefined;
    const source = new EventSource(`/api/runs/${encodeURIComponent(id)}/stream`);
    let known: Going | null = null;
    const over = () => {
      source.close();
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void queries.invalidateQueries({ queryKey: ["sessions"] });
    };
    const take = (event: Event) => {
      const { data } = event as MessageEvent<string | undefined>;
      if (data === undefined) return;
      known = foldStep(known, JSON.parse(data) as Step);
      if (known === null) return;
      setHeard({ id, going: known });
      if (!isActive(known.status)) over();
    };
    source.addEventListener("progress", take);
    source.addEventListener("status", take);
    source.addEventListener("done", over);
    // An event of this name with data is the server's: the run was removed. Without, the browser tries again by itself.
    source.addEventListener("error", (event) => {
      if ((event as MessageEvent<string | undefined>).data !== undefined) over();
    });
    return () => source.close();
  }, [id, active, queries]);
  return active && heard !== null && heard.id === id ? heard.going : null;
}
