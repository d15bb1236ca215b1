"""Hands on the queue of runs: an API over a database of its own, and what a worker would do, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

from schemas.base import encode
from schemas.runs import RunKind, RunProgress, RunStatus
from schemas.signals import SignalEvent
from schemas.topics import RUNS
from sinks import runs
from sinks.migrate import migrate
from tests.builders import at
from tests.serving import Api, Line, api_config, serving
from transport.kafka import Kafka

SPAN = {"start": "2026-01-05", "end": "2026-01-30"}


@dataclass
class Desk:
    """An API, its line, and a worker's hands. `world` is the namespace of the line."""

    api: Api
    line: Line
    database: psycopg.AsyncConnection

    @property
    def world(self) -> str:
        return self.line.namespace

    async def ask(self, path: str, **body: Any) -> str:
        """Ask for a run that must be accepted; its id."""
        response = await self.api.client.post(path, json=body)
        assert response.status_code == 202, response.text
        assert response.headers["location"] == response.json()["run"]
        return str(response.json()["run_id"])

    async def backtest(self, **body: Any) -> str:
        return await self.ask("/api/backtest", **{**SPAN, **body})

    async def claim(self) -> runs.Claim:
        """Take the oldest run, as a worker does."""
        held = await runs.claim(self.database, self.world, "worker")
        assert held is not None
        return held

    async def finish(
        self,
        held: runs.Claim,
        events: Sequence[SignalEvent] = (),
        trades: Sequence[dict[str, Any]] = (),
        result: Any = None,
    ) -> None:
        async with self.database.transaction():
            await runs.finish(
                self.database,
                held,
                summary={"total_return_pct": 1.5},
                result=encode(result or {"data_quality": {"interval": "5m"}}),
                events=events,
                trades=trades,
            )

    async def tell(self, run_id: str, progress: float, status: RunStatus = RunStatus.RUNNING, **more: Any) -> int:
        """A step on the topic; its offset."""
        step = RunProgress(
            run_id=run_id,
            world=self.world,
            kind=RunKind.BACKTEST,
            status=status,
            attempt=1,
            progress=progress,
            phase=more.pop("phase", "streaming"),
            at=datetime.now(UTC),
            **more,
        )
        return await self.line.send(RUNS, run_id, encode(step))

    async def count(self, table: str) -> int:
        row = await (await self.database.execute(f"select count(*) from {table}")).fetchone()  # type: ignore[arg-type]
        assert row is not None
        return int(row[0])


@asynccontextmanager
async def desk(kafka: Kafka, namespace: str, database_url: str, **options: Any) -> AsyncIterator[Desk]:
    await migrate(database_url)
    config = api_config(kafka, namespace, database_url=database_url, **options)
    async with (
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as database,
        Line(kafka, namespace) as line,
    ):
        await line.open()
        async with serving(config) as api:
            await api.loaded()
            yield Desk(api, line, database)


def trade(n: int, action: str = "BUY", symbol: str = "MSTU", **changes: Any) -> dict[str, Any]:
    """The n-th second's fill, a row of trade_log; a sale wins half a dollar."""
    time = at(f"10:00:{n:02d}")
    row = {
        "lane": "",
        "trade_id": f"{n}:{symbol}:{action}",
        "trade_time": time,
        "symbol": symbol,
        "action": action,
        "price": 100.0,
        "quantity": 1.5,
        "amount_usd": 150.0,
        "fee_usd": 0.53,
        "pnl_usd": 0.5 if action == "SELL" else None,
        "reason": "twin",
        "entry_event_id": None,
        "source": "sim",
    }
    return {**row, **changes}
