"""The usual in-process engine for backtests of these rules, as a competent person would write it: the baseline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from time import perf_counter

from benchmarks.history import BOOK
from schemas.ticks import FrameBatch, TickRecord


def engine(records: Iterable[TickRecord]) -> float:
    """Seconds of the usual engine over the same bars: dicts per bar, five functions, one loop."""
    rows = [
        (frame.event_time, tick.symbol, tick.last or 0.0)
        for record in records
        if isinstance(record, FrameBatch)
        for frame in record.frames
        for tick in frame.ticks
    ]
    begun = perf_counter()
    bars: dict[datetime, dict[str, float]] = {}
    for at, symbol, price in rows:
        bars.setdefault(at, {})[symbol] = price
    by_day: dict[date, list[datetime]] = {}
    for at in sorted(bars):
        by_day.setdefault(at.date(), []).append(at)
    cash, previous = 1000.0, {}
    for times in by_day.values():
        held: dict[str, tuple[float, float]] = {}
        stopped: set[str] = set()
        gold = _change(bars[times[5]]["GLD"], previous.get("GLD"))
        for at in times[6:] if gold <= 0 else ():
            prices = bars[at]
            changes = {symbol: round(_change(price, previous.get(symbol)), 2) for symbol, price in prices.items()}
            for symbol, (shares, entry) in list(held.items()):
                if (prices[symbol] - entry) / entry * 100 <= -3.0:
                    cash += shares * prices[symbol]
                    stopped.add(symbol)
                    del held[symbol]
            said = [_gold(changes), _pairs(changes), _conditional(changes), _stops(changes), _bearish(changes)]
            for pair in said[1]["pairs"]:
                follow = pair["follow"]
                if pair["signal"] == "ENTRY" and pair["gap"] > 0 and follow not in held and follow not in stopped:
                    amount = cash * 0.2
                    held[follow], cash = (amount / prices[follow], prices[follow]), cash - amount
                elif pair["signal"] == "SELL" and follow in held:
                    shares, _ = held.pop(follow)
                    cash += shares * prices[follow]
            if said[2]["all_positive"] and BOOK.target not in held and BOOK.target not in stopped:
                amount = cash * 0.2
                held[BOOK.target], cash = (amount / prices[BOOK.target], prices[BOOK.target]), cash - amount
        last = bars[times[-1]]
        cash += sum(shares * last[symbol] for symbol, (shares, _) in held.items())
        previous = dict(last)
    return perf_counter() - begun


def _change(price: float, base: float | None) -> float:
    return (price - base) / base * 100 if base else 0.0


def _gold(changes: dict[str, float]) -> dict[str, object]:
    change = changes.get("GLD", 0.0)
    return {"ticker": "GLD", "change_pct": change, "warning": change > 0, "message": f"gold {change:+.2f}%"}


def _pairs(changes: dict[str, float]) -> dict[str, list[dict[str, object]]]:
    told = []
    for pair in BOOK.pairs:
        lead, follow = changes.get(pair.lead, 0.0), changes.get(pair.follow, 0.0)
        gap = round(lead - follow, 2)
        signal = "SELL" if abs(gap) <= 0.3 else "ENTRY" if abs(gap) >= 1.5 else "HOLD"
        told.append({"pair": pair.label, "follow": pair.follow, "gap": gap, "signal": signal, "message": f"{gap:+.2f}"})
    return {"pairs": told}


def _conditional(changes: dict[str, float]) -> dict[str, object]:
    lights = {s: {"change_pct": changes.get(s, 0.0), "positive": changes.get(s, 0.0) > 0} for s in BOOK.triggers}
    return {"triggers": lights, "all_positive": all(light["positive"] for light in lights.values())}


def _stops(changes: dict[str, float]) -> dict[str, object]:
    return {
        "alerts": [{"ticker": s, "change_pct": c, "message": f"{s} {c:+.2f}%"} for s, c in changes.items() if c <= -3]
    }


def _bearish(changes: dict[str, float]) -> dict[str, object]:
    down = all(changes.get(s, 0.0) < 0 for s in BOOK.indices)
    picks = [{"ticker": s, "change_pct": changes.get(s, 0.0)} for s in BOOK.defensives]
    return {"market_down": down, "gold_up": changes.get("GLD", 0.0) > 0, "bearish_picks": picks}
