// A sweep as a grid: two parameters span it, the others are held, a metric colours it.

import type { Lane, ParameterValues, Summary } from "@/data/runs";

export const METRICS = [
  "total_return_pct",
  "sharpe",
  "mdd_pct",
  "win_rate_pct",
  "profit_factor",
  "fees_usd",
  "sells",
] as const;
export type Metric = (typeof METRICS)[number];

/** For these more is worse. */
const LESS_IS_BETTER: ReadonlySet<Metric> = new Set<Metric>(["mdd_pct", "fees_usd"]);
/** These have a zero that means something: above and below are of different colour. */
const AROUND_ZERO: ReadonlySet<Metric> = new Set<Metric>(["total_return_pct", "sharpe"]);

export const metricOf = (metrics: Summary, metric: Metric): number | null => metrics[metric] ?? null;

export interface Axis {
  name: string;
  values: readonly number[];
}

/** The parameters of a sweep with their values in ascending order, those with the most values first. */
export function axesOf(lanes: readonly Lane[]): Axis[] {
  const found = new Map<string, Set<number>>();
  for (const { parameters } of lanes) {
    for (const [name, value] of Object.entries(parameters)) {
      if (typeof value !== "number") continue;
      const values = found.get(name) ?? new Set<number>();
      found.set(name, values.add(value));
    }
  }
  return [...found]
    .map(([name, values]) => ({ name, values: [...values].sort((a, b) => a - b) }))
    .sort((a, b) => b.values.length - a.values.length || a.name.localeCompare(b.name));
}

/** The lane at a place of the grid. */
export const laneAt = (lanes: readonly Lane[], at: ParameterValues): Lane | null =>
  lanes.find((lane) => Object.entries(at).every(([name, value]) => lane.parameters[name] === value)) ?? null;

/** The best lane by a metric. */
export function bestOf(lanes: readonly Lane[], metric: Metric): Lane | null {
  const sign = LESS_IS_BETTER.has(metric) ? -1 : 1;
  let best: Lane | null = null;
  for (const lane of lanes) {
    const value = metricOf(lane.metrics, metric);
    if (value === null) continue;
    const known = best === null ? null : metricOf(best.metrics, metric);
    if (known === null || sign * value > sign * known) best = lane;
  }
  return best;
}

/** How strongly a cell is coloured, 0 to 1, and towards what. */
export interface Heat {
  hue: "up" | "down" | "accent";
  share: number;
}

/** The scale over the values of a metric. Unknown has no colour. */
export function scaleOf(
  metric: Metric,
  values: readonly (number | null)[],
): (value: number | null) => Heat | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return () => null;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (AROUND_ZERO.has(metric)) {
    const reach = Math.max(Math.abs(least), Math.abs(most)) || 1;
    return (value) =>
      value === null ? null : { hue: value >= 0 ? "up" : "down", share: Math.abs(value) / reach };
  }
  const span = most - least;
  const less = LESS_IS_BETTER.has(metric);
  return (value) => {
    if (value === null) return null;
    const place = span === 0 ? 0.5 : (value - least) / span;
    return { hue: "accent", share: less ? 1 - place : place };
  };
}
