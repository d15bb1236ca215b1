"""What stands when a run is asked for: parameters in force, the book, the date at the exchange, review sessions."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from psycopg import AsyncConnection

from producers.history import yahoo
from runtime.backtests.asking import Ground
from runtime.configs import bars_config, book_source
from runtime.settings import Settings
from schemas.book import Book, load_book
from schemas.errors import ConfigError, Unavailable
from schemas.parameters import Parameters
from schemas.runs import RunRequest
from schemas.trading_days import trading_days

IN_FORCE = "select json from parameter_sets where world = %s and book = %s order by version desc limit 1"


async def ground_of(connection: AsyncConnection, world: str, settings: Settings) -> Ground:
    """As things stand now."""
    book = load_book(book_source(settings))
    row = await (await connection.execute(IN_FORCE, (world, book.name))).fetchone()
    return Ground(
        days=trading_days(book.calendar),
        symbols=len(book.symbols),
        parameters=msgspec.convert(row[0], Parameters) if row else Parameters(),
        today=await _today(settings, book),
    )


async def _today(settings: Settings, book: Book) -> date | None:
    """The date at the exchange; None in a demo whose simulator does not say. The worker judges by the same clock."""
    try:
        now = await yahoo.market_now(bars_config(settings).yahoo)
    except (ConfigError, Unavailable):
        return None
    return now.astimezone(ZoneInfo(book.timezone)).date()


async def check_session(connection: AsyncConnection, world: str, asked: RunRequest) -> None:
    """Raises `ConfigError` unless the review session is there and of that date."""
    rows = await connection.execute(
        "select session_date from review_sessions where world = %s and id = %s", (world, asked.session_id)
    )
    row = await rows.fetchone()
    if row is None:
        raise ConfigError(f"--session: expected a review session of {world}, received {asked.session_id}")
    if row[0] != asked.start:
        raise ConfigError(
            f"--session: expected one of {asked.start}, received {asked.session_id}, which is of {row[0]}"
        )
