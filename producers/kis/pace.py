"""The broker's limit on calls, kept by spacing them: a token bucket that holds two at most, so there are no bursts.

Twenty calls a second are allowed and the shape of their window is not documented; 18 evenly spaced ones stay below it
for any window, also when this process was held up and sends the next two at once.
"""

from __future__ import annotations

import asyncio

from producers.clock import MarketClock

MOST_CALLS_PER_WALL_SECOND = 200.0  # what one process asks of one connection pool, however fast the market runs


class Pace:
    """Hands out turns, `calls_per_second` of them a market second, in the order they were asked for."""

    def __init__(self, clock: MarketClock, calls_per_second: float) -> None:
        self._clock, self.calls_per_second = clock, calls_per_second
        self._next_at = 0.0
        self._order = asyncio.Lock()

    @property
    def keeps_up(self) -> bool:
        """Whether the market is slow enough to be followed by calls."""
        return self.calls_per_second * self._clock.speed <= MOST_CALLS_PER_WALL_SECOND

    @property
    def spacing_s(self) -> float:
        """Wall seconds between two calls."""
        return 1 / min(self.calls_per_second * self._clock.speed, MOST_CALLS_PER_WALL_SECOND)

    async def turn(self) -> None:
        """Return when the next call may go out."""
        async with self._order:
            while True:
                wait_s = self._next_at - self._clock.ticks()
                if wait_s <= 0:
                    break
                await asyncio.sleep(wait_s)
            # Counted from the moment of the call, not from the plan: turns that were missed are gone but for one.
            self._next_at = max(self._next_at, self._clock.ticks() - self.spacing_s) + self.spacing_s

    def hold(self, wall_seconds: float) -> None:
        """Give no further turn for `wall_seconds`."""
        self._next_at = max(self._next_at, self._clock.ticks() + wall_seconds)
