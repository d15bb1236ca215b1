"""A KIS simulator and a producer on it, on a real Kafka, with hands on both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from aiokafka import TopicPartition

from producers.run import ProducerConfig, run
from schemas.base import decoder
from schemas.book import load_book
from schemas.ticks import Frame, FrameBatch, SessionRecord, Tick, TickRecord
from schemas.topics import TICKS, partition_of
from simulators.kis import server
from simulators.kis.server import KisSimulatorConfig
from tests.support import eventually
from transport.kafka import Kafka, read_to_end

BOOK = load_book("us")
NEW_YORK = ZoneInfo("America/New_York")
TUESDAY_10 = datetime(2026, 2, 10, 10, tzinfo=NEW_YORK)

_record = decoder(TickRecord)


@dataclass
class Stage:
    """A stage that runs in this process: `stop` it cleanly, or `kill` it as kill -9 would."""

    task: asyncio.Task[None]
    stopping: asyncio.Event

    async def stop(self) -> None:
        self.stopping.set()
        await self.task

    async def kill(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    def assert_alive(self) -> None:
        if self.task.done():
            self.task.result()
            raise AssertionError("the stage returned by itself")


@dataclass
class World:
    """A simulator on `port`, a producer, and the log that it writes."""

    kafka: Kafka
    namespace: str
    home: Path
    port: int
    http: httpx.AsyncClient
    options: dict[str, Any]
    producer: Stage | None = None
    stages: list[Stage] = field(default_factory=list)

    def config(self, **options: Any) -> ProducerConfig:
        given: dict[str, Any] = {
            "kafka": self.kafka,
            "namespace": self.namespace,
            "book": "us",
            "base_url": f"http://127.0.0.1:{self.port}",
            "ws_url": f"ws://127.0.0.1:{self.port}",
            "app_key": "K" * 36,
            "app_secret": "S" * 180,
            "token_dir": self.home / "tokens",
            "status": self.home / "status.json",
        }
        return ProducerConfig(**{**given, **self.options, **options})

    async def start(self, **options: Any) -> Stage:
        """Start a producer and wait until it works."""
        self.producer = await started(run, self.config(**options))
        self.stages.append(self.producer)
        return self.producer

    async def records(self) -> list[TickRecord]:
        """Everything on the book's partition, in the order of the log."""
        partition = TopicPartition(TICKS.name(self.namespace), partition_of("us"))
        return [_record.decode(record.value) async for record in read_to_end(self.kafka, partition)]

    async def frames(self) -> list[Frame]:
        """All frames so far. Whatever happens: time goes forward, and no price is zero."""
        frames = [frame for record in await self.records() if isinstance(record, FrameBatch) for frame in record.frames]
        times = [frame.event_time for frame in frames]
        assert all(one < other for one, other in pairwise(times)), "event times increase strictly"
        for tick in (tick for frame in frames for tick in frame.ticks):
            assert tick.last is None or tick.last > 0
            assert (tick.change_pct is not None) == (tick.state == "ok"), tick
        return frames

    async def more_frames(self, count: int = 3, timeout_s: float = 20) -> list[Frame]:
        """Wait for `count` new frames; return them."""
        before = len(await self.frames())
        found: list[Frame] = []

        async def grown() -> bool:
            found[:] = (await self.frames())[before:]
            self.check()
            return len(found) >= count

        await eventually(grown, timeout_s)
        return found

    async def seen(self, symbol: str, state: str, timeout_s: float = 20) -> Tick:
        """Wait for a new quote of `symbol` in `state`."""
        before = len(await self.frames())

        async def arrived() -> Tick | None:
            self.check()
            ticks = [tick for frame in (await self.frames())[before:] for tick in frame.ticks]
            return next((tick for tick in ticks if tick.symbol == symbol and tick.state == state), None)

        found = await eventually(arrived, timeout_s)
        assert found is not None
        return found

    async def sessions(self) -> list[SessionRecord]:
        return [record for record in await self.records() if isinstance(record, SessionRecord)]

    def check(self) -> None:
        if self.producer is not None:
            self.producer.assert_alive()

    def status(self) -> dict[str, Any]:
        path = self.home / "status.json"
        return json.loads(path.read_text()) if path.exists() else {}

    async def told(self, name: str, value: Any, timeout_s: float = 20) -> dict[str, Any]:
        """Wait until the status says `value` of `name`."""
        await eventually(lambda: self.status().get(name) == value, timeout_s)
        return self.status()

    async def fault(self, name: str, **limits: Any) -> None:
        await self._control("POST", "faults", {"name": name, **limits})

    async def clear(self) -> None:
        await self._control("DELETE", "faults", None)

    async def set_clock(self, to: datetime) -> None:
        await self._control("POST", "clock", {"to": to.isoformat()})

    async def simulator(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get("/__control/state")).json()
        return found

    async def _control(self, method: str, path: str, body: Any) -> None:
        reply = await self.http.request(method, f"/__control/{path}", json=body)
        assert reply.status_code == 200, reply.text


async def started(run_stage: Any, config: Any) -> Stage:
    """Start a stage and wait until it says that it works; an error of its start is raised here."""
    stopping, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(run_stage(config, stopping, ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    waiting.cancel()
    if task.done():
        task.result()
    return Stage(task, stopping)


@asynccontextmanager
async def world(
    kafka: Kafka, namespace: str, home: Path, simulator: dict[str, Any] | None = None, **options: Any
) -> AsyncIterator[World]:
    """A simulator that opens at Tuesday 10:00 New York; `options` are those of the producers started in it."""
    ports: list[int] = []
    wish: dict[str, Any] = {"port": 0, "book": BOOK, "start": TUESDAY_10, "on_port": ports.append}
    serving = await started(server.run, KisSimulatorConfig(**{**wish, **(simulator or {})}))
    speed = (simulator or {}).get("speed", 1.0)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ports[0]}", trust_env=False, timeout=10) as http:
        made = World(kafka, namespace, home, ports[0], http, {"speed": speed, **options})
        try:
            yield made
        finally:
            for stage in made.stages:
                if not stage.task.done():
                    await stage.stop()
            await serving.stop()


def prices(frame: Frame) -> dict[str, float | None]:
    return {tick.symbol: tick.last for tick in frame.ticks}
