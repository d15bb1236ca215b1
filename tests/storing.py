"""Hands on the sinks: events and bars to store, a sink in this process, and what the database then holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from schemas.base import encode
from schemas.quotes import Bar
from schemas.signals import SignalEvent, SignalState, Verdict, event_id
from schemas.ticks import Session
from schemas.topics import Topic
from sinks.config import SinkConfig
from sinks.run import run
from tests.builders import TRADE_DATE, at
from transport.kafka import Kafka, ensure_topics, make_producer


def edge(number: int, when: datetime | None = None, **changed: Any) -> SignalEvent:
    """An event of its own: `number` seconds after 10:00, a HOLD that turned ENTRY."""
    event_time = when or at("10:00") + timedelta(seconds=number)
    after = Verdict(state=SignalState.OK, decision="ENTRY", is_actionable=True)
    fields: dict[str, Any] = {
        "event_id": event_id("us", "twin_pairs", "coin", event_time, after, 0),
        "book": "us",
        "signal_type": "twin_pairs",
        "subject": "coin",
        "event_time": event_time,
        "trade_date": TRADE_DATE,
        "session": Session.REGULAR,
        "before": Verdict(state=SignalState.OK, decision="HOLD", suppressed_by=("R1",)),
        "after": after,
        "data": {"gap": 1.62, "message": "뒤처진 쌍둥이"},
        "parameter_version": 3,
        "position": number,
        "ingest_time": event_time + timedelta(milliseconds=7),
    }
    return SignalEvent(**fields | changed)


def bar(number: int, **changed: Any) -> Bar:
    """The minute that starts `number` minutes after 10:00."""
    fields: dict[str, Any] = {
        "book": "us",
        "symbol": "GLD",
        "start": at("10:00") + timedelta(minutes=number),
        "trade_date": TRADE_DATE,
        "session": Session.REGULAR,
        "open": 10.0,
        "high": 12.5,
        "low": 9.5,
        "close": 11.0,
        "volume": 700,
        "ticks": 60,
        "position": number,
    }
    return Bar(**fields | changed)


async def append(kafka: Kafka, topic: Topic, namespace: str, values: Iterable[Any], key: bytes = b"k") -> None:
    """Append `values`, structs or raw bytes, to partition 0 of a topic of `namespace`, which is made if need be."""
    await ensure_topics(kafka, namespace)
    producer = make_producer(kafka, linger_ms=5)
    await producer.start()
    try:
        sent = []
        for value in values:
            raw = value if isinstance(value, bytes) else encode(value)
            sent.append(await producer.send(topic.name(namespace), raw, key, 0))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def rows(database_url: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a query gives; nothing while the tables are not there yet."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        try:
            return await (await connection.execute(query, values)).fetchall()  # type: ignore[arg-type]
        except psycopg.errors.UndefinedTable:
            return []


async def stored_ids(database_url: str) -> list[str]:
    """The ids of all stored events, as often as they are stored."""
    return sorted(found for (found,) in await rows(database_url, "select event_id from signal_events"))


@asynccontextmanager
async def sink(
    kafka: Kafka, namespace: str, database_url: str, archive_dir: Path, **options: Any
) -> AsyncIterator[asyncio.Task[None]]:
    """A sink in this process, ready; stopped cleanly afterwards, unless the test has ended it."""
    await ensure_topics(kafka, namespace)
    config = SinkConfig(
        **{
            "kafka": kafka,
            "namespace": namespace,
            "database_url": database_url,
            "archive_dir": archive_dir,
            "ticks_linger_s": 0.1,
        }
        | options
    )
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(run(config, stop, ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    waiting.cancel()
    if task.done():
        task.result()
    try:
        yield task
    finally:
        stop.set()
        if not task.cancelled():
            await task
