"""The archive, read only, and the queue of runs. While PostgreSQL is away, their routes say so and all else goes on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, cast

import psycopg
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from schemas.errors import Unavailable

log = logging.getLogger(__name__)

WAIT_S = 3.0  # for a connection
CHECK_EVERY_S = 5.0
PATIENCE_S = 0.3  # for the answer of a check; until then the one before stands


class Database:
    """A small pool that is opened lazily and never keeps a request waiting for long."""

    def __init__(self, url: str) -> None:
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
            url,
            min_size=0,
            max_size=4,
            timeout=WAIT_S,
            open=False,
            reconnect_timeout=30,
            kwargs={
                "row_factory": dict_row,
                "autocommit": True,
                "connect_timeout": 3,
                "application_name": "ptj-api",
                "options": "-c statement_timeout=10000 -c default_transaction_read_only=on -c timezone=UTC",
            },
        )
        self._checked_at = -CHECK_EVERY_S
        self._fault: str | None = "it has not answered yet"
        self._check: asyncio.Task[None] | None = None

    async def open(self) -> None:
        await self._pool.open(wait=False)

    async def close(self) -> None:
        if self._check is not None:
            self._check.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._pool.close(timeout=2)

    async def rows(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[DictRow]:
        """The answer to `query`. Raises `Unavailable` when the database does not answer or lacks the table."""
        with _told():
            async with self._pool.connection() as connection, connection.cursor() as cursor:
                await cursor.execute(query.encode(), parameters)
                return await cursor.fetchall()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[psycopg.AsyncConnection[TupleRow]]:
        """A transaction that may write, its rows tuples; what raises in it undoes all. Raises `Unavailable`."""
        with _told():
            async with self._pool.connection() as pooled, pooled.transaction():
                connection = cast(psycopg.AsyncConnection[TupleRow], pooled)
                connection.row_factory = tuple_row
                try:
                    await connection.execute("set transaction read write")
                    yield connection
                finally:
                    pooled.row_factory = dict_row

    async def fault(self) -> str | None:
        """Why the database does not answer, None when it does. Asked every few seconds at most, nobody waits long."""
        if self._check is None and time.monotonic() - self._checked_at >= CHECK_EVERY_S:
            self._check = asyncio.create_task(self._look())
        if self._check is not None:
            await asyncio.wait({self._check}, timeout=PATIENCE_S)
        return self._fault

    async def _look(self) -> None:
        before = self._fault
        try:
            await self.rows("select 1")
            self._fault = None
        except Unavailable as error:
            self._fault = str(error)
        finally:
            self._checked_at, self._check = time.monotonic(), None
        if self._fault != before:
            log.warning("database.%s", "up" if self._fault is None else f"down reason={self._fault}")


@contextmanager
def _told() -> Iterator[None]:
    """Whatever means that the database is away becomes `Unavailable`."""
    try:
        yield
    except (PoolTimeout, PoolClosed, psycopg.OperationalError) as error:
        raise Unavailable(f"the database does not answer: {_one_line(error)}", retry_after_s=2.0) from None
    except psycopg.errors.UndefinedTable as error:
        raise Unavailable(f"the database has no tables yet: {_one_line(error)}", retry_after_s=5.0) from None


def _one_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
