"""A Yahoo on loopback for tests, and what is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from producers.history.ladder import Window
from producers.history.yahoo import Fetched, YahooConfig, fetch
from producers.sessions import Sessions
from schemas.book import load_book
from simulators.yahoo.server import YahooSimulatorConfig, run

BOOK = load_book("us")
NEW_YORK = ZoneInfo("America/New_York")
SESSIONS = Sessions("XNYS", "America/New_York")
# A Saturday: the week before is over. Thanksgiving is the 26th, the 27th closes at 13:00.
NOW = datetime(2026, 11, 28, 12, tzinfo=NEW_YORK)


class Simulator:
    """One that listens; `url` for clients, `control` for its own door."""

    def __init__(self, port: int, cache: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.config = YahooConfig(self.url, demo=True, cache_dir=cache, timeout_s=60, pauses_s=(0.01, 0.01))

    async def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=self.url, trust_env=False) as client:
            reply = await client.request(method, f"/__control/{path}", json=body or None)
        assert reply.status_code == 200, reply.text
        told: dict[str, Any] = reply.json()
        return told

    async def fault(self, name: str, **options: Any) -> None:
        await self.control("POST", "faults", name=name, **options)

    async def calls(self) -> int:
        """Charts asked for so far."""
        told = (await self.control("GET", "state"))["calls"]
        return sum(count for path, count in told.items() if "/chart/" in path)

    async def fetch(self, *windows: Window, now: datetime = NOW) -> list[Fetched]:
        return [fetched async for fetched in fetch(self.config, SESSIONS, windows, now)]


@asynccontextmanager
async def simulator(cache: Path, **options: Any) -> AsyncIterator[Simulator]:
    """A simulator of the US book at `NOW`, unless `options` say otherwise; stopped afterwards."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()
    config = YahooSimulatorConfig(**{"port": 0, "book": BOOK, "now": NOW, "on_port": port.set_result} | options)
    task = asyncio.create_task(run(config, stop, lambda: None))
    await asyncio.wait({task, port}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    try:
        yield Simulator(port.result(), cache)
    finally:
        stop.set()
        await task


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(*texts: str) -> Sequence[date]:
    return [date.fromisoformat(text) for text in texts]
