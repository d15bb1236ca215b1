"""Where a simulated broker takes its prices from: the living market, or days out of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from simulators.clock import MarketClock
from simulators.market import Market
from simulators.trading import Quote


class Clock(Protocol):
    """`speed`: market seconds a wall second. A `frozen` clock stands at an instant until it is moved on."""

    speed: float
    frozen: bool

    def now_ms(self) -> int:
        """Market time, ms since 1970."""

    def passed_ms(self) -> int:
        """Market ms on an axis for ages, intervals and rates, which runs on when the clock is frozen."""

    def close(self) -> None: ...


class Source(Protocol):
    @property
    def clock(self) -> Clock: ...

    def quote(self, symbol: str) -> Quote | None:
        """The figures of `symbol` now; None when it has none."""

    def trades(self, symbol: str, after_ms: int, until_ms: int) -> list[Quote]:
        """The newest trades in (after_ms, until_ms], oldest first."""

    def was_read(self, symbol: str) -> None:
        """A price call for `symbol` was answered as it should be."""

    def ahead_ms(self) -> int:
        """By how much a frozen clock will still be moved on, so that a token can outlast it."""

    def headers(self) -> Mapping[str, str]:
        """What replies say of the source beside the time."""

    def state(self) -> dict[str, Any]: ...


class LivingMarket:
    """The market model at the time of its clock."""

    def __init__(self, market: Market, clock: MarketClock) -> None:
        self._market, self._clock = market, clock

    @property
    def clock(self) -> MarketClock:
        return self._clock

    def quote(self, symbol: str) -> Quote | None:
        now = self._clock.now_ms()
        return self._market.quote(symbol, self._clock.day, now)

    def trades(self, symbol: str, after_ms: int, until_ms: int) -> list[Quote]:
        day = self._clock.day
        if until_ms < day.begins:  # the night went by in between
            return []
        return self._market.trades(symbol, day, max(after_ms, day.begins), until_ms)

    def was_read(self, symbol: str) -> None:
        return

    def ahead_ms(self) -> int:
        return 0

    def headers(self) -> Mapping[str, str]:
        return {}

    def state(self) -> dict[str, Any]:
        day = self._market.on(self._clock.day)
        return {"mode": "market", "trade_date": day.day.date.isoformat(), "gold_up_at_decision": day.gold_up}
