// Runs side by side: which are chosen, and what their parameters do not have in common.

import type { ParameterValues } from "@/data/runs";

export const MOST_COMPARED = 4;

/** The ids in `?compare=a,b`, each once. */
export const idsIn = (text: string | null): string[] =>
  [...new Set((text ?? "").split(",").filter((id) => /^[\w-]{1,40}$/.test(id)))].slice(0, MOST_COMPARED);

/** `id` added to the chosen ones or taken from them; the oldest choice gives way when there are too many. */
export const toggled = (ids: readonly string[], id: string): string[] =>
  ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id].slice(-MOST_COMPARED);

/** Names of parameters that are not the same in all sets. */
export function differing(sets: readonly (ParameterValues | null)[]): string[] {
  const names = new Set(sets.flatMap((set) => Object.keys(set ?? {})));
  return [...names]
    .filter((name) => new Set(sets.map((set) => JSON.stringify(set?.[name] ?? null))).size > 1)
    .sort();
}
