"""Milliseconds from a reply of KIS to the event that a browser gets, at three speeds of the feed.

A frame's `ingest_time` is when the producer had read the last reply of its cycle; an SSE event's time is when its bytes
were read from the socket. Both clocks are this machine's.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle, islice
from typing import Any, NamedTuple

import httpx
from aiokafka import TopicPartition

from benchmarks.market import BOOK, SEED, frames
from benchmarks.measured import Measured
from benchmarks.parts import Parts, ours
from benchmarks.stages import Line, line
from benchmarks.throughput import in_process, topics
from schemas.base import Frozen, decoder, encode
from schemas.quotes import Quote
from schemas.signals import SignalEvent
from schemas.topics import QUOTES, SIGNALS, TICKS, Topic, partition_of
from transport.kafka import make_producer, read_to_end, reading

WARM_UP_S = 2.0  # of each phase, from its first event on; what comes in it is not counted
SPOILED = 3  # quotes a second that the simulator spoils: an edge of the stop list for each, and one when it is back
FEEDS = (1_000, 5_000)  # ticks/s beside the 16 of the real feed
HOPS, HOP_EVERY_S = 100, 0.03
HOP = "one hop: a frame sent and fetched, nothing else"
PRICES, SIGNALS_16 = "prices, 16 ticks/s", "signals, 16 ticks/s"

Report = Callable[[str], None]


class Lag(NamedTuple):
    """One event's way, in ms: until the log had the frame, then what the worker said of it, then the client that."""

    whole: float
    to_ticks: float = 0.0
    to_said: float = 0.0
    to_client: float = 0.0

    @classmethod
    def of(cls, read: float, ticks: float, said: float, arrived: float) -> Lag:
        return cls(arrived - read, ticks - read, said - ticks, arrived - said)


@dataclass(frozen=True, slots=True)
class Latencies:
    """Samples of one kind of event."""

    name: str
    samples: list[Lag]

    def percentile(self, share: float, part: str = "whole") -> float:
        """The smallest sample that `share` of them do not exceed, ms."""
        ordered = sorted(getattr(lag, part) for lag in self.samples)
        return float(ordered[max(0, math.ceil(share * len(ordered)) - 1)])


class _Signal(Frozen):
    event_id: str


class _Price(Frozen):
    received_at: datetime
    position: int


class _Prices(Frozen):
    tickers: dict[str, _Price]


_signal, _prices = decoder(_Signal).decode, decoder(_Prices).decode


@dataclass(slots=True)
class Reader:
    """A client of one stream. `seen`: kind, arrival (seconds since 1970) and data of each event; read later."""

    url: str
    seen: list[tuple[bytes, float, bytes]] = field(default_factory=list)

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=None) as client, client.stream("GET", self.url) as response:
            response.raise_for_status()
            rest = b""
            async for chunk in response.aiter_raw():
                now = time.time()
                *events, rest = (rest + chunk).split(b"\n\n")
                for event in events:
                    fields = dict(text.split(b": ", 1) for text in event.splitlines() if b": " in text)
                    self.seen.append((fields.get(b"event", b""), now, fields.get(b"data", b"")))

    async def first(self, kind: bytes, within_s: float = 60.0) -> None:
        """Return when an event of `kind` has come since now."""
        start = len(self.seen)
        async with asyncio.timeout(within_s):
            while all(seen[0] != kind for seen in self.seen[start:]):  # noqa: ASYNC110  twice a run
                await asyncio.sleep(0.05)

    def of(self, kind: bytes, since: int) -> Iterator[tuple[float, bytes]]:
        return ((at, data) for name, at, data in self.seen[since:] if name == kind)


async def latency(parts: Parts, real_s: float, fed_s: float, report: Report) -> list[Latencies]:
    """Measure each speed for so many seconds, warm-up not counted; the first row is the baseline."""
    found = [Latencies(HOP, await hops(parts))]
    async with line(parts) as running:
        prices = Reader(f"{running.api_url}/api/stream/prices")
        signals = Reader(f"{running.api_url}/api/stream/signals")
        reading_both = [asyncio.create_task(reader.run()) for reader in (prices, signals)]
        try:
            found += await polled(parts, running, prices, signals, real_s)
            report("16 ticks/s: measured")
            for rate in FEEDS:
                found.append(await fed(parts, running, signals, rate, fed_s, report))
        finally:
            for task in reading_both:
                task.cancel()
            await asyncio.gather(*reading_both, return_exceptions=True)
    return found


async def polled(parts: Parts, running: Line, prices: Reader, signals: Reader, seconds: float) -> list[Latencies]:
    """The producer polls the simulator: one full frame a second."""
    await prices.first(b"tick")
    await asyncio.sleep(WARM_UP_S)
    since_prices, since_signals = len(prices.seen), len(signals.seen)
    async with httpx.AsyncClient(base_url=running.simulator_url) as control:
        symbols = cycle(BOOK.symbols)
        for _ in range(round(seconds)):
            for symbol in islice(symbols, SPOILED):
                spoil = {"name": "rate_mismatch", "symbol": symbol, "count": 1}
                (await control.post("/__control/faults", json=spoil)).raise_for_status()
            await asyncio.sleep(1)
    await running.producer.stop()
    ticks = await shown(parts, running.namespace, prices.of(b"tick", since_prices))
    events = await lags(parts, running.namespace, signals.of(b"signal", since_signals))
    return [Latencies(PRICES, ticks), Latencies(SIGNALS_16, events)]


async def fed(parts: Parts, running: Line, signals: Reader, rate: int, seconds: float, report: Report) -> Latencies:
    """Frames come at `rate` ticks/s through the producer's publisher."""
    home = parts.home / f"feed-{rate}"
    home.mkdir()
    program = ours(
        "feeder",
        *("--kafka", parts.kafka.bootstrap_servers, "--namespace", running.namespace),
        *("--rate", str(rate), "--seconds", f"{WARM_UP_S + seconds:g}", "--report", str(home / "report.json")),
    )
    feeding = asyncio.create_task(in_process(program, home))
    await signals.first(b"signal")
    await asyncio.sleep(WARM_UP_S)
    since = len(signals.seen)
    sent: Measured = await feeding
    await asyncio.sleep(0.5)
    report(f"{rate:,} ticks/s: {sent.rate:,.0f} were sent")
    return Latencies(f"signals, {rate:,} ticks/s", await lags(parts, running.namespace, signals.of(b"signal", since)))


async def lags(parts: Parts, namespace: str, arrivals: Iterable[tuple[float, bytes]]) -> list[Lag]:
    """For each signal event that arrived, since the frame it judges was read; the log on signals tells when."""
    decode, said = decoder(SignalEvent).decode, {}
    for record in await log_of(parts, SIGNALS, namespace, 0):
        event = decode(record.value)
        said[event.event_id] = event, record.timestamp
    ticks = await appended(parts, namespace)
    found = []
    for at, data in arrivals:
        event, said_ms = said[_signal(data).event_id]
        found.append(Lag.of(event.ingest_time.timestamp() * 1000, ticks[event.position], said_ms, at * 1000))
    return found


async def shown(parts: Parts, namespace: str, arrivals: Iterable[tuple[float, bytes]]) -> list[Lag]:
    """The same for each quote; here the log on quotes tells when the worker had said it."""
    decode, said = decoder(Quote).decode, {}
    for record in await log_of(parts, QUOTES, namespace, 0):
        quote = decode(record.value)
        said[quote.tick.symbol, quote.position] = record.timestamp
    ticks = await appended(parts, namespace)
    return [
        Lag.of(price.received_at.timestamp() * 1000, ticks[price.position], said[symbol, price.position], at * 1000)
        for at, data in arrivals
        for symbol, price in _prices(data).tickers.items()
    ]


async def appended(parts: Parts, namespace: str) -> dict[int, int]:
    """When the log took each record of ticks in, ms since 1970, by offset."""
    records = await log_of(parts, TICKS, namespace, partition_of(BOOK.name))
    return {record.offset: record.timestamp for record in records}


async def log_of(parts: Parts, topic: Topic, namespace: str, partition: int) -> list[Any]:
    """Every record of a partition as it stands now."""
    return [record async for record in read_to_end(parts.kafka, TopicPartition(topic.name(namespace), partition))]


async def hops(parts: Parts) -> list[Lag]:
    """Send a frame, fetch it: what Kafka and its client alone take."""
    value = encode(next(frames(SEED, 0.01, 1)))
    async with topics(parts.kafka, [SIGNALS]) as namespace:
        partition, samples = TopicPartition(SIGNALS.name(namespace), 0), []
        producer = make_producer(parts.kafka)
        await producer.start()
        try:
            async with reading(parts.kafka, partition) as consumer:
                for number in range(HOPS + 20):
                    sent = time.perf_counter()
                    await producer.send(partition.topic, value, partition=0)
                    await consumer.getone(partition)
                    if number >= 20:
                        samples.append(Lag((time.perf_counter() - sent) * 1000))
                    await asyncio.sleep(HOP_EVERY_S)
        finally:
            await producer.stop()
    return samples
