"""What stands when a run is asked for: parameters in force, the book, the date at the exchange."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from producers.history import yahoo
from runtime.configs import bars_config, book_source
from runtime.settings import Settings
from schemas.book import Book, load_book
from schemas.errors import ConfigError, Unavailable
from schemas.parameters import Parameters
from schemas.trading_days import trading_days
from transport.asked import Ground

IN_FORCE = "select json from parameter_sets where world = %s and book = %s order by version desc limit 1"


async def ground_of(connection: AsyncConnection, world: str, settings: Settings) -> Ground:
    """As things stand now."""
    book = load_book(book_source(settings))
    row = await (await connection.execute(IN_FORCE, (world, book.name))).fetchone()
    days, now = trading_days(book.calendar), await _now(settings, book)
    return Ground(
        book=book.name,
        days=days,
        symbols=len(book.symbols),
        parameters=msgspec.convert(row[0], Parameters) if row else Parameters(),
        today=now.date() if now else date.max,
        over=(now and days.last_over(now)) or date.max,
    )


async def _now(settings: Settings, book: Book) -> datetime | None:
    """The time at the exchange, by the clock that the worker has; None where a simulator does not say."""
    try:
        now = await yahoo.market_now(bars_config(settings).yahoo)
    except (ConfigError, Unavailable):
        return None
    return now.astimezone(ZoneInfo(book.timezone))
