import type { IconName } from "@/ui";
import type { Name, Values } from "./draft";
import { namesOf } from "./draft";

export interface Group {
  /** Its texts are `parameters.group.<id>`. */
  id: "gold" | "twins" | "conditional" | "stop" | "bearish" | "data" | "simulation" | "other";
  icon: IconName;
  names: readonly Name[];
}

const GROUPS: readonly Group[] = [
  { id: "gold", icon: "market", names: ["gold_threshold_pct", "gold_observe_minutes"] },
  {
    id: "twins",
    icon: "twins",
    names: [
      "pair_gap_entry_threshold",
      "pair_gap_sell_threshold",
      "max_trade_amount_krw",
      "split_buy_interval_min",
    ],
  },
  { id: "conditional", icon: "conditional", names: ["conditional_trigger_pct"] },
  { id: "stop", icon: "stop", names: ["stop_loss_pct"] },
  { id: "bearish", icon: "bearish", names: ["bearish_index_threshold_pct"] },
  {
    id: "data",
    icon: "health",
    names: ["confirm_sec", "refresh_interval_sec", "max_quote_age_sec", "max_quote_age_extended_sec"],
  },
  {
    id: "simulation",
    icon: "backtests",
    names: [
      "initial_capital_usd",
      "alloc_twin",
      "alloc_cond",
      "alloc_bear",
      "use_fees",
      "commission_pct",
      "sec_fee_pct",
      "fx_spread_pct",
    ],
  },
];

/** The groups of a set. A parameter that no group knows is shown in one of its own, so that none is hidden. */
export function groupsOf(values: Values): readonly Group[] {
  const names = namesOf(values);
  const known = new Set(GROUPS.flatMap((group) => group.names));
  const others = names.filter((name) => !known.has(name));
  const groups = GROUPS.map((group) => ({
    ...group,
    names: group.names.filter((name) => names.includes(name)),
  }));
  return [...groups, { id: "other", icon: "parameters", names: others } as const].filter(
    (group) => group.names.length > 0,
  );
}
