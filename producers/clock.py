"""The market's clock: the wall clock against the real broker, the simulator's where replies tell its time.

A reply that carries ``X-Market-Time`` was written somewhere between the request and its arrival, so each one bounds
the true time to an interval of one round trip; the estimate moves only when it falls outside. It never goes back by
less than a restart would show, so whoever asks twice sees time stand still rather than run backwards.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from schemas.base import from_milliseconds, milliseconds

MARKET_TIME = "X-Market-Time"  # milliseconds since 1970
MARKET_SPEED = "X-Market-Speed"  # market seconds per wall second
MARKET_FROZEN = "X-Market-Frozen"  # "1": a replay, time moves by steps
REPLAY_DONE = "X-Replay-Done"  # "1": the last date was read

BACKWARD_TOLERANCE_S = 2.0  # market seconds; a step back beyond it is the server's, and is shown as it is


class MarketClock:
    """`now()` in UTC with millisecond precision. `wall` gives the wall clock, `ticks` monotonic seconds."""

    def __init__(
        self,
        speed: float = 1.0,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.speed = speed
        self.frozen = False
        self.simulated = False
        self.synced = False  # a reply was seen, so it is known whose clock counts
        self.done = False
        self._wall, self.ticks = wall, ticks
        self._anchor_ms = 0.0
        self._anchor_at = 0.0
        self._told_ms = 0

    def now(self) -> datetime:
        """Market time, floored to the millisecond."""
        estimate = int(self._estimate(self.ticks())) if self.simulated else milliseconds(floored(self._wall()))
        behind = self._told_ms - estimate
        if 0 < behind <= (BACKWARD_TOLERANCE_S + 0.25 * self.speed) * 1000:
            return from_milliseconds(self._told_ms)
        self._told_ms = estimate
        return from_milliseconds(estimate)

    def wall_seconds(self, market_seconds: float) -> float:
        """How long to wait, by the wall, until `market_seconds` have passed. A frozen market passes by speed too."""
        return market_seconds / self.speed

    def market_seconds(self, wall_seconds: float) -> float:
        return wall_seconds * self.speed

    def observe(self, headers: Mapping[str, str], sent_at: float, received_at: float) -> datetime | None:
        """Learn from a reply's headers; `sent_at` and `received_at` in `ticks`. Return the market time it names."""
        said = headers.get(MARKET_TIME)
        if said is None:
            self.synced = True  # without the header the clock is the wall's
            return None
        try:
            market_ms = int(said)
            speed = float(headers.get(MARKET_SPEED) or self.speed)
        except ValueError:
            return None
        if speed > 0 and speed != self.speed:
            self._anchor_ms, self._anchor_at = self._estimate(received_at), received_at
            self.speed = speed
        self.frozen = headers.get(MARKET_FROZEN) == "1"
        self.done = headers.get(REPLAY_DONE) == "1"
        if self.frozen:
            self._anchor_ms = max(self._anchor_ms, market_ms) if self.simulated else market_ms
        else:
            earliest, latest = market_ms, market_ms + (received_at - sent_at) * self.speed * 1000
            estimate = self._estimate(received_at)
            if not (self.simulated and earliest <= estimate <= latest):
                back = self.simulated and estimate > latest
                self._anchor_ms, self._anchor_at = (latest if back else earliest), received_at
        self.simulated = self.synced = True
        return from_milliseconds(market_ms)

    def _estimate(self, at: float) -> float:
        return self._anchor_ms if self.frozen else self._anchor_ms + (at - self._anchor_at) * self.speed * 1000


def floored(time: datetime) -> datetime:
    """`time` without what is below a millisecond."""
    return time - timedelta(microseconds=time.microsecond % 1000)
