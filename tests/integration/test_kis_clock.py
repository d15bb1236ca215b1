"""The KIS simulator's clock: nights, restarts, and what is wrong at start."""

import asyncio
import sys
from datetime import datetime

import httpx
import pytest

from schemas.errors import ConfigError
from tests.kis import BOOK, DETAIL, NEW_YORK, simulator
from tests.support import eventually


async def test_the_night_is_skipped_and_the_close_becomes_the_base():
    async with simulator(start=datetime(2026, 7, 2, 15, tzinfo=NEW_YORK)) as client:
        before = await client.output()
        await client.control("POST", "clock", to="2026-07-02T19:59:59.500-04:00")

        async def monday():
            return (await client.quotation()).headers["Date"].startswith("Mon, 06 Jul 2026 13:2")

        await eventually(monday, 5)
        reply = await client.quotation()
        assert reply.json()["msg_cd"] == "EGW00123"  # a token does not live over a weekend
        await client.log_in()
        assert (await client.output())["base"] != before["base"]


async def test_a_restart_goes_on_where_the_clock_and_the_market_were(tmp_path):
    state = tmp_path / "simulator.json"
    async with simulator(state=state, start=datetime(2026, 6, 30, 15, tzinfo=NEW_YORK)) as client:
        await client.control("POST", "clock", to="2026-07-01T11:00:00-04:00")
        bases = {symbol: (await client.output(symbol))["base"] for symbol in BOOK.symbols}
        token, served = client.token, int((await client.quotation()).headers["X-Market-Time"])
    async with simulator(state=state, start=None) as client:
        client.token = token
        reply = await client.quotation()
        assert reply.status_code == 200  # a token outlives its issuer
        assert served < int(reply.headers["X-Market-Time"]) < served + 5000
        assert {symbol: (await client.output(symbol))["base"] for symbol in BOOK.symbols} == bases


SERVE = """
import asyncio, pathlib, sys
from schemas.book import load_book
from simulators.kis.server import KisSimulatorConfig, run
tell = lambda port: print(port, flush=True)
config = KisSimulatorConfig(port=0, book=load_book("us"), speed=60, state=pathlib.Path(sys.argv[1]), on_port=tell)
asyncio.run(run(config, asyncio.Event(), lambda: None))
"""


async def test_a_killed_simulator_never_shows_a_time_again(tmp_path):
    last = 0
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVE, str(tmp_path / "state.json"), stdout=asyncio.subprocess.PIPE
        )
        try:
            port = int(await asyncio.wait_for(process.stdout.readline(), 30))
            async with httpx.AsyncClient(trust_env=False) as http:
                first = last
                for _ in range(30):
                    shown = (await http.get(f"http://127.0.0.1:{port}/__control/state")).json()["market_ms"]
                    assert shown > first
                    last = shown
        finally:
            process.kill()
            await process.wait()


async def test_two_simulators_with_a_seed_quote_the_same():
    async with simulator(seed=9, speed=0.001) as one, simulator(seed=9, speed=0.001) as other:
        for symbol in BOOK.symbols:
            assert await one.output(symbol, call=DETAIL) == await other.output(symbol, call=DETAIL)
            for client in (one, other):
                await client.control("POST", "clock", advance_s=30)


async def test_a_taken_port_is_an_error_that_says_so():
    async with simulator() as client:
        with pytest.raises(ConfigError, match=f"port {client.port}"):
            async with simulator(port=client.port):
                pass


async def test_an_unknown_fault_at_start_is_an_error():
    with pytest.raises(ConfigError, match="expected one of"):
        async with simulator(faults=("flood",)):
            pass
