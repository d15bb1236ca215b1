"""The newest quote of a symbol and its closed 1-minute bars."""

from __future__ import annotations

from datetime import date

from schemas.base import Frozen, Price, UtcTime
from schemas.ticks import Session, Tick


class Quote(Frozen):
    """A tick with its place: what `quotes` keeps per `<book>:<symbol>`."""

    book: str
    tick: Tick
    event_time: UtcTime
    ingest_time: UtcTime
    trade_date: date
    session: Session
    position: int
    v: int = 1


class Bar(Frozen):
    """A closed 1-minute bar in event time. The minute is (start, start + 60 s], like sessions."""

    book: str
    symbol: str
    start: UtcTime
    trade_date: date
    session: Session
    open: Price
    high: Price
    low: Price
    close: Price
    volume: int | None  # shares traded in the minute; None where the feed told no day volume
    ticks: int  # quotes folded in
    position: int
    v: int = 1


def quote_key(book: str, symbol: str) -> str:
    """The key on `quotes` and `bars`."""
    return f"{book}:{symbol}"
