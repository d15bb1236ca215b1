// Trades as a person thinks of them: a purchase and the sale that ended it.

import type { RunTrade } from "@/data/runs";

export interface Trip {
  /** The id of the purchase. */
  id: string;
  date: string;
  symbol: string;
  quantity: number;
  entry: RunTrade;
  /** Null while it is held: a run that was cut short. */
  exit: RunTrade | null;
  pnlUsd: number | null;
  /** Of what was paid at the entry, fees included. */
  pnlPct: number | null;
  minutes: number | null;
}

/** Trades are oldest first; a symbol is held once at a time. */
export function tripsOf(trades: readonly RunTrade[]): Trip[] {
  const held = new Map<string, Trip>();
  const trips: Trip[] = [];
  for (const trade of trades) {
    const key = `${trade.lane}:${trade.symbol}`;
    if (trade.action === "BUY") {
      const trip: Trip = {
        id: trade.trade_id,
        date: trade.trade_date,
        symbol: trade.symbol,
        quantity: trade.quantity,
        entry: trade,
        exit: null,
        pnlUsd: null,
        pnlPct: null,
        minutes: null,
      };
      held.set(key, trip);
      trips.push(trip);
      continue;
    }
    const trip = held.get(key);
    if (!trip) continue;
    held.delete(key);
    trip.exit = trade;
    trip.pnlUsd = trade.pnl_usd;
    const paid = trip.entry.amount_usd;
    trip.pnlPct = trade.pnl_usd === null || !paid ? null : (100 * trade.pnl_usd) / paid;
    trip.minutes = (Date.parse(trade.trade_time) - Date.parse(trip.entry.trade_time)) / 60_000;
  }
  return trips;
}

/** Dates with purchases, newest first. */
export const datesOf = (trips: readonly Trip[]): string[] =>
  [...new Set(trips.map((trip) => trip.date))].sort().reverse();
export const symbolsOf = (trips: readonly Trip[]): string[] =>
  [...new Set(trips.map((trip) => trip.symbol))].sort();

export interface TripFilter {
  date: string | null;
  symbol: string | null;
}

export const filtered = (trips: readonly Trip[], { date, symbol }: TripFilter): Trip[] =>
  trips.filter(
    (trip) => (date === null || trip.date === date) && (symbol === null || trip.symbol === symbol),
  );
