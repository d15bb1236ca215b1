// Notes that are being edited. They outlive a look at another day or page, and the note itself when it is removed.

import type { ReviewSession } from "./data";

export interface Draft {
  /** As it was when the edit began, or as the last answer told: what is saved stands in place of these notes. */
  session: ReviewSession;
  text: string;
}

const kept = new Map<number, Draft>();

export const drafts = {
  of: (id: number): Draft | null => kept.get(id) ?? null,
  keep: (draft: Draft): void => void kept.set(draft.session.id, draft),
  drop: (id: number): void => void kept.delete(id),
  /** The notes of a day, and behind them those that are edited and no longer stored. */
  with(sessions: readonly ReviewSession[], day: string): ReviewSession[] {
    const gone = [...kept.values()]
      .map(({ session }) => session)
      .filter(({ id, session_date }) => session_date === day && !sessions.some((one) => one.id === id));
    return [...sessions, ...gone];
  },
};
