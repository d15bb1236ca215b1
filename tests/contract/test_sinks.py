"""Every sink bears a repeat: the same batch twice, whole or in part, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from schemas.base import encode
from schemas.dead_letters import DeadLetter
from schemas.ticks import Session
from sinks.bars import Bars
from sinks.dead_letters import DeadLetters
from sinks.migrate import migrate
from sinks.signal_events import SignalEvents
from sinks.sink import Sink
from sinks.ticks import Ticks
from tests.builders import batch, change, frame, opening, session
from tests.storing import bar, edge

TABLES = ("signal_events", "bars", "daily_ohlcv", "parameter_sets", "trade_days", "dead_letters")


@dataclass
class Record:
    """As much of a Kafka record as a sink reads."""

    topic: str
    offset: int
    value: bytes
    key: bytes = b"us"
    partition: int = 0

    @property
    def timestamp(self) -> int:
        return 1_770_735_600_000 + self.offset


def a_letter(number: int) -> DeadLetter:
    return DeadLetter(
        topic="live.signals",
        partition=0,
        offset=number,
        reason="last: expected a number > 0, received \0",
        reported_by="gold",
        reported_at=datetime(2026, 2, 10, tzinfo=UTC),
        key=b"\xff",
        value=None,
    )


DAY = [
    opening(),
    batch(frame("10:00", rest=1.0), frame("10:01", rest=2.5)),
    change(version=2, replaces=1, confirm_sec=1),
    batch(frame("11:00", rest=-1.0)),
    session(Session.AFTER),
    batch(frame("16:30", rest=9.0)),
    session(Session.CLOSED),
    batch(frame("20:00:01", rest=9.0)),
]

CASES = [
    pytest.param(SignalEvents, [edge(n) for n in range(5)], {"signal_events": 5}, id="signal events"),
    pytest.param(Bars, [bar(n) for n in range(5)], {"bars": 5}, id="bars"),
    pytest.param(DeadLetters, [a_letter(n) for n in range(5)], {"dead_letters": 5}, id="dead letters"),
    pytest.param(Ticks, DAY, {"daily_ohlcv": 16, "parameter_sets": 2, "trade_days": 1}, id="ticks"),
]


async def store(url: str, sink: Sink, records: Sequence[Record]) -> None:
    async with await psycopg.AsyncConnection.connect(url) as connection:
        await sink.write(connection, [row for record in records if (row := sink.decode(record)) is not None])


async def content(url: str) -> dict[str, list[Any]]:
    """Everything stored, the time of storing included."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        return {
            table: sorted(map(repr, await (await connection.execute(f"select * from {table}")).fetchall()))
            for table in TABLES
        }


def records_of(sink: Sink, values: Sequence[Any]) -> list[Record]:
    return [Record(sink.topic.name("live"), offset, encode(value)) for offset, value in enumerate(values)]


@pytest.mark.parametrize(("kind", "values", "counts"), CASES)
async def test_a_repeat_changes_nothing(database_url, kind, values, counts):
    await migrate(database_url)
    sink = kind("live")
    records = records_of(sink, values)
    await store(database_url, sink, records)
    once = await content(database_url)
    assert {table: len(found) for table, found in once.items() if found} == counts

    await store(database_url, sink, records)
    await store(database_url, sink, records[:3])
    for record in records:
        await store(database_url, sink, [record])
    assert await content(database_url) == once


@pytest.mark.parametrize(("kind", "values", "counts"), CASES)
async def test_how_records_are_batched_makes_no_difference(database_url, kind, values, counts):
    await migrate(database_url)
    sink = kind("live")
    records = records_of(sink, values)
    for record in records:
        await store(database_url, sink, [record])
    stored = {table: len(found) for table, found in (await content(database_url)).items() if found}
    assert stored == counts


@pytest.mark.parametrize(("kind", "values", "counts"), CASES)
async def test_two_worlds_share_nothing(database_url, kind, values, counts):
    await migrate(database_url)
    for world in ("live", "demo"):
        await store(database_url, kind(world), records_of(kind(world), values))
    stored = {table: len(found) for table, found in (await content(database_url)).items() if found}
    assert stored == {table: 2 * count for table, count in counts.items()}
