"""Kafka clients made one way: address and credentials, idempotent producers, readers that commit by hand."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, codec
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from schemas.errors import ConfigError, Unavailable
from schemas.topics import TOPICS, Topic

MAX_RECORD_BYTES = 1024 * 1024

# aiokafka packs lz4 at level 9 and has no option for it (its issue 1028): some 20 times slower, on the event loop, for
# a quarter less on the wire.
LZ4_LEVEL = 1
codec.lz4_encode.__defaults__ = (LZ4_LEVEL,)


@dataclass(frozen=True, slots=True)
class Kafka:
    """Where the brokers are and how to prove who we are. The password stays out of every repr."""

    bootstrap_servers: str
    security_protocol: str = "PLAINTEXT"  # PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL
    sasl_mechanism: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    cafile: str | None = None

    def options(self) -> dict[str, Any]:
        """Keywords that every aiokafka client takes."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol,
        }
        if self.security_protocol.endswith("SSL"):
            options["ssl_context"] = ssl.create_default_context(cafile=self.cafile)
        if self.security_protocol.startswith("SASL"):
            if not (self.username and self.password):
                raise ConfigError("KAFKA_USERNAME, KAFKA_PASSWORD: expected both with SASL, received none")
            options |= {
                "sasl_mechanism": self.sasl_mechanism or "SCRAM-SHA-512",
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        return options


@asynccontextmanager
async def admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client, closed afterwards. Raises `Unavailable` when no broker answers."""
    client = AIOKafkaAdminClient(**kafka.options())
    await started(client, kafka)
    try:
        yield client
    finally:
        await client.close()


async def started(client: Any, kafka: Kafka) -> None:
    """Start `client`, or close it and raise `Unavailable` that names the address."""
    try:
        await client.start()
    except (KafkaConnectionError, OSError):
        await (client.close() if hasattr(client, "close") else client.stop())
        raise Unavailable(f"Kafka at {kafka.bootstrap_servers} does not answer") from None


async def wait_until_ready(kafka: Kafka, timeout_s: float = 60.0) -> None:
    """Return when a broker answers; raise `Unavailable` after `timeout_s`."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        try:
            async with admin(kafka) as client:
                await client.list_topics()
                return
        except (Unavailable, KafkaError) as error:
            if asyncio.get_running_loop().time() > deadline:
                raise Unavailable(f"Kafka at {kafka.bootstrap_servers} did not answer for {timeout_s:g} s") from error
            await asyncio.sleep(0.2)


async def ensure_topics(
    kafka: Kafka, namespace: str, topics: Iterable[Topic] = TOPICS, replication: int = 1
) -> list[str]:
    """Create the topics of `namespace` that are missing; return their names. Safe to run twice and at once."""
    async with admin(kafka) as client:
        known = set(await client.list_topics())
        missing = [topic for topic in topics if topic.name(namespace) not in known]
        if not missing:
            return []
        response = await client.create_topics(
            [
                NewTopic(
                    name=topic.name(namespace),
                    num_partitions=topic.partitions,
                    replication_factor=replication,
                    topic_configs=topic.config(),
                )
                for topic in missing
            ]
        )
        created = []
        for name, code, *_ in response.topic_errors:
            error = for_code(code)
            if code == 0:
                created.append(name)
            elif error is not TopicAlreadyExistsError:
                raise error(f"{name}: could not be created")
        await _led(client, [topic.name(namespace) for topic in missing])
        return created


async def delete_namespace(kafka: Kafka, namespace: str, group: str) -> list[str]:
    """Delete every topic of `namespace`, changelogs included, and the consumer group `group`; return the topics."""
    async with admin(kafka) as client:
        topics = [topic for topic in await client.list_topics() if topic.startswith(f"{namespace}.")]
        if topics:
            await client.delete_topics(topics)
        # Not offered by the client: an empty group would stay in the list of groups for a week.
        if group in {name for name, *_ in await client.list_consumer_groups()}:  # else there may be no coordinator yet
            await client._send_request(DeleteGroupsRequest([group]), await client.find_coordinator(group))
        return topics


async def committed(kafka: Kafka, group: str, partition: TopicPartition) -> int | None:
    """The offset that `group` goes on from; None when it has never committed one."""
    async with admin(kafka) as client:
        offsets = await client.list_consumer_group_offsets(group, partitions=[partition])
    found: int = offsets[partition].offset if partition in offsets else -1
    return found if found >= 0 else None


async def with_members(kafka: Kafka, groups: Sequence[str]) -> set[str]:
    """Those of `groups` that somebody is a member of."""
    if not groups:
        return set()
    async with admin(kafka) as client:
        told = await client.describe_consumer_groups(list(groups))
    return {name for reply in told for _, name, state, *_ in reply.groups if state not in ("Dead", "Empty", "")}


async def _led(client: AIOKafkaAdminClient, topics: list[str], timeout_s: float = 30.0) -> None:
    """Return when every partition of `topics` has a leader: who comes sooner is told that they are unknown."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while True:
        described = await client.describe_topics(topics)
        waiting = [
            topic["topic"]
            for topic in described
            if topic["error_code"] or any(part["leader"] < 0 for part in topic["partitions"])
        ]
        if not waiting:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise Unavailable(f"topics without a leader after {timeout_s:g} s: {', '.join(waiting)}")
        await asyncio.sleep(0.05)


def make_producer(kafka: Kafka, **overrides: Any) -> AIOKafkaProducer:
    """An idempotent producer that waits for all replicas. Not started."""
    options: dict[str, Any] = {
        "acks": "all",
        "enable_idempotence": True,
        "compression_type": "lz4",
        "max_request_size": MAX_RECORD_BYTES,
        "linger_ms": 0,
        "request_timeout_ms": 10_000,
        **kafka.options(),
        **overrides,
    }
    return AIOKafkaProducer(**options)


def make_consumer(kafka: Kafka, *topics: str, **overrides: Any) -> AIOKafkaConsumer:
    """A consumer that starts at the earliest record and never commits by itself. Not started."""
    options: dict[str, Any] = {
        "auto_offset_reset": "earliest",
        "enable_auto_commit": False,
        "isolation_level": "read_uncommitted",
        "max_partition_fetch_bytes": 4 * MAX_RECORD_BYTES,
        **kafka.options(),
        **overrides,
    }
    return AIOKafkaConsumer(*topics, **options)


async def stopped(consumer: AIOKafkaConsumer) -> None:
    """Stop `consumer` for good, also while the broker is away.

    A fetch that waits to be retried lets the cancellation by which aiokafka ends it escape from `stop`: that would
    pass for a cancellation of the caller, and would leave the connections open.
    """
    try:
        await consumer.stop()
    except asyncio.CancelledError:
        await consumer._client.close()
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise


@asynccontextmanager
async def reading(kafka: Kafka, *partitions: TopicPartition, **overrides: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group on `partitions`, at their beginning, closed afterwards."""
    consumer = make_consumer(kafka, group_id=None, **overrides)
    await started(consumer, kafka)
    try:
        consumer.assign(list(partitions))
        yield consumer
    finally:
        await stopped(consumer)


async def read_to_end(kafka: Kafka, partition: TopicPartition, start: int | None = None) -> AsyncIterator[Any]:
    """Yield the records of `partition` from `start` (default: the log's start) to its end as of now."""
    async with reading(kafka, partition) as consumer:
        end = (await consumer.end_offsets([partition]))[partition]
        first = (await consumer.beginning_offsets([partition]))[partition]
        consumer.seek(partition, max(first, first if start is None else start))
        while await consumer.position(partition) < end:
            fetched = await consumer.getmany(partition, timeout_ms=500)
            for record in fetched.get(partition, []):
                if record.offset < end:
                    yield record


async def newest_by_key(kafka: Kafka, topic: str, partition: int = 0) -> dict[bytes, bytes]:
    """The newest value of each key of a compacted topic; keys whose newest value is a tombstone are left out."""
    newest: dict[bytes, bytes] = {}
    async for record in read_to_end(kafka, TopicPartition(topic, partition)):
        if record.value is None:
            newest.pop(record.key, None)
        else:
            newest[record.key] = record.value
    return newest
