// One timer for all who wait for the same beat: what is drawn again at one moment costs one frame.

import { now } from "./types";

export interface Ticker {
  subscribe: (changed: () => void) => () => void;
  /** `now()` at the last beat. */
  at: () => number;
}

/** Beats every `ms` while somebody listens. */
export function ticker(ms: number): Ticker {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | null = null;
  let at = now();
  const beat = () => {
    at = now();
    for (const listener of listeners) listener();
  };
  return {
    at: () => at,
    subscribe(changed) {
      if (timer === null) {
        at = now();
        timer = setInterval(beat, ms);
      }
      listeners.add(changed);
      return () => {
        listeners.delete(changed);
        if (listeners.size > 0 || timer === null) return;
        clearInterval(timer);
        timer = null;
      };
    },
  };
}
