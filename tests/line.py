"""Hands on a running line: publish records, read what agents said, run a processor in this process."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition

from processors import worker
from processors.fold import Rule, load_rules
from processors.worker import ProcessorConfig
from schemas.base import decoder, encode
from schemas.catalogue import SignalType, load_catalogue
from schemas.signals import SignalEvent
from schemas.ticks import Frame, TickRecord
from schemas.topics import DEAD_LETTERS, SIGNALS, TICKS, Topic, partition_of
from tests.builders import BOOK, at, batch, canonical, frame, opening, pure_fold
from tests.support import eventually
from transport.kafka import Kafka, ensure_topics, make_producer, read_to_end

Step = Frame | TickRecord | bytes


def market(frames: int, seed: int = 1, *, lively: float = 1.0) -> Iterator[TickRecord]:
    """An opening and `frames` frames, a second apart from 09:59:00, whose changes wander so that every rule speaks."""
    dice = random.Random(seed)
    yield opening(confirm_sec=0)
    changes = dict.fromkeys(BOOK.symbols, 0.0)
    for second in range(1, frames + 1):
        for symbol in changes:
            changes[symbol] = round(0.995 * changes[symbol] + dice.gauss(0, 0.15 * lively), 2)
        moment = at("09:59") + timedelta(seconds=second)
        yield batch(frame(moment, changes, snapshot=second % 10 == 0))


async def publish(kafka: Kafka, namespace: str, steps: Iterable[Step], *, key: bytes = b"us") -> None:
    """Append `steps` to the book's partition of ticks, one record each."""
    producer = make_producer(kafka, linger_ms=5)
    await producer.start()
    try:
        sent = []
        for step in steps:
            value = step if isinstance(step, bytes) else encode(batch(step) if isinstance(step, Frame) else step)
            sent.append(await producer.send(TICKS.name(namespace), value, key, partition_of("us")))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def log_of(kafka: Kafka, namespace: str, topic: Topic, partition: int = 0) -> list[Any]:
    """All records of a topic's partition as they stand now."""
    return [record async for record in read_to_end(kafka, TopicPartition(topic.name(namespace), partition))]


async def ticks_of(kafka: Kafka, namespace: str) -> list[tuple[int, bytes]]:
    """Offset and value of everything on the book's partition of ticks: what the oracle folds."""
    return [(record.offset, record.value) for record in await log_of(kafka, namespace, TICKS, partition_of("us"))]


async def events_of(kafka: Kafka, namespace: str) -> list[SignalEvent]:
    """What is on signals, in log order, repeats included."""
    decode = decoder(SignalEvent).decode
    return [decode(record.value) for record in await log_of(kafka, namespace, SIGNALS)]


async def letters_of(kafka: Kafka, namespace: str) -> list[Any]:
    """What is on the dead letters."""
    decode = decoder(DEAD_LETTERS.value).decode
    return [decode(record.value) for record in await log_of(kafka, namespace, DEAD_LETTERS)]


def once(events: Iterable[SignalEvent]) -> list[SignalEvent]:
    """Events in canonical order with repeats dropped, as a subscriber sees them."""
    first: dict[str, SignalEvent] = {}
    for event in events:
        first.setdefault(event.event_id, event)
    return sorted(first.values(), key=canonical)


async def until_folded(
    kafka: Kafka, namespace: str, rules: list[Rule[Any]] | None = None, timeout_s: float = 60
) -> None:
    """Wait until signals holds exactly what the pure fold over the ticks gives, then compare event by event."""
    wanted = pure_fold(await ticks_of(kafka, namespace), rules or load_rules(load_catalogue()))
    ids = {event.event_id for event in wanted}
    assert len(ids) == len(wanted), "an event id names one event"
    assert ids, "a test of events needs some"

    async def arrived() -> bool:
        return {event.event_id for event in await events_of(kafka, namespace)} >= ids

    await eventually(arrived, timeout_s=timeout_s)
    assert once(await events_of(kafka, namespace)) == wanted


@asynccontextmanager
async def processor(
    kafka: Kafka,
    namespace: str,
    home: Path,
    *,
    slot: int = 0,
    catalogue: tuple[SignalType, ...] | None = None,
    **options: Any,
) -> AsyncIterator[asyncio.Task[None]]:
    """A processor in this process, ready; stopped cleanly afterwards."""
    await ensure_topics(kafka, namespace)
    config = ProcessorConfig(
        kafka=kafka,
        namespace=namespace,
        datadir=home / f"processor-{slot}",
        instance=f"{namespace}-test-{slot}",
        catalogue=catalogue or load_catalogue(),
        **options,
    )
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(worker.run(config, stop, ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    if task.done():
        task.result()
    try:
        yield task
    finally:
        waiting.cancel()
        stop.set()
        await task
