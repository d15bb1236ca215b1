"""History in PostgreSQL: the bars that are kept (`sinks.bar_store`), and which days are known.

`bars` and `daily_ohlcv` hold one row per bar whatever its source. `bar_days` says which days need not be fetched again,
and holds a day's bars a second time as columns, since a replay reads a year of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from schemas.history import DAILY, DailyBar, DayBars

CHUNK = timedelta(days=31)  # read at a time


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of one symbol at one interval."""

    interval: str
    symbol: str
    first: date
    last: date
    days: int  # with bars
    empty: int  # known to have none
    bars: int
    sources: tuple[str, ...]


async def read(
    connection: AsyncConnection, world: str, interval: str, symbols: Sequence[str], first: date, last: date
) -> AsyncIterator[tuple[date, list[DayBars]]]:
    """The trade dates of [first, last] that have bars within the day, oldest first, with the bars of each symbol."""
    begin = first
    while begin <= last:
        end = min(begin + CHUNK, last)
        rows = await (
            await connection.execute(READ, (world, interval, list(symbols), begin, end), binary=True)
        ).fetchall()
        for day, of_day in groupby(rows, key=lambda row: row[0]):
            yield day, [_columns(day, symbol, count, packed) for _, symbol, count, packed in of_day]
        begin = end + timedelta(days=1)


async def read_daily(
    connection: AsyncConnection, world: str, symbols: Sequence[str], first: date, last: date
) -> list[DailyBar]:
    """The daily bars of [first, last], ordered by date and symbol."""
    rows = await (await connection.execute(READ_DAILY, (world, list(symbols), first, last), binary=True)).fetchall()
    return [
        DailyBar(symbol=s, trade_date=d, open=o, high=h, low=lo, close=c, volume=v, source=source, provisional=p)
        for d, s, o, h, lo, c, v, source, p in rows
    ]


async def unknown(
    connection: AsyncConnection, world: str, interval: str, symbols: Sequence[str], days: Sequence[date]
) -> dict[str, list[date]]:
    """By symbol those of `days` that would have to be fetched."""
    rows = await (await connection.execute(KNOWN, (world, interval, list(symbols), list(days)), binary=True)).fetchall()
    known: dict[str, set[date]] = {}
    for symbol, day in rows:
        known.setdefault(symbol, set()).add(day)
    lacking = {symbol: [day for day in days if day not in known.get(symbol, ())] for symbol in symbols}
    return {symbol: absent for symbol, absent in lacking.items() if absent}


async def cached(
    connection: AsyncConnection, world: str, symbols: Sequence[str], days: Sequence[date]
) -> dict[str, dict[date, int]]:
    """By interval and date the number of `symbols` that are known."""
    found: dict[str, dict[date, int]] = {}
    rows = await connection.execute(COUNTS, (world, list(symbols), list(days)), binary=True)
    for interval, day, count in await rows.fetchall():
        found.setdefault(interval, {})[day] = count
    return found


async def sources(
    connection: AsyncConnection, world: str, interval: str, symbols: Sequence[str], days: Sequence[date]
) -> dict[str, int]:
    """How many days of symbols that have bars came from where."""
    found = await connection.execute(SOURCES, (world, interval, list(symbols), list(days)))
    return dict(await found.fetchall())


async def coverage(connection: AsyncConnection, world: str) -> list[Coverage]:
    """What is there, by interval and symbol."""
    rows = await (await connection.execute(COVERAGE, (world,))).fetchall()
    return [
        Coverage(interval, symbol, first, last, days, empty, bars, tuple(sources))
        for interval, symbol, first, last, days, empty, bars, sources in rows
    ]


async def rows(
    connection: AsyncConnection, world: str, interval: str, symbols: Sequence[str] | None, first: date, last: date
) -> AsyncIterator[dict[str, Any]]:
    """The stored rows of [first, last] by time and symbol; prices as `Decimal`. Within the caller's transaction."""
    query = EXPORT_DAILY if interval == DAILY else EXPORT
    values = {"world": world, "interval": interval, "symbols": symbols, "first": first, "last": last}
    async with connection.cursor(name="export", row_factory=dict_row) as cursor:
        await cursor.execute(query, values)
        async for row in cursor:
            yield row


def _columns(day: date, symbol: str, count: int, packed: bytes) -> DayBars:
    import numpy as np

    whole = np.frombuffer(packed, ">i8").reshape(6, count)
    prices = np.frombuffer(packed, ">f8").reshape(6, count)[1:5]
    return DayBars(symbol, day, whole[0].astype(np.int64), prices.astype(np.float64), whole[5].astype(np.int64))


READ: LiteralString = """
    select trade_date, symbol, bars, columns from bar_days
     where world = %s and interval = %s and symbol = any(%s) and trade_date between %s and %s and bars > 0
     order by trade_date, symbol"""
READ_DAILY: LiteralString = """
    select trade_date, symbol, open::float8, high::float8, low::float8, close::float8, volume, source, provisional
      from daily_ohlcv
     where world = %s and source <> 'line' and not adjusted and symbol = any(%s) and trade_date between %s and %s
     order by trade_date, symbol"""
KNOWN: LiteralString = """
    select symbol, trade_date from bar_days
     where world = %s and interval = %s and symbol = any(%s) and trade_date = any(%s)"""
COUNTS: LiteralString = """
    select interval, trade_date, count(*)::int from bar_days
     where world = %s and symbol = any(%s) and trade_date = any(%s) group by 1, 2"""
SOURCES: LiteralString = """
    select source, count(*)::int from bar_days
     where world = %s and interval = %s and symbol = any(%s) and trade_date = any(%s) and bars > 0
     group by 1 order by 1"""
COVERAGE: LiteralString = """
    select interval, symbol, min(trade_date), max(trade_date), count(*) filter (where bars > 0),
           count(*) filter (where bars = 0), sum(bars)::bigint, array_agg(distinct source order by source)
      from bar_days where world = %s group by 1, 2
     order by array_position(array['1m', '5m', '1h', '1d'], interval), 2"""
EXPORT: LiteralString = """
    select symbol, start_time as timestamp, open, high, low, close, volume from bars
     where world = %(world)s and source <> 'line' and interval = %(interval)s
       and (%(symbols)s::text[] is null or symbol = any(%(symbols)s::text[]))
       and trade_date between %(first)s and %(last)s
     order by start_time, symbol"""
EXPORT_DAILY: LiteralString = """
    select symbol, trade_date as date, open, high, low, close, volume from daily_ohlcv
     where world = %(world)s and source <> 'line' and not adjusted and not provisional
       and (%(symbols)s::text[] is null or symbol = any(%(symbols)s::text[]))
       and trade_date between %(first)s and %(last)s
     order by trade_date, symbol"""
