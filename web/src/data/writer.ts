// The name under which a reader's changes stand in the history. Kept in the browser; nobody checks it.

import { useSyncExternalStore } from "react";

const KEY = "ptj.writer";
/** Characters that the server takes. */
export const LONGEST_NAME = 60;

const listeners = new Set<() => void>();

function stored(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage may be closed to us
  }
}

let current = stored();

/** What of `text` can be a name: one line, nothing invisible, no longer than the server takes. */
export const nameIn = (text: string): string =>
  Array.from(text.replace(/\p{C}|\p{Zl}|\p{Zp}/gu, "").replace(/\p{Zs}/gu, " "))
    .slice(0, LONGEST_NAME)
    .join("");

/** The header of a request that changes something; none for a reader without a name. */
export const signedBy = (name: string): Record<string, string> =>
  name.trim() === "" ? {} : { "Changed-By": encodeURIComponent(name.trim()) };

export const writer = {
  get: (): string => current,
  set(text: string): void {
    current = nameIn(text);
    try {
      localStorage.setItem(KEY, current);
    } catch {
      // the name lasts as long as the page then
    }
    for (const listener of listeners) listener();
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export const useWriter = (): string => useSyncExternalStore(writer.subscribe, writer.get);
