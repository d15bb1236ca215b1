"""`ptj up` as a newcomer meets it: everything starts, prices move, signals fire; what is killed comes back."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from runtime.children import is_running
from runtime.line import Line, load
from runtime.places import Home
from tests.support import eventually, free_port

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120  # a start takes 10 s on two idle cores; a busy machine gets more
SIGNALS = {"gold", "twin_pairs", "conditional", "stop_loss", "bearish"}
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="a POSIX supervisor"),
]


class Newcomer:
    """Someone with a home of their own who types `ptj` and looks at the page."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.home = Home(root)
        self.port = free_port()
        settings = ("PTJ_", "KIS_", "KAFKA_", "DATABASE_URL", "POSTGRES_")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(settings)} | {
            "PTJ_ENV_FILE": "",
            "PTJ_HOME": str(root),
            "PTJ_CACHE": str(cache),
            "PTJ_API_PORT": str(self.port),
        }

    async def ptj(self, *arguments: str, within_s: float = 240) -> tuple[int, str]:
        """Run a command to its end; return exit code and output."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "runtime.cli", *arguments),
            env=self.env,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), within_s)
        except TimeoutError:
            process.kill()
            raise
        return process.returncode or 0, said.decode()

    async def get(self, path: str) -> Any:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=10) as client:
            try:
                reply = await client.get(path)
            except httpx.TransportError as error:  # between two of its lives
                raise AssertionError(f"{path}: {error!r}") from None
            assert reply.status_code == 200, (path, reply.text)
            return reply.json() if "json" in reply.headers["content-type"] else reply.text

    async def prices(self) -> dict[str, float]:
        """Of the symbols whose quotes are good."""
        tickers = (await self.get("/api/prices"))["tickers"]
        return {symbol: one["price"] for symbol, one in tickers.items() if one["state"] == "ok"}

    async def sees_moving_prices(self) -> None:
        first = await eventually(self._all_prices, timeout_s=PATIENCE_S)
        await eventually(lambda: self._differs(first), timeout_s=PATIENCE_S)

    async def _all_prices(self) -> dict[str, float]:
        prices = await self.prices()
        assert len(prices) == 16, (await self.get("/api/health"), self.line().parts)
        return prices

    async def _differs(self, first: dict[str, float]) -> bool:
        return sum(price != first.get(symbol) for symbol, price in (await self.prices()).items()) >= 8

    async def events(self) -> set[str]:
        return {event["event_id"] for event in (await self.get("/api/events?limit=1000"))["items"]}

    def line(self) -> Line:
        line = load(self.home)
        assert line is not None
        return line

    def pid(self, name: str) -> int:
        return next(part.pid for part in self.line().parts if part.name == name)


@pytest.fixture
async def newcomer(cache: Path) -> AsyncIterator[Newcomer]:
    root = Path(tempfile.mkdtemp(prefix="ptj-up-"))  # not below pytest's own: PostgreSQL's user could not enter it
    root.chmod(0o755)
    someone = Newcomer(root, cache)
    try:
        yield someone
    finally:
        await someone.ptj("down")
        shutil.rmtree(root, ignore_errors=True)


async def test_from_nothing_to_moving_prices_and_back(newcomer: Newcomer):
    code, said = await newcomer.ptj("up", "--detach")
    assert code == 0, said
    assert f"open http://127.0.0.1:{newcomer.port}/" in said
    assert "(DEMO)" in said
    assert (await newcomer.get("/")).lower().startswith("<!doctype html")
    await newcomer.sees_moving_prices()
    assert set(await newcomer.get("/api/signals")) >= SIGNALS
    first_events = await eventually(newcomer.events, timeout_s=PATIENCE_S)  # kept by PostgreSQL

    code, said = await newcomer.ptj("up")  # a second one beside it
    assert code == 0
    assert f"runs already as pid {newcomer.line().pid}: http://127.0.0.1:{newcomer.port}/" in said
    code, said = await newcomer.ptj("ps", "--json")
    assert code == 0
    assert json.loads(said)["is_ready"]
    assert "postgresql://" not in said
    code, said = await newcomer.ptj("tail", "ticks", "-n", "1", "--json")
    assert json.loads(said)["value"]["book"] == "us"

    for name in ("processor", "producer", "api", "sink"):  # what dies comes back
        victim = newcomer.pid(name)
        os.kill(victim, signal.SIGKILL)
        await eventually(
            lambda name=name, victim=victim: newcomer.line().is_ready and newcomer.pid(name) != victim,
            PATIENCE_S,
        )
    await newcomer.sees_moving_prices()

    line = newcomer.line()
    os.kill(line.pid, signal.SIGKILL)  # the supervisor itself: nothing stays
    await eventually(lambda: not line.strays(), timeout_s=PATIENCE_S)
    assert not line.is_running
    code, said = await newcomer.ptj("ps")
    assert code == 3, said

    code, said = await newcomer.ptj("up", "--detach")  # and all of it is there again, with its data
    assert code == 0, said
    await newcomer.sees_moving_prices()
    assert first_events <= await newcomer.events()

    line = newcomer.line()
    code, said = await newcomer.ptj("down")
    assert code == 0
    assert said.startswith("Stopped. Data stay in")
    assert not line.strays()
    assert not line.is_running


async def test_ctrl_c_stops_everything_and_leaves_nothing(newcomer: Newcomer):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime.cli", "up"),
        env=newcomer.env,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        line = await eventually(lambda: (found := load(newcomer.home)) and found.is_ready and found, timeout_s=120)
        process.send_signal(signal.SIGINT)
        said, _ = await asyncio.wait_for(process.communicate(), 60)
    finally:
        if process.returncode is None:
            process.kill()
    assert process.returncode == 0
    assert f"open http://127.0.0.1:{newcomer.port}/  (DEMO)" in said.decode()
    assert "Stopped. Data stay in" in said.decode()
    assert not line.strays()
    assert not any(is_running(part.pid, part.started) for part in line.parts)


async def test_a_market_clock_left_at_the_end_of_the_day_goes_on_the_next(newcomer: Newcomer):
    """The simulator's day ends at 20:00 New York; after 19:59:25 of a Friday soon comes 09:20 of Monday."""
    state = newcomer.home.root / "simulator" / "demo.json"
    state.parent.mkdir(parents=True)
    friday = 1_794_617_965_000  # 2026-11-13T19:59:25-05:00, in ms: time for the producer to begin on Friday
    state.write_text(json.dumps({"market_ms": friday}))
    code, said = await newcomer.ptj("up", "--detach")
    assert code == 0, said
    await eventually(lambda: traded_on(newcomer, "2026-11-16"), timeout_s=PATIENCE_S)
    await newcomer.sees_moving_prices()


async def traded_on(newcomer: Newcomer, trade_date: str) -> bool:
    return bool((await newcomer.get("/api/health"))["trade_date"] == trade_date)
