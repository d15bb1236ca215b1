// A moment of a replayed day: what the cards and the charts show of it.

import { numberOf, picksOf, recordOf, textOf } from "@/signals/data";
import type { SignalEvent, SignalView } from "@/stream/types";
import type { Quote, Snapshot } from "./data";

/** The views of a signal in a snapshot, in the order of their subjects. */
export const viewsOf = (snapshot: Snapshot, type: string): SignalView[] =>
  Object.values(snapshot.signals)
    .filter((view) => view?.signal_type === type)
    .filter((view) => view !== undefined)
    .sort((a, b) => (a.subject < b.subject ? -1 : 1));

/** In the order of `order`; what is not in it comes last. */
export const inOrder = <Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  order: readonly string[],
): Item[] => {
  const place = (item: Item) => {
    const at = order.indexOf(nameOf(item));
    return at < 0 ? order.length : at;
  };
  return items.toSorted((a, b) => place(a) - place(b));
};

/** Tickers at or below the stop line, the furthest first. */
export const alertsOf = (snapshot: Snapshot): SignalView[] =>
  viewsOf(snapshot, "stop_loss")
    .filter((view) => view.verdict?.decision === "alert")
    .sort((a, b) => (numberOf(a.data, "change_pct") ?? 0) - (numberOf(b.data, "change_pct") ?? 0));

export const changeOf = (quote: Quote | undefined): number | null =>
  quote?.state === "ok" ? quote.change_pct : null;

export interface Group {
  id: string;
  symbols: readonly string[];
  /** Of a pair: whose gap is drawn beside. */
  pair: string | null;
}

/** What can be drawn, read from the signals themselves: the registry of that day may have been another. */
export function groupsOf(snapshot: Snapshot): Group[] {
  const bearish = viewsOf(snapshot, "bearish")[0];
  const gold = viewsOf(snapshot, "gold").find((view) => view.verdict !== null)?.subject ?? "GLD";
  const groups: Group[] = [{ id: "market", symbols: [gold, "SPY", "QQQ"], pair: null }];
  for (const view of viewsOf(snapshot, "twin_pairs")) {
    const [lead, follow] = [textOf(view.data, "lead"), textOf(view.data, "follow")];
    if (lead && follow) groups.push({ id: view.subject, symbols: [lead, follow], pair: view.subject });
  }
  const conditional = viewsOf(snapshot, "conditional")[0];
  if (conditional) {
    const target = textOf(conditional.data, "target");
    const symbols = [...Object.keys(recordOf(conditional.data, "triggers")), ...(target ? [target] : [])];
    groups.push({ id: "conditional", symbols, pair: null });
  }
  if (bearish) {
    const symbols = picksOf(bearish.data).map((pick) => pick.symbol);
    if (symbols.length > 0) groups.push({ id: "bearish", symbols, pair: null });
  }
  return groups;
}

/** The last snapshot at or before an instant, the first one at least. */
export function indexAt(snapshots: readonly Snapshot[], at: string): number {
  const instant = Date.parse(at);
  let found = 0;
  snapshots.forEach((snapshot, i) => {
    if (Date.parse(snapshot.snapshot_time) <= instant) found = i;
  });
  return found;
}

/** A view as an event, so that the panel "why" tells the inputs of that moment. `events` name the change it rests on. */
export function asEvent(view: SignalView, events: readonly SignalEvent[], run: string): SignalEvent | null {
  if (!view.verdict) return null;
  const origin = events.findLast(
    (event) =>
      event.signal_type === view.signal_type &&
      event.subject === view.subject &&
      event.event_time <= view.event_time,
  );
  return {
    event_id: origin?.event_id ?? "\u2014",
    event_time: view.event_time,
    trade_date: view.trade_date,
    session: view.session,
    signal_type: view.signal_type,
    subject: view.subject,
    before: null,
    after: view.verdict,
    is_actionable: view.verdict.is_actionable,
    data: view.data,
    parameter_version: view.parameter_version,
    position: view.position,
    namespace: `replay.${run}`,
  };
}

/** The next place while playing: it stops at the end. */
export const advanced = (index: number, count: number): number => Math.min(index + 1, count - 1);
