"""Dead letters become rows, one per place, whoever reported it first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection

from schemas.base import decoder, parse
from schemas.dead_letters import DeadLetter
from schemas.errors import Malformed
from schemas.topics import DEAD_LETTERS
from sinks.sink import letter, place

INSERT = """
    insert into dead_letters
        (namespace, topic, partition, record_offset, reason, reported_by, reported_at, key, value, position)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    on conflict do nothing"""

REINJECTED = """
    update dead_letters set reinjected_at = now()
     where namespace = %s and topic = %s and partition = %s and record_offset = %s"""

_decoder = decoder(DeadLetter)


class DeadLetters:
    """A letter that does not parse is stored as one about itself: reporting it again would never end."""

    topic = DEAD_LETTERS

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def decode(self, record: Any) -> tuple[DeadLetter, int]:
        try:
            return parse(_decoder, record.value, place(record)), record.offset
        except Malformed as error:
            return letter(record, str(error)), record.offset

    async def write(self, connection: AsyncConnection, batch: Sequence[tuple[DeadLetter, int]]) -> None:
        async with connection.cursor() as cursor:
            await cursor.executemany(INSERT, [self._row(letter, position) for letter, position in batch])

    def _row(self, letter: DeadLetter, position: int) -> tuple[Any, ...]:
        return (
            self.namespace,
            _text(letter.topic),
            letter.partition,
            letter.offset,
            _text(letter.reason),
            _text(letter.reported_by),
            letter.reported_at,
            letter.key,
            letter.value,
            position,
        )


async def note_reinjected(connection: AsyncConnection, namespace: str, letter: DeadLetter) -> bool:
    """Note that `letter` went back onto its topic. False when it is not stored yet."""
    place = (namespace, _text(letter.topic), letter.partition, letter.offset)
    return (await connection.execute(REINJECTED, place)).rowcount > 0


def _text(said: str) -> str:
    """`said` without the one character that PostgreSQL refuses."""
    return said.replace("\0", "\\0")
