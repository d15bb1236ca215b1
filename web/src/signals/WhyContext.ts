import { createContext, use } from "react";
import type { SignalEvent } from "@/stream/types";

/** What the panel explains: a subject as it stands now, a change that was, or a ticker. */
export type WhyTarget =
  | { kind: "view"; type: string; subject: string }
  | { kind: "event"; event: SignalEvent }
  | { kind: "ticker"; symbol: string };

export const WhyContext = createContext<(target: WhyTarget) => void>(() => undefined);

/** Opens the panel "why" for something. */
export const useWhy = (): ((target: WhyTarget) => void) => use(WhyContext);
