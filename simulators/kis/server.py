"""A KIS server on loopback: REST and WebSocket on one port, fed by the market model or by a file of closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from schemas.base import from_milliseconds
from schemas.book import Book
from schemas.errors import ConfigError
from simulators.clock import MarketClock, TradingDays
from simulators.kis.control import PREFIX, Control
from simulators.kis.credentials import Credentials
from simulators.kis.faults import Faults
from simulators.kis.rest import Rest
from simulators.kis.stream import Stream
from simulators.kis.wire import Reply, Request, Wire
from simulators.market import Market
from simulators.replay import Replay, load_days
from simulators.source import LivingMarket, Source
from simulators.state_file import StateFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KisSimulatorConfig:
    """`speed`: market seconds a wall second, for prices, intervals and limits alike.

    `port` 0 takes a free one, which `on_port` is told. `state`: where clock and market go on after a restart; None
    forgets. `start`: where a clock without state opens, 09:50 New York of the next trading day if None. `replay`: a
    CSV of closes in place of the market, from `replay_from` or the first complete date on. `faults`: see
    `simulators.kis.faults.parse_fault`. `app_key`, `app_secret`: the pair to insist on; None accepts any text.
    """

    port: int
    book: Book
    host: str = "127.0.0.1"
    seed: int = 1
    speed: float = 1.0
    replay: Path | None = None
    replay_from: date | None = None
    faults: tuple[str, ...] = ()
    state: Path | None = None
    app_key: str | None = None
    app_secret: str | None = None
    start: datetime | None = None
    paper: bool = False
    pingpong_s: float = 10.0  # market seconds
    on_port: Callable[[int], None] | None = None


async def run(config: KisSimulatorConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve until `stop` is set. Raises `ConfigError` for a taken port, a file or a fault that cannot be read."""
    source = open_source(config)
    faults = Faults(source.clock.passed_ms, config.faults)
    credentials = Credentials(source.clock.passed_ms, config.seed, (config.app_key, config.app_secret))
    rest = Rest(config.book, source, credentials, faults, config.paper)
    stream = Stream(config.book, source, credentials, faults, config.pingpong_s, config.paper)

    def facts() -> dict[str, Any]:
        sessions = [{"registrations": len(session.keys)} for session in stream.sessions]
        return {"calls": dict(rest.calls), "tokens_issued": credentials.issued, "sessions": sessions}

    control = Control(source, faults, facts)

    async def answer(request: Request) -> Reply | None:
        return control.answer(request) if request.path.startswith(PREFIX) else await rest.answer(request)

    wire = Wire(answer, stream.talk, rest.market_headers)
    try:
        port = await wire.start(config.host, config.port)
    except OSError as error:
        raise ConfigError(f"simulator port {config.port}: {error.strerror or error}") from None
    feed = asyncio.create_task(stream.run())
    stopped = asyncio.create_task(stop.wait())
    now = from_milliseconds(source.clock.now_ms())
    log.info("simulator=listening port=%d market_time=%s speed=%g", port, now.isoformat(), config.speed)
    if config.on_port is not None:
        config.on_port(port)
    ready()
    try:
        await asyncio.wait({stopped, feed}, return_when=asyncio.FIRST_COMPLETED)
        if feed.done():
            feed.result()  # it ends only by an error, which is the simulator's end too
    finally:
        for task in (stopped, feed):
            task.cancel()
        await wire.stop()
        source.clock.close()
        log.info("simulator=stopped")


def open_source(config: KisSimulatorConfig) -> Source:
    """The market or the replay that `config` asks for. Raises `ConfigError`."""
    state = StateFile(config.state)
    if config.replay is not None:
        return Replay(load_days(config.replay, config.book, config.replay_from), config.book, config.speed, state)
    days = TradingDays(config.book.calendar, config.book.timezone)
    clock = MarketClock(days, config.speed, state, config.start)
    living = LivingMarket(Market(config.book, config.seed, days, state, clock.day), clock)
    living.quote(config.book.symbols[0])  # the day so far is computed before the first caller waits for it
    return living
