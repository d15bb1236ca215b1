"""A batch into the database: whole in one transaction, and never held up by one row that cannot be stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.dead_letters import DeadLetter
from sinks.database import Pool, Refused, sorted_errors
from sinks.sink import Sink, letter


async def store(pool: Pool, sinks: Mapping[str, Sink], rows: Sequence[tuple[Any, Any]]) -> list[DeadLetter]:
    """Store (record, row) pairs in one transaction, or, where PostgreSQL refuses one of them, each by itself.

    `sinks` by topic. Returns letters for the refused rows; raises `Unavailable` when nothing more can be stored now.
    """
    try:
        with sorted_errors():
            async with pool.connection() as connection:
                for topic, sink in sinks.items():
                    if batch := [row for record, row in rows if record.topic == topic]:
                        await sink.write(connection, batch)
        return []
    except Refused:
        pass
    refused = []
    with sorted_errors():
        async with pool.connection() as connection:
            for record, row in rows:
                try:
                    with sorted_errors():
                        async with connection.transaction():
                            await sinks[record.topic].write(connection, [row])
                except Refused as error:
                    refused.append(letter(record, f"refused by PostgreSQL: {error}"))
    return refused
