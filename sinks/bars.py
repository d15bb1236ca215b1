"""Closed 1-minute bars become rows of `bars`, beside those of vendors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from schemas.base import decoder, parse
from schemas.quotes import Bar
from schemas.topics import BARS
from sinks.months import ensure_months
from sinks.sink import place

LINE = "line"  # folded from our own quotes
MINUTE = "1m"

# An agent that lost its state may tell a minute again from a part of its quotes: the fuller bar stays.
UPSERT = """
    insert into bars
        (world, source, book, symbol, interval, start_time, trade_date, session,
         open, high, low, close, volume, ticks, position)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict (world, source, book, symbol, interval, start_time) do update set
        session = excluded.session, open = excluded.open, high = excluded.high, low = excluded.low,
        close = excluded.close, volume = excluded.volume, ticks = excluded.ticks, position = excluded.position
    where excluded.ticks > bars.ticks"""

_decoder = decoder(Bar)


class Bars:
    """The bars that the line itself folds."""

    topic = BARS

    def __init__(self, world: str) -> None:
        self.world = world

    def decode(self, record: Any) -> Bar:
        bar: Bar = parse(_decoder, record.value, place(record))
        return bar

    async def write(self, connection: AsyncConnection, batch: Sequence[Bar]) -> None:
        await ensure_months(connection, "bars", (bar.start for bar in batch))
        async with connection.cursor() as cursor:
            await cursor.executemany(UPSERT, [self._row(bar) for bar in batch])

    def _row(self, bar: Bar) -> tuple[Any, ...]:
        return (
            self.world,
            LINE,
            bar.book,
            bar.symbol,
            MINUTE,
            bar.start,
            bar.trade_date,
            bar.session.value,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            bar.volume,
            bar.ticks,
            bar.position,
        )
