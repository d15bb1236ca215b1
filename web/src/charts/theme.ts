import { useSyncExternalStore } from "react";
import { preferences } from "@/app/preferences";
import type { Token } from "./types";

/** The value of a colour token now. Canvas knows no custom properties. */
export const colourOf = (token: Token): string =>
  getComputedStyle(document.documentElement).getPropertyValue(token).trim() || "#888888";

/** A colour with an opacity of 0 to 1. Tokens are six-digit hex. */
export const faded = (token: Token, opacity: number): string =>
  colourOf(token).slice(0, 7) +
  Math.round(opacity * 255)
    .toString(16)
    .padStart(2, "0");

const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** Changes whenever the colours do. */
export const useThemeKey = (): string =>
  useSyncExternalStore(
    (changed) => {
      const gone = preferences.subscribe(changed);
      dark.addEventListener("change", changed);
      return () => {
        gone();
        dark.removeEventListener("change", changed);
      };
    },
    () => {
      const { theme, scheme } = preferences.get();
      return `${theme}.${scheme}.${String(dark.matches)}`;
    },
  );
