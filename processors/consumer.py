"""The one replaced part of Faust 0.15.3: records reach agents in chunks, and only after a recovery's seek.

Stock Faust resumes its partitions before it seeks and then clears the agents' queues; what the running fetch had
delivered in between is lost to the agents that had not taken it, without an error. It also spends four tasks and five
queue operations a record. Here a fetch goes to each agent as one `Chunk`, when no rebalance is in progress.

Everything private that this leans on is in this file. `ProcessorConfig(stock=True)` goes back to the original, whose
gaps the agents' own check of offsets then mends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import Message

CHUNK = 500  # records a chunk at most: one table write covers them
WAITING = 4  # chunks that may wait for an agent before the fetch holds back: the next fetch comes before they are gone

SeekTargets = Callable[[set[TP]], Awaitable[Mapping[TP, int]]]


class Arrival:
    """A record on its way through the agents. The first to parse it leaves the result for the others."""

    __slots__ = ("message", "offset", "parsed")

    def __init__(self, message: Message) -> None:
        self.message = message
        self.offset: int = message.offset
        self.parsed: Any = None


class Chunk(list[Arrival]):
    """Consecutive records of one partition."""


class ChunkConsumer(driver.Consumer):  # type: ignore[misc]
    """A consumer that hands whole fetches to the agents and lets their states say where reading starts."""

    logger = driver.logger
    _read_in_vain: bool = False

    async def perform_seek(self) -> None:
        """Seek to where the agents' states end, not to where an offset was committed."""
        await super().perform_seek()
        mine = {tp for tp in self.assignment() if self.app.topics.acks_enabled_for(tp.topic)}
        if not mine:
            return
        for tp, offset in (await self.transport.seek_targets(mine)).items():
            await self.seek(tp, offset)

    async def _drain_messages(self, fetcher: Any) -> None:
        stopping = self._stopped.is_set
        fetcher_stopping = fetcher._stopped.is_set
        try:
            while not (stopping() or fetcher_stopping()):
                if self._read_in_vain and not self.app.rebalancing:
                    self._read_in_vain = False
                    await self._seek_back()
                records, active = await self._wait_next_records(1.0)
                await asyncio.sleep(0)
                if self.should_stop or not records:
                    continue
                if not self.flow_active:
                    await self._seek_back()
                    continue
                for tp, fetched in records.items():
                    if active is not None and tp not in active and tp not in self._buffered_partitions:
                        continue
                    if self._is_changelog_tp(tp):
                        await self._deliver_changelog(tp, fetched)
                    elif self.app.rebalancing:
                        # The agents' queues will be cleared, and the seek of this rebalance may be over already.
                        self._read_in_vain = True
                    else:
                        await self._deliver_chunks(tp, fetched)
        except self.consumer_stopped_errors:
            if not self.transport.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.transport.app.should_stop:
                raise

    async def _seek_back(self) -> None:
        try:
            await self.perform_seek()
        except Exception as error:  # as stock: another rebalance follows and seeks again
            self.log.warning("seek while the flow is stopped failed: %r", error)
            self._read_in_vain = True

    def _new_offset(self, tp: TP) -> int | None:
        """The offset to commit: behind the newest acked. A gap is no reason to wait, since states hold the position."""
        acked = self._acked[tp]
        if not acked:
            return None
        newest: int = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return newest + 1

    async def verify_all_partitions_active(self) -> None:
        """Nothing: stock counters do not see chunks, and the watchdog looks at the states' positions."""

    async def _deliver_changelog(self, tp: TP, fetched: list[Any]) -> None:
        for record in fetched:
            read = self._read_offset[tp]
            if read is None or record.offset >= read:
                await self.callback(self._to_message(tp, record))
                self._read_offset[tp] = record.offset

    async def _deliver_chunks(self, tp: TP, fetched: list[Any]) -> None:
        generation = self.app.consumer_generation_id
        read = self._read_offset[tp]
        fresh = [record for record in fetched if read is None or record.offset >= read]
        for start in range(0, len(fresh), CHUNK):
            chunk = Chunk(Arrival(self._to_message(tp, record)) for record in fresh[start : start + CHUNK])
            channels = list(self.app.topics._tp_index[tp])
            while any(channel.queue.qsize() >= WAITING for channel in channels):
                await asyncio.sleep(0.001)
                if self.should_stop or self.app.consumer_generation_id != generation or not self.flow_active:
                    return  # not delivered and not marked as read: the seek of the new assignment decides
            if self.app.rebalancing:
                return
            self._read_offset[tp] = chunk[-1].offset
            for arrival in chunk:
                arrival.message.incref(len(channels))
            for channel in channels:
                channel.queue.put_nowait(chunk)


class ChunkTransport(driver.Transport):  # type: ignore[misc]
    """Faust's Kafka transport with the consumer above; `seek_targets` tells where the agents' states end."""

    Consumer = ChunkConsumer
    seek_targets: SeekTargets


async def chunks(stream: Any, max_records: int = CHUNK) -> AsyncIterator[list[Arrival]]:
    """Yield what waits for an agent, at once and without acking; the next batch gathers while this one is worked on."""
    queue = stream.channel.queue
    while not stream.should_stop:
        try:
            batch = list(await queue.get())
        except StopAsyncIteration:  # how a stopping channel wakes its reader
            return
        while len(batch) < max_records and not queue.empty():
            batch.extend(queue.get_nowait())
        yield batch


async def events(stream: Any, max_records: int = CHUNK, within_s: float = 0.02) -> AsyncIterator[list[Arrival]]:
    """The same by stock Faust."""
    async for batch in stream.noack_take(max_records, within=within_s):
        yield [Arrival(event.message) for event in batch]


def by_partition(batch: list[Arrival]) -> dict[TP, list[Arrival]]:
    """The records of a batch by partition, order kept."""
    parts: dict[TP, list[Arrival]] = {}
    for arrival in batch:
        parts.setdefault(arrival.message.tp, []).append(arrival)
    return parts


def event_of(app: faust.App, message: Message) -> faust.Event:
    """What a table write needs to know its partition by."""
    return faust.Event(app, message.key, message.value, message.headers, message)
