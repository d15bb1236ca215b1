"""Resuming a stream: what a client missed, read from the log, then handed over to the hub without a gap.

The seam is exact because reading and handing over happen on one event loop: once the log was read up to the tail's
position, `Hub.join` follows without an await in between, and the hub passes on only what lies at or behind that place.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer

from api.hub import Client
from api.parts import Parts
from api.wire import START, EventId, events_of, places, signal_frame
from schemas.errors import Unavailable
from schemas.signals import SignalEvent
from transport.kafka import reading

BATCH = 500
SILENCE_S = 5.0

Placed = list[tuple[EventId, SignalEvent]]


class Unknown(Exception):
    """The id names no event of this log: expired, foreign or made up."""


class Resume:
    """One client's way from `after` to the present. It keeps its place, so it can go on after Kafka was away."""

    def __init__(self, parts: Parts, client: Client, after: EventId) -> None:
        self._parts, self._client, self._after = parts, client, after
        self._log = parts.tail.log_id
        self._tp = parts.tail.signals

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """What was missed, in log order. When this ends the client has joined the hub.

        Raises `Unknown`; and `Unavailable` or `KafkaError` while Kafka is away: then call it again.
        """
        tail, hub = self._parts.tail, self._parts.hub
        if self._log != tail.log_id:
            raise Unknown
        if self._after == self._parts.live.newest:  # nothing was missed, and the tail vouches for the event
            hub.join(self._client, tail.positions["signals"])
            return
        async with (
            tail.readers,
            reading(self._parts.config.kafka, self._tp, auto_offset_reset="none") as consumer,
        ):
            consumer.seek(self._tp, max(self._after.offset, 0))
            position, rest = await self._find(consumer)
            if rest:
                yield self._frames(rest)
            while position < tail.positions["signals"]:
                records = await self._fetch(consumer, BATCH)
                if self._log != tail.log_id:
                    raise Unknown
                missed = [placed for record in records for placed in self._places(record)]
                if missed:
                    yield self._frames(missed)
                position = records[-1].offset + 1
            hub.join(self._client, position)

    async def _find(self, consumer: AIOKafkaConsumer) -> tuple[int, Placed]:
        """The offset to go on from, and what stands behind the named event in its own message."""
        begin = int((await consumer.beginning_offsets([self._tp]))[self._tp])
        end = int((await consumer.end_offsets([self._tp]))[self._tp])
        if self._after == START:
            consumer.seek(self._tp, begin)
            return begin, []
        if not begin <= self._after.offset < end:
            raise Unknown
        record = (await self._fetch(consumer, 1))[0]
        found = self._places(record)
        if record.offset != self._after.offset or not any(_is(at, self._after) for at, _ in found):
            raise Unknown
        return record.offset + 1, [(at, event) for at, event in found if at.n > self._after.n]

    async def _fetch(self, consumer: AIOKafkaConsumer, most: int) -> list[Any]:
        fetched = await consumer.getmany(self._tp, timeout_ms=round(SILENCE_S * 1000), max_records=most)
        if not fetched:
            raise Unavailable(f"{self._tp.topic}: nothing came for {SILENCE_S:g} s")
        return list(fetched[self._tp])

    def _places(self, record: Any) -> Placed:
        try:
            return places(record.offset, events_of(record.value), self._parts.tail.book)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return []  # the tail has reported it

    def _frames(self, found: Placed) -> bytes:
        """Bytes for `found`; from now on we stand behind its last event."""
        self._after = found[-1][0]
        return b"".join(signal_frame(at, event, self._parts.config.namespace) for at, event in found)


def _is(at: EventId, named: EventId) -> bool:
    return at.n == named.n and at.event.startswith(named.event)
