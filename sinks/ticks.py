"""Ticks become the rows that are not edges: trade dates, parameter sets and the day's open, high, low and close.

How far the log was folded stands in `trade_days` beside what came of it, written in the same transaction, so a batch
that comes again is recognised and changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime
from typing import Any

from psycopg import AsyncConnection

from schemas.base import decoder, encode, parse
from schemas.errors import Malformed
from schemas.ticks import Session, TickRecord
from schemas.topics import TICKS
from sinks.bars import LINE
from sinks.days import Daily, Day, Folded, Placed, fold
from sinks.sink import place

NEWEST_DAY = """
    select trade_date, session, opens_at, closes_at, opened_at, partition, opening_offset, closing_offset,
           position, appended_at, param_version
      from trade_days where world = %s and book = %s order by appended_at desc, position desc limit 1"""

UPSERT_DAY = """
    insert into trade_days
        (world, book, trade_date, session, opens_at, closes_at, opened_at, partition, opening_offset, closing_offset,
         position, appended_at, param_version, archive)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (world, book, trade_date) do update set
        session = excluded.session, opens_at = excluded.opens_at, closes_at = excluded.closes_at,
        opened_at = excluded.opened_at, partition = excluded.partition, opening_offset = excluded.opening_offset,
        closing_offset = excluded.closing_offset, position = excluded.position, appended_at = excluded.appended_at,
        param_version = excluded.param_version,
        archive = case when trade_days.closing_offset = excluded.closing_offset
                        and trade_days.opening_offset = excluded.opening_offset
                       then trade_days.archive else excluded.archive end"""

FORGET_DAILY = """
    delete from daily_ohlcv
     where world = %s and source = %s and book = %s and not adjusted and trade_date = any(%s)"""

UPSERT_DAILY = """
    insert into daily_ohlcv
        (world, source, book, symbol, trade_date, open, high, low, close, volume, as_of)
    values (%(world)s, %(source)s, %(book)s, %(symbol)s, %(trade_date)s,
            %(open)s, %(high)s, %(low)s, %(close)s, %(volume)s, %(as_of)s)
    on conflict (world, source, book, symbol, trade_date, adjusted) do update set
        open = case when %(open_told)s then excluded.open else daily_ohlcv.open end,
        high = greatest(daily_ohlcv.high, excluded.high), low = least(daily_ohlcv.low, excluded.low),
        close = excluded.close, volume = coalesce(excluded.volume, daily_ohlcv.volume),
        as_of = excluded.as_of, fetched_at = now()"""

FINISH_DAILY = """
    update daily_ohlcv set provisional = false
     where world = %s and source = %s and book = %s and not adjusted and trade_date = any(%s) and provisional"""

INSERT_SET = """
    insert into parameter_sets (world, book, version, json, changed_by, changed_at, position)
    values (%s, %s, %s, %s::jsonb, %s, %s, %s) on conflict do nothing"""

_decoder = decoder(TickRecord)


class Ticks:
    """Agents report what does not parse here; the sink passes over it, and the archive keeps its bytes."""

    topic = TICKS

    def __init__(self, world: str) -> None:
        self.world = world

    def decode(self, record: Any) -> Placed | None:
        try:
            parsed = parse(_decoder, record.value, place(record))
        except Malformed:
            return None
        return Placed(record.partition, record.offset, datetime.fromtimestamp(record.timestamp / 1000, UTC), parsed)

    async def write(self, connection: AsyncConnection, batch: Sequence[Placed]) -> None:
        by_book: dict[str, list[Placed]] = defaultdict(list)
        for placed in batch:
            by_book[placed.record.book].append(placed)
        for book, records in sorted(by_book.items()):
            found = await (await connection.execute(NEWEST_DAY, (self.world, book))).fetchone()
            await self._store(connection, book, fold(_day(found) if found else None, records))

    async def _store(self, connection: AsyncConnection, book: str, folded: Folded) -> None:
        of_book = (self.world, LINE, book)
        async with connection.cursor() as cursor:
            await cursor.executemany(UPSERT_DAY, [self._day_row(book, day) for day in folded.days.values()])
            if folded.opened:
                await cursor.execute(FORGET_DAILY, (*of_book, sorted(folded.opened)))
            await cursor.executemany(
                UPSERT_DAILY,
                [
                    self._daily_row(book, symbol, trade_date, daily)
                    for (trade_date, symbol), daily in folded.daily.items()
                ],
            )
            if folded.ended:
                await cursor.execute(FINISH_DAILY, (*of_book, sorted(folded.ended)))
            await cursor.executemany(
                INSERT_SET,
                [
                    (
                        self.world,
                        book,
                        new.version,
                        encode(new.parameters).decode(),
                        new.changed_by,
                        new.changed_at,
                        new.position,
                    )
                    for new in folded.sets
                ],
            )

    def _day_row(self, book: str, day: Day) -> tuple[Any, ...]:
        trade_date, session, *rest = astuple(day)
        archive = "open" if day.closing_offset is None else "due"
        return (self.world, book, trade_date, session.value, *rest, archive)

    def _daily_row(self, book: str, symbol: str, trade_date: Any, daily: Daily) -> dict[str, Any]:
        return {
            "world": self.world,
            "source": LINE,
            "book": book,
            "symbol": symbol,
            "trade_date": trade_date,
            "open": daily.open,
            "open_told": daily.open_told,
            "high": daily.high,
            "low": daily.low,
            "close": daily.close,
            "volume": daily.volume,
            "as_of": daily.as_of,
        }


def _day(row: tuple[Any, ...]) -> Day:
    trade_date, session, *rest = row
    return Day(trade_date, Session(session), *rest)
