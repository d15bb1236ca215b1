"""PostgreSQL for the sinks: a pool, and its errors sorted by what to do next."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from schemas.errors import Unavailable

log = logging.getLogger(__name__)

Pool = AsyncConnectionPool[AsyncConnection]

REFUSED = (
    psycopg.DataError,
    psycopg.IntegrityError,
    UnicodeError,
)  # the row is at fault: no use in trying again
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, OSError)
LIMIT_EXCEEDED = "54"  # class of SQLSTATE: told as operational, yet it is the row that is too large

CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,  # ms; a silent network ends the wait
    "application_name": "ptj-sink",
}


def make_pool(database_url: str) -> Pool:
    """A pool, not opened. It gives up on a dead server soon, for the caller tries again by itself."""
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # one line for an outage is enough, and it is ours
    return AsyncConnectionPool(
        database_url,
        kwargs=CONNECT,
        min_size=1,
        max_size=4,
        timeout=5,
        reconnect_timeout=5,
        configure=_configure,
        name="sink",
        open=False,
    )


async def _configure(connection: AsyncConnection) -> None:
    await connection.set_autocommit(True)
    await connection.execute("set statement_timeout = '60s'")
    await connection.execute("set lock_timeout = '20s'")
    await connection.set_autocommit(False)


class Refused(Exception):
    """PostgreSQL will never take this row."""


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Turn the driver's errors into `Refused` and `Unavailable`; let others, faults of ours, pass."""
    try:
        yield
    except REFUSED as error:
        raise Refused(_said(error)) from error
    except AWAY as error:
        if (getattr(error, "sqlstate", None) or "").startswith(LIMIT_EXCEEDED):
            raise Refused(_said(error)) from error
        raise Unavailable(f"PostgreSQL: {_said(error)}") from error


def _said(error: BaseException) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__


class Backoff:
    """Growing pauses with jitter, cut short by `stop`. One line when something goes away, one when it is back."""

    def __init__(self, what: str, stop: asyncio.Event, longest_s: float = 10.0) -> None:
        self._what, self._stop, self._longest_s = what, stop, longest_s
        self._tries = 0
        self._since = 0.0

    async def pause(self, error: Exception) -> None:
        now = asyncio.get_running_loop().time()
        if self._tries == 0:
            self._since = now
            log.warning("away what=%s error=%s", self._what, error)
        pause_s = min(self._longest_s, 0.2 * 2**self._tries) * random.uniform(0.5, 1.0)
        self._tries = min(self._tries + 1, 16)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), pause_s)

    def over(self) -> None:
        if self._tries:
            away_s = asyncio.get_running_loop().time() - self._since
            log.info("back what=%s away_s=%.1f", self._what, away_s)
            self._tries = 0
