"""A book's frames from a seed: changes that wander around levels of their own, some of them near a threshold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random

from schemas.book import load_book
from schemas.parameters import Parameters
from schemas.ticks import Frame, QuoteState, Session, SessionRecord, Tick

BOOK = load_book("us")
SEED = 7
TRADE_DATE = date(2026, 2, 10)
OPENS = datetime(2026, 2, 10, 14, 30, tzinfo=UTC)  # 09:30 New York
BEGINS = OPENS + timedelta(minutes=30)  # gold has decided by then
EVERY = timedelta(milliseconds=200)  # between two frames, so that 90,000 of them fit a day
PULL = 0.005  # share of the way back to its level that a change goes in a frame


def opening(parameters: Parameters) -> SessionRecord:
    """The first record of the trade date."""
    return SessionRecord(
        book=BOOK.name,
        trade_date=TRADE_DATE,
        session=Session.REGULAR,
        at=OPENS,
        opens_at=OPENS,
        closes_at=OPENS + timedelta(hours=6, minutes=30),
        registry=BOOK,
        parameters=parameters,
        version=1,
    )


def cuts(seed: int, liveliness: float) -> Iterator[tuple[Tick, ...]]:
    """Full cuts for ever, as a poll brings them. `liveliness`: standard deviation of a step, in % points."""
    dice = Random(seed)
    near_zero = {BOOK.gold, *BOOK.indices, *BOOK.triggers}
    level = {s: dice.uniform(-0.2, 0.2) if s in near_zero else dice.uniform(-3, 3) for s in BOOK.symbols}
    base = {symbol: round(dice.uniform(15, 400), 4) for symbol in BOOK.symbols}
    change, volume = dict(level), dict.fromkeys(BOOK.symbols, 100_000)
    low, high = dict(base), dict(base)
    while True:
        ticks = []
        for symbol in BOOK.symbols:
            change[symbol] += PULL * (level[symbol] - change[symbol]) + dice.gauss(0, liveliness)
            last = round(base[symbol] * (1 + change[symbol] / 100), 4)
            volume[symbol] += dice.randrange(400)
            low[symbol], high[symbol] = min(low[symbol], last), max(high[symbol], last)
            ticks.append(
                Tick(
                    symbol=symbol,
                    state=QuoteState.OK,
                    last=last,
                    base=base[symbol],
                    change_pct=round((last - base[symbol]) / base[symbol] * 100, 2) + 0.0,
                    open=base[symbol],
                    high=high[symbol],
                    low=low[symbol],
                    volume=volume[symbol],
                )
            )
        yield tuple(ticks)


def frames(seed: int, liveliness: float, count: int, *, snapshot: bool = False) -> Iterator[Frame]:
    """`count` full frames of the trade date."""
    for number, ticks in zip(range(count), cuts(seed, liveliness), strict=False):
        moment = BEGINS + number * EVERY
        yield Frame(book=BOOK.name, event_time=moment, ingest_time=moment, ticks=ticks, snapshot=snapshot)
