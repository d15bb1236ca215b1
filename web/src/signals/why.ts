// What the panel "why" lists of a verdict: inputs and thresholds, in the order in which the rule reads them.

import { DASH, percent, plain, signed } from "@/format/numbers";
import type { SignalData } from "@/stream/types";
import { flagOf, numberOf, picksOf, recordOf, textOf } from "./data";

/** A line of the panel. `label` is a key of the catalogue under `why.`, or `name` a text that needs no translation. */
export interface Fact {
  label?: string;
  name?: string;
  /** Shown as it is, or for `flag` and `word` a key of the catalogue. */
  value: string;
  kind: "number" | "word";
  change?: number | null;
}

const change = (name: string, value: number | null): Fact => ({
  name,
  value: percent(value),
  kind: "number",
  change: value,
});
const yesNo = (label: string, value: boolean | null): Fact => ({
  label,
  value: value === null ? "common.unknown" : value ? "common.yes" : "common.no",
  kind: "word",
});

export function inputsOf(type: string, subject: string, data: SignalData): readonly Fact[] {
  switch (type) {
    case "twin_pairs":
      return [
        change(textOf(data, "lead") ?? "lead", numberOf(data, "lead_pct")),
        change(textOf(data, "follow") ?? "follow", numberOf(data, "follow_pct")),
        { label: "gap", value: signed(numberOf(data, "gap")), kind: "number" },
      ];
    case "conditional":
      return [
        ...Object.entries(recordOf(data, "triggers")).map(([symbol, trigger]) =>
          change(symbol, numberOf(trigger as SignalData, "change_pct")),
        ),
        change(textOf(data, "target") ?? subject, numberOf(data, "target_pct")),
      ];
    case "stop_loss":
      return [change(subject, numberOf(data, "change_pct")), yesNo("tradable", flagOf(data, "tradable"))];
    case "gold": {
      const phase = textOf(data, "phase");
      return [
        change(subject, numberOf(data, "change_pct")),
        ...(phase === null ? [] : [{ label: "phase", value: `phase.${phase}`, kind: "word" as const }]),
        yesNo("dayBan", flagOf(data, "day_ban")),
      ];
    }
    case "bearish":
      return [
        change("SPY", numberOf(data, "spy_pct")),
        change("QQQ", numberOf(data, "qqq_pct")),
        yesNo("goldUp", flagOf(data, "gold_up")),
        ...picksOf(data).map((pick) => change(pick.symbol, pick.change)),
      ];
    default:
      return Object.entries(data).flatMap(([name, value]): Fact[] =>
        typeof value === "number"
          ? [{ name: name.replaceAll("_", " "), value: plain(value), kind: "number" }]
          : [],
      );
  }
}

export const thresholdsOf = (data: SignalData): readonly { name: string; value: string }[] =>
  Object.entries(recordOf(data, "thresholds")).map(([name, value]) => ({
    name,
    value: typeof value === "number" ? plain(value) : typeof value === "string" ? value : DASH,
  }));
