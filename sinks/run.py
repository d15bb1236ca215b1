"""The process of the sinks: edges, bars and dead letters by one reader, ticks and the archive by another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from aiokafka.errors import KafkaError

from schemas.errors import Unavailable
from sinks.archivist import Archivist
from sinks.bars import Bars
from sinks.config import SinkConfig
from sinks.database import Backoff, make_pool
from sinks.dead_letters import DeadLetters
from sinks.drain import Drain, drain
from sinks.migrate import migrate
from sinks.signal_events import SignalEvents
from sinks.ticks import Ticks
from sinks.watch import foreign_cancellation
from transport.kafka import admin

log = logging.getLogger(__name__)


async def run(config: SinkConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Store what the topics say until `stop`. Waits for database, broker and topics, at start and ever after.

    Raises `ConfigError` when the address or the state of the database needs a person.
    """
    if not await _prepared(config, stop):
        return
    pool = make_pool(config.database_url)
    try:
        await pool.open()
        archivist = Archivist(config, pool, stop)
        world = config.namespace
        events = Drain((SignalEvents(world), Bars(world), DeadLetters(world)), config.group, linger_s=0.0)
        ticks = Drain((Ticks(world),), f"{config.group}.ticks", config.ticks_linger_s, stored=archivist.look)
        waiting = {events.group, ticks.group}

        def reads(group: str) -> Callable[[], None]:
            def one() -> None:
                if group in waiting:
                    waiting.discard(group)
                    if not waiting:
                        log.info("sink ready namespace=%s", world)
                        ready()

            return one

        async with asyncio.TaskGroup() as tasks:
            for what in (events, ticks):
                tasks.create_task(_lasting(drain(what, config, pool, stop, reads(what.group)), stop))
            tasks.create_task(_lasting(archivist.run(), stop))
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None  # the first fault; the others were ended because of it
    finally:
        await pool.close(timeout=2)


async def _lasting(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Run a part that may end only after `stop`. Ending silently, it would leave a process that looks alive."""
    try:
        await work
    except asyncio.CancelledError:
        if not foreign_cancellation():
            raise
        raise RuntimeError("a part of the sink was cancelled from within") from None
    if not stop.is_set():
        raise RuntimeError("a part of the sink ended by itself")


async def _prepared(config: SinkConfig, stop: asyncio.Event) -> bool:
    """Tables and topics are there; False when stopped before. A topic that a reader asks for would be made wrongly."""
    database_away, kafka_away = Backoff("postgresql", stop), Backoff("kafka", stop)
    migrated = False
    while not stop.is_set():
        try:
            if not migrated:
                await migrate(config.database_url)
                database_away.over()
                migrated = True
            await _check_topics(config)
            kafka_away.over()
            return True
        except (Unavailable, KafkaError) as error:
            await (kafka_away if migrated else database_away).pause(error)
    return False


async def _check_topics(config: SinkConfig) -> None:
    sinks = (SignalEvents, Bars, DeadLetters, Ticks)
    async with admin(config.kafka) as client:
        known = set(await client.list_topics())
    missing = sorted({sink.topic.name(config.namespace) for sink in sinks} - known)
    if missing:
        raise Unavailable(f"topics not there yet: {', '.join(missing)}")
