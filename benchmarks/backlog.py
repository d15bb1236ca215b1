"""A backlog on disk: the values of a topic one after the other, so that no process has to hold them all."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.base import encode
from schemas.ticks import TickRecord
from transport.kafka import Kafka, make_producer

LENGTH = struct.Struct("<I")
IN_FLIGHT = 2000  # records sent and not yet acknowledged


@dataclass(frozen=True, slots=True)
class Backlog:
    """`records` values in `path`, with `ticks` ticks in them; the first is the opening."""

    path: Path
    records: int
    ticks: int
    largest: int  # bytes of a value

    def values(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while head := file.read(LENGTH.size):
                yield file.read(LENGTH.unpack(head)[0])

    async def publish(self, kafka: Kafka, topic: str, key: bytes, partition: int) -> None:
        """Append every value, in order."""
        producer = make_producer(kafka, linger_ms=5, max_batch_size=256 * 1024)
        await producer.start()
        try:
            sent: deque[Any] = deque()
            for value in self.values():
                sent.append(await producer.send(topic, value, key, partition))
                if len(sent) > IN_FLIGHT:
                    await sent.popleft()
            for ack in sent:
                await ack
        finally:
            await producer.stop()


def write(path: Path, records: Iterable[TickRecord], ticks: int) -> Backlog:
    """Keep `records`, which hold `ticks` ticks, at `path`."""
    count = largest = 0
    with path.open("wb") as file:
        for record in records:
            value = encode(record)
            file.write(LENGTH.pack(len(value)) + value)
            count, largest = count + 1, max(largest, len(value))
    return Backlog(path, count, ticks, largest)
