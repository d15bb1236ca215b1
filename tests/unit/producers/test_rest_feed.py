"""Polling against a broker in a function: what a cycle asks, what its frame holds, what a fault costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from producers.bases import Bases
from producers.clock import MarketClock
from producers.day import Enter, Open
from producers.kis.client import KisClient
from producers.line import Line
from producers.log import Log
from producers.probe import probe
from producers.rest_feed import RestFeed
from producers.sessions import Sessions
from schemas.book import Book
from schemas.parameters import Parameters
from schemas.ticks import Frame
from tests.builders import BOOK
from tests.support import eventually
from tests.unit.producers.fakes import KEYS, Broker, by_symbol, quotation, refusal

SESSIONS = Sessions("XNYS", "America/New_York")
MORNING = datetime(2026, 2, 10, 15, tzinfo=UTC)  # 10:00 New York


class Paper:
    """A publisher that keeps what it is given."""

    def __init__(self) -> None:
        self.first_parameters = Parameters()
        self.on_replaced: Any = None
        self.frames: list[Frame] = []
        self.records: list[Open | Enter] = []

    def open(self, due: Open, registry: Book) -> None:
        self.records.append(due)

    def enter(self, due: Enter) -> None:
        self.records.append(due)

    def frame(self, frame: Frame, *, full: bool) -> None:
        self.frames.append(frame)


@asynccontextmanager
async def polling(broker: Any, tmp_path: Any, speed: float = 10.0) -> AsyncIterator[tuple[Paper, RestFeed]]:
    """A feed on a market that stands at 10:00 and runs at `speed`."""
    loop = asyncio.get_running_loop()
    begun = loop.time()

    def answered(request: httpx.Request) -> httpx.Response:
        reply = broker(request)
        now_ms = int(MORNING.timestamp() * 1000 + (loop.time() - begun) * speed * 1000)
        reply.headers.update({"X-Market-Time": str(now_ms), "X-Market-Speed": str(speed)})
        return reply

    paper, clock = Paper(), MarketClock(speed=speed)
    client = Broker.client(answered, tmp_path, clock)  # type: ignore[arg-type]
    line = Line(clock, SESSIONS, Log("us"), paper, BOOK, lambda: BOOK)  # type: ignore[arg-type]
    async with client:
        feed = RestFeed(client, line, await probe(client, BOOK.tickers), Bases())
        task = asyncio.create_task(feed.run())
        try:
            yield paper, feed
            if task.done():
                task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def symbols(frame: Frame) -> list[str]:
    return [tick.symbol for tick in frame.ticks]


async def test_a_frame_holds_every_symbol_in_the_order_of_the_book(tmp_path):
    async with polling(Broker(), tmp_path) as (paper, feed):
        await eventually(lambda: len(paper.frames) >= 5)
        assert [symbols(frame) for frame in paper.frames[:5]] == [list(BOOK.symbols)] * 5
        gaps = [(b.event_time - a.event_time).total_seconds() for a, b in pairwise(paper.frames)]
        assert sum(gaps) / len(gaps) == pytest.approx(1.0, abs=0.4)  # refresh_interval_sec, in market seconds
        assert feed.troubles == {}
        [opening] = paper.records
        assert (opening.session, opening.day.trade_date.isoformat()) == ("regular", "2026-02-10")


@pytest.mark.parametrize("code", ["EGW00001", "EGW00201", "OPSQ2001", "EGW00206", "MCA05918"])
async def test_a_symbol_that_fails_is_simply_not_in_the_frame(tmp_path, code):
    broker = Broker()
    async with polling(broker, tmp_path) as (paper, feed):
        await eventually(lambda: paper.frames)
        broker.answer = by_symbol({"CONL": lambda _: refusal(code)})
        await eventually(lambda: "CONL" not in symbols(paper.frames[-1]))
        assert len(paper.frames[-1].ticks) >= 14  # the others may share a frame with the one before
        assert code in feed.troubles["CONL"]
        broker.answer = by_symbol({})
        await eventually(lambda: "CONL" in symbols(paper.frames[-1]))
        assert feed.troubles == {}


async def test_a_blank_symbol_is_in_the_frame_as_missing(tmp_path):
    async with polling(Broker(by_symbol({"CONL": lambda _: quotation("CONL", last="")})), tmp_path) as (
        paper,
        _,
    ):
        await eventually(lambda: paper.frames)
        [tick] = [tick for tick in paper.frames[-1].ticks if tick.symbol == "CONL"]
        assert (tick.state, tick.last, tick.base) == ("missing", None, 100.0)


async def test_a_call_that_hangs_costs_only_its_symbol(tmp_path):
    asked = 0

    class Hanging(httpx.AsyncBaseTransport):
        """GLD is answered when the test says so, everything else at once."""

        def __init__(self) -> None:
            self.broker, self.go = Broker(), asyncio.Event()
            self.hang = False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            nonlocal asked
            if self.hang and request.url.params.get("SYMB") == "GLD" and request.url.path.endswith("/price"):
                asked += 1
                await self.go.wait()
            return self.broker(request)

    transport = Hanging()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    clock = MarketClock(speed=10, wall=lambda: MORNING + timedelta(seconds=10 * (loop.time() - begun)))
    paper = Paper()
    line = Line(clock, SESSIONS, Log("us"), paper, BOOK, lambda: BOOK)  # type: ignore[arg-type]
    async with KisClient("http://kis.test", KEYS, tmp_path, clock, transport=transport) as client:
        feed = RestFeed(client, line, await probe(client, BOOK.tickers), Bases())
        task = asyncio.create_task(feed.run())
        await eventually(lambda: paper.frames)
        transport.hang = True
        await eventually(lambda: "GLD" not in symbols(paper.frames[-1]))
        count = len(paper.frames)
        await eventually(lambda: len(paper.frames) >= count + 4)
        assert all("GLD" not in symbols(frame) for frame in paper.frames[count:])
        assert asked == 1, "it is not asked again while a call is out"
        transport.hang = False
        transport.go.set()
        await eventually(lambda: "GLD" in symbols(paper.frames[-1]))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_weekend_has_one_frame(tmp_path):
    saturday = datetime(2026, 2, 14, 17, tzinfo=UTC)
    clock, paper = MarketClock(wall=lambda: saturday), Paper()
    line = Line(clock, SESSIONS, Log("us"), paper, BOOK, lambda: BOOK)  # type: ignore[arg-type]
    async with Broker().client(tmp_path, clock) as client:
        clock.speed = 100
        feed = RestFeed(client, line, await probe(client, BOOK.tickers), Bases())
        task = asyncio.create_task(feed.run())
        await eventually(lambda: paper.frames)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    [opening] = paper.records
    assert (opening.session, opening.day.trade_date.isoformat()) == ("closed", "2026-02-13")
    assert symbols(paper.frames[0]) == list(BOOK.symbols)
    assert paper.frames[0].snapshot
    assert not line.takes_frames
