import type { IconName } from "@/ui";

export interface Destination {
  path: string;
  /** Its text is `nav.<name>`. */
  name: IconName;
  group: "live" | "work";
  /** Whether it has a tab of its own at the bottom of a phone. */
  tab: boolean;
}

export const DESTINATIONS: readonly Destination[] = [
  { path: "/", name: "overview", group: "live", tab: true },
  { path: "/market", name: "market", group: "live", tab: false },
  { path: "/twins", name: "twins", group: "live", tab: true },
  { path: "/conditional", name: "conditional", group: "live", tab: true },
  { path: "/bearish", name: "bearish", group: "live", tab: false },
  { path: "/tickers", name: "tickers", group: "live", tab: true },
  { path: "/signals", name: "signals", group: "live", tab: false },
  { path: "/review", name: "review", group: "work", tab: false },
  { path: "/backtests", name: "backtests", group: "work", tab: false },
  { path: "/parameters", name: "parameters", group: "work", tab: false },
  { path: "/health", name: "health", group: "work", tab: false },
];
