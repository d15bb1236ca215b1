"""The once-a-minute limit of token issues in a market that skips closed hours."""

from __future__ import annotations

import asyncio

from producers.clock import MarketClock
from producers.kis.tokens import Issued, Tokens
from tests.support import eventually

FRIDAY = 1_794_617_990_000  # 2026-11-13T19:59:50-05:00, in ms
MONDAY = 1_794_838_800_000  # 2026-11-16T09:20:00-05:00


def clock_at(market_ms: int) -> MarketClock:
    clock = MarketClock()
    tell(clock, market_ms)
    return clock


def tell(clock: MarketClock, market_ms: int) -> None:
    clock.observe({"X-Market-Time": str(market_ms)}, clock.ticks(), clock.ticks())


async def test_a_weekend_that_was_skipped_counts_as_passed(tmp_path):
    issued = iter(["friday", "monday"])

    async def issue() -> Issued:
        tell(clock, FRIDAY if not clock.synced else MONDAY)  # the first reply of all
        return Issued(access_token=next(issued), access_token_token_expired="", expires_in=86_400)

    clock = MarketClock()
    tokens = Tokens(tmp_path, "http://127.0.0.1:1", "demo", issue, clock)
    assert await tokens.get() == "friday"
    tell(clock, MONDAY)
    async with asyncio.timeout(5):  # not the rest of our minute
        assert await tokens.get() == "monday"


async def test_within_the_same_market_minute_it_waits(tmp_path):
    async def issue() -> Issued:
        return Issued(access_token="one", access_token_token_expired="", expires_in=86_400)

    clock = clock_at(FRIDAY)
    tokens = Tokens(tmp_path, "http://127.0.0.1:1", "demo", issue, clock)
    await tokens.get()
    renewing = asyncio.create_task(tokens.renew("one"))
    await eventually(lambda: tokens.waiting)
    renewing.cancel()
