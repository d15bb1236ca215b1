"""A trade date's ticks as Parquet: byte for byte the log, whole or not at all, made again when it is missing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from schemas.ticks import Session, TickRecord
from schemas.topics import TICKS
from sinks.archive import path_of, records
from tests.builders import TRADE_DATE, batch, change, frame, opening, session
from tests.storing import append, rows, sink
from tests.support import eventually
from transport.kafka import Kafka, admin, read_to_end

NOT_UTF8 = b'{"kind": "frames", "frames": "\xff"}'
NEXT_DATE = TRADE_DATE + timedelta(days=1)


def a_day(day: date = TRADE_DATE, frames: int = 20) -> list[TickRecord | bytes]:
    """Opening, frames, a change, a record that does not parse, closed, and the frame after it."""
    return [
        opening(Session.REGULAR, day=day),
        *(batch(frame(f"10:{minute:02}", rest=float(minute))) for minute in range(frames)),
        change(version=2, replaces=1),
        NOT_UTF8,
        batch(frame("11:00", rest=1.0), frame("11:01", rest=2.0)),
        session(Session.CLOSED, day=day),
        batch(frame("20:00:01", rest=2.0)),
    ]


async def log_of(kafka: Kafka, namespace: str, first: int = 0, last: int = 2**60) -> list[tuple[int, int, bytes]]:
    at = TopicPartition(TICKS.name(namespace), 0)
    return [
        (record.offset, record.timestamp, record.value)
        async for record in read_to_end(kafka, at)
        if record.key == b"us" and first <= record.offset <= last
    ]


def archived(path: Path) -> list[tuple[int, int, bytes | None]]:
    return [(row.offset, round(row.append_time.timestamp() * 1000), row.value) for row in records(path)]


async def states(database_url: str) -> list[Any]:
    return await rows(database_url, "select trade_date, archive, archive_rows from trade_days order by trade_date")


async def settled(database_url: str, *wanted: tuple[Any, ...]) -> bool:
    assert await states(database_url) == list(wanted)
    return True


async def test_the_archive_is_the_log_byte_for_byte(kafka, namespace, database_url, tmp_path):
    after_the_day = [change(version=3, replaces=2), opening(day=NEXT_DATE), batch(frame("10:00", rest=1.0))]
    day = a_day()
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, TICKS, namespace, day[:10], key=b"us")
        await append(kafka, TICKS, namespace, [batch(frame("10:00"))], key=b"other")  # another book's record
        await append(kafka, TICKS, namespace, day[10:] + after_the_day, key=b"us")
        await eventually(lambda: settled(database_url, (TRADE_DATE, "written", len(day)), (NEXT_DATE, "open", None)))
    path = path_of(tmp_path, namespace, "us", TRADE_DATE)
    assert path == tmp_path / namespace / "us" / "2026-02-10.parquet"
    assert archived(path) == await log_of(kafka, namespace, 0, len(day))
    kinds = [row.kind for row in records(path)]
    assert kinds == ["session"] + ["frames"] * 20 + ["parameters", "", "frames", "session", "frames"]
    assert [row.event_time for row in records(path)][-3] == frame("11:00").event_time
    assert list(path.parent.iterdir()) == [path]
    metadata = pyarrow.parquet.read_schema(path).metadata
    assert (metadata[b"world"], metadata[b"trade_date"], metadata[b"key"]) == (namespace.encode(), b"2026-02-10", b"us")


async def test_a_day_left_open_ends_before_the_next_opening(kafka, namespace, database_url, tmp_path):
    day = a_day()[:-2]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, TICKS, namespace, [*day, opening(day=NEXT_DATE)], key=b"us")
        await eventually(lambda: settled(database_url, (TRADE_DATE, "written", len(day)), (NEXT_DATE, "open", None)))
    assert archived(path_of(tmp_path, namespace, "us", TRADE_DATE)) == await log_of(kafka, namespace, 0, len(day) - 1)


async def test_days_that_are_missing_are_made_at_the_next_start(kafka, namespace, database_url, tmp_path):
    first, second = a_day(), a_day(NEXT_DATE, frames=3)
    await append(kafka, TICKS, namespace, first + second, key=b"us")
    done = ((TRADE_DATE, "written", len(first)), (NEXT_DATE, "written", len(second)))
    async with sink(kafka, namespace, database_url, tmp_path):
        await eventually(lambda: settled(database_url, *done))
    paths = [path_of(tmp_path, namespace, "us", day) for day in (TRADE_DATE, NEXT_DATE)]
    before = [path.read_bytes() for path in paths]

    paths[0].unlink()  # somebody's mistake
    await rows(database_url, "update trade_days set archive = 'due' where trade_date = %s returning 1", NEXT_DATE)
    paths[1].write_bytes(before[1][:100])  # a crash before the row said that it is written
    async with sink(kafka, namespace, database_url, tmp_path):
        await eventually(lambda: [path.exists() and path.read_bytes() for path in paths] == before)
        await eventually(lambda: settled(database_url, *done))


@pytest.mark.parametrize("lost", ["start", "whole"])
async def test_a_day_that_the_log_no_longer_holds_is_told_as_lost(kafka, namespace, database_url, tmp_path, lost):
    day = a_day()
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, TICKS, namespace, day[:-1], key=b"us")
        await eventually(lambda: rows(database_url, "select 1 from trade_days where session = 'closed'"))
        at = TopicPartition(TICKS.name(namespace), 0)
        async with admin(kafka) as client:
            await client.delete_records({at: RecordsToDelete(before_offset=5 if lost == "start" else len(day) - 1)})
        await append(kafka, TICKS, namespace, day[-1:], key=b"us")
        await eventually(lambda: settled(database_url, (TRADE_DATE, "lost", None)))
        await append(kafka, TICKS, namespace, a_day(NEXT_DATE, frames=1), key=b"us")
        await eventually(lambda: settled(database_url, (TRADE_DATE, "lost", None), (NEXT_DATE, "written", 7)))
    assert [path.name for path in (tmp_path / namespace / "us").iterdir()] == ["2026-02-11.parquet"]


async def test_large_days_are_written_in_row_groups(kafka, namespace, database_url, tmp_path, monkeypatch):
    monkeypatch.setattr("sinks.archive.GROUP_ROWS", 64)
    day = a_day(frames=60)
    many = [day[0], *day[1:-5] * 10, *day[-5:]]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, TICKS, namespace, many, key=b"us")
        await eventually(lambda: settled(database_url, (TRADE_DATE, "written", len(many))))
    path = path_of(tmp_path, namespace, "us", TRADE_DATE)
    assert archived(path) == await log_of(kafka, namespace)
    assert pyarrow.parquet.ParquetFile(path).num_row_groups == 10  # 606 records


@pytest.mark.parametrize("book", ["..", "../../etc", "a/b", "."])
def test_no_book_leads_out_of_the_directory(book, tmp_path):
    path = path_of(tmp_path, "live", book, TRADE_DATE)
    assert path.resolve().parent.parent == tmp_path / "live"
