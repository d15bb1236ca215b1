"""Runs in tests: bars kept in the database, a worker in this process, and what it stored."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg

from producers.history.yahoo import YahooConfig
from runtime.backtests import worker
from runtime.backtests.bars import BarsConfig, connected
from runtime.backtests.worker import WorkerConfig
from runtime.places import base_directory
from schemas.catalogue import load_catalogue
from schemas.history import HistoryBar
from schemas.runs import RunRequest
from schemas.ticks import Session
from sinks import bar_store
from sinks.migrate import migrate
from tests.builders import BOOK, at
from tests.support import eventually
from tests.unit.processors.portfolio.bars import Row
from tests.unit.processors.portfolio.test_golden_run import BEFORE, FIRST, SECOND, first_day, second_day
from transport import runs
from transport.kafka import Kafka

FIVE = timedelta(minutes=5)


def five_minute_bars(day: date, rows: Iterable[Row], start: str = "09:30") -> list[HistoryBar]:
    """Bars that open where they close; prices as in the facts: 100 plus what a row says, 0 where it is silent."""
    bars = []
    for number, row in enumerate(rows):
        for symbol in BOOK.symbols:
            change = row.get(symbol, 0.0)
            if change is None:
                continue
            bars.append(
                HistoryBar(
                    symbol=symbol,
                    interval="5m",
                    start=at(start, day) + number * FIVE,
                    trade_date=day,
                    session=Session.REGULAR,
                    open=100 + change,
                    high=100 + change,
                    low=100 + change,
                    close=100 + change,
                    volume=1000,
                    source="file",
                )
            )
    return bars


@dataclass(slots=True)
class Runs:
    """A database with bars, and runs on it."""

    kafka: Kafka
    database_url: str
    world: str
    home: Path

    async def keep(self, bars: Sequence[HistoryBar]) -> None:
        known: dict[str, set[date]] = {symbol: {bar.trade_date for bar in bars} for symbol in BOOK.symbols}
        async with connected(self.database_url) as connection, connection.transaction():
            await bar_store.store(connection, self.world, "5m", bars, known, source="file")

    async def ask(self, request: RunRequest) -> str:
        async with connected(self.database_url) as connection:
            return await runs.request(connection, self.world, request)

    async def row(self, run_id: str) -> dict[str, Any]:
        async with await psycopg.AsyncConnection.connect(
            self.database_url, row_factory=psycopg.rows.dict_row
        ) as connection:
            rows = await connection.execute("select * from runs where run_id = %s", (run_id,))
            return await rows.fetchone() or {}

    async def ended(self, run_id: str, timeout_s: float = 60) -> dict[str, Any]:
        async def over() -> bool:
            return (await self.row(run_id))["status"] in ("finished", "failed", "cancelled")

        await eventually(over, timeout_s=timeout_s, every_s=0.2)
        return await self.row(run_id)

    async def rows(self, statement: str, run_id: str) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(self.database_url) as connection:
            return await (await connection.execute(statement, (f"replay.{run_id}",))).fetchall()

    def config(self, name: str = "test") -> WorkerConfig:
        # No simulator stands there: what is kept has to do.
        yahoo = YahooConfig("http://127.0.0.1:9", demo=False, cache_dir=self.home / "yahoo", pauses_s=())
        return WorkerConfig(
            kafka=self.kafka,
            bars=BarsConfig(self.database_url, self.world, yahoo, self.home / "archive"),
            book=BOOK,
            catalogue=load_catalogue(),
            name=name,
            directory=self.home / "runs",
        )

    @asynccontextmanager
    async def working(self, name: str = "test") -> AsyncIterator[asyncio.Task[None]]:
        """A worker in this process."""
        stop, ready = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(worker.run(self.config(name), stop, ready.set))
        try:
            await asyncio.wait_for(ready.wait(), 30)
            yield task
        finally:
            stop.set()
            await task


def environment(line: Runs) -> dict[str, str]:
    """What a command is told of `line`, and nothing else of the machine's settings."""
    given = ("PTJ_", "KIS_", "KAFKA_", "DATABASE_", "POSTGRES_")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(given)}
    return clean | {
        "PTJ_ENV_FILE": "", "PTJ_HOME": str(line.home / "var"), "PTJ_NAMESPACE": line.world, "COLUMNS": "140",
        "KAFKA_BOOTSTRAP_SERVERS": line.kafka.bootstrap_servers, "DATABASE_URL": line.database_url,
    }  # fmt: skip


async def ptj(line: Runs, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command on `line`, as people type it."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "runtime.cli", *arguments],
        env=environment(line) | env,
        cwd=base_directory(),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


async def runs_on(kafka: Kafka, database_url: str, world: str, home: Path) -> Runs:
    await migrate(database_url)
    return Runs(kafka, database_url, world, home)


async def golden_runs(kafka: Kafka, database_url: str, world: str, home: Path) -> Runs:
    """With the bars of the golden run stored: the flat day before it and its two days."""
    runs = await runs_on(kafka, database_url, world, home)
    await runs.keep(five_minute_bars(BEFORE, [{}] * 10))
    await runs.keep(five_minute_bars(FIRST, first_day()))
    await runs.keep(five_minute_bars(SECOND, second_day()))
    return runs
