"""Partitions by month, made before the rows that need them. Rows without one go to the default partition."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime

import psycopg
from psycopg import AsyncConnection

log = logging.getLogger(__name__)

YEARS = range(2000, 2101)  # an absurd time makes no table; its row is kept by the default partition
LOCK_TIMEOUT = "2s"


def months(times: Iterable[datetime]) -> list[datetime]:
    """The first instants of the UTC months of `times`, and of the month after the newest, oldest first."""
    firsts = {
        datetime(utc.year, utc.month, 1, tzinfo=UTC)
        for utc in (time.astimezone(UTC) for time in times)
        if utc.year in YEARS
    }
    if firsts:
        newest = max(firsts)
        firsts.add(datetime(newest.year + newest.month // 12, newest.month % 12 + 1, 1, tzinfo=UTC))
    return sorted(firsts)


async def ensure_months(connection: AsyncConnection, table: str, times: Iterable[datetime]) -> None:
    """Make the partitions of `table` that `times` need. One that cannot be had in time is done without."""
    needed = months(times)
    names = [f"{table}_{first:%Y_%m}" for first in needed]
    found = await connection.execute(
        "select first from unnest(%s::text[], %s::timestamptz[]) as t (name, first) where to_regclass(name) is null",
        (names, needed),
    )
    for (first,) in await found.fetchall():
        try:
            async with connection.transaction():
                await connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
                await connection.execute("select ensure_month(%s, %s)", (table, first))
        except psycopg.errors.LockNotAvailable:
            log.warning("partition waits table=%s month=%s", table, f"{first:%Y-%m}")
