"""Quotes of a replay: the market stands still until every symbol was read, then it steps to the next date.

Answers are collected by the market time that each names, so an answer that came late, or one whose first reading was
lost on the way after the server had counted it, still lands in the cut it belongs to. A symbol without an answer, or
with a blank one, is asked again before the cut is made; one that the server has gone past stays as it was. One frame
for each market time, stamped with it; the next date is read only when the frame is in the log: an outage costs none.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from datetime import datetime

from producers.bases import Bases
from producers.kis.client import KisClient
from producers.kis.errors import KisError
from producers.kis.parse import Reading, from_price, tick
from producers.line import Line
from producers.probe import Listing
from schemas.errors import ConfigError

log = logging.getLogger(__name__)

PATIENCE = 20  # rounds for a symbol that gives nothing, before its date is cut without it
PAUSE_S = 0.25  # wall seconds before a failed call is repeated
DONE_POLL_S = 1.0


class ReplayFeed:
    """Polls a frozen market, a cut for each of its times."""

    def __init__(self, client: KisClient, line: Line, listing: Listing, bases: Bases) -> None:
        self.troubles: dict[str, str] = {}
        self._client, self._line, self._listing, self._bases = client, line, listing, bases
        self._held: defaultdict[datetime, dict[str, Reading]] = defaultdict(dict)
        self._rounds = 0

    async def run(self) -> None:
        """Poll for ever; after the last date the market's time stands still and no frame is made."""
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            clock = self._client.clock
            if clock.done:
                await asyncio.sleep(DONE_POLL_S)
            at = await self._round()
            if at is not None:
                self._cut(at)
                await self._line.written()
                interval_s = clock.wall_seconds(self._line.parameters.refresh_interval_sec)
                await asyncio.sleep(started + interval_s - loop.time())
            elif self.troubles or self._rounds > 1:
                await asyncio.sleep(PAUSE_S)

    async def _round(self) -> datetime | None:
        """Ask for what the oldest time still lacks; return that time when its cut is complete or can not be."""
        symbols = self._line.book.symbols
        lacking = self._lacking(symbols)
        refused = [error for error in await asyncio.gather(*map(self._ask, lacking)) if error is not None]
        if refused:
            raise refused[0]
        at = min(self._held, default=None)
        if at is None:
            return None
        self._rounds += 1
        if not self._lacking(symbols) or len(self._held) > 1 or self._rounds > PATIENCE:
            self._rounds = 0
            return at
        return None

    def _lacking(self, symbols: tuple[str, ...]) -> list[str]:
        """Symbols that the oldest time has no good answer of."""
        held = self._held[min(self._held)] if self._held else {}
        return [symbol for symbol in symbols if symbol not in held or held[symbol].fault is not None]

    async def _ask(self, symbol: str) -> ConfigError | None:
        try:
            reply = await self._client.price(self._listing.exchanges[symbol], symbol)
        except KisError as error:
            self.troubles[symbol] = str(error)
            return error if isinstance(error, ConfigError) else None
        self.troubles.pop(symbol, None)
        if reply.market_time is not None:
            self._held[reply.market_time][symbol] = from_price(reply.output)
        return None

    def _cut(self, at: datetime) -> None:
        readings = self._held.pop(at)
        now = self._line.advance(at)
        if now is None:
            return  # this time has its frame already
        self._bases.turn_to(self._line.trade_date)
        ticks = []
        for symbol in self._line.book.symbols:
            if reading := readings.get(symbol):
                self._bases.note(symbol, reading.base)
                ticks.append(tick(symbol, reading, reading.base, "rest"))
        if len(ticks) < len(self._line.book.symbols):
            log.warning("replay cut is short market_time=%s symbols=%s", at.isoformat(), len(ticks))
        self._line.cut(ticks, now, full=True)
