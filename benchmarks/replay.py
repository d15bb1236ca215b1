"""A year of 5-minute bars through Kafka and five Faust agents, beside the same rules and an engine without either.

``python -m benchmarks.replay [--years 1]`` prints, in one run:

- **engine**: the usual in-process engine for this job: bars indexed by time once, then per bar a dict of changes,
  five functions and a portfolio;
- **pure**: the rules of the catalogue folded in a plain loop, decoding included, without Kafka;
- **streaming**: the same messages published, folded by five agents with a table each, every event read back;
- **portfolio**: the fold of ticks and events into trades and figures.

Bars come from a seeded model. The events of the streaming row must be those of the pure row, id for id.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import resource
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from time import perf_counter

from benchmarks.parts import ROOT, Parts, parts
from processors.fold import fold, load_rules
from processors.portfolio.run import run as fold_portfolio
from processors.portfolio.signals import Signals
from runtime.backtests.attempt import Attempt, agents, canonical, replayed
from schemas.base import decoder, encode
from schemas.book import load_book
from schemas.catalogue import load_catalogue
from schemas.parameters import Parameters
from schemas.runs import RunKind, RunRequest
from schemas.signals import SignalEvent
from schemas.ticks import End, Frame, FrameBatch, QuoteState, Session, SessionRecord, Tick, TickRecord

BOOK = load_book("us")
SEED = 7
DAYS_A_YEAR, BARS_A_DAY = 250, 78
FIRST = date(2025, 1, 2)
RECORD = decoder(TickRecord)


def year(days: int) -> Iterator[TickRecord]:
    """An opening and one message of frames per date; changes wander around the close of the day before."""
    dice = Random(SEED)
    close = {symbol: 50.0 + 10 * place for place, symbol in enumerate(BOOK.symbols)}
    day = FIRST
    for _ in range(days):
        opens = datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC)
        closes = opens + timedelta(minutes=5 * BARS_A_DAY)
        yield SessionRecord(
            book=BOOK.name,
            trade_date=day,
            session=Session.REGULAR,
            at=opens,
            opens_at=opens,
            closes_at=closes,
            registry=BOOK,
            parameters=Parameters(confirm_sec=0),
            version=1,
        )
        base, price = dict(close), dict(close)
        frames = []
        for bar in range(1, BARS_A_DAY + 1):
            ticks = []
            for symbol in BOOK.symbols:
                start = price[symbol]
                price[symbol] = end = round(start * (1 + dice.gauss(0, 0.0025)), 4)
                change = round((end - base[symbol]) / base[symbol] * 100, 2) + 0.0
                ticks.append(
                    Tick(
                        symbol=symbol,
                        state=QuoteState.OK,
                        last=end,
                        base=base[symbol],
                        change_pct=change,
                        open=start,
                        high=max(start, end),
                        low=min(start, end),
                        volume=1000 * bar,
                        source="bar",
                    )
                )
            at = opens + timedelta(minutes=5 * bar)
            frames.append(Frame(book=BOOK.name, event_time=at, ingest_time=at, ticks=tuple(ticks)))
        yield FrameBatch(book=BOOK.name, frames=tuple(frames))
        close = price
        day += timedelta(days=3 if day.weekday() == 4 else 1)


def pure(messages: list[bytes]) -> tuple[float, list[SignalEvent]]:
    """Seconds and events of the catalogue's rules in a plain loop; a message is decoded once for all."""
    begun = perf_counter()
    rules = load_rules(load_catalogue())
    states = [rule.initial() for rule in rules]
    events: list[SignalEvent] = []
    for position, message in enumerate(messages):
        record = RECORD.decode(message)
        for number, rule in enumerate(rules):
            states[number], said = fold(rule, states[number], record, position)
            events += said
    return perf_counter() - begun, events


def engine(records: list[TickRecord]) -> float:
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


async def streaming(on: Parts, messages: list[bytes], number: int) -> tuple[float, float, list[SignalEvent]]:
    """Seconds until the agents stand, seconds from the first message to the last end marker, and the events."""
    attempt = Attempt(on.kafka, f"replay.bench{number}.1", BOOK.name, load_catalogue(), on.home / f"run{number}")
    begun = perf_counter()
    async with agents(attempt) as worker:
        ready = perf_counter()
        events = await replayed(attempt, worker, messages, lambda share: None, lambda said: None)
        return ready - begun, perf_counter() - ready, events


async def measure(years: list[int]) -> None:
    print(
        f"{'years':>5} {'ticks':>10} {'events':>8} {'engine s':>9} {'pure s':>8} {'streaming s':>12} {'x engine':>9}",
        end="",
    )
    print(f" {'portfolio s':>12} {'agents start s':>15} {'peak MB':>8}")
    async with parts() as on:
        for number, count in enumerate([0, *years]):  # the first, of ten days, warms up and is not shown
            days = DAYS_A_YEAR * count or 10
            records = [*year(days), End(book=BOOK.name)]
            messages = [encode(record) for record in records]
            engine_s = engine(records)
            del records
            pure_s, wanted = pure(messages)
            start_s, stream_s, events = await streaming(on, messages, number)
            if [event.event_id for event in events] != [event.event_id for event in sorted(wanted, key=canonical)]:
                raise SystemExit("the agents said something else than the pure fold: no figure is worth anything")
            request = RunRequest(kind=RunKind.BACKTEST, start=FIRST, end=FIRST + timedelta(days=days * 2))
            begun = perf_counter()
            fold_portfolio(request, map(RECORD.decode, messages), Signals(events), interval="5m", twin=False)
            fold_s = perf_counter() - begun
            if count:
                peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                ticks = days * BARS_A_DAY * len(BOOK.symbols)
                print(
                    f"{count:>5} {ticks:>10,} {len(events):>8,} {engine_s:>9.2f} {pure_s:>8.2f} {stream_s:>12.2f}",
                    end="",
                )
                print(f" {stream_s / engine_s:>9.2f} {fold_s:>12.2f} {start_s:>15.2f} {peak_mb:>8.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, nargs="*", default=[1, 2, 5], help="default: 1 2 5")
    print(__doc__)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    print(f"machine {platform.processor() or platform.machine()}, Python {platform.python_version()}, ", end="")
    print(f"seed {SEED}, commit {commit.stdout.strip() or 'none'}\n")
    asyncio.run(measure(parser.parse_args().years))


if __name__ == "__main__":
    main()
