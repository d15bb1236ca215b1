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
from sinks.database import Backoff, Pool, Refused, sorted_errors
from sinks.sink import Sink, letter
from transport.kafka import make_consumer, make_producer, started

log = logging.getLogger(__name__)

POLL_MS = 250
ANSWER_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 5.0
LONGEST_OUTAGE_MS = 60 * 60 * 1000  # without a poll for longer, the group goes on without us
METADATA_MAX_AGE_MS = 10_000  # a topic that is made anew is noticed this soon
CHECK_AFTER_S = 15.0  # of silence: does the log grow while we read nothing?
BATCH_BYTES = 4 * 1024 * 1024  # of values in one batch; decoded they take some five times as much
BACKLOG = 500  # records behind, from which catching up is worth a line


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
        finally:
            await _close(consumer)


async def _close(client: Any) -> None:
    try:
        await asyncio.wait_for(client.stop(), CLOSE_TIMEOUT_S)
    except (KafkaError, TimeoutError):
        log.warning("client not closed in time")


class _Reader:
    """One consumer's life."""

    def __init__(
        self, what: Drain, config: SinkConfig, pool: Pool, stop: asyncio.Event, consumer: AIOKafkaConsumer
    ) -> None:
        self._what, self._config, self._pool, self._stop, self._consumer = what, config, pool, stop, consumer
        self._sinks = {sink.topic.name(config.namespace): sink for sink in what.sinks}
        self._done: dict[TopicPartition, int] = {}  # stored, not yet committed
        self._next: dict[TopicPartition, int] = {}  # where reading goes on
        self._behind_since: float | None = None
        self._caught_up = 0  # records since then
        self._heard_at = asyncio.get_running_loop().time()
        self._stood_at: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        while not self._stop.is_set():
            records = await self._gather()
            if records:
                await self._report_gaps(records)
                if not await self._settle(records):
                    return
                for record in records:
                    at = TopicPartition(record.topic, record.partition)
                    self._done[at] = self._next[at] = record.offset + 1
                self._what.stored()
                self._tell_backlog(len(records))
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
                await self._check_standing_still()
                break
        if records:
            self._heard_at = clock.time()
            self._stood_at = {}
        return records

    async def _report_gaps(self, records: Sequence[Any]) -> None:
        """A line where the log goes on elsewhere than reading ended: retention was faster, or it is another log."""
        first: dict[TopicPartition, int] = {}
        for record in records:
            first.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        for at, offset in first.items():
            expected = self._next.get(at)
            if expected is None:
                try:
                    async with asyncio.timeout(ANSWER_TIMEOUT_S):
                        expected = await self._consumer.committed(at)
                except TimeoutError:
                    continue
            if expected is not None and offset > expected:
                log.warning("history lost place=%s expected=%d first=%d", _named(at), expected, offset)
            elif expected is not None and at in self._next and offset < expected:
                log.info("reading again place=%s from=%d", _named(at), offset)

    async def _settle(self, records: Sequence[Any]) -> bool:
        """Store `records` and report what cannot be; try until it is done. False: stopped before."""
        rows, letters = self._decode(records)
        away = Backoff(f"batch group={self._what.group}", self._stop)
        while True:
            try:
                refused = await self._store(rows)
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

    async def _store(self, rows: Sequence[tuple[Any, Any]]) -> list[DeadLetter]:
        """Store all rows in one transaction; where PostgreSQL refuses one, each by itself. The refused come back."""
        try:
            with sorted_errors():
                async with self._pool.connection() as connection:
                    for topic, sink in self._sinks.items():
                        if batch := [row for record, row in rows if record.topic == topic]:
                            await sink.write(connection, batch)
            return []
        except Refused:
            pass
        refused = []
        with sorted_errors():
            async with self._pool.connection() as connection:
                for record, row in rows:
                    try:
                        with sorted_errors():
                            async with connection.transaction():
                                await self._sinks[record.topic].write(connection, [row])
                    except Refused as error:
                        refused.append(letter(record, f"refused by PostgreSQL: {error}"))
        return refused

    async def _report(self, letters: Sequence[DeadLetter]) -> None:
        """Send to the dead letters and wait for the acks. What came from there is only told to the log."""
        topic = DEAD_LETTERS.name(self._config.namespace)
        for dead in letters:
            log.warning("dead letter place=%s[%d]@%d reason=%s", dead.topic, dead.partition, dead.offset, dead.reason)
        letters = [dead for dead in letters if dead.topic != topic]
        if not letters:
            return
        producer = make_producer(self._config.kafka)
        await started(producer, self._config.kafka)
        try:
            for dead in letters:
                await producer.send_and_wait(topic, encode(dead), key=dead.topic.encode())
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

    def _tell_backlog(self, stored: int) -> None:
        """One line when a backlog is gone, none per batch."""
        clock = asyncio.get_running_loop()
        behind = 0
        for at in self._consumer.assignment():
            newest = self._consumer.highwater(at)
            if newest is not None and at in self._done:
                behind += newest - self._done[at]
        if self._behind_since is None:
            if behind < BACKLOG:
                return
            self._behind_since, self._caught_up = clock.time(), 0
        self._caught_up += stored
        if behind == 0:
            took_s = clock.time() - self._behind_since
            log.info("backlog gone group=%s records=%d took_s=%.1f", self._what.group, self._caught_up, took_s)
            self._behind_since = None

    async def _check_standing_still(self) -> None:
        """After a silence ask the broker itself: a log that grew past a reader that heard nothing ends its life."""
        clock = asyncio.get_running_loop()
        if clock.time() - self._heard_at < CHECK_AFTER_S:
            return
        self._heard_at = clock.time()
        assigned = list(self._consumer.assignment())
        if not assigned:
            return
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                ends = await self._consumer.end_offsets(assigned)
                stands = {at: await self._consumer.position(at) for at in assigned}
        except TimeoutError:
            raise Unavailable("the broker does not tell the ends of its logs") from None
        behind = {at: stands[at] for at in assigned if ends[at] > stands[at]}
        stuck = [f"{_named(at)}@{offset}" for at, offset in behind.items() if self._stood_at.get(at) == offset]
        if stuck:
            raise Unavailable(f"the reader stands still at {', '.join(stuck)}")
        self._stood_at = behind


def _named(at: TopicPartition) -> str:
    return f"{at.topic}[{at.partition}]"
