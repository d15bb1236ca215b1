// Runs in the reader's words.

import type { TFunction } from "i18next";
import type { ParameterValues, Run } from "@/data/runs";
import { count, DASH, fixed, percent, plain, share, signed } from "@/format/numbers";
import { days } from "@/format/times";
import type { BadgeTone } from "@/ui";
import type { Metric } from "./heat";

export const TONES: Readonly<Record<Run["status"], BadgeTone>> = {
  requested: "wait",
  running: "wait",
  finished: "ok",
  failed: "bad",
  cancelled: "quiet",
};

/** The days of a run: one, or from and to, with what they have in common told once. */
export const spanText = (start: string, end: string, language: string): string =>
  days(start, end, language, "fullDate");

/** The same for spans within one that is told with its year. */
export const partText = (start: string, end: string, language: string): string =>
  days(start, end, language, "date");

/** As on the page of parameters; `fees` and `grid` are parts of a request alone. */
export const parameterName = (t: TFunction, name: string): string =>
  t([`parameters.name.${name}`, `backtests.param.${name}`], { defaultValue: name });

export const unitOf = (t: TFunction, unit: string): string =>
  t(`backtests.unit.${unit.replaceAll(/\W+/g, "_")}`, { defaultValue: unit });

export function valueText(t: TFunction, value: ParameterValues[string] | undefined): string {
  if (value === undefined) return DASH;
  if (value === null) return t("backtests.off");
  return typeof value === "number" ? plain(value) : t(value ? "common.yes" : "common.no");
}

/** A parameter with its unit. Shares of cash are told in percent. */
export function settingText(t: TFunction, name: string, value: ParameterValues[string] | undefined): string {
  if (typeof value !== "number") return valueText(t, value);
  if (name.startsWith("alloc_")) return share(100 * value, 0);
  if (name.endsWith("_minutes")) return t("time.min", { n: plain(value) });
  return name.startsWith("pair_gap_") ? `${plain(value)}${t("backtests.unit._points")}` : `${plain(value)}%`;
}

/** The parameters of a lane as `stop −3 · gap 1.5`. */
export const laneText = (t: TFunction, parameters: ParameterValues): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${parameterName(t, name)} ${settingText(t, name, value)}`)
    .join(" · ");

/** `stop_loss_pct=-3,alloc_twin=0.2`, the key of a lane, as its parameters. */
export const laneFrom = (lane: string): ParameterValues =>
  Object.fromEntries(
    lane.split(",").flatMap((part) => {
      const [name, value] = part.split("=");
      return name && value !== undefined && value !== "" ? [[name, Number(value)]] : [];
    }),
  );

/** Sentences of the server about a run that we know, with the values that they carry. */
const NOTES: readonly (readonly [RegExp, string])[] = [
  [/^daily bars give signals and no portfolio/, "noPortfolioDaily"],
  [/^daily bars: gates, stops and gaps/, "noteDaily"],
  [/^One frame a day, at the close/, "noteDailyFrame"],
  [/^hourly bars: the first one ends at 10:30/, "noteHourly"],
  [/^The first bar ends at 10:30/, "noteHourly"],
  [/^v1 fills at the close/, "noteV1"],
  [/^v1 knows bars only/, "noteV1Ticks"],
  [/^Yahoo does not know (?<value>.+)\.$/, "noteUnlisted"],
  [/^at the open of the next bar, (?<value>\S+) %/, "fillNext"],
  [/^at the close of the bar that is judged/, "fillClose"],
  [/^no bars of (?<interval>\S+) between (?<from>\S+) and (?<to>\S+);/, "failedNoBars"],
  [
    /^interval: Yahoo has (?<interval>\S+) bars since (?<from>\S+) .* would work: (?<works>[^;]+);/,
    "failedReach",
  ],
  [/^interval: expected archived ticks of .* would work: (?<works>.+)$/, "failedNoTicks"],
  [/ refuses: too many requests;/, "failedTooMany"],
  [/ does not answer\b|^PostgreSQL: /, "failedAway"],
  [/^an error of ours;/, "failedOurs"],
];

export function noteText(t: TFunction, note: string): string {
  for (const [pattern, key] of NOTES) {
    const match = pattern.exec(note);
    if (match) return t(`backtests.said.${key}`, match.groups ?? {});
  }
  return note;
}

/** What is being fetched, like `BITU 1d 2025-01-02 to 2025-12-31`, and the rest as it is said. */
export function messageText(t: TFunction, message: string): string {
  const match = /^(?<symbol>\S+) (?<interval>\S+) (?<from>[\d-]+) to (?<to>[\d-]+)$/.exec(message);
  if (!match?.groups) return message;
  const { interval = "", ...rest } = match.groups;
  return t("backtests.fetching", {
    ...rest,
    interval: t(`backtests.interval.${interval}`, { defaultValue: interval }),
  });
}

/** What a run does now: the phase and what of. */
export const phaseText = (t: TFunction, phase: string | null, ahead: number | null): string =>
  phase === null || phase === "queued"
    ? ahead !== null && ahead > 0
      ? t("backtests.phase.ahead", { n: count(ahead) })
      : t("backtests.phase.queued")
    : t(`backtests.phase.${phase}`, { defaultValue: phase });

export const minutesText = (t: TFunction, minutes: number | null | undefined): string =>
  minutes === null || minutes === undefined
    ? DASH
    : minutes < 90
      ? t("time.min", { n: Math.round(minutes) })
      : t("time.h", { n: (minutes / 60).toFixed(1) });

/** A metric of a sweep, short enough for a cell. */
export function metricText(metric: Metric, value: number | null): string {
  switch (metric) {
    case "total_return_pct":
      return percent(value);
    case "mdd_pct":
      return percent(value === null ? null : -value);
    case "win_rate_pct":
      return share(value);
    case "sells":
      return count(value);
    case "sharpe":
      return signed(value);
    default:
      return fixed(value);
  }
}
