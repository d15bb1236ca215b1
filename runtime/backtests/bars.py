"""The bars of a run: which rung of the ladder has them, what is fetched and kept, and the records made of them.

What is stored is not fetched again. What Yahoo no longer has must be stored, or a coarser interval does it. Records
come day by day, so that a year of them never stands in memory at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection

from producers.history import frames, ladder, yahoo
from producers.history.frames import Close, DayRecords, Quality
from producers.history.ladder import TICKS, Known, Window
from producers.history.yahoo import Fetched, YahooConfig
from producers.sessions import Day, Sessions
from schemas.base import decoder, parse
from schemas.book import Book
from schemas.errors import ConfigError, Malformed
from schemas.history import DAILY, REACH_DAYS, DailyBar, DayBars
from schemas.parameters import Parameters
from schemas.runs import RunKind, RunRequest, step_of
from schemas.ticks import End, SessionRecord, TickRecord
from sinks import bar_store, history
from sinks.archive import path_of
from sinks.archive import records as archived_records
from sinks.database import CONNECT, sorted_errors

SETTLED = timedelta(days=2)  # a day without bars may still get some until then
NEAR = 0.015  # the day's official close and its last bar's are of one basis when they are this near

Opening = Callable[[Day], SessionRecord]
OnProgress = Callable[[float, str], None]  # share of the fetching done, and what is being fetched

_record = decoder(TickRecord)


@dataclass(frozen=True, slots=True)
class BarsConfig:
    """`world`: of the rows, the namespace of the main line. `archive_dir`: where days of own ticks are."""

    database_url: str = field(repr=False)
    world: str
    yahoo: YahooConfig
    archive_dir: Path


@dataclass(slots=True)
class Fetching:
    """What was fetched for a run."""

    requests: int = 0
    bars: int = 0
    conflicts: int = 0  # with stored bars, which were kept
    unlisted: list[str] = field(default_factory=list)  # symbols that Yahoo does not know


@dataclass(slots=True)
class Gathered:
    """The bars of a run, ready to be streamed. `quality` is complete when `records` has come to its end."""

    interval: str
    days: tuple[Day, ...]
    fetching: Fetching
    quality: Quality
    sources: dict[str, int]  # days of symbols by where they came from
    _stream: Callable[[], AsyncIterator[DayRecords]]

    def records(self) -> AsyncIterator[DayRecords]:
        """Opening and frames of each trade date, oldest first; no `End`. A date without a bar is left out."""
        return self._stream()

    def data_quality(self) -> dict[str, Any]:
        """What a result says of its data, plain JSON."""
        dates = [day.trade_date.isoformat() for day in self.days]
        return {
            "interval": self.interval,
            "start": dates[0],
            "end": dates[-1],
            "trade_dates": len(dates),
            "sources": self.sources,
            "frames": self.quality.frames,
            "symbol_bars": self.quality.symbol_bars,
            "carried": dict(self.quality.carried),
            "missing": dict(self.quality.missing),
            "suspect": dict(self.quality.suspect),
            "empty_dates": [day.isoformat() for day in self.quality.empty_dates],
            "fetched": {"requests": self.fetching.requests, "bars": self.fetching.bars},
            "conflicts": self.fetching.conflicts,
            "unlisted": self.fetching.unlisted,
            "notes": _notes(self.interval, self.fetching),
        }


async def gather(
    config: BarsConfig,
    request: RunRequest,
    book: Book,
    opening: Opening,
    on_progress: OnProgress = lambda share, message: None,
) -> Gathered:
    """Make sure of the bars that `request` needs. `opening` gives the record that opens a day.

    Raises `ConfigError` for a span or an interval that cannot be had, with what would work, and `Unavailable` when the
    database or Yahoo does not answer: one sentence each.
    """
    sessions = Sessions(book.calendar, book.timezone)
    now = await yahoo.market_now(config.yahoo)
    days = ladder.trade_days(sessions, request.start, request.end, now)
    dates = [day.trade_date for day in days]
    today = now.astimezone(sessions.zone).date()
    async with connected(config.database_url) as connection:
        known = Known(
            symbols=len(book.symbols),
            cached=await history.cached(connection, config.world, book.symbols, dates),
            archived={d for d in dates if path_of(config.archive_dir, config.world, book.name, d).exists()},
        )
        interval = ladder.choose(request.interval, dates, today, known)
        fetching = Fetching()
        step = step_of(request.step)
        if request.step and step is None:
            raise ConfigError(f"step: expected a time like 5m, 30s or 1h, received {request.step!r}")
        if interval == TICKS:
            return Gathered(
                interval, tuple(days), fetching, Quality(), {TICKS: len(days)}, lambda: _archived(config, book, days)
            )
        windows = await _windows(connection, config.world, sessions, book, interval, dates, now)

        def told(done: int, of: int, window: Window) -> None:
            on_progress(done / of, f"{window.symbol} {window.interval} {window.first} to {window.last}")

        async for fetched in yahoo.fetch(config.yahoo, sessions, windows, now, told):
            await _keep(connection, config.world, sessions, fetched, now, fetching)
        sources = await history.sources(connection, config.world, interval, book.symbols, dates)
    quality = Quality()
    return Gathered(
        interval,
        tuple(days),
        fetching,
        quality,
        sources,
        lambda: _stream(config, book, interval, days, opening, step, quality),
    )


async def ensure(
    config: BarsConfig, book: Book, start: date | None, end: date | None, interval: str, on_progress: OnProgress
) -> str:
    """Fetch and keep what a span lacks; by default up to the last finished date, as far back as `interval` reaches.

    Returns a sentence that says what was done.
    """
    sessions = Sessions(book.calendar, book.timezone)
    now = await yahoo.market_now(config.yahoo)
    last = end or ladder.last_final(sessions, now)
    reach = REACH_DAYS.get(interval, 365)
    first = start or now.astimezone(sessions.zone).date() - timedelta(days=reach)
    request = RunRequest(kind=RunKind.BACKTEST, start=first, end=last, book=book.name, interval=interval)
    gathered = await gather(config, request, book, lambda day: frames.opening(book, day, Parameters()), on_progress)
    fetched, dates = gathered.fetching, gathered.days
    span = f"{gathered.interval} bars from {dates[0].trade_date} to {dates[-1].trade_date}"
    if not fetched.requests:
        return f"{span}: all of {config.world} were there, nothing was fetched."
    kept = f"; {fetched.conflicts:,} differ from stored ones, which stay" if fetched.conflicts else ""
    unlisted = f"; unknown to Yahoo: {', '.join(fetched.unlisted)}" if fetched.unlisted else ""
    requests = "1 request" if fetched.requests == 1 else f"{fetched.requests} requests"
    return f"{span}: {fetched.bars:,} fetched in {requests} for {config.world}{kept}{unlisted}."


@asynccontextmanager
async def connected(database_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection of its own for long reads and writes; errors come out as `Unavailable` and `ConfigError`."""
    with sorted_errors(), _tables():
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True, **CONNECT) as connection:  # type: ignore[arg-type]
            yield connection


@contextmanager
def _tables() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.UndefinedTable:
        raise ConfigError("the database has no tables of bars; `ptj db migrate` makes them") from None


async def _windows(
    connection: AsyncConnection,
    world: str,
    sessions: Sessions,
    book: Book,
    interval: str,
    dates: Sequence[date],
    now: datetime,
) -> list[Window]:
    """What to fetch. With it go daily bars from the day before on: their closes are the bases, and splits show there.

    A symbol that lacks nothing is not asked for at all, so imported bars need no Yahoo beside them.
    """
    today = now.astimezone(sessions.zone).date()
    lacking = await history.unknown(connection, world, interval, book.symbols, dates)
    found = [] if interval == DAILY else ladder.windows(interval, lacking, dates, today)
    asked = {window.symbol for window in found} if interval != DAILY else set(lacking)
    lacking = {symbol: absent for symbol, absent in lacking.items() if symbol in asked}
    if not lacking:
        return []
    first = sessions.previous(min(absent[0] for absent in lacking.values())).trade_date
    whole = ladder.trade_days(sessions, first, ladder.last_final(sessions, now), now)
    spans = [day.trade_date for day in whole]
    daily = await history.unknown(connection, world, DAILY, list(lacking), spans)
    since = {symbol: sessions.previous(absent[0]).trade_date for symbol, absent in lacking.items()}
    daily = {symbol: [day for day in absent if day >= since[symbol]] for symbol, absent in daily.items()}
    return [*ladder.windows(DAILY, daily, spans, today), *found]


async def _keep(
    connection: AsyncConnection, world: str, sessions: Sessions, fetched: Fetched, now: datetime, fetching: Fetching
) -> None:
    """Store what one window brought, and remember which of its days are over."""
    window = fetched.window
    fetching.requests += 1
    fetching.bars += len(fetched.bars) + len(fetched.daily)
    if not fetched.listed:
        if window.symbol not in fetching.unlisted:
            fetching.unlisted.append(window.symbol)
        return  # not remembered: it may be a whim of Yahoo's
    settled = (now - SETTLED).astimezone(sessions.zone).date()
    over = [d for d in _dates(window.first, min(window.last, settled)) if sessions.day(d) is not None]
    async with connection.transaction():
        for split in fetched.splits:
            begins = datetime.combine(split.split_date, time(), sessions.zone)
            await bar_store.apply_split(connection, world, split.symbol, split.split_date, split.ratio, begins)
        known = {window.symbol: over}
        if window.interval == DAILY:
            stored = await bar_store.store_daily(connection, world, fetched.daily, known, source=yahoo.SOURCE)
        else:
            stored = await bar_store.store(connection, world, window.interval, fetched.bars, known, source=yahoo.SOURCE)
        fetching.conflicts += stored.differing


async def _stream(
    config: BarsConfig,
    book: Book,
    interval: str,
    days: Sequence[Day],
    opening: Opening,
    step: timedelta | None,
    quality: Quality,
) -> AsyncIterator[DayRecords]:
    first, last, symbols = days[0].trade_date, days[-1].trade_date, book.symbols
    before = first - ladder.LOOK_BACK
    async with connected(config.database_url) as connection:
        daily: dict[date, list[DailyBar]] = {}
        for bar in await history.read_daily(connection, config.world, symbols, before, last):
            daily.setdefault(bar.trade_date, []).append(bar)
        closes: dict[str, Close] = {}
        for on in sorted(day for day in daily if day < first):
            closes |= {bar.symbol: Close(on, round(bar.close, frames.DIGITS)) for bar in daily[on]}
        if interval == DAILY:
            for day in days:
                bases = frames.base_prices(closes, day.trade_date)
                ticks, ended = frames.daily(symbols, day, daily.get(day.trade_date, ()), bases, quality)
                closes |= frames.close_of(day, ended)
                if ticks:
                    yield frames.records_of(opening(day), symbols, day, ticks, step)
            return
        sessions, asked = Sessions(book.calendar, book.timezone), {day.trade_date: day for day in days}
        stored = history.read(connection, config.world, interval, symbols, before, last)
        async for on, bars in _with_gaps(stored, list(asked)):
            found = asked.get(on) or sessions.day(on)
            if found is None:
                continue
            counted = quality if on in asked else Quality()  # days before the span give bases only
            bases = frames.base_prices(closes, on)
            ticks, ended = frames.intraday(symbols, found, interval, bars, bases, counted)
            newest = _settled(found, ended, daily.get(on, ())).items()
            closes |= {
                symbol: close for symbol, close in newest if symbol not in closes or closes[symbol].trade_date <= on
            }
            if on in asked and ticks:
                yield frames.records_of(opening(found), symbols, found, ticks, step)
            await asyncio.sleep(0)  # others have work in this loop too


async def _with_gaps(
    stored: AsyncIterator[tuple[date, list[DayBars]]], asked: Sequence[date]
) -> AsyncIterator[tuple[date, list[DayBars]]]:
    """What is stored, and nothing for each of `asked` that is not."""
    place = 0
    async for on, bars in stored:
        while place < len(asked) and asked[place] < on:
            yield asked[place], []
            place += 1
        place += place < len(asked) and asked[place] == on
        yield on, bars
    for on in asked[place:]:
        yield on, []


def _settled(day: Day, ended: Mapping[str, float], daily: Iterable[DailyBar]) -> dict[str, Close]:
    """The closes of a day: the official one where Yahoo tells it and it is of the same basis, else the last bar's."""
    official = {bar.symbol: round(bar.close, frames.DIGITS) for bar in daily if bar.source == yahoo.SOURCE}
    prices = {
        symbol: official[symbol] if symbol in official and abs(official[symbol] / price - 1) <= NEAR else price
        for symbol, price in ended.items()
    }
    return frames.close_of(day, prices)


async def _archived(config: BarsConfig, book: Book, days: Sequence[Day]) -> AsyncIterator[DayRecords]:
    """Days of own ticks, record for record as they stand in the archive; what does not parse is left out."""
    for day in days:
        path = path_of(config.archive_dir, config.world, book.name, day.trade_date)
        yield DayRecords(day, await asyncio.to_thread(_whole, path))


def _whole(path: Path) -> tuple[TickRecord, ...]:
    return tuple(parsed_archive(path))


def parsed_archive(path: Path) -> Iterator[TickRecord]:
    """The records of an archived day in offset order; what does not parse, which the agents set aside, is left out."""
    for archived in archived_records(path):
        try:
            record: TickRecord = parse(_record, archived.value, f"{path.name}@{archived.offset}")
        except Malformed:
            continue
        if not isinstance(record, End):
            yield record


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _notes(interval: str, fetching: Fetching) -> list[str]:
    notes = []
    if interval == "1h":
        notes.append("The first bar ends at 10:30, so what is decided at 10:00 is decided then.")
    if interval == DAILY:
        notes.append("One frame a day, at the close: signals are judged there and nowhere else.")
    if fetching.unlisted:
        notes.append(f"Yahoo does not know {', '.join(fetching.unlisted)}.")
    return notes
