"""A seeded market of 5-minute bars: trading days from the exchange's calendar, prices that wander."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random

from producers.sessions import Day, Sessions
from schemas.book import load_book
from schemas.history import HistoryBar
from schemas.parameters import Parameters
from schemas.ticks import Frame, FrameBatch, QuoteState, Session, SessionRecord, Tick, TickRecord

BOOK = load_book("us")
SEED = 7
FIRST = date(2020, 12, 31)  # the trade date before the first
DAYS_A_YEAR = 250
BAR = timedelta(minutes=5)


def days(count: int) -> Iterator[Day]:
    """The first `count` trading days after `FIRST`."""
    sessions, day = Sessions(BOOK.calendar, BOOK.timezone), FIRST
    for _ in range(count):
        yield (found := sessions.following(day))
        day = found.trade_date


def records(count: int) -> Iterator[TickRecord]:
    """An opening and one message of frames per trade date; prices wander around the close of the day before."""
    dice = Random(SEED)
    close = {symbol: 50.0 + 10 * place for place, symbol in enumerate(BOOK.symbols)}
    for day in days(count):
        yield SessionRecord(
            book=BOOK.name,
            trade_date=day.trade_date,
            session=Session.REGULAR,
            at=day.opens_at,
            opens_at=day.opens_at,
            closes_at=day.closes_at,
            registry=BOOK,
            parameters=Parameters(confirm_sec=0),
            version=1,
        )
        base, price = dict(close), dict(close)
        frames = []
        for bar in range(1, (day.closes_at - day.opens_at) // BAR + 1):
            ticks = []
            for symbol in BOOK.symbols:
                start = price[symbol]
                price[symbol] = end = round(start * (1 + dice.gauss(0, 0.0025)), 4)
                ticks.append(
                    Tick(
                        symbol=symbol,
                        state=QuoteState.OK,
                        last=end,
                        base=base[symbol],
                        change_pct=round((end - base[symbol]) / base[symbol] * 100, 2) + 0.0,
                        open=start,
                        high=max(start, end),
                        low=min(start, end),
                        volume=1000 * bar,
                        source="bar",
                    )
                )
            at = day.opens_at + bar * BAR
            frames.append(Frame(book=BOOK.name, event_time=at, ingest_time=at, ticks=tuple(ticks)))
        yield FrameBatch(book=BOOK.name, frames=tuple(frames))
        close = price


def bars(told: Iterable[TickRecord]) -> Iterator[HistoryBar]:
    """The bars that `told` was made of, as they are kept."""
    for opening, batch in pairwise(told):
        if not (isinstance(opening, SessionRecord) and isinstance(batch, FrameBatch)):
            continue
        for frame in batch.frames:
            for tick in frame.ticks:
                yield HistoryBar(
                    symbol=tick.symbol,
                    interval="5m",
                    start=frame.event_time - BAR,
                    trade_date=opening.trade_date,
                    session=Session.REGULAR,
                    open=tick.open,
                    high=tick.high,
                    low=tick.low,
                    close=tick.last,
                    volume=1000,
                    source="file",
                )
