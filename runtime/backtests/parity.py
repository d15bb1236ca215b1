"""Parity: an archived live day, judged once more by the agents, must say what the line said, event for event."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition
from msgspec.structs import replace

from runtime.backtests.attempt import Attempt, agents, replayed
from runtime.backtests.bars import connected, parsed_archive
from runtime.backtests.leftovers import guarded
from runtime.backtests.messages import packed
from schemas.base import encode
from schemas.catalogue import SignalType
from schemas.errors import ConfigError
from schemas.signals import SignalEvent
from schemas.ticks import End, FrameBatch, TickRecord
from schemas.topics import SIGNALS
from sinks.archive import facts_of
from sinks.config import group_of
from sinks.signal_events import events_of
from transport.kafka import Kafka, committed, reading

CONTENTS = ("trade_date", "session", "before", "after", "data", "parameter_version")
STORED_WITHIN_S = 30.0

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which day is to be compared, where its records are, and by which rules."""

    kafka: Kafka
    database_url: str
    world: str
    book: str
    trade_date: date
    file: Path
    catalogue: tuple[SignalType, ...]
    directory: Path  # of attempts


@dataclass(frozen=True, slots=True)
class Changed:
    """An event of one id on both sides that says different things."""

    live: SignalEvent
    replayed: SignalEvent

    @property
    def fields(self) -> list[str]:
        """What differs, in the words of the event."""
        return [name for name in CONTENTS if getattr(self.live, name) != getattr(self.replayed, name)]


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of it. `missing`: live said it and the replay did not; `extra`: the other way round."""

    live: int
    replayed: int
    equal: int
    missing: list[SignalEvent]
    extra: list[SignalEvent]
    changed: list[Changed]

    @property
    def is_equal(self) -> bool:
        return not (self.missing or self.extra or self.changed)

    @property
    def percent(self) -> float:
        """Equal events of all that either side said; 100 only where every one is equal."""
        whole = self.equal + len(self.missing) + len(self.extra) + len(self.changed)
        return 100.0 * self.equal / whole if whole else 100.0


def compare(live: Sequence[SignalEvent], replayed: Sequence[SignalEvent]) -> Compared:
    """Match by event id, then look at what the events say; offsets and wall clocks are not part of it."""
    here, there = ({event.event_id: event for event in side} for side in (live, replayed))
    both = [Changed(event, there[found]) for found, event in here.items() if found in there]
    changed = [pair for pair in both if pair.fields]
    return Compared(
        live=len(here),
        replayed=len(there),
        equal=len(both) - len(changed),
        missing=[event for found, event in here.items() if found not in there],
        extra=[event for found, event in there.items() if found not in here],
        changed=changed,
    )


async def parity(asked: Asked, on_progress: Progress = lambda share: None) -> Compared:
    """Replay the day in a namespace of its own, which is gone afterwards, and compare with the stored events.

    Raises `ConfigError` where the archive is not there, is broken or is of another day.
    """
    _check(asked)
    async with _attempt(asked) as attempt, agents(attempt) as worker:
        messages = await asyncio.to_thread(_messages, asked)
        said = await replayed(attempt, worker, messages, on_progress, lambda events: None)
    async with connected(asked.database_url) as connection:
        await _stored(asked)
        live = await events_of(connection, asked.world, asked.book, asked.trade_date)
    return compare(live, [event.whole() for event in said])


@asynccontextmanager
async def _attempt(asked: Asked) -> AsyncIterator[Attempt]:
    namespace = f"replay.parity-{int(time.time()):x}-{os.getpid()}.1"
    async with connected(asked.database_url) as connection, guarded(connection, namespace):
        yield Attempt(asked.kafka, namespace, asked.book, asked.catalogue, asked.directory / namespace)


def _check(asked: Asked) -> None:
    if not asked.file.exists():
        raise ConfigError(
            f"DATE: expected an archived day, received {asked.trade_date}, of which nothing is at {asked.file}; "
            f"`ptj archive {asked.trade_date}` makes one while the log holds the day"
        )
    facts = facts_of(asked.file)
    wanted = {"world": asked.world, "book": asked.book, "trade_date": str(asked.trade_date)}
    for name, value in wanted.items():
        if facts.get(name) != value:
            raise ConfigError(f"{asked.file}: {name}: expected {value!r}, received {facts.get(name)!r}")


def _messages(asked: Asked) -> list[bytes]:
    """The day as messages of a replay. An archive that cannot be read is told by its name."""
    try:
        found = [encode(record) for record in packed(_without_snapshots(parsed_archive(asked.file), asked.book))]
    except (OSError, ValueError) as error:
        raise ConfigError(f"{asked.file}: expected an archived day, received {error}") from None
    return [*found, encode(End(book=asked.book))]


def _without_snapshots(records: Iterable[TickRecord], book: str) -> Iterator[TickRecord]:
    """`records` of `book` alone. Nobody looks at this replay: no frame asks for views."""
    for record in records:
        if record.book != book:
            continue  # under another book's key, which the agents set aside
        if isinstance(record, FrameBatch):
            record = replace(record, frames=tuple(replace(frame, snapshot=False) for frame in record.frames))
        yield record


async def _stored(asked: Asked) -> None:
    """Return when the sink has stored what stands on `signals` now, or, when it does not work, after a while."""
    at = TopicPartition(SIGNALS.name(asked.world), 0)
    async with reading(asked.kafka, at) as consumer:
        end = (await consumer.end_offsets([at]))[at]
    deadline = time.monotonic() + STORED_WITHIN_S
    while (known := await committed(asked.kafka, group_of(asked.world), at)) is not None and known < end:
        if time.monotonic() > deadline:
            return
        await asyncio.sleep(0.5)


def as_json(asked: Asked, compared: Compared) -> dict[str, Any]:
    """What programs read: counts, and every difference."""
    return {
        "trade_date": asked.trade_date,
        "world": asked.world,
        "book": asked.book,
        "file": str(asked.file),
        "is_equal": compared.is_equal,
        "percent": compared.percent,
        "live": compared.live,
        "replayed": compared.replayed,
        "equal": compared.equal,
        "missing": compared.missing,
        "extra": compared.extra,
        "changed": [{"fields": pair.fields, "live": pair.live, "replayed": pair.replayed} for pair in compared.changed],
    }
