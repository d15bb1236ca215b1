"""Where each agent stands in each partition of ticks: the state says it, not the committed offset.

A state stores the offset and the append time of the last record folded. At each assignment that record is read again:
another append time there, or an offset beyond the end, means another stream under the same name, and the state is
discarded. Records at or below the position are skipped, a hole is sought back, a hole below the log's start empties the
state. What is discarded or lost is reported.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from faust.types import TP
from faust.types.tuples import Message

from processors.consumer import Arrival
from schemas.base import Frozen, decoder, encode
from schemas.topics import partition_of

logger = logging.getLogger(__name__)

SEEK_AGAIN_S = 0.5  # a seek takes effect at the next fetch; a second one meanwhile would only start over


class Kept(Frozen):
    """What a table holds per book: the state and the place it belongs to."""

    partition: int
    position: int  # offset of the last record folded
    appended_ms: int  # its append time, which tells this log from another of the same name
    state: msgspec.Raw


KEPT = decoder(Kept)


@dataclass(slots=True)
class Place:
    """One agent in one partition."""

    agent: str
    tp: TP
    book: bytes | None = None  # the partition's one key, once known
    position: int = -1
    appended_ms: int = 0
    state: Any = None
    start: int = 0  # where an empty state begins

    @property
    def next(self) -> int:
        return self.position + 1 if self.position >= 0 else self.start


@dataclass(frozen=True, slots=True)
class Log:
    """What the broker holds of a partition: offsets from `start` up to, not including, `end`."""

    start: int
    end: int


@dataclass(slots=True)
class Held:
    """One agent's table and how to read a state out of it."""

    table: Any
    decode: Callable[[bytes], Any]
    initial: Callable[[], Any]


Report = Callable[[str, TP, int, str], Awaitable[None]]  # agent, partition, offset, reason
Opening = Callable[[], Awaitable[Mapping[bytes, int]]]  # per book the offset of its trade date's opening


@dataclass(slots=True)
class Positions:
    """The places of all agents of a worker. `reader` has no group: it looks and never delivers."""

    reader: AIOKafkaConsumer
    seek: Callable[[TP, int], Awaitable[None]]
    generation: Callable[[], int]
    openings: Opening
    report: Report
    tables: dict[str, Held] = field(default_factory=dict)
    places: dict[tuple[str, TP], Place] = field(default_factory=dict)
    verified: int | None = None
    sought: dict[TP, tuple[float, int]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def register(self, agent: str, held: Held) -> None:
        self.tables[agent] = held

    async def seek_targets(self, tps: set[TP]) -> Mapping[TP, int]:
        """Per partition the first record that some agent has not folded; reads every state anew."""
        async with self.lock:
            await self._verify(tps)
        return {tp: min(place.next for place in self.of(tp)) for tp in tps}

    def of(self, tp: TP) -> list[Place]:
        return [place for (_, at), place in self.places.items() if at == tp]

    async def place(self, agent: str, tp: TP) -> Place:
        """The verified place of `agent` in `tp`, under the assignment in force."""
        if self.verified != self.generation() or (agent, tp) not in self.places:
            async with self.lock:
                if self.verified != self.generation() or (agent, tp) not in self.places:
                    known = {at for _, at in self.places} if self.verified == self.generation() else set()
                    await self._verify(known | {tp})
        return self.places[agent, tp]

    async def fresh(self, place: Place, arrivals: list[Arrival]) -> list[Arrival]:
        """Those of `arrivals` that follow the place without a hole; over a hole the partition is sought back."""
        taken: list[Arrival] = []
        expected = place.next
        for arrival in arrivals:
            if arrival.offset < expected:
                continue
            if arrival.offset > expected:
                if taken:  # fold these first: what a lasting hole means is judged from behind them
                    await self._seek_once(place.tp, expected)
                    break
                if not await self._hole(place, expected, arrival.offset):
                    break
                expected = arrival.offset
            taken.append(arrival)
            expected += 1
        return taken

    async def log(self, tp: TP) -> Log:
        """What the broker holds of `tp` now."""
        at = TopicPartition(*tp)
        async with self.reading:
            start = (await self.reader.beginning_offsets([at]))[at]
            end = (await self.reader.end_offsets([at]))[at]
        return Log(start, end)

    async def _hole(self, place: Place, expected: int, found: int) -> bool:
        """True when the hole is final (the records are gone) and `place` was emptied to go on at `found`."""
        log = await self.log(place.tp)
        if log.start > expected:
            if place.position >= 0:
                await self._discard(place, expected, f"history_lost: offsets {expected} to {log.start - 1} are gone")
            place.start = log.start
            if found == log.start:
                return True
            expected = log.start
        await self._seek_once(place.tp, expected)
        return False

    async def _seek_once(self, tp: TP, offset: int) -> None:
        at, target = self.sought.get(tp, (0.0, 1 << 62))
        if time.monotonic() - at > SEEK_AGAIN_S or offset < target:
            self.sought[tp] = (time.monotonic(), offset)
            logger.info("seek back partition=%s[%d] offset=%d", tp.topic, tp.partition, offset)
            await self.seek(tp, offset)

    async def _discard(self, place: Place, offset: int, reason: str) -> None:
        logger.warning(
            "state discarded agent=%s partition=%s[%d] %s",
            place.agent,
            place.tp.topic,
            place.tp.partition,
            reason,
        )
        await self.report(place.agent, place.tp, offset, reason)
        place.position, place.appended_ms = -1, 0
        place.state = self.tables[place.agent].initial()

    async def _verify(self, tps: set[TP]) -> None:
        generation = self.generation()
        places = {(agent, tp): self._from_table(agent, tp) for agent in self.tables for tp in tps}
        logs = {tp: await self.log(tp) for tp in tps}
        appended = await self._append_times({(place.tp, place.position) for place in places.values()}, logs)
        for place in places.values():
            log = logs[place.tp]
            there = appended.get((place.tp, place.position))
            if place.position >= log.end:
                reason = f"another_stream: the log ends at {log.end}, the state at {place.position}"
                await self._discard(place, place.position, reason)
            elif there is not None and there != place.appended_ms:
                await self._discard(
                    place, place.position, "another_stream: another record stands at the state's position"
                )
            elif 0 <= place.position < log.start - 1:
                gone = f"history_lost: offsets {place.position + 1} to {log.start - 1} are gone"
                await self._discard(place, place.position + 1, gone)
        if any(place.position < 0 for place in places.values()):
            openings = {partition_of(book.decode()): offset for book, offset in (await self.openings()).items()}
            for place in places.values():
                log = logs[place.tp]
                opening = openings.get(place.tp.partition, -1)
                place.start = opening if log.start <= opening < log.end else log.start
        self.places = places
        self.verified = generation

    def _from_table(self, agent: str, tp: TP) -> Place:
        held = self.tables[agent]
        place = Place(agent=agent, tp=tp, state=held.initial())
        for book, value in held.table.items():
            kept: Kept = KEPT.decode(value)
            if kept.partition != tp.partition:
                continue
            try:
                place.state = held.decode(bytes(kept.state))
            except msgspec.ValidationError as error:
                logger.warning("state of another version discarded agent=%s error=%s", agent, error)
                continue
            place.book, place.position, place.appended_ms = book, kept.position, kept.appended_ms
        return place

    async def _append_times(self, wanted: set[tuple[TP, int]], logs: Mapping[TP, Log]) -> dict[tuple[TP, int], int]:
        """The append time of each wanted record that the log still holds."""
        times = {}
        async with self.reading:
            for tp, offset in sorted(wanted):
                if not logs[tp].start <= offset < logs[tp].end:
                    continue
                at = TopicPartition(*tp)
                self.reader.assign([at])
                self.reader.seek(at, offset)
                record = await asyncio.wait_for(self.reader.getone(at), timeout=20)
                if record.offset == offset:
                    times[tp, offset] = record.timestamp
            self.reader.unsubscribe()
        return times


def kept(place: Place, state: Any, message: Message) -> bytes:
    """The table's value once `message` is folded into `state`."""
    return encode(
        Kept(
            partition=place.tp.partition,
            position=message.offset,
            appended_ms=append_time(message),
            state=msgspec.Raw(encode(state)),
        )
    )


def append_time(message: Message) -> int:
    """When the broker took the record in, milliseconds; Faust tells it in seconds."""
    return round((message.timestamp or 0.0) * 1000)
