// What the reader chose: language, theme, colours of up and down, zone of times. Kept in the browser, shared by its tabs.

import { useSyncExternalStore } from "react";
import type { ZoneName } from "@/format/times";

export interface Preferences {
  language: "ko" | "en";
  theme: "system" | "light" | "dark";
  /** `kr`: up is red. `us`: up is green. */
  scheme: "kr" | "us";
  zone: Exclude<ZoneName, "pt">;
  sidebar: "open" | "closed";
}

const CHOICES: { readonly [Name in keyof Preferences]: readonly Preferences[Name][] } = {
  language: ["ko", "en"],
  theme: ["system", "light", "dark"],
  scheme: ["kr", "us"],
  zone: ["kst", "et"],
  sidebar: ["open", "closed"],
};
const NAMES = Object.keys(CHOICES) as (keyof Preferences)[];
const listeners = new Set<() => void>();

function stored<Name extends keyof Preferences>(name: Name): Preferences[Name] {
  const choices = CHOICES[name];
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(`ptj.${name}`);
  } catch {
    // storage may be closed to us
  }
  const found = choices.find((choice) => choice === kept) ?? choices[0];
  if (found === undefined) throw new Error(`${name}: expected a choice`);
  return found;
}

const readAll = (): Preferences =>
  Object.fromEntries(NAMES.map((name) => [name, stored(name)])) as unknown as Preferences;

let current: Preferences = readAll();

const show = () => {
  const { dataset } = document.documentElement;
  document.documentElement.lang = current.language;
  if (current.theme === "system") delete dataset["theme"];
  else dataset["theme"] = current.theme;
  dataset["scheme"] = current.scheme;
};

function become(next: Preferences): void {
  current = next;
  show();
  for (const listener of listeners) listener();
}

export const preferences = {
  get: (): Preferences => current,
  set<Name extends keyof Preferences>(name: Name, value: Preferences[Name]): void {
    try {
      localStorage.setItem(`ptj.${name}`, value);
    } catch {
      // the choice lasts as long as the page then
    }
    become({ ...current, [name]: value });
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  /** Show what is kept, and follow the other tabs. */
  start(): void {
    show();
    window.addEventListener("storage", (event) => {
      if (event.key?.startsWith("ptj.")) become(readAll());
    });
  },
};

export const usePreferences = (): Preferences => useSyncExternalStore(preferences.subscribe, preferences.get);
