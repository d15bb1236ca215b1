"""One attempt at a run: its own topics, group and directory, the live line's agents on them, nothing left behind."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.types import TP

from processors.worker import ProcessorConfig, Worker, ended, stood_still, working
from schemas.base import decoder, encode
from schemas.catalogue import SignalType
from schemas.errors import Unavailable
from schemas.signals import SignalBatch, SignalEvent
from schemas.topics import SIGNALS, TICKS, app_id
from transport.kafka import Kafka, delete_namespace, make_producer, reading, started

logger = logging.getLogger(__name__)


class Said(SignalEvent):
    """An event whose data stay the JSON they came as: of a year's events, hardly anybody looks into them."""

    data: msgspec.Raw  # type: ignore[assignment]

    def whole(self) -> SignalEvent:
        """The event with its data to look into."""
        event: SignalEvent = EVENT.decode(encode(self))
        return event


class SaidBatch(SignalBatch):
    events: tuple[Said, ...] = ()


BATCH, EVENT = decoder(SaidBatch), decoder(SignalEvent)
PROGRESS_EVERY_S = 0.25

Progress = Callable[[float], None]
OnEvents = Callable[[Sequence[SignalEvent]], None]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Where an attempt lives. `namespace` is ``replay.<run_id>.<attempt>``."""

    kafka: Kafka
    namespace: str
    book: str
    catalogue: tuple[SignalType, ...]
    directory: Path  # its own, removed afterwards

    def config(self) -> ProcessorConfig:
        return ProcessorConfig(
            kafka=self.kafka,
            namespace=self.namespace,
            datadir=self.directory,
            instance=None,  # leaves the group when it stops, so that the group can be deleted
            catalogue=self.catalogue,
            partitions=1,
            replay=True,
        )


@asynccontextmanager
async def agents(attempt: Attempt) -> AsyncIterator[Worker]:
    """The agents of an attempt, at work; topics, changelogs, group and directory are gone afterwards.

    Start them while the bars are read: they need more than a second.
    """
    try:
        async with working(attempt.config()) as worker:
            yield worker
    finally:
        await swept(attempt.kafka, attempt.namespace, attempt.directory)


async def swept(kafka: Kafka, namespace: str, directory: Path) -> list[str]:
    """Remove what an attempt leaves behind; returns the topics that were there. Says so when Kafka is away."""
    shutil.rmtree(directory, ignore_errors=True)
    try:
        return await delete_namespace(kafka, namespace, app_id(namespace))
    except (KafkaError, Unavailable) as error:
        logger.warning("left behind namespace=%s error=%s", namespace, error)
        return []


async def replayed(
    attempt: Attempt,
    worker: Worker,
    messages: Sequence[bytes],
    on_progress: Progress,
    on_events: OnEvents,
    keep: bool = True,
) -> list[Said]:
    """Publish `messages` (tick records, the last an `End`), wait for every agent's end marker, return all events.

    Each event once, by lane and id, in canonical order; none with `keep` off, since those of a hundred lanes do not
    fit into memory. `on_events` hears each once, as they come. Raises what ended the agents.
    """
    publishing = asyncio.create_task(_publish(attempt, messages))
    collecting = asyncio.create_task(_collect(attempt, on_events, keep))
    watching = [
        asyncio.create_task(ended(worker)),
        asyncio.create_task(stood_still(worker, attempt.config())),
        asyncio.create_task(_tell(attempt, worker, len(messages), on_progress)),
    ]
    tasks = {publishing, collecting, *watching}
    try:
        waiting = {collecting, *watching[:2], publishing}
        while not collecting.done():
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {collecting}:
                task.result()
                if task is not publishing:
                    raise RuntimeError("the agents stopped before the run's end")
        return collecting.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _publish(attempt: Attempt, messages: Iterable[bytes]) -> None:
    producer = make_producer(attempt.kafka, linger_ms=5)
    await started(producer, attempt.kafka)
    try:
        topic, key = TICKS.name(attempt.namespace), attempt.book.encode()
        sent = [await producer.send(topic, message, key, 0) for message in messages]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def _collect(attempt: Attempt, on_events: OnEvents, keep: bool) -> list[Said]:
    missing = {signal.type for signal in attempt.catalogue}
    seen: set[tuple[str, str]] = set()
    events: list[Said] = []
    async with reading(attempt.kafka, TopicPartition(SIGNALS.name(attempt.namespace), 0)) as consumer:
        while missing:
            fetched = await consumer.getmany(timeout_ms=1000)
            for record in (record for records in fetched.values() for record in records):
                batch: SaidBatch = BATCH.decode(record.value)
                fresh = [event for event in batch.events if (event.lane, event.event_id) not in seen]
                if fresh:
                    seen.update((event.lane, event.event_id) for event in fresh)
                    on_events(fresh)
                if keep:
                    events.extend(fresh)
                if batch.end:
                    missing.discard(batch.signal_type)
    return sorted(events, key=canonical)


def canonical(event: SignalEvent) -> tuple[object, ...]:
    """The order of events in runs, parity and portfolio: between signal types arrival is not fixed."""
    return event.lane, event.book, event.event_time, event.signal_type, event.subject, event.ordinal


async def _tell(attempt: Attempt, worker: Worker, messages: int, on_progress: Progress) -> None:
    """Tell the slowest agent's share of the run, four times a second."""
    tp = TP(TICKS.name(attempt.namespace), 0)
    while True:
        with suppress(ValueError):
            on_progress(min(place.position + 1 for place in worker.positions.of(tp)) / messages)
        await asyncio.sleep(PROGRESS_EVERY_S)
