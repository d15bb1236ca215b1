"""Ticks per second through all five rule agents of one worker, on a backlog: ours, stock Faust, naive, and no Kafka."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path
from statistics import median
from uuid import uuid4

import msgspec
from aiokafka import TopicPartition

from benchmarks import backlog, market
from benchmarks.backlog import Backlog
from benchmarks.market import BOOK, SEED
from benchmarks.measured import Measured
from benchmarks.parts import Parts, ours
from runtime.children import Program, end, spawn
from runtime.embedded.child import last_lines
from schemas.base import decoder
from schemas.parameters import Parameters
from schemas.signals import SignalEvent
from schemas.ticks import Frame, FrameBatch, TickRecord
from schemas.topics import SIGNALS, TICKS, TOPICS, Topic, partition_of
from transport.kafka import Kafka, admin, ensure_topics, read_to_end

LIVELINESS = 0.01  # of the market: about one edge in 60 frames
PACKED = 64  # frames a message; 150 KiB
MORE = 4  # times as many frames where they are packed, so that such a run takes seconds too
TICKS_A_FRAME = len(BOOK.symbols)
SINGLE = replace(TICKS, partitions=1)  # what a newcomer would have

Report = Callable[[str], None]


class Wrong(Exception):
    """A worker said something else than the rules do: its speed is worth nothing."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to do the work. `module` of this package does it, told `words`, on `records`."""

    name: str
    module: str
    records: Backlog
    words: tuple[str, ...] = ()
    limit_s: float = 90.0
    topics: tuple[Topic, ...] = TOPICS
    exact: bool = True  # it must say exactly what the rules say


@dataclass(slots=True)
class Row:
    """All runs of one variant."""

    name: str
    runs: list[Measured] = field(default_factory=list)
    events: int | None = None  # on signals, equal id for id to those of the rules

    @property
    def rate(self) -> float:
        return median(run.rate for run in self.runs)

    @property
    def cpu_us(self) -> float:
        """CPU microseconds per frame."""
        return median(run.cpu_s / run.ticks * TICKS_A_FRAME * 1e6 for run in self.runs)

    @property
    def peak_mb(self) -> float:
        return max(run.peak_mb for run in self.runs)


NAIVE = "naive Faust, a tick a message"
STOCK = "ours on stock Faust, a frame a message"
FRAMES = "ours, a frame a message"
WITH_BARS = "  with the quotes and bars agents"
LIVE = "  and every frame asks for views and quotes"
MANY = f"ours, {PACKED} frames a message"
LOOP = "decode and fold alone, a frame a message"
LOOP_MANY = f"decode and fold alone, {PACKED} frames a message"


async def throughput(parts: Parts, frames: int, rounds: int, naive_s: float, report: Report) -> dict[str, Row]:
    """Run every variant `rounds` times, in turns, so that a slow moment of the machine hits all alike.

    Raises `Wrong` when a worker's events are not those of the pure fold.
    """
    one, packed, live, single = await asyncio.to_thread(backlogs, parts.home, frames)
    variants = [
        Variant(NAIVE, "naive", single, limit_s=naive_s, topics=(SINGLE, SIGNALS), exact=False),
        Variant(STOCK, "worker", one, ("--stock",)),
        Variant(FRAMES, "worker", one),
        Variant(WITH_BARS, "worker", one, ("--quotes-and-bars",)),
        Variant(LIVE, "worker", live, ("--quotes-and-bars",)),
        Variant(MANY, "worker", packed),
    ]
    rows = {name: Row(name) for name in (NAIVE, STOCK, FRAMES, WITH_BARS, LIVE, MANY, LOOP, LOOP_MANY)}
    for _ in range(rounds):
        said: dict[Path, list[str]] = {}
        for name, records in ((LOOP, one), (LOOP_MANY, packed)):
            measured = await in_process(looped(records, parts.home), parts.home)
            said[records.path] = measured.event_ids
            rows[name].runs.append(measured)
            rows[name].events = len(measured.event_ids)
        said[live.path] = said[one.path]  # asking for views changes no edge
        for variant in variants:
            async with topics(parts.kafka, variant.topics) as namespace:
                measured = await run(variant, parts, namespace)
                if variant.exact:
                    rows[variant.name].events = await check(variant, parts.kafka, namespace, said[variant.records.path])
            rows[variant.name].runs.append(measured)
            report(f"{variant.name.strip()}: {measured.rate:,.0f} ticks/s")
    return rows


def backlogs(home: Path, count: int) -> tuple[Backlog, Backlog, Backlog, Backlog]:
    """One frame a record; `MORE` times as many, packed; one frame a record that asks for views; one tick a record."""
    opening, ticks = market.opening(Parameters()), count * TICKS_A_FRAME

    def frames(count: int, snapshot: bool = False) -> Iterator[Frame]:
        return market.frames(SEED, LIVELINESS, count, snapshot=snapshot)

    def written(name: str, batches: Iterable[tuple[Frame, ...]], ticks: int) -> Backlog:
        records: Iterator[TickRecord] = (FrameBatch(book=BOOK.name, frames=batch) for batch in batches)
        return backlog.write(home / name, chain([opening], records), ticks)

    few = min(count, 2_000)
    return (
        written("one", ((frame,) for frame in frames(count)), ticks),
        written("packed", packs(frames(MORE * count), PACKED), MORE * ticks),
        written("live", ((frame,) for frame in frames(count, snapshot=True)), ticks),
        written("single", ((frame,) for frame in apart(frames(few))), few * TICKS_A_FRAME),
    )


def packs(frames: Iterator[Frame], size: int) -> Iterator[tuple[Frame, ...]]:
    while pack := tuple(islice(frames, size)):
        yield pack


def apart(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Every tick as a frame of its own, a millisecond apart."""
    for frame in frames:
        for number, tick in enumerate(frame.ticks):
            moment = frame.event_time + timedelta(milliseconds=number)
            yield msgspec.structs.replace(frame, event_time=moment, ticks=(tick,))


async def run(variant: Variant, parts: Parts, namespace: str) -> Measured:
    """Publish the backlog, then let a process of its own work it off."""
    records, home = variant.records, parts.home / namespace
    await records.publish(parts.kafka, TICKS.name(namespace), BOOK.name.encode(), partition_of(BOOK.name))
    home.mkdir()
    program = ours(
        variant.module,
        *("--kafka", parts.kafka.bootstrap_servers, "--namespace", namespace, "--home", str(home)),
        *("--last", str(records.records - 1), "--ticks", str(records.ticks), "--limit-s", f"{variant.limit_s:g}"),
        *("--report", str(home / "report.json"), *variant.words),
    )
    return await in_process(program, home)


def looped(records: Backlog, home: Path) -> Program:
    report = str(home / "report.json")
    return ours("loop", str(records.path), "--ticks", str(records.ticks), "--report", report)


async def in_process(program: Program, home: Path) -> Measured:
    """Run `program`, which leaves its figures at `home`/report.json."""
    report, log = home / "report.json", home / "process.log"
    process = await spawn(program, log)
    try:
        async with asyncio.timeout(300):
            code = await process.wait()
    finally:
        await end(process, program)
    if code != 0:
        raise RuntimeError(f"{' '.join(program.argv[3:5])} ended with {code}: {last_lines(log, 8)}")
    return msgspec.json.decode(report.read_bytes(), type=Measured)


async def check(variant: Variant, kafka: Kafka, namespace: str, expected: list[str]) -> int:
    """Compare what stands on signals with `expected`, id for id; return how many there are."""
    decode, partition = decoder(SignalEvent).decode, TopicPartition(SIGNALS.name(namespace), 0)
    said = [decode(record.value).event_id async for record in read_to_end(kafka, partition)]
    if sorted(said) != sorted(expected):
        missing, extra = len(set(expected) - set(said)), len(set(said) - set(expected))
        repeated = len(said) - len(set(said))
        raise Wrong(
            f"{variant.name}: of {len(expected)} events {missing} are missing, {extra} are wrong, {repeated} repeated"
        )
    return len(said)


@asynccontextmanager
async def topics(kafka: Kafka, needed: Iterable[Topic]) -> AsyncIterator[str]:
    """A namespace of its own, whose topics are deleted afterwards."""
    namespace = f"bench{uuid4().hex[:8]}"
    await ensure_topics(kafka, namespace, needed)
    try:
        yield namespace
    finally:
        async with admin(kafka) as client:
            await client.delete_topics([name for name in await client.list_topics() if name.startswith(namespace)])
