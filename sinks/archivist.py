"""Which days are to be archived: those that ended and have no file, after a crash or a pause of days as well."""

from __future__ import annotations

import asyncio
import logging
from datetime import date
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError
from psycopg import AsyncConnection

from schemas.errors import ConfigError, Unavailable
from sinks.archive import Lost, Span, path_of, write_day
from sinks.config import SinkConfig
from sinks.database import Pool, sorted_errors
from sinks.watch import foreign_cancellation
from transport.kafka import Kafka

log = logging.getLogger(__name__)

RETRY_S = 60.0

ENDED = """
    select world, book, trade_date, partition, opening_offset, closing_offset, archive
      from trade_days
     where world = %s and closing_offset is not null and (archive = 'due' or archive = 'written' and %s)
     order by trade_date, book"""

FIND = """
    select world, book, trade_date, partition, opening_offset, closing_offset
      from trade_days where world = %s and book = %s and trade_date = %s"""

KNOWN = "select min(trade_date), max(trade_date) from trade_days where world = %s and book = %s"

SETTLE = """
    update trade_days set archive = %s, archived_at = now(), archive_rows = %s
     where world = %s and book = %s and trade_date = %s and opening_offset = %s and closing_offset = %s"""


class Archivist:
    """Looks when the ticks sink has stored something, and writes outside of its way."""

    def __init__(self, config: SinkConfig, pool: Pool, stop: asyncio.Event) -> None:
        self._config, self._pool, self._stop = config, pool, stop
        self._files_checked = False  # once, at start: a file may have gone while nobody looked
        self._look = asyncio.Event()
        self._look.set()

    def look(self) -> None:
        self._look.set()

    async def run(self) -> None:
        """Until `stop`. A day that cannot be written now is tried again; nothing here ends the sink."""
        while await self._called():
            try:
                with sorted_errors():
                    due = await self._due()
                for span, archive in due:
                    if self._stop.is_set():
                        return
                    await self._archive(span, archive)
            except (Unavailable, KafkaError, OSError) as error:
                self._later(error)
            except asyncio.CancelledError as error:
                if not foreign_cancellation():
                    raise
                self._later(error)

    def _later(self, error: BaseException) -> None:
        self._files_checked = False
        log.warning("archive waits error=%r retry_s=%g", error, RETRY_S)
        asyncio.get_running_loop().call_later(RETRY_S, self._look.set)

    async def _called(self) -> bool:
        """Wait for a call; False when it is `stop`."""
        waits = [asyncio.ensure_future(self._look.wait()), asyncio.ensure_future(self._stop.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._look.clear()
        return not self._stop.is_set()

    async def _due(self) -> list[tuple[Span, str]]:
        async with self._pool.connection() as connection:
            found = await connection.execute(ENDED, (self._config.namespace, not self._files_checked))
            rows: list[Any] = await found.fetchall()
        self._files_checked = True
        ended = [(Span(*of_day), archive) for *of_day, archive in rows]
        return [(span, archive) for span, archive in ended if archive == "due" or not self._path(span).exists()]

    def _path(self, span: Span) -> Path:
        return path_of(self._config.archive_dir, span.world, span.book, span.trade_date)

    async def _archive(self, span: Span, archive: str) -> None:
        try:
            rows = await write_day(self._config.kafka, span, self._config.archive_dir)
        except Lost as lost:
            log.warning("archive lost book=%s trade_date=%s reason=%s", span.book, span.trade_date, lost)
            if archive == "due":  # one that was written may well be kept elsewhere
                await self._settle(span, "lost", None)
        else:
            log.info("archived book=%s trade_date=%s rows=%d", span.book, span.trade_date, rows)
            await self._settle(span, "written", rows)

    async def _settle(self, span: Span, archive: str, rows: int | None) -> None:
        with sorted_errors():
            async with self._pool.connection() as connection:
                await settle(connection, span, archive, rows)


async def settle(connection: AsyncConnection, span: Span, archive: str, rows: int | None) -> None:
    """Note what became of a day's file, unless the log told of the day anew meanwhile."""
    of = (span.world, span.book, span.trade_date, span.opening_offset, span.closing_offset)
    await connection.execute(SETTLE, (archive, rows, *of))


async def span_of(connection: AsyncConnection, world: str, book: str, trade_date: date) -> Span:
    """Where a day that has ended stands in the log. Raises `ConfigError` where there is none or it still runs."""
    row = await (await connection.execute(FIND, (world, book, trade_date))).fetchone()
    if row is None:
        first, last = await (await connection.execute(KNOWN, (world, book))).fetchone() or (None, None)
        known = f"one between {first} and {last}" if first else "one that the line has run, and it has run none yet"
        raise ConfigError(f"DATE: expected a trade date of {world} {book!r}, {known}; received {trade_date}")
    if row[-1] is None:
        raise ConfigError(
            f"DATE: expected a day that has ended, received {trade_date}, which still runs or whose end the sink has "
            "not stored yet; after its close the sink archives it by itself"
        )
    return Span(*row)


async def archive_day(connection: AsyncConnection, kafka: Kafka, directory: Path, span: Span) -> tuple[Path, int]:
    """Make or remake the file of a day; returns where it is and its rows. Raises `ConfigError` where the log lost it.

    The connection commits by itself.
    """
    path = path_of(directory, span.world, span.book, span.trade_date)
    try:
        rows = await write_day(kafka, span, directory)
    except Lost as lost:
        there = f"the archive made earlier stays at {path}" if path.exists() else "there is no archive of it either"
        raise ConfigError(f"{span.trade_date}: the log no longer holds the whole day ({lost}); {there}") from None
    except OSError as error:
        raise ConfigError(f"{path.parent}: expected a directory with room for the archive, received {error}") from None
    await settle(connection, span, "written", rows)
    return path, rows
