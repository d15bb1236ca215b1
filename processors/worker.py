"""A processor: one Faust app with an agent and a table for every signal of the catalogue, for quotes and for bars."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import faust
from aiokafka import AIOKafkaProducer
from faust.types import TP

from processors import consumer
from processors.agents import make_agent
from processors.bars import Bars
from processors.fold import load_rules
from processors.folders import Folder, ReplayFolder, RuleFolder
from processors.outputs import ConfirmedTable, Outputs
from processors.positions import Positions
from processors.quotes import Quotes
from processors.watchdog import watch
from schemas.base import decoder
from schemas.catalogue import SignalType, load_catalogue
from schemas.signals import DAY, DayView
from schemas.topics import COMPACTED, REPLAY_TOPICS, TICKS, TOPICS, VIEWS, Topic, app_id, changelog
from transport.kafka import (
    Kafka,
    ensure_topics,
    make_consumer,
    make_producer,
    newest_by_key,
    started,
    stopped,
    wait_until_ready,
)

logger = logging.getLogger(__name__)

DAY_VIEW = decoder(DayView)
ENDED_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class ProcessorConfig:
    """One worker.

    `instance` is its static membership: a restart under the same name takes its partitions at once. Without one it
    leaves the group when it stops.
    """

    kafka: Kafka
    namespace: str
    datadir: Path
    instance: str | None
    catalogue: tuple[SignalType, ...] = field(default_factory=load_catalogue)
    partitions: int = TICKS.partitions
    replication: int = 1
    session_timeout_s: float = 10.0
    quotes_and_bars: bool = True
    replay: bool = False  # rules only, every lane of the opening, edges packed, an end marker behind them
    stock: bool = False  # Faust's own consumer instead of `processors.consumer`


@dataclass(slots=True)
class Worker:
    """A built app with what its agents share."""

    app: faust.App
    positions: Positions
    outputs: Outputs
    producer: AIOKafkaProducer


def build(config: ProcessorConfig) -> Worker:
    """Declare topics, tables and agents. Nothing is connected yet; a worker is started once."""
    app = make_app(config)
    ticks = app.topic(
        TICKS.name(config.namespace),
        key_type=bytes,
        key_serializer="raw",
        value_type=bytes,
        value_serializer="raw",
    )
    producer = make_producer(config.kafka, request_timeout_ms=30_000)
    outputs = Outputs(producer, config.namespace, packed=config.replay)
    positions = Positions(
        reader=make_consumer(config.kafka, group_id=None),
        seek=lambda tp, offset: app.consumer.seek(tp, offset),
        generation=lambda: app.consumer_generation_id,
        openings=partial(openings, config),
        report=outputs.report,
    )
    folders: list[Folder] = [Quotes(), Bars()] if config.quotes_and_bars and not config.replay else []
    folders += [(ReplayFolder if config.replay else RuleFolder)(rule) for rule in load_rules(config.catalogue)]
    take = consumer.events if config.stock else consumer.chunks
    for folder in folders:
        make_agent(
            app,
            folder,
            ticks,
            take,
            make_table(app, config, folder.name, producer),
            positions,
            outputs,
            reports_bad=folder is folders[0],
        )
    if isinstance(app.transport, consumer.ChunkTransport):
        app.transport.seek_targets = positions.seek_targets
    return Worker(app, positions, outputs, producer)


def make_app(config: ProcessorConfig) -> faust.App:
    """A Faust app of its own id, group and directory; environment variables cannot change it."""
    config.datadir.mkdir(parents=True, exist_ok=True)
    app = faust.App(
        app_id(config.namespace),
        broker=[f"kafka://{address}" for address in config.kafka.bootstrap_servers.split(",")],
        broker_credentials=credentials(config.kafka),
        datadir=config.datadir / app_id(config.namespace),
        env_prefix="PTJ_FAUST_",
        store="memory://",
        web_enabled=False,
        autodiscover=False,
        topic_partitions=config.partitions,
        topic_replication_factor=config.replication,
        topic_disable_leader=True,
        table_standby_replicas=0,
        producer_request_timeout=30.0,
        broker_commit_interval=1.0,
        consumer_max_fetch_size=128 * 1024,  # compressed; of a backlog, several fetches are in memory, decoded
        broker_session_timeout=config.session_timeout_s,
        broker_heartbeat_interval=min(3.0, config.session_timeout_s / 4),
        broker_request_timeout=max(40.0, config.session_timeout_s + 5),
        consumer_group_instance_id=config.instance,
        stream_wait_empty=False,
        agent_supervisor="mode.CrashingSupervisor",
    )
    if not config.stock:
        app.transport = consumer.ChunkTransport(app.conf.broker_consumer, app)
    return app


def credentials(kafka: Kafka) -> Any:
    """Faust's form of how to prove who we are."""
    if kafka.security_protocol == "PLAINTEXT":
        return None
    context = ssl.create_default_context(cafile=kafka.cafile) if kafka.security_protocol.endswith("SSL") else None
    if kafka.security_protocol == "SSL":
        return faust.SSLCredentials(context)
    return faust.SASLCredentials(
        username=kafka.username,
        password=kafka.password,
        mechanism=kafka.sasl_mechanism or "SCRAM-SHA-512",
        ssl_context=context,
    )


def make_table(app: faust.App, config: ProcessorConfig, name: str, producer: AIOKafkaProducer) -> ConfirmedTable:
    """The table of one agent: one state per book, changelog compacted, writes confirmed."""
    table = ConfirmedTable(
        app,
        name=name,
        key_type=bytes,  # of which Faust takes it that nothing is to be serialized
        value_type=bytes,
        partitions=config.partitions,
        extra_topic_configs={"message.timestamp.type": "LogAppendTime", **COMPACTED},
    )
    table.changelog_producer = producer
    table.unconfirmed = []
    app.tables.add(table)
    return table


def topics_of(worker: Worker, config: ProcessorConfig) -> tuple[Topic, ...]:
    """All topics that must be there before the group forms."""
    changelogs = (changelog(name, config.partitions) for name in worker.positions.tables)
    return (*(REPLAY_TOPICS if config.replay else TOPICS), *changelogs)


async def openings(config: ProcessorConfig) -> Mapping[bytes, int]:
    """Per book the offset of its trade date's opening, as `#day` names it."""
    current = await newest_by_key(config.kafka, VIEWS.name(config.namespace))
    return {
        key.rpartition(b":")[0]: DAY_VIEW.decode(value).opening_offset
        for key, value in current.items()
        if key.endswith(b":" + DAY.encode())
    }


@asynccontextmanager
async def working(config: ProcessorConfig) -> AsyncIterator[Worker]:
    """A worker whose app has started; stopped cleanly afterwards. It does not notice a crash: see `ended`."""
    worker = build(config)
    await ensure_topics(config.kafka, config.namespace, topics_of(worker, config), config.replication)
    await started(worker.positions.reader, config.kafka)
    await started(worker.producer, config.kafka)
    await worker.app.start()
    try:
        yield worker
    finally:
        await worker.app.stop()
        await worker.producer.stop()
        await stopped(worker.positions.reader)


async def ended(worker: Worker) -> None:
    """Return when the app has stopped; raise when it crashed."""
    # Waiting by Faust's own call leaves tasks behind when it is cancelled, and asyncio complains of each.
    while not worker.app.should_stop:  # noqa: ASYNC110
        await asyncio.sleep(ENDED_EVERY_S)
    if (crash := worker.app.crash_reason) is not None:
        logger.error("the app crashed: %r", crash)
        raise RuntimeError("the processor's app crashed") from crash


async def run(config: ProcessorConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Work until `stop` is set. Raises when the app crashed: the process has to be started again."""
    await wait_until_ready(config.kafka, timeout_s=120)
    async with working(config) as worker:
        gc.freeze()
        logger.info(
            "ready namespace=%s instance=%s signals=%d", config.namespace, config.instance, len(config.catalogue)
        )
        ready()
        stopping = asyncio.create_task(stop.wait())
        ending = asyncio.create_task(ended(worker))
        watching = asyncio.create_task(stood_still(worker, config))
        done, waiting = await asyncio.wait({stopping, ending, watching}, return_when=asyncio.FIRST_COMPLETED)
        if watching in done:
            # Stopping a stuck app can take longer than starting a new one.
            logger.error("stood still: %s", watching.exception())
            logging.shutdown()
            os._exit(70)
        for task in waiting:
            task.cancel()
        if ending in done:
            ending.result()


async def stood_still(worker: Worker, config: ProcessorConfig) -> None:
    """Raise `StoodStill` when an agent makes no progress; never return."""
    topic = TICKS.name(config.namespace)

    def assigned() -> set[TP]:
        return {tp for tp in worker.app.consumer.assignment() if tp.topic == topic}

    await watch(worker.positions, assigned, lambda: not worker.app.rebalancing)
