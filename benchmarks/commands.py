"""Runs as people ask for them: `ptj backtest` and a sweep on workers that wait, with the bars kept in PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import prod
from pathlib import Path
from time import perf_counter

from aiokafka import TopicPartition

from benchmarks.history import BOOK, bars, days, records
from benchmarks.measured import peak_mb
from benchmarks.parts import Parts
from benchmarks.stages import Stage, command, migrate
from runtime.backtests.bars import connected
from runtime.embedded.ports import free_port
from schemas.base import decoder
from schemas.runs import RunKind, RunProgress, RunRequest
from schemas.topics import RUNS
from sinks import bar_store
from transport import runs
from transport.kafka import ensure_topics, reading

NAMESPACE = "demo"
GRID = {"stop_loss_pct": 10, "pair_gap_entry_threshold": 10}  # values of each: a hundred lanes


@dataclass(frozen=True, slots=True)
class Commands:
    """A world with bars and workers. `environment`: of its commands."""

    parts: Parts
    environment: dict[str, str]
    home: Path
    workers: list[Stage]

    def worker(self) -> Stage:
        """One more worker, not started."""
        name = f"worker-{len(self.workers)}"
        ready = {"PTJ_READY_FILE": str(self.home / f"{name}.ready")}
        self.workers.append(
            Stage(
                name,
                command(self.environment | ready, "backtest-worker", "--slot", str(len(self.workers))),
                self.home,
            )
        )
        return self.workers[-1]

    def peak_mb(self) -> float:
        """The most memory that any worker held."""
        return max(peak_mb(worker.process.pid) for worker in self.workers if worker.process is not None)


@asynccontextmanager
async def commands(parts: Parts, count: int) -> AsyncIterator[Commands]:
    """One worker, ready, and the bars of `count` trading days."""
    home = parts.home / "commands"
    home.mkdir()
    yahoo = free_port()
    environment = {
        "PTJ_HOME": str(home),
        "PTJ_WORLD": "demo",
        "PTJ_NAMESPACE": NAMESPACE,
        "KAFKA_BOOTSTRAP_SERVERS": parts.kafka.bootstrap_servers,
        "DATABASE_URL": parts.database_url,
        "PTJ_YAHOO_URL": f"http://127.0.0.1:{yahoo}",
    }
    simulator = Stage(
        "yahoo",
        command(
            environment | {"PTJ_READY_FILE": str(home / "yahoo.ready")},
            *("simulate", "yahoo", "--port", str(yahoo), "--today", "2026-02-13"),
        ),
        home,
    )
    world = Commands(parts, environment, home, [])
    await ensure_topics(parts.kafka, NAMESPACE)
    await migrate(command(environment, "db", "migrate"), home)
    await _keep(parts, count)
    try:
        await simulator.start()
        await world.worker().start()
        yield world
    finally:
        await asyncio.gather(*(stage.stop() for stage in (simulator, *world.workers)))


async def _keep(parts: Parts, count: int) -> None:
    told = records(count)
    async with connected(parts.database_url) as connection:
        while few := list(bars(islice(told, 2 * 25))):
            known: dict[str, set[date]] = {symbol: {bar.trade_date for bar in few} for symbol in BOOK.symbols}
            async with connection.transaction():
                await bar_store.store(connection, NAMESPACE, "5m", few, known, source="file")


def span(count: int) -> tuple[date, date]:
    """The first and the last of `count` trading days."""
    dates = [day.trade_date for day in days(count)]
    return dates[0], dates[-1]


async def backtest(world: Commands, count: int) -> tuple[float, int]:
    """Seconds of the whole command `ptj backtest --json`, and how many signal events it came to."""
    first, last = span(count)
    words = ("backtest", "--start", str(first), "--end", str(last), "--interval", "5m", "--json")
    program = command(world.environment, *words)
    begun = perf_counter()
    process = await asyncio.create_subprocess_exec(
        *program.argv, stdout=asyncio.subprocess.PIPE, env={**os.environ, **program.env}
    )
    told, _ = await process.communicate()
    seconds = perf_counter() - begun
    if process.returncode != 0:
        raise SystemExit(f"ptj backtest ended with {process.returncode}")
    return seconds, sum(signal["events"] for signal in json.loads(told)["result"]["signals"].values())


async def first_progress(world: Commands, count: int) -> float:
    """Seconds from the request of a run to the first word of its progress; waits for the run's end."""
    first, last = span(count)
    partition = TopicPartition(RUNS.name(NAMESPACE), 0)
    decode = decoder(RunProgress).decode
    async with reading(world.parts.kafka, partition) as consumer, connected(world.parts.database_url) as connection:
        await consumer.seek_to_end(partition)
        await consumer.position(partition)
        asked = RunRequest(kind=RunKind.BACKTEST, start=first, end=last, interval="5m")
        begun = perf_counter()
        run_id = await runs.request(connection, NAMESPACE, asked)
        seconds = None
        while True:
            step = decode((await consumer.getone(partition)).value)
            if step.run_id == run_id:
                seconds = seconds or perf_counter() - begun
                if step.phase == "done":
                    return seconds


async def sweep(world: Commands, count: int) -> float:
    """Seconds of a sweep over a hundred parameter sets, from the request to the end."""
    first, last = span(count)
    grid = {
        "stop_loss_pct": [-1.0 - 0.5 * number for number in range(GRID["stop_loss_pct"])],
        "pair_gap_entry_threshold": [1.0 + 0.25 * number for number in range(GRID["pair_gap_entry_threshold"])],
    }
    asked = RunRequest(kind=RunKind.SWEEP, start=first, end=last, interval="5m", grid=grid, keep_events=False)
    async with connected(world.parts.database_url) as connection:
        begun = perf_counter()
        run_id = await runs.request(connection, NAMESPACE, asked)
        while True:
            rows = await connection.execute("select status, error from runs where run_id = %s", (run_id,))
            status, error = next(iter(await rows.fetchall()))
            if status == "finished":
                return perf_counter() - begun
            if status in ("failed", "cancelled"):
                raise SystemExit(f"the sweep ended {status}: {error}")
            await asyncio.sleep(0.1)


def lanes() -> int:
    """How many parameter sets the sweep has."""
    return prod(GRID.values())
