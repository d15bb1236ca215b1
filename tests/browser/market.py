"""A market for the page: plausible records written to the topics, judged by the real rules.

Run it beside an API to look at the page: `python -m tests.browser.market NAMESPACE [PORT] [SCENE]`.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from processors.fold import fold
from schemas.quotes import Quote
from schemas.ticks import Frame, FrameBatch, QuoteState, Session, Tick
from tests.builders import BOOK, CATALOGUE, TRADE_DATE, at, opening, session
from tests.serving import Line, api_config, serving
from transport.kafka import Kafka

BASES = dict(
    GLD=372.1, BITU=41.3, MSTU=9.84, ROBN=58.2, CONL=22.65, NVDL=88.4, AMDL=31.9, ETHU=55.7, XXRP=17.2,
    SOLT=14.05, COIN=268.4, HIMZ=7.31, BRKU=28.8, BABX=33.6, SPY=681.2, QQQ=618.0,
)  # fmt: skip

# Where each scene stands: clock at its start and changes in percent; the rest wanders around zero.
SCENES: dict[str, tuple[str, dict[str, float]]] = {
    "busy": (
        "10:41:03",
        dict(GLD=-0.31, BITU=2.1, MSTU=0.28, ROBN=0.74, CONL=-3.62, NVDL=0.62, AMDL=0.5, ETHU=1.9, XXRP=0.8, SOLT=2.4,
             COIN=1.35, SPY=0.31, QQQ=0.55, HIMZ=-0.4, BRKU=0.12, BABX=-1.02),
    ),
    "banned": (
        "11:20:00",
        dict(GLD=0.82, BITU=2.1, MSTU=0.28, ROBN=-3.4, CONL=-3.12, NVDL=0.6, AMDL=1.9, ETHU=0.4, XXRP=-0.2, SOLT=1.4,
             COIN=-3.35, SPY=-0.31, QQQ=-0.55, HIMZ=0.4, BRKU=0.12, BABX=-1.02),
    ),
    "observing": ("09:41:38", dict(GLD=0.42, BITU=0.9, MSTU=-0.8, SPY=0.1, QQQ=-0.2)),
    "calm": (
        "13:05:00",
        dict(GLD=-0.2, BITU=0.9, MSTU=0.1, ROBN=1.2, CONL=0.3, NVDL=0.2, AMDL=1.0, SPY=0.2, ETHU=-0.3),
    ),
}  # fmt: skip


class Market:
    """Frames of a wandering market from a scene on; `step` sends one and all that follows from it."""

    def __init__(self, line: Line, scene: str = "busy", seed: int = 7) -> None:
        clock, changes = SCENES[scene]
        self.line, self.now, self.dice = line, at(clock), random.Random(seed)
        self.changes = {symbol: changes.get(symbol, self.dice.gauss(0, 0.6)) for symbol in BOOK.symbols}
        self.home = dict(self.changes)
        self.states: dict[str, Any] = {rule.signal_type: rule.initial() for rule in CATALOGUE}
        self.missing: set[str] = set()
        self.day: Any = None

    async def open(self) -> None:
        """Open the day and live through the observation, so that gold's ban is decided."""
        record = opening(Session.REGULAR, confirm_sec=3.0)
        (offset,) = await self.line.ticks(record)
        await self._fold(record, offset)
        await self.line.day(opening_offset=offset, position=offset, parameters=record.parameters, version=1)
        for minutes in (1, 20, 30.1, 45):
            early = at("09:30") + timedelta(minutes=minutes)
            if early < self.now - timedelta(seconds=30):
                await self._send(early)
        for seconds in (20, 16, 12, 8, 4):
            self._wander(0.05)
            await self._send(self.now - timedelta(seconds=seconds))

    async def step(self, seconds: float = 1.0, lively: float = 0.05) -> None:
        self.now += timedelta(seconds=seconds)
        self._wander(lively)
        await self._send(self.now)

    async def close(self) -> None:
        record = session(Session.CLOSED, "16:00")
        (offset,) = await self.line.ticks(record)
        await self._fold(record, offset)
        await self.step()

    def _wander(self, lively: float) -> None:
        if lively:
            for symbol in self.dice.sample(BOOK.symbols, 9):
                home = self.home[symbol]
                self.changes[symbol] += 0.2 * (home - self.changes[symbol]) + self.dice.gauss(0, lively)

    def tick(self, symbol: str) -> Tick:
        if symbol in self.missing:
            return Tick(symbol=symbol, state=QuoteState.MISSING, reason="the broker sent no price")
        base = BASES[symbol]
        last = round(base * (1 + self.changes[symbol] / 100), 2)
        swing = base * 0.012
        return Tick(
            symbol=symbol,
            state=QuoteState.OK,
            last=last,
            base=base,
            change_pct=round((last - base) / base * 100, 2),
            open=round(base * 1.001, 2),
            high=round(max(last, base) + swing, 2),
            low=round(min(last, base) - swing, 2),
            volume=round(1_000_000 * self.dice.random() + 120_000),
            bid=round(last - 0.01, 2),
            ask=round(last + 0.01, 2),
        )

    async def _send(self, moment: datetime) -> None:
        ticks = tuple(self.tick(symbol) for symbol in BOOK.symbols)
        frame = Frame(book="us", event_time=moment, ingest_time=datetime.now(UTC), ticks=ticks, snapshot=True)
        batch = FrameBatch(book="us", frames=(frame,))
        (offset,) = await self.line.ticks(batch)
        await self.line.quotes(*self._quotes(frame, offset))
        await self._fold(batch, offset)

    def _quotes(self, frame: Frame, offset: int) -> Iterable[Quote]:
        for tick in frame.ticks:
            yield Quote(
                book="us",
                tick=tick,
                event_time=frame.event_time,
                ingest_time=frame.ingest_time,
                trade_date=TRADE_DATE,
                session=Session.REGULAR,
                position=offset,
            )

    async def _fold(self, record: Any, offset: int) -> None:
        """What the agents do: events first, then views."""
        for rule in CATALOGUE:
            state, events = fold(rule, self.states[rule.signal_type], record, offset)
            self.states[rule.signal_type] = state
            await self.line.events(*events)
            if isinstance(record, FrameBatch):
                await self.line.views(*rule.views(state))


async def main(namespace: str, port: int = 8000, scene: str = "busy") -> None:
    import os

    kafka = Kafka(os.environ["KAFKA_BOOTSTRAP_SERVERS"])
    async with Line(kafka, namespace) as line:
        market = Market(line, scene)
        await market.open()
        async with serving(replace_port(api_config(kafka, namespace, demo=True), port)):
            while True:
                await market.step()
                await asyncio.sleep(1)


def replace_port(config: Any, port: int) -> Any:
    from dataclasses import replace as changed

    return changed(config, port=port)


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    asyncio.run(main(name, *(int(one) if one.isdigit() else one for one in rest)))  # type: ignore[arg-type]

__all__ = ["Market", "replace"]
