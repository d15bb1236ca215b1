"""What the simulator says, the client reads: both were written after the same sheets, by different hands."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from producers.clock import MarketClock
from producers.kis.client import Credentials, KisClient
from producers.kis.parse import Reading, from_detail, from_price, tick
from producers.kis.websocket import Executions, key_of
from producers.probe import probe
from simulators.kis import server
from simulators.kis.server import KisSimulatorConfig
from tests.producing import BOOK, NEW_YORK, TUESDAY_10, started
from tests.support import eventually


async def test_every_symbol_by_every_way(tmp_path):
    ports: list[int] = []
    config = KisSimulatorConfig(port=0, book=BOOK, start=TUESDAY_10, speed=10, on_port=ports.append)
    serving = await started(server.run, config)
    clock = MarketClock(speed=10)
    heard: dict[str, Reading] = {}
    try:
        async with KisClient(f"http://127.0.0.1:{ports[0]}", Credentials("key", "secret"), tmp_path, clock) as client:
            listing = await probe(client, BOOK.tickers)
            assert listing.unknown == set()
            assert listing.exchanges == {ticker.symbol: ticker.exchange for ticker in BOOK.tickers}
            bases = {}
            for symbol, exchange in listing.exchanges.items():
                price = from_price((await client.price(exchange, symbol)).output)
                detail = from_detail((await client.price_detail(exchange, symbol)).output)
                assert tick(symbol, price, price.base, "rest").state == "ok"
                assert price.base == detail.base
                assert detail.low <= detail.last <= detail.high
                bases[symbol] = price.base
            stream = Executions(
                f"ws://127.0.0.1:{ports[0]}",
                {key_of(exchange, symbol): symbol for symbol, exchange in listing.exchanges.items()},
                client.approval_key,
                clock,
                ZoneInfo("America/New_York"),
                on_open=heard.clear,
                on_record=heard.__setitem__,
            )
            streaming = asyncio.create_task(stream.run())
            try:
                await eventually(lambda: stream.state == "ok" and len(heard) == len(BOOK.symbols))
            finally:
                streaming.cancel()
            for symbol, reading in heard.items():
                made = tick(symbol, reading, bases[symbol], "websocket")
                assert made.state == "ok", made
                assert abs(reading.base - bases[symbol]) < 0.0002, "LAST and DIFF give the base of the price call"
                assert reading.traded_at is not None
                assert reading.traded_at.astimezone(NEW_YORK).date() == TUESDAY_10.date()
            assert stream.malformed == 0
    finally:
        await serving.stop()
