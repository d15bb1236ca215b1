"""The database for routes: rows to read and a transaction to write in, or 503 in the one shape of errors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, DataError

from api.errors import ApiError
from api.parts import Parts
from schemas.errors import Unavailable


async def rows_of(parts: Parts, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The answer to `query`."""
    try:
        return await parts.database.rows(query, values)
    except Unavailable as error:
        raise away(error, "The archive is away") from None
    except DataError as error:  # a character or a time that PostgreSQL does not know
        raise ApiError(422, f"Not valid: {str(error).splitlines()[0]}.") from None


@asynccontextmanager
async def transaction_of(parts: Parts) -> AsyncIterator[AsyncConnection]:
    """A transaction that may write: all of it or, when anything raises, nothing."""
    try:
        async with parts.database.transaction() as connection:
            yield connection
    except Unavailable as error:
        raise away(error, "Whether this was done is not known; look before trying again") from None


def away(error: Unavailable, what: str) -> ApiError:
    """503 with the time to wait."""
    headers = {"Retry-After": f"{error.retry_after_s:.0f}"}
    return ApiError(503, f"{what}: {error}.", code="database_unavailable", headers=headers)
