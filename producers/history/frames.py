"""Bars to the records of a replay: per trade date an opening, then packed frames. Pure.

A frame is one bar time: event time is the bar's end, and its span (open, close] that of the regular session on that
date, early closes included. A symbol without a bar is carried at its last close of the session and marked so, is
missing before its first, and nothing is carried over night. The base is the close of the last date before on which the
symbol traded. Prices are rounded to 4 decimals, as the broker tells them. Ingest time equals event time, so that a
replay of the same bars is the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from producers.sessions import Day
from schemas.base import from_milliseconds, milliseconds
from schemas.book import Book
from schemas.history import INTERVALS, DailyBar, DayBars
from schemas.parameters import Parameters
from schemas.ticks import Frame, FrameBatch, QuoteState, Session, SessionRecord, Tick, TickRecord

ABSURD_PCT = 60.0  # a change beyond it is a split rather than a price: a live quote is not believed then either
DIGITS = 4
MOST_FRAMES, MOST_BYTES = 128, 512 * 1024  # in one message, before compression
TICK_BYTES, FRAME_BYTES = (
    256,
    160,
)  # an upper bound for a tick with all prices and a reason, and for the rest of a frame
BASE_DAYS = 30  # a close older than that is no base: the symbol was gone
SOURCE = "bar"
NO_BAR = "no bar since the open"
NO_BASE = "base: the previous close is not known"


@dataclass(frozen=True, slots=True)
class Close:
    """The newest close of a symbol."""

    trade_date: date
    price: float


@dataclass(slots=True)
class Quality:
    """How whole the bars are. Counted in symbol-bars: one symbol at one bar time."""

    frames: int = 0
    symbol_bars: int = 0  # frames times symbols
    carried: dict[str, int] = field(default_factory=dict)  # by symbol: without a bar at that time
    missing: dict[str, int] = field(default_factory=dict)  # before the first bar of the session, or without a base
    suspect: dict[str, int] = field(default_factory=dict)
    empty_dates: list[date] = field(default_factory=list)  # without a single bar


@dataclass(frozen=True, slots=True)
class DayRecords:
    """One trade date of a replay."""

    day: Day
    records: tuple[TickRecord, ...]  # the opening, then frames

    def frames(self) -> Iterator[Frame]:
        for record in self.records:
            if isinstance(record, FrameBatch):
                yield from record.frames


def opening(book: Book, day: Day, parameters: Parameters, version: int = 0) -> SessionRecord:
    """The record that opens `day` in a replay of bars, which knows the regular session only."""
    return SessionRecord(
        book=book.name,
        trade_date=day.trade_date,
        session=Session.REGULAR,
        at=day.opens_at,
        opens_at=day.opens_at,
        closes_at=day.closes_at,
        registry=book,
        parameters=parameters,
        version=version,
    )


def records_of(
    first: SessionRecord,
    symbols: Sequence[str],
    day: Day,
    ticks: Mapping[int, Sequence[Tick]],
    step: timedelta | None = None,
) -> DayRecords:
    """Opening `first` and the frames of `ticks` (by event time in ms, rising). `step`: a snapshot that often."""
    last, opens = max(ticks, default=0), milliseconds(day.opens_at)
    every = round(step.total_seconds() * 1000) if step else 0
    frames = []
    for ms, cut in ticks.items():
        at = from_milliseconds(ms)
        snapshot = bool(every) and ((ms - opens) % every == 0 or ms == last)
        frames.append(Frame(book=first.book, event_time=at, ingest_time=at, ticks=tuple(cut), snapshot=snapshot))
    return DayRecords(day, (first, *packed(first.book, frames, len(symbols))))


def packed(book: str, frames: Sequence[Frame], symbols: int) -> Iterator[FrameBatch]:
    """`frames` in as few messages as their bounds allow."""
    many = max(1, min(MOST_FRAMES, MOST_BYTES // (TICK_BYTES * symbols + FRAME_BYTES)))
    for begin in range(0, len(frames), many):
        yield FrameBatch(book=book, frames=tuple(frames[begin : begin + many]))


def intraday(
    symbols: Sequence[str],
    day: Day,
    interval: str,
    bars: Iterable[DayBars],
    bases: Mapping[str, float],
    quality: Quality,
) -> tuple[dict[int, list[Tick]], dict[str, float]]:
    """Ticks by event time in ms, and the last close of each symbol that traded."""
    columns: dict[str, tuple[list[int], list[Any]]] = {of.symbol: _within(of, day, interval) for of in bars}
    times = sorted({end for ends, _ in columns.values() for end in ends})
    place = {end: number for number, end in enumerate(times)}
    cut: list[list[Tick]] = [[] for _ in times]
    closes: dict[str, float] = {}
    for symbol in symbols:
        ends, rows = columns.get(symbol, ([], []))
        ticks = _ticks(symbol, bases.get(symbol), [place[end] for end in ends], rows, len(times), quality)
        for frame, tick in zip(cut, ticks, strict=True):
            frame.append(tick)
        if ends:
            closes[symbol] = rows[-1][3]
    _count(quality, day, len(times), len(symbols))
    return dict(zip(times, cut, strict=True)), closes


def daily(
    symbols: Sequence[str], day: Day, bars: Iterable[DailyBar], bases: Mapping[str, float], quality: Quality
) -> tuple[dict[int, list[Tick]], dict[str, float]]:
    """The same for daily bars: one frame, at the close."""
    of = {bar.symbol: bar for bar in bars}
    ticks: list[Tick] = []
    closes: dict[str, float] = {}
    for symbol in symbols:
        bar = of.get(symbol)
        rows = [] if bar is None else [(*map(_rounded, (bar.open, bar.high, bar.low, bar.close)), bar.volume)]
        ticks += _ticks(symbol, bases.get(symbol), [0] if rows else [], rows, 1, quality)
        if bar is not None:
            closes[symbol] = round(bar.close, DIGITS)
    _count(quality, day, 1 if closes else 0, len(symbols))
    return ({milliseconds(day.closes_at): ticks} if closes else {}), closes


def base_prices(closes: Mapping[str, Close], day: date) -> dict[str, float]:
    """What changes of `day` are measured from: of `closes` those that are not too old."""
    oldest = day - timedelta(days=BASE_DAYS)
    return {symbol: close.price for symbol, close in closes.items() if oldest <= close.trade_date < day}


def _within(bars: DayBars, day: Day, interval: str) -> tuple[list[int], list[Any]]:
    """Ends (ms) and rows (open, high, low, close, volume so far) of the bars that end within (open, close]."""
    import numpy as np

    length_ms = round(INTERVALS[interval].total_seconds() * 1000)
    opens, closes = milliseconds(day.opens_at), milliseconds(day.closes_at)
    starts = bars.start_s * 1000
    inside = (starts + length_ms > opens) & (starts < closes)
    ends = np.minimum(starts[inside] + length_ms, closes)  # the last hour of a session is half an hour
    kept = np.append(ends[:-1] != ends[1:], True) if len(ends) else np.array([], bool)  # the later of two with one end
    prices = np.round(bars.prices[:, inside][:, kept], DIGITS)
    volume: list[int | None] = [None] * int(kept.sum())
    if (bars.volume >= 0).all():
        volume = np.cumsum(bars.volume[inside])[kept].tolist()
    return ends[kept].tolist(), list(zip(*prices.tolist(), volume, strict=True))


def _ticks(
    symbol: str, base: float | None, places: Sequence[int], rows: Sequence[Any], count: int, quality: Quality
) -> list[Tick]:
    """The quotes of one symbol at `count` bar times; it has bars (`rows`) at `places`."""
    if base is not None and len(places) == count:  # nearly always: a bar at every time
        ticks = _whole(symbol, base, rows)
    else:
        ticks, at = [], dict(zip(places, rows, strict=True))
        newest: Any = None
        for place in range(count):
            if place in at:
                newest = at[place]
                ticks.append(_tick(symbol, base, *newest))
            elif newest is None:
                ticks.append(Tick(symbol=symbol, state=QuoteState.MISSING, base=base, source=SOURCE, reason=NO_BAR))
            else:
                ticks.append(_tick(symbol, base, None, None, None, newest[3], newest[4], carried=True))
        _add(quality.carried, symbol, sum(tick.carried for tick in ticks))
        _add(quality.missing, symbol, sum(tick.state is QuoteState.MISSING for tick in ticks))
    suspect = [tick for tick in ticks if tick.state is QuoteState.SUSPECT]
    _add(quality.suspect, symbol, len(suspect))
    return ticks


def _whole(symbol: str, base: float, rows: Sequence[Any]) -> list[Tick]:
    """`_tick` of each row, in half the time when none is absurd: a year has 300,000 of them."""
    changes = [round((row[3] - base) / base * 100, 2) + 0.0 for row in rows]
    if changes and max(map(abs, changes)) > ABSURD_PCT:
        return [_tick(symbol, base, *row) for row in rows]
    state, source = QuoteState.OK, SOURCE
    return [
        Tick(
            symbol=symbol,
            state=state,
            last=last,
            base=base,
            change_pct=change,
            open=opened,
            high=high,
            low=low,
            volume=volume,
            source=source,
        )
        for (opened, high, low, last, volume), change in zip(rows, changes, strict=True)
    ]


def _tick(
    symbol: str,
    base: float | None,
    opened: float | None,
    high: float | None,
    low: float | None,
    last: float,
    volume: int | None,
    carried: bool = False,
) -> Tick:
    change, state, reason = None, QuoteState.OK, None
    if base is None:
        state, reason = QuoteState.MISSING, NO_BASE
    else:
        change = round((last - base) / base * 100, 2) + 0.0  # -0.0 becomes 0.0
        if abs(change) > ABSURD_PCT:
            state, reason = (
                QuoteState.SUSPECT,
                f"change {change:.2f} % is beyond {ABSURD_PCT:.0f} % and unconfirmed",
            )
            change = None
    return Tick(
        symbol=symbol,
        state=state,
        last=last,
        base=base,
        change_pct=change,
        open=opened,
        high=high,
        low=low,
        volume=volume,
        source=SOURCE,
        carried=carried,
        reason=reason,
    )


def _rounded(price: float | None) -> float | None:
    return None if price is None else round(price, DIGITS)


def _add(counts: dict[str, int], symbol: str, number: int) -> None:
    if number:
        counts[symbol] = counts.get(symbol, 0) + number


def _count(quality: Quality, day: Day, frames: int, symbols: int) -> None:
    quality.frames += frames
    quality.symbol_bars += frames * symbols
    if not frames:
        quality.empty_dates.append(day.trade_date)


def close_of(day: Day, closes: Mapping[str, float]) -> dict[str, Close]:
    """`closes` of `day`, as the bases of later days."""
    return {symbol: Close(day.trade_date, price) for symbol, price in closes.items()}
