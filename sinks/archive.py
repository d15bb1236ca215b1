"""One trade date's ticks as one Parquet file, byte for byte as they stand in the log, in offset order.

Columns: `offset`, `append_time` (the broker's), `kind`, `event_time` (of the first frame or of the session record, else
null) and `value`, the exact bytes. The file's metadata says world, book, trade date, topic, partition and key.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from aiokafka import TopicPartition

from schemas.errors import ConfigError, Unavailable
from schemas.ticks import SessionRecord
from schemas.topics import TICKS
from transport.kafka import Kafka, reading

GROUP_ROWS = 5_000
GROUP_BYTES = 8 * 1024 * 1024  # memory is bounded by one row group, not by the day
SILENCE_S = 30.0  # without a record while there should be some: the broker is away


class Lost(Exception):
    """The log no longer holds the whole day."""


@dataclass(frozen=True, slots=True)
class Span:
    """The records of a book's trade date: those with the book's key, from the opening up to the closing offset."""

    world: str
    book: str
    trade_date: date
    partition: int
    opening_offset: int
    closing_offset: int


@dataclass(frozen=True, slots=True)
class Archived:
    """A record as the archive gives it back."""

    offset: int
    append_time: datetime
    kind: str
    event_time: datetime | None
    value: bytes | None


class _FramePeek(msgspec.Struct):
    event_time: datetime


class _Peek(msgspec.Struct):
    """No more of a record than its kind and time; all else is passed over, not checked."""

    kind: str = ""
    frames: list[_FramePeek] = []
    at: datetime | None = None


_peek = msgspec.json.Decoder(_Peek)
_session = msgspec.json.Decoder(SessionRecord)


def path_of(directory: Path, world: str, book: str, trade_date: date) -> Path:
    """Where a day's file is. A book's name comes from the log, so nothing in it may lead elsewhere."""
    return directory / world / quote(book, safe="").replace(".", "%2E") / f"{trade_date}.parquet"


async def write_day(kafka: Kafka, span: Span, directory: Path) -> int:
    """Write the file of `span` anew and return its rows; it appears whole or not at all.

    Raises `Lost` when the log no longer begins at or before the opening, `Unavailable` when Kafka is away.
    """
    path = path_of(directory, span.world, span.book, span.trade_date)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        file = await asyncio.to_thread(_File, unfinished, span)
        try:
            await _copy(kafka, span, file)
        finally:
            await asyncio.to_thread(file.close)
        await asyncio.to_thread(_publish, unfinished, path)
        return file.rows
    finally:
        unfinished.unlink(missing_ok=True)


async def _copy(kafka: Kafka, span: Span, file: _File) -> None:
    at = TopicPartition(TICKS.name(span.world), span.partition)
    key = span.book.encode()
    clock = asyncio.get_running_loop()
    async with reading(kafka, at) as consumer:
        first = (await consumer.beginning_offsets([at]))[at]
        if first > span.opening_offset:
            raise Lost(f"the log begins at {first}, the day at {span.opening_offset}")
        consumer.seek(at, span.opening_offset)
        heard_at = clock.time()
        opened = False
        while await consumer.position(at) <= span.closing_offset:
            records = (await consumer.getmany(at, timeout_ms=500)).get(at, [])
            if not records:
                end = (await consumer.end_offsets([at]))[at]
                if end <= span.closing_offset:
                    raise Lost(f"the log ends at {end}, the day at {span.closing_offset}")
                if clock.time() - heard_at > SILENCE_S:
                    raise Unavailable(f"Kafka: nothing of {at.topic}[{at.partition}] in {SILENCE_S:g} s")
                continue
            heard_at = clock.time()
            ours = [record for record in records if record.key == key and record.offset <= span.closing_offset]
            if ours and not opened:
                _check_opening(ours[0], span)
                opened = True
            await asyncio.to_thread(file.add, ours)


def _check_opening(record: Any, span: Span) -> None:
    try:
        opening = _session.decode(record.value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        opening = None
    if record.offset != span.opening_offset or opening is None or opening.trade_date != span.trade_date:
        raise Lost(f"at {span.opening_offset} stands another record than the opening of {span.trade_date}")


class _File:
    """A Parquet file that grows by row groups."""

    def __init__(self, path: Path, span: Span) -> None:
        import pyarrow  # 40 MB that a sink without a day to write does without
        import pyarrow.parquet

        self._arrow = pyarrow
        facts = {
            "world": span.world,
            "book": span.book,
            "trade_date": str(span.trade_date),
            "topic": TICKS.name(span.world),
            "partition": str(span.partition),
            "key": span.book,
        }
        utc = pyarrow.timestamp("ms", tz="UTC")
        self._schema = pyarrow.schema(
            [
                pyarrow.field("offset", pyarrow.int64(), nullable=False),
                pyarrow.field("append_time", utc, nullable=False),
                pyarrow.field("kind", pyarrow.string(), nullable=False),
                pyarrow.field("event_time", utc),
                pyarrow.field("value", pyarrow.binary()),
            ],
            metadata=facts,
        )
        self._writer = pyarrow.parquet.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            use_dictionary=["kind"],
            write_statistics=["offset", "event_time"],
        )
        self._waiting: list[tuple[int, int, str, datetime | None, bytes | None]] = []
        self._waiting_bytes = 0
        self.rows = 0

    def add(self, records: list[Any]) -> None:
        for record in records:
            kind, event_time = _peeked(record.value)
            self._waiting.append((record.offset, record.timestamp, kind, event_time, record.value))
            self._waiting_bytes += len(record.value or b"")
            if len(self._waiting) >= GROUP_ROWS or self._waiting_bytes >= GROUP_BYTES:
                self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if not self._waiting:
            return
        columns = zip(*self._waiting, strict=True)
        arrays = [
            self._arrow.array(list(column), type=of.type) for column, of in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        self.rows += len(self._waiting)
        self._waiting, self._waiting_bytes = [], 0


def _peeked(value: bytes | None) -> tuple[str, datetime | None]:
    """Kind and event time of a record; an empty kind when it does not parse, for its bytes are kept all the same."""
    try:
        peek = _peek.decode(value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return "", None
    return peek.kind, peek.frames[0].event_time if peek.frames else peek.at


def _publish(unfinished: Path, path: Path) -> None:
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def facts_of(path: Path) -> dict[str, str]:
    """What a file says of itself: world, book, trade date, topic, partition and key. Raises `ConfigError`."""
    import pyarrow.parquet

    try:
        told = pyarrow.parquet.read_schema(path).metadata or {}
        return {name.decode(): value.decode() for name, value in told.items() if name != b"ARROW:schema"}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: expected an archived day as Parquet, received {error}") from None


def records(path: Path) -> Iterator[Archived]:
    """The records of an archived day in offset order, a row group in memory at a time."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        for group in file.iter_batches(batch_size=1000):
            for row in group.to_pylist():
                yield Archived(**row)
