"""Quotes from the execution stream: a full frame each `refresh_interval_sec`, and between them the changes.

A symbol is in a full frame while its subscription is acknowledged and its connection was heard: no trade means that
its quote still holds. The base comes from the price call, at start, on each new trade date and session, after each
reconnection, and where a record's own LAST, DIFF and SIGN disagree with it; one symbol a second is asked in turn
besides, which also keeps a simulator's clock known.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import date, timedelta

from producers.bases import Bases
from producers.kis.client import KisClient
from producers.kis.errors import KisError
from producers.kis.parse import Reading, from_price, tick
from producers.kis.websocket import Executions
from producers.line import Line
from producers.probe import Listing
from schemas.ticks import Session, Tick

log = logging.getLogger(__name__)

COALESCE_S = 0.02  # wall seconds between two frames of changes
TURN_S = 1.0  # wall seconds between two price calls for the base
AGAIN_AFTER_S = 1.0  # wall seconds before a price call that failed is repeated
BASE_TOLERANCE = 0.00011  # a record's last and diff are each rounded to 4 decimals
WHOLE_WITHIN_S = 2.0  # wall seconds that the first frame of a connection or date waits for every symbol
AHEAD = timedelta(seconds=2)  # a trade further ahead of our clock means that the market's clock has jumped


class WebSocketFeed:
    """Frames of what `executions` delivers through `record`. Start `run` beside it."""

    def __init__(self, client: KisClient, line: Line, listing: Listing, bases: Bases) -> None:
        self.troubles: dict[str, str] = {}
        self.executions: Executions | None = None
        self.silent = False  # another feed makes the frames
        self._client, self._line, self._listing, self._bases = client, line, listing, bases
        self._clock = client.clock
        self._readings: dict[str, tuple[Reading, str]] = {}  # newest, with its source
        self._changed: set[str] = set()
        self._woken = asyncio.Event()
        self._wanted: set[str] = set()  # symbols whose base must be asked for
        self._want = asyncio.Event()
        self._session: Session | None = None
        self._begun: tuple[int, date | None] | None = None  # connection and date that had their first frame
        self._beginning: tuple[tuple[int, date | None], float] | None = None  # those that wait for it, and since when
        self._jumped = False  # a record is ahead of our clock: wait for a reply before the next frame

    @property
    def up(self) -> bool:
        """Whether every symbol is acknowledged on a connection that is heard."""
        executions = self.executions
        return (
            executions is not None
            and len(executions.acknowledged) == len(self._line.book.symbols)
            and executions.heard_within(self._line.max_quote_age_s)
        )

    def opened(self) -> None:
        """A connection was opened: what the one before told may have been overtaken while there was none."""
        self._readings.clear()
        self.ask_base(*self._line.book.symbols)

    def record(self, symbol: str, reading: Reading) -> None:
        """Take a record of the stream."""
        traded_at, trade_date = reading.traded_at, self._line.trade_date
        if traded_at is not None and trade_date is not None:
            if self._line.trade_date_at(traded_at) < trade_date:
                return  # the last trade of another day, repeated
            if self._clock.simulated and traded_at - self._clock.now() > AHEAD + self._slack:
                self._jumped = True
                self.ask_base(symbol)
        if reading.last is None:
            log.debug("record without a price symbol=%s reason=%s", symbol, reading.fault)
        self._readings[symbol] = (reading, "websocket")
        base = self._bases.of(symbol)
        if base is None or (reading.base is not None and abs(reading.base - base) > BASE_TOLERANCE):
            self.ask_base(symbol)
        self._changed.add(symbol)
        self._woken.set()

    def ask_base(self, *symbols: str) -> None:
        """Have the price call asked for `symbols`."""
        self._wanted.update(symbols)
        self._want.set()

    async def run(self) -> None:
        """Make frames for ever. Raises `ClockBehind`."""
        asking = [asyncio.create_task(self._ask_in_turn()), asyncio.create_task(self._ask_wanted())]
        try:
            await self._frames(asking)
        finally:
            for task in asking:
                task.cancel()

    async def _frames(self, asking: list[asyncio.Task[None]]) -> None:
        loop = asyncio.get_running_loop()
        next_full = cut_at = loop.time()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(next_full):
                    await self._woken.wait()
                    await asyncio.sleep(max(0.0, cut_at + COALESCE_S - loop.time()))
            for task in asking:
                if task.done():
                    task.result()
            now = loop.time()
            full = now >= next_full
            if full:
                interval_s = self._clock.wall_seconds(self._line.parameters.refresh_interval_sec)
                next_full = max(next_full + interval_s, now)
            if self._cut(full=full):
                cut_at = loop.time()
            elif not full:
                await asyncio.sleep(COALESCE_S)

    def _cut(self, *, full: bool) -> bool:
        """Hand in the symbols that are heard of, all or those that changed."""
        at = None if self._jumped or self.silent else self._line.advance()
        executions = self.executions
        if at is None or executions is None:
            return False
        self._turn_to_session()
        if not executions.heard_within(self._line.max_quote_age_s):
            self._drop_changes()
            return False
        if not self._begin(executions, full):
            return False
        symbols = [
            symbol
            for symbol in self._line.book.symbols
            if symbol in executions.acknowledged and (full or symbol in self._changed)
        ]
        self._drop_changes()
        ticks = [made for symbol in symbols if (made := self._tick(symbol)) is not None]
        return self._line.cut(ticks, at, full=full)

    def _begin(self, executions: Executions, full: bool) -> bool:
        """Whether a frame may be made: a connection and a date begin with a full one, of every symbol if it can be."""
        life = executions.connections, self._line.trade_date
        if life == self._begun:
            return True
        now = self._clock.ticks()
        if self._beginning is None or self._beginning[0] != life:
            self._beginning = life, now
        symbols = set(self._line.book.symbols)
        whole = symbols <= executions.acknowledged and symbols <= self._readings.keys()
        if full and (whole or now - self._beginning[1] > WHOLE_WITHIN_S):
            self._begun, self._beginning = life, None
            return True
        return False

    def _drop_changes(self) -> None:
        self._changed.clear()
        self._woken.clear()

    def _tick(self, symbol: str) -> Tick | None:
        known = self._readings.get(symbol)
        if known is None:
            return None  # neither the stream nor the price call has told anything yet
        reading, source = known
        base = self._bases.of(symbol)
        return tick(symbol, reading, reading.base if base is None else base, source)

    def _turn_to_session(self) -> None:
        """Ask for every base again on a new date and in a new session."""
        turned = self._bases.turn_to(self._line.trade_date)
        if turned:
            self._readings = {symbol: known for symbol, known in self._readings.items() if self._is_of_today(known[0])}
        if turned or self._session is not self._line.day.session:
            self._session = self._line.day.session
            self.ask_base(*self._line.book.symbols)

    def _is_of_today(self, reading: Reading) -> bool:
        return reading.traded_at is not None and self._line.trade_date_at(reading.traded_at) == self._line.trade_date

    @property
    def _slack(self) -> timedelta:
        """By how much the estimate of a fast clock may be off."""
        return timedelta(seconds=0.5 * self._clock.speed)

    async def _ask_in_turn(self) -> None:
        while True:
            for symbol in self._line.book.symbols:
                self.ask_base(symbol)
                await asyncio.sleep(TURN_S if self._line.takes_frames else 10 * TURN_S)

    async def _ask_wanted(self) -> None:
        while True:
            await self._want.wait()
            self._want.clear()
            wanted, self._wanted = self._wanted, set()
            answered = await asyncio.gather(*map(self._ask, wanted))
            failed = {symbol for symbol, ok in zip(wanted, answered, strict=True) if not ok}
            if failed:
                self._wanted |= failed
                await asyncio.sleep(AGAIN_AFTER_S)
                self._want.set()

    async def _ask(self, symbol: str) -> bool:
        try:
            reply = await self._client.price(self._listing.exchanges[symbol], symbol)
        except KisError as error:
            self.troubles[symbol] = str(error)
            return False
        self.troubles.pop(symbol, None)
        self._jumped = False
        self._line.advance()  # the reply may have told of another date; its base belongs to that one
        if reply.market_time and self._line.trade_date_at(reply.market_time) != self._line.trade_date:
            return False
        self._turn_to_session()
        reading = from_price(reply.output)
        self._bases.note(symbol, reading.base)
        known = self._readings.get(symbol)
        if known is None or known[1] == "rest":
            self._readings[symbol] = (reading, "rest")
            if known is None or known[0].last != reading.last:
                self._changed.add(symbol)
                self._woken.set()
        return True
