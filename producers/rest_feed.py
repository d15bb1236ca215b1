"""Quotes by polling: every symbol each `refresh_interval_sec`, one frame a cycle, nothing queued.

A cycle's calls go out evenly spaced and its frame is cut when all have been answered, or shortly after the last went
out. A symbol whose call hangs costs only itself: it is not asked again before that call ends, and its late answer joins
the next frame. A cycle whose turn comes while another is still sending is skipped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from producers.bases import Bases
from producers.kis.client import KisClient, Reply
from producers.kis.errors import KisError, NoData
from producers.kis.parse import Reading, from_detail, from_price, tick
from producers.line import Line
from producers.probe import Listing
from schemas.errors import ConfigError

log = logging.getLogger(__name__)

Answer = tuple[Reading, Reply]

LEAST_GRACE_S = 0.25  # wall seconds after the last call of a cycle for its answer
REFUSED_PAUSE_S = 30.0  # market seconds between tries of a key that is refused
IDLE_CALL_EVERY_S = 30.0  # wall; while the market is closed one call now and then keeps the clock and the state true
IDLE_CALL_SIMULATED_S = 1.0  # a simulator skips the night, so its clock is asked more often


@dataclass(eq=False, slots=True)
class Cycle:
    """One round of calls. What is answered after its frame was cut joins the next one's."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[asyncio.Task[None]] = field(default_factory=list)
    is_cut: bool = False


class RestFeed:
    """Polls while `active()`; otherwise it waits. `troubles`: by symbol why its newest call gave nothing."""

    def __init__(
        self,
        client: KisClient,
        line: Line,
        listing: Listing,
        bases: Bases,
        active: Callable[[], bool] = lambda: True,
    ) -> None:
        self.troubles: dict[str, str] = {}
        self.skipped = 0  # cycles
        self._client, self._line, self._listing, self._bases, self._active = (
            client,
            line,
            listing,
            bases,
            active,
        )
        self._clock = client.clock
        self._details = dict(listing.details)
        self._details_of: date | None = line.trade_date
        self._outstanding: dict[str, asyncio.Task[None]] = {}
        self._unsent: set[str] = set()  # calls that wait for their turn
        self._late: dict[str, Answer] = {}
        self._asking_detail: asyncio.Task[None] | None = None
        self._cycles: list[asyncio.Task[None]] = []  # at most two: one sending, one waiting for its last answers
        self._turn = 0
        self._refused: ConfigError | None = None

    async def run(self) -> None:
        """Poll for ever. Raises `ClockBehind`, and the `ConfigError` of a refused key after a pause."""
        loop = asyncio.get_running_loop()
        next_at = loop.time()
        try:
            while True:
                if not self._active():
                    await asyncio.sleep(0.05)
                    next_at = loop.time()
                    continue
                if not self._line.takes_frames and self._line.trade_date is not None:
                    await self._idle()
                    next_at = loop.time()
                    continue
                interval_s = self._clock.wall_seconds(self._line.parameters.refresh_interval_sec)
                self._start_cycle(interval_s)
                next_at = max(next_at + interval_s, loop.time())
                await asyncio.sleep(next_at - loop.time())
                for cycle in [cycle for cycle in self._cycles if cycle.done()]:
                    self._cycles.remove(cycle)
                    cycle.result()
                if self._refused is not None:
                    await self._pause()
        finally:
            for task in (*self._cycles, *self._outstanding.values(), self._asking_detail):
                if task is not None:
                    task.cancel()

    def _start_cycle(self, interval_s: float) -> None:
        if self._unsent or len(self._cycles) > 1:
            self.skipped += 1
            return
        cycle = Cycle()
        symbols = [symbol for symbol in self._line.book.symbols if symbol not in self._outstanding]
        cycle.asked = [self._ask(symbol, cycle) for symbol in symbols]
        if self._client.pace.spacing_s * (len(symbols) + 1) <= interval_s and not self._client.paper:
            self._ask_detail()
        before = self._cycles[-1] if self._cycles else None
        self._cycles.append(asyncio.create_task(self._finish(cycle, before, interval_s)))

    async def _finish(self, cycle: Cycle, before: asyncio.Task[None] | None, interval_s: float) -> None:
        """Wait for the answers, as long as is worth it, and cut the frame behind the one of `before`."""
        pending = set(cycle.asked)
        while pending and self._unsent:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        if pending:
            await asyncio.wait(pending, timeout=max(interval_s / 2, LEAST_GRACE_S))
        if before is not None and not before.done():
            await asyncio.wait({before})
        for task in cycle.asked:
            if task.done() and not task.cancelled():
                task.result()  # faults of the broker are taken care of; anything else is ours and ends the feed
        self._cut(cycle)

    def _cut(self, cycle: Cycle) -> None:
        now = self._line.advance()
        if now is None:
            return
        if self._bases.turn_to(self._line.trade_date):
            log.info("bases of trade_date=%s", self._bases.trade_date)
        answers, self._late, cycle.is_cut = self._late | cycle.answers, {}, True
        ticks = []
        for symbol in self._line.book.symbols:
            if symbol not in answers:
                continue
            reading, reply = answers[symbol]
            if reply.market_time and self._line.trade_date_at(reply.market_time) != self._line.trade_date:
                continue  # read before the clock jumped into another date
            self._bases.note(symbol, reading.base)
            ticks.append(tick(symbol, reading, reading.base, "rest", self._day_of(symbol)))
        self._line.cut(ticks, now, full=True)

    def _ask(self, symbol: str, cycle: Cycle) -> asyncio.Task[None]:
        self._unsent.add(symbol)
        task = asyncio.create_task(self._call(symbol, cycle))
        self._outstanding[symbol] = task
        return task

    async def _call(self, symbol: str, cycle: Cycle) -> None:
        try:
            exchange = self._listing.exchanges[symbol]
            reply = await self._client.price(exchange, symbol, on_turn=lambda: self._unsent.discard(symbol))
            answers = self._late if cycle.is_cut else cycle.answers
            answers[symbol] = (from_price(reply.output), reply)
            self.troubles.pop(symbol, None)
        except NoData as error:
            self.troubles[symbol] = str(error)
        except KisError as error:
            self.troubles[symbol] = str(error)
            if isinstance(error, ConfigError):
                self._refused = error
        finally:
            self._unsent.discard(symbol)
            self._outstanding.pop(symbol, None)

    def _ask_detail(self) -> None:
        """Open, high and low are told by another call; one symbol a cycle fits into the limit."""
        if self._asking_detail is not None and not self._asking_detail.done():
            return
        symbols = self._line.book.symbols
        self._turn = (self._turn + 1) % len(symbols)
        self._asking_detail = asyncio.create_task(self._call_detail(symbols[self._turn]))

    async def _call_detail(self, symbol: str) -> None:
        try:
            reply = await self._client.price_detail(self._listing.exchanges[symbol], symbol)
        except KisError:
            return  # the prices of the day stay as old as they are
        if not reply.market_time or self._line.trade_date_at(reply.market_time) == self._line.trade_date:
            self._details[symbol] = from_detail(reply.output)

    def _day_of(self, symbol: str) -> Reading | None:
        if self._details_of != self._line.trade_date:
            if self._details_of is not None:
                self._details = {}
            self._details_of = self._line.trade_date
        return self._details.get(symbol)

    async def _idle(self) -> None:
        await asyncio.sleep(IDLE_CALL_SIMULATED_S if self._clock.simulated else IDLE_CALL_EVERY_S)
        symbol = self._line.book.symbols[0]
        try:
            await self._client.price(self._listing.exchanges[symbol], symbol)
        except KisError as error:
            self.troubles[symbol] = str(error)
        self._line.advance()

    async def _pause(self) -> None:
        """A refused key is not asked 18 times a second: it is tried again now and then."""
        error, self._refused = self._refused, None
        if self._client.condition == "ok":
            return  # another call succeeded since
        log.error("polling pauses reason=%s", error)
        await asyncio.sleep(self._clock.wall_seconds(REFUSED_PAUSE_S))
