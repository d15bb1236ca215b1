"""Which feed makes the frames: the stream, polling while it is down, or the replay; started anew when that changes.

`auto`: the stream, and polling while it is not whole. Polling is left out where the market runs too fast to be
followed by calls. A refused key, a market clock behind the log, and every fault of the broker are states that are
shown and tried again; only a clock that will not catch up within a minute ends the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, Literal
from zoneinfo import ZoneInfo

from producers.bases import Bases
from producers.kis.client import KisClient
from producers.kis.errors import KisError
from producers.kis.websocket import Executions, key_of
from producers.line import ClockBehind, Line
from producers.probe import Listing, probe
from producers.replay_feed import ReplayFeed
from producers.rest_feed import RestFeed
from producers.websocket_feed import WebSocketFeed
from schemas.errors import ConfigError, Unavailable

log = logging.getLogger(__name__)

FeedMode = Literal["auto", "rest", "websocket"]

DOWN_AFTER_S = 2.0  # market seconds without a whole stream before polling takes over
LEAST_DOWN_S = 1.0  # wall
REFUSED_PAUSE_S = 30.0  # wall seconds between tries of a key that is refused
CATCH_UP_WITHIN_S = 60.0  # wall seconds that a clock behind the log may need
CHECK_EVERY_S = 0.2  # wall


class Feeds:
    """Runs the feeds of a line. `mode` tells which one makes the frames now, `condition` what holds them up."""

    def __init__(self, client: KisClient, line: Line, ws_url: str, feed: FeedMode) -> None:
        self.mode = "starting"
        self.condition = "ok"
        self.trouble: str | None = None
        self.listing = Listing()
        self.executions: Executions | None = None
        self.troubles: dict[str, str] = {}  # symbols
        self._client, self._line, self._url, self._feed = client, line, ws_url, feed
        self._websocket: WebSocketFeed | None = None
        self._whole_at = float("-inf")

    async def run(self) -> None:
        """Keep frames coming, for ever. Raises `ConfigError` for what only a person can mend."""
        while True:
            try:
                await self._once()
            except ClockBehind as error:
                if self._client.clock.frozen or self._wall_wait(error) > CATCH_UP_WITHIN_S:
                    raise
                await self._pause("clock_behind", error, min(self._wall_wait(error), 1.0))
            except KisError as error:
                permanent = isinstance(error, ConfigError)
                await self._pause(error.state, error, REFUSED_PAUSE_S if permanent else 1.0)
            except Unavailable as error:
                await self._pause("unreachable", error, error.retry_after_s)

    async def _once(self) -> None:
        """Probe, then run the feeds until the book or the kind of market changes.

        A symbol that was found nowhere is looked for again on the next trade date.
        """
        line, client = self._line, self._client
        try:
            self.listing = await probe(client, line.book.tickers)
        except* KisError as group:
            raise group.exceptions[0] from None
        self.condition, self.trouble = "ok", None
        book, frozen, probed_on = line.book, client.clock.frozen, line.trade_date
        running: list[Coroutine[Any, Any, None]] = []
        if frozen:
            self.mode = "replay"
            replay = ReplayFeed(client, line, self.listing, Bases())
            self.troubles = replay.troubles
            running.append(replay.run())
        else:
            rest = RestFeed(client, line, self.listing, Bases(), active=self._polls)
            self.troubles = rest.troubles
            running.append(rest.run())
            if self._feed != "rest":
                running += self._stream()
        tasks = [asyncio.create_task(work) for work in running]
        try:
            while line.book == book and client.clock.frozen == frozen:
                done, _ = await asyncio.wait(tasks, timeout=CHECK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if frozen:
                    continue
                line.advance()  # openings and closes come by the clock, also while no quote does
                probed_on = probed_on or line.trade_date
                if self.listing.unknown and line.trade_date != probed_on:
                    break
            log.info("feeds start anew trade_date=%s frozen=%s", line.trade_date, client.clock.frozen)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.executions = self._websocket = None

    def _stream(self) -> list[Coroutine[Any, Any, None]]:
        line, client = self._line, self._client
        feed = self._websocket = WebSocketFeed(client, line, self.listing, Bases())
        keys = {key_of(self.listing.exchanges[symbol], symbol): symbol for symbol in line.book.symbols}
        self.executions = feed.executions = Executions(
            self._url,
            keys,
            client.approval_key,
            client.clock,
            ZoneInfo(line.book.timezone),
            on_open=feed.opened,
            on_record=feed.record,
        )
        self._whole_at = client.clock.ticks()  # it has its time to start
        return [feed.run(), self.executions.run()]

    def _polls(self) -> bool:
        """Whether polling makes the frames now."""
        clock, feed = self._client.clock, self._websocket
        if feed is None:
            self.mode = "rest"
            return True
        if feed.up:
            self._whole_at = clock.ticks()
        waited_s = clock.ticks() - self._whole_at
        down = waited_s > max(clock.wall_seconds(DOWN_AFTER_S), LEAST_DOWN_S)
        polls = down and self._feed == "auto" and self._client.pace.keeps_up
        feed.silent = polls
        self.mode = "rest" if polls else "websocket"
        return polls

    def _wall_wait(self, error: ClockBehind) -> float:
        return self._client.clock.wall_seconds(error.behind.total_seconds())

    async def _pause(self, condition: str, error: Exception, seconds: float) -> None:
        if condition != self.condition:
            log.error("feed waits state=%s reason=%s", condition, error)
        self.condition, self.trouble, self.mode = condition, str(error), "waiting"
        await asyncio.sleep(seconds)
