"""Bars of history into PostgreSQL: fetched or imported, kept for good, with the days that they make known.

A value that differs from the stored one is a conflict, which the stored one wins unless the caller replaces. A day's
bars are kept a second time as columns in `bar_days`, since a replay reads a year of them (`sinks.history`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from schemas.history import DAILY, DailyBar, HistoryBar
from sinks.months import ensure_months

DIGITS = 4  # of prices, when they are compared
SHOWN = 100  # conflicts that are carried along; all are counted
PRICES: tuple[LiteralString, ...] = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A bar that is stored with other values. Prices and volume by name, only those that differ."""

    symbol: str
    at: date | datetime  # trade date of a daily bar, else the start
    stored: Mapping[str, float | None]
    received: Mapping[str, float | None]
    source: str  # of the stored one


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the bars of one call. `conflicts` has the first of `differing`."""

    new: int = 0
    equal: int = 0
    filled: int = 0  # lacked open, high, low or volume, and got it
    differing: int = 0
    replaced: bool = False  # the differing ones were overwritten; else the stored ones stay
    conflicts: tuple[Conflict, ...] = ()


async def store(
    connection: AsyncConnection,
    world: str,
    interval: str,
    bars: Iterable[HistoryBar],
    known: Mapping[str, Iterable[date]],
    *,
    source: str,
    replace: bool = False,
) -> Stored:
    """Store bars of `interval`, each (symbol, start) once, and remember `known` days by symbol, empty ones too.

    All in the caller's transaction. The days of the bars themselves are remembered as well.
    """
    await _begin(connection, world, interval, INCOMING)
    starts: set[datetime] = set()
    async with connection.cursor().copy(COPY) as copy:
        for bar in bars:
            prices = (bar.open, bar.high, bar.low, bar.close, bar.volume)
            await copy.write_row((bar.symbol, bar.start, bar.trade_date, bar.session.value, *prices, bar.source))
            starts.add(bar.start.replace(day=1, hour=0, minute=0, second=0))
    await ensure_months(connection, "bars", starts)
    values = {"world": world, "interval": interval}
    stored = await _settle(connection, BARS, values, replace)
    await connection.execute(REMEMBER, values)
    await remember(connection, world, interval, source, known)
    return stored


async def store_daily(
    connection: AsyncConnection,
    world: str,
    bars: Iterable[DailyBar],
    known: Mapping[str, Iterable[date]],
    *,
    source: str,
    replace: bool = False,
) -> Stored:
    """The same for daily bars. A provisional one gives way to any other, and its day is not remembered."""
    await _begin(connection, world, DAILY, INCOMING_DAILY)
    async with connection.cursor().copy(COPY_DAILY) as copy:
        for bar in bars:
            prices = (bar.open, bar.high, bar.low, bar.close, bar.volume)
            await copy.write_row((bar.symbol, bar.trade_date, *prices, bar.source, bar.provisional))
    await connection.execute(DROP_PROVISIONAL, {"world": world})
    stored = await _settle(connection, DAYS, {"world": world}, replace)
    await connection.execute(REMEMBER_DAILY, {"world": world, "interval": DAILY})
    await remember(connection, world, DAILY, source, known)
    return stored


async def remember(
    connection: AsyncConnection, world: str, interval: str, source: str, known: Mapping[str, Iterable[date]]
) -> None:
    """Note that `known` days by symbol need not be fetched: those that have no bars have none to be had."""
    pairs = [(symbol, day) for symbol, days in known.items() for day in days]
    values = {
        "world": world,
        "interval": interval,
        "source": source,
        "symbols": [symbol for symbol, _ in pairs],
        "days": [day for _, day in pairs],
    }
    await connection.execute(REMEMBER_EMPTY, values)


async def apply_split(
    connection: AsyncConnection, world: str, symbol: str, split_date: date, ratio: float, before: datetime
) -> int:
    """Put the bars of `symbol` before `split_date` that were fetched before the instant `before` on the new basis.

    `ratio`: new shares for one old. Once for each split; returns the number of bars changed. Imported bars stay as they
    are: their file says on which basis they stand.
    """
    values = {"world": world, "symbol": symbol, "date": split_date, "ratio": ratio, "before": before}
    if (await connection.execute(NOTE_SPLIT, values)).rowcount == 0:
        return 0
    changed = 0
    for table in SPLIT_TABLES:
        changed += (await connection.execute(table, values)).rowcount
    await connection.execute(REPACK_SYMBOL, values)
    return changed


async def _begin(connection: AsyncConnection, world: str, interval: str, incoming: LiteralString) -> None:
    # One at a time: of two that store the same bar, the second must see the first one's.
    await connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"history {world} {interval}",))
    await connection.execute("drop table if exists pg_temp.incoming")
    await connection.execute(incoming)


@dataclass(frozen=True, slots=True)
class _Table:
    """The statements for one of the two tables; `time` is what tells its rows apart beside the symbol."""

    compare: LiteralString
    insert: LiteralString
    fill: LiteralString
    replace: LiteralString


async def _settle(connection: AsyncConnection, table: _Table, values: Mapping[str, Any], replace: bool) -> Stored:
    await connection.execute("analyze pg_temp.incoming")
    found = await (await connection.execute("select count(*) from pg_temp.incoming")).fetchone()
    offered = found[0] if found else 0
    cursor = connection.cursor(row_factory=dict_row)
    differing = await (await cursor.execute(table.compare, values)).fetchall()
    if differing and replace:
        await connection.execute(table.replace, values)
    filled = (await connection.execute(table.fill, values)).rowcount
    new = (await connection.execute(table.insert, values)).rowcount
    return Stored(
        new=new,
        equal=offered - new - filled - len(differing),
        filled=filled,
        differing=len(differing),
        replaced=replace,
        conflicts=tuple(_conflict(row) for row in differing[:SHOWN]),
    )


def _conflict(row: Mapping[str, Any]) -> Conflict:
    names = [name for name in (*PRICES, "volume") if None not in (row[name], row[f"had_{name}"])]
    apart = [name for name in names if round(row[name], DIGITS) != round(row[f"had_{name}"], DIGITS)]
    return Conflict(
        symbol=row["symbol"],
        at=row["at"],
        stored={name: float(row[f"had_{name}"]) for name in apart},
        received={name: float(row[name]) for name in apart},
        source=row["had_source"],
    )


INCOMING: LiteralString = """
    create temp table incoming (
        symbol text, at timestamptz, trade_date date, session text, open numeric(18,6), high numeric(18,6),
        low numeric(18,6), close numeric(18,6), volume bigint, source text
    ) on commit drop"""
COPY: LiteralString = "copy pg_temp.incoming from stdin"
INCOMING_DAILY: LiteralString = """
    create temp table incoming (
        symbol text, at date, open numeric(18,6), high numeric(18,6), low numeric(18,6), close numeric(18,6),
        volume bigint, source text, provisional boolean
    ) on commit drop"""
COPY_DAILY: LiteralString = "copy pg_temp.incoming from stdin"

_JOIN_BARS: LiteralString = """
    b.world = %(world)s and b.source <> 'line' and b.interval = %(interval)s and b.symbol = i.symbol
    and b.start_time = i.at"""
_JOIN_DAYS: LiteralString = """
    b.world = %(world)s and b.source <> 'line' and not b.adjusted and b.symbol = i.symbol and b.trade_date = i.at"""
# Null is not known, hence equal to everything. Prices are told in single precision by some (156.880005 for 156.88), so
# they are compared at the four decimals that a replay takes.
_DIFFER: LiteralString = """
    (round(b.open, 4) <> round(i.open, 4) or round(b.high, 4) <> round(i.high, 4) or round(b.low, 4) <> round(i.low, 4)
     or round(b.close, 4) <> round(i.close, 4) or b.volume <> i.volume)"""
_COMPARE: LiteralString = """
    select i.*, b.open as had_open, b.high as had_high, b.low as had_low, b.close as had_close,
           b.volume as had_volume, b.source as had_source
      from pg_temp.incoming i join {table} b on {join} where {differ} order by i.at, i.symbol"""
_FILL: LiteralString = """
    update {table} b set open = coalesce(b.open, i.open), high = coalesce(b.high, greatest(i.high, b.close)),
           low = coalesce(b.low, least(i.low, b.close)), volume = coalesce(b.volume, i.volume)
      from pg_temp.incoming i
     where {join} and not coalesce({differ}, false)
       and ((b.open is null and i.open is not null) or (b.volume is null and i.volume is not null))"""
_REPLACE: LiteralString = """
    update {table} b set open = i.open, high = i.high, low = i.low, close = i.close,
           volume = coalesce(i.volume, b.volume), source = i.source, fetched_at = now()
      from pg_temp.incoming i where {join} and {differ}"""


def _statements(table: LiteralString, join: LiteralString, insert: LiteralString) -> _Table:
    def filled(text: LiteralString) -> LiteralString:
        return text.replace("{table}", table).replace("{join}", join).replace("{differ}", _DIFFER)

    return _Table(filled(_COMPARE), filled(insert), filled(_FILL), filled(_REPLACE))


BARS = _statements(
    "bars",
    _JOIN_BARS,
    """
    insert into bars (world, source, symbol, interval, start_time, trade_date, session, open, high, low, close, volume)
    select %(world)s, source, symbol, %(interval)s, at, trade_date, session, open, high, low, close, volume
      from pg_temp.incoming i where not exists (select from {table} b where {join})
     order by at, symbol""",
)
DAYS = _statements(
    "daily_ohlcv",
    _JOIN_DAYS,
    """
    insert into daily_ohlcv (world, source, symbol, trade_date, open, high, low, close, volume, provisional)
    select %(world)s, source, symbol, at, open, high, low, close, volume, provisional
      from pg_temp.incoming i where not exists (select from {table} b where {join})
     order by at, symbol""",
)
DROP_PROVISIONAL: LiteralString = """
    delete from daily_ohlcv b using pg_temp.incoming i
     where b.world = %(world)s and b.source <> 'line' and b.provisional
       and b.symbol = i.symbol and b.trade_date = i.at"""

_PACKED: LiteralString = """
    string_agg(int8send(extract(epoch from start_time)::int8), ''::bytea order by start_time)
    || string_agg(float8send(open::float8), ''::bytea order by start_time)
    || string_agg(float8send(high::float8), ''::bytea order by start_time)
    || string_agg(float8send(low::float8), ''::bytea order by start_time)
    || string_agg(float8send(close::float8), ''::bytea order by start_time)
    || string_agg(int8send(coalesce(volume, -1)), ''::bytea order by start_time)"""
_KEEP: LiteralString = """
    on conflict (world, interval, symbol, trade_date) do update
       set source = excluded.source, bars = excluded.bars, columns = excluded.columns, fetched_at = now()"""
REMEMBER: LiteralString = (
    """
    insert into bar_days (world, interval, symbol, trade_date, source, bars, columns)
    select b.world, b.interval, b.symbol, b.trade_date, min(b.source), count(*), """
    + _PACKED
    + """
      from bars b
      join (select symbol, trade_date, min(at) as first, max(at) as last from pg_temp.incoming group by 1, 2) i
        on b.symbol = i.symbol and b.trade_date = i.trade_date
       and b.start_time between i.first - interval '1 day' and i.last + interval '1 day'
     where b.world = %(world)s and b.interval = %(interval)s and b.source <> 'line'
     group by 1, 2, 3, 4"""
    + _KEEP
)
REMEMBER_DAILY: LiteralString = (
    """
    insert into bar_days (world, interval, symbol, trade_date, source, bars)
    select b.world, %(interval)s, b.symbol, b.trade_date, min(b.source), 1
      from daily_ohlcv b join pg_temp.incoming i on b.symbol = i.symbol and b.trade_date = i.at
     where b.world = %(world)s and b.source <> 'line' and not b.adjusted and not b.provisional
     group by 1, 2, 3, 4"""
    + _KEEP
)
REMEMBER_EMPTY: LiteralString = """
    insert into bar_days (world, interval, symbol, trade_date, source, bars)
    select %(world)s, %(interval)s, symbol, day, %(source)s, 0
      from unnest(%(symbols)s::text[], %(days)s::date[]) as known (symbol, day)
        on conflict do nothing"""
REPACK_SYMBOL: LiteralString = (
    """
    insert into bar_days (world, interval, symbol, trade_date, source, bars, columns)
    select world, interval, symbol, trade_date, min(source), count(*), """
    + _PACKED
    + """
      from bars where world = %(world)s and symbol = %(symbol)s and source <> 'line' and trade_date < %(date)s
       and start_time < %(date)s::date + interval '1 day'
     group by 1, 2, 3, 4"""
    + _KEEP
)

NOTE_SPLIT: LiteralString = """
    insert into splits (world, symbol, split_date, ratio) values (%(world)s, %(symbol)s, %(date)s, %(ratio)s)
        on conflict do nothing"""
SPLIT_TABLES: tuple[LiteralString, ...] = (
    """
    update bars set open = open / %(ratio)s, high = high / %(ratio)s, low = low / %(ratio)s, close = close / %(ratio)s,
           volume = round(volume * %(ratio)s)
     where world = %(world)s and source = 'yahoo' and symbol = %(symbol)s and trade_date < %(date)s
       and fetched_at < %(before)s""",
    """
    update daily_ohlcv set open = open / %(ratio)s, high = high / %(ratio)s, low = low / %(ratio)s,
           close = close / %(ratio)s, volume = round(volume * %(ratio)s)
     where world = %(world)s and source = 'yahoo' and symbol = %(symbol)s and trade_date < %(date)s
       and not adjusted and fetched_at < %(before)s""",
)
