"""Move records from topics into the database: one transaction per batch, then the offsets.

A crash between the two repeats a batch, which the sinks bear; nothing can lose one. While the database is away the
offsets stay and the batch waits; while Kafka is away the reader waits, and is made anew if it does not recover.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.base import encode
from schemas.dead_letters import DeadLetter
from schemas.errors import Malformed, Unavailable
from schemas.topics import DEAD_LETTERS
from sinks.config import SinkConfig
from sinks.database import Backoff, Pool
from sinks.sink import Sink, letter
from sinks.store import store
from sinks.watch import ANSWER_TIMEOUT_S, Watch, foreign_cancellation
from transport.kafka import make_consumer, make_producer, started

log = logging.getLogger(__name__)

POLL_MS = 250
CLOSE_TIMEOUT_S = 5.0
LONGEST_OUTAGE_MS = 60 * 60 * 1000  # without a poll for longer, the group goes on without us
METADATA_MAX_AGE_MS = 10_000  # a topic that is made anew is noticed this soon
BATCH_BYTES = 4 * 1024 * 1024  # of values in one batch; decoded they take some five times as much


@dataclass(frozen=True, slots=True)
class Drain:
    """What is moved by one reader: the sinks, and how long ripe records may wait for company."""

    sinks: tuple[Sink, ...]
    group: str
    linger_s: float
    stored: Callable[[], None] = lambda: None  # called after each batch


async def drain(what: Drain, config: SinkConfig, pool: Pool, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Run until `stop`. Returns with everything that was read either stored and committed, or neither."""
    kafka_away = Backoff(f"kafka group={what.group}", stop)
    while not stop.is_set():
        consumer = make_consumer(
            config.kafka,
            *(sink.topic.name(config.namespace) for sink in what.sinks),
            group_id=what.group,
            group_instance_id=config.instance and f"{what.group}-{config.instance}",
            max_poll_interval_ms=LONGEST_OUTAGE_MS,
            metadata_max_age_ms=METADATA_MAX_AGE_MS,
        )
        try:
            await started(consumer, config.kafka)
            kafka_away.over()
            ready()
            await _Reader(what, config, pool, stop, consumer).run()
        except (KafkaError, Unavailable) as error:
            await kafka_away.pause(error)
        except asyncio.CancelledError:
            if not foreign_cancellation():
                raise
            await kafka_away.pause(Unavailable("the client was cancelled from within"))
        finally:
            await _close(consumer)


async def _close(client: Any) -> None:
    """Stop a client in a task of its own: while the broker is away its `stop` may end in a cancellation, or never."""
    stopping = asyncio.ensure_future(client.stop())
    _, late = await asyncio.wait({stopping}, timeout=CLOSE_TIMEOUT_S)
    if late:
        stopping.cancel()
        log.warning("client not closed in time")
    elif not stopping.cancelled() and (error := stopping.exception()):
        log.warning("client closed with error=%r", error)


class _Reader:
    """One consumer's life."""

    def __init__(
        self, what: Drain, config: SinkConfig, pool: Pool, stop: asyncio.Event, consumer: AIOKafkaConsumer
    ) -> None:
        self._what, self._config, self._pool, self._stop, self._consumer = what, config, pool, stop, consumer
        self._sinks = {sink.topic.name(config.namespace): sink for sink in what.sinks}
        self._done: dict[TopicPartition, int] = {}  # stored, not yet committed
        self._watch = Watch(what.group, consumer)

    async def run(self) -> None:
        while not self._stop.is_set():
            records = await self._gather()
            if records:
                await self._watch.received(records)
                if not await self._settle(records):
                    return
                for record in records:
                    self._done[TopicPartition(record.topic, record.partition)] = record.offset + 1
                self._what.stored()
                self._watch.stored(records)
            if self._done:
                await self._commit()

    async def _gather(self) -> list[Any]:
        """Records of one batch, none after a short silence. Those at hand are not kept waiting beyond `linger_s`."""
        clock = asyncio.get_running_loop()
        records: list[Any] = []
        size = 0
        deadline = None
        while not self._stop.is_set():
            room = self._config.batch_max - len(records)
            fetched = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=room)
            for of_partition in fetched.values():
                records.extend(of_partition)
                size += sum(len(record.value or b"") for record in of_partition)
            if records and deadline is None:
                deadline = clock.time() + self._what.linger_s
            if len(records) >= self._config.batch_max or size >= BATCH_BYTES:
                break
            if deadline is not None and clock.time() >= deadline:
                break
            if not records:
                await self._watch.silence()
                break
        return records

    async def _settle(self, records: Sequence[Any]) -> bool:
        """Store `records` and report what cannot be; try until it is done. False: stopped before."""
        rows, letters = self._decode(records)
        away = Backoff(f"batch group={self._what.group}", self._stop)
        while True:
            try:
                refused = await store(self._pool, self._sinks, rows)
                await self._report(letters + refused)
                away.over()
                return True
            except (Unavailable, KafkaError) as error:
                await away.pause(error)
                if self._stop.is_set():
                    return False

    def _decode(self, records: Sequence[Any]) -> tuple[list[tuple[Any, Any]], list[DeadLetter]]:
        rows: list[tuple[Any, Any]] = []
        letters: list[DeadLetter] = []
        for record in records:
            try:
                row = self._sinks[record.topic].decode(record)
            except Malformed as error:
                letters.append(letter(record, str(error)))
            else:
                if row is not None:
                    rows.append((record, row))
        return rows, letters

    async def _report(self, letters: Sequence[DeadLetter]) -> None:
        """Send to the dead letters and wait for the acks. What came from there is only told to the log."""
        topic = DEAD_LETTERS.name(self._config.namespace)
        for dead in letters:
            log.warning("dead letter place=%s[%d]@%d reason=%s", dead.topic, dead.partition, dead.offset, dead.reason)
        letters = [dead for dead in letters if dead.topic != topic]
        if not letters:
            return
        producer = make_producer(self._config.kafka)
        try:
            await started(producer, self._config.kafka)
            sent = [await producer.send(topic, encode(dead), dead.topic.encode()) for dead in letters]
            await asyncio.gather(*sent)
        finally:
            await _close(producer)

    async def _commit(self) -> None:
        """Commit what is stored. A refusal harms nothing: who reads it again finds it stored."""
        assigned = self._consumer.assignment()
        self._done = {at: offset for at, offset in self._done.items() if at in assigned}
        if not self._done:
            return
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                await self._consumer.commit(self._done)
            self._done = {}
        except (KafkaError, TimeoutError) as error:
            log.warning("commit refused group=%s error=%s", self._what.group, type(error).__name__)
