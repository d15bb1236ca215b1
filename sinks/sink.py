"""The one shape of every sink: a topic, how its records are read, and how a batch of them is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from psycopg import AsyncConnection

from schemas.dead_letters import DeadLetter
from schemas.topics import Topic

REPORTER = "sink"
LETTER_BYTES = 600_000  # base64 makes a third more of it, which still fits into one record


class Sink(Protocol):
    """Storing a batch twice changes nothing; storing it is the caller's transaction."""

    topic: Topic

    def decode(self, record: Any) -> Any:
        """The row of a Kafka record, or None when nothing of it is stored. Raises `Malformed`."""

    async def write(self, connection: AsyncConnection, batch: Sequence[Any]) -> None:
        """Store rows, in the order of their partition."""


def place(record: Any) -> str:
    """Where a record stands, for messages: ``live.bars[0]@1841``."""
    return f"{record.topic}[{record.partition}]@{record.offset}"


def letter(record: Any, reason: str) -> DeadLetter:
    """What the dead letters are told of a record that could not be stored."""
    kept = len(record.key or b"") + len(record.value or b"") <= LETTER_BYTES
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        reason=reason if kept else f"{reason} ({len(record.value or b'')} bytes, left where they are)",
        reported_by=REPORTER,
        reported_at=datetime.now(UTC),
        key=record.key if kept else None,
        value=record.value if kept else None,
    )
