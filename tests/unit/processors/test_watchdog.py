"""A worker that stands still is noticed; one that waits for a broker, or has nothing to do, is left alone."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.errors import KafkaConnectionError
from faust.types import TP

from processors.positions import Log, Place
from processors.watchdog import StoodStill, watch

TICKS = TP("demo.ticks", 0)
QUICK = {"every_s": 0.01, "nudge_s": 0.03, "limit_s": 0.1, "unsettled_limit_s": 0.1}


class Worker:
    """Positions as the watchdog sees them: one agent, a log, and what was asked of the consumer."""

    def __init__(self, position: int, end: int) -> None:
        self.its = Place(agent="gold", tp=TICKS, position=position)
        self.end = end
        self.reachable = True
        self.sought: list[int] = []
        self.verified: int | None = 1

    def of(self, tp: TP) -> list[Place]:
        return [self.its]

    async def log(self, tp: TP) -> Log:
        if not self.reachable:
            raise KafkaConnectionError("away")
        return Log(0, self.end)

    async def seek(self, tp: TP, offset: int) -> None:
        self.sought.append(offset)

    async def seek_targets(self, tps: set[TP]) -> dict[TP, int]:
        self.its.position = -1
        return dict.fromkeys(tps, 0)


async def watched(worker: Worker, for_s: float = 0.4, settled: bool = True) -> None:
    """Watch for a while; raises what the watchdog raises."""
    try:
        await asyncio.wait_for(watch(worker, lambda: {TICKS}, lambda: settled, **QUICK), for_s)  # type: ignore[arg-type]
    except TimeoutError:
        return


async def test_a_log_ahead_of_a_position_that_never_moves_is_standing_still():
    worker = Worker(position=4, end=10)
    with pytest.raises(StoodStill, match=r"gold stands at 4 while demo\.ticks ends at 10"):
        await watched(worker)
    assert worker.sought == [5], "before that, it was nudged once"


async def test_an_agent_at_the_end_of_its_log_may_stand_as_long_as_it_likes():
    worker = Worker(position=9, end=10)
    await watched(worker)
    assert worker.sought == []


async def test_progress_however_slow_is_progress():
    worker = Worker(position=0, end=1000)

    async def crawl() -> None:
        while True:
            await asyncio.sleep(0.02)
            worker.its.position += 1

    crawling = asyncio.create_task(crawl())
    await watched(worker)
    crawling.cancel()


async def test_time_without_a_broker_does_not_count():
    worker = Worker(position=4, end=10)
    worker.reachable = False
    await watched(worker)


async def test_a_rebalance_that_does_not_end_is_standing_still():
    with pytest.raises(StoodStill, match="rebalance"):
        await watched(Worker(position=9, end=10), settled=False)


async def test_a_log_that_ends_before_the_position_is_another_stream():
    worker = Worker(position=400, end=10)
    worker.its.position = 400
    with pytest.raises(StoodStill):  # this fake never folds the new stream
        await watched(worker)
    assert worker.sought[0] == 0
