"""A Yahoo server on loopback that yfinance talks to as it is, fed by the market model or by files of bars."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from schemas.base import from_milliseconds, milliseconds
from schemas.book import Book
from schemas.errors import ConfigError
from simulators.clock import MarketClock, TradingDay, TradingDays
from simulators.kis.faults import Faults, Known, fault_of
from simulators.kis.wire import Reply, Request, Socket, Wire
from simulators.past import past_of
from simulators.state_file import StateFile
from simulators.yahoo.chart import Charts, refused
from simulators.yahoo.files import FileSource
from simulators.yahoo.model import ModelSource
from simulators.yahoo.series import Source

log = logging.getLogger(__name__)

CHART, CONTROL = "/v8/finance/chart/", "/__control/"
HTML = {"content-type": "text/html; charset=utf-8"}
# name: what it does, and how often when nobody says (None: until it is cleared)
FAULTS: Known = {
    "429": ("HTTP 429, too many requests", None),
    "http_500": ("HTTP 500 whose body is no JSON", None),
    "timeout": ("no reply at all", None),
    "truncated_json": ("a body that ends in the middle", None),
    "will_be_right_back": ("a page that says so instead of a chart", None),
    "invalid_crumb": ("HTTP 401, the crumb is not good any more", 1),
    "empty_result": ("a chart without a bar", None),
    "delisted": ("HTTP 404, symbol may be delisted", None),
    "blank_rows": ("every third bar without prices", None),
    "zero_price": ("every third bar with prices of zero", None),
}


@dataclass(frozen=True, slots=True)
class YahooSimulatorConfig:
    """`port` 0 takes a free one, which `on_port` is told.

    Its time is `now`, which stands still; else that of the KIS simulator whose state file is `clock`; else a clock of
    its own, from 09:50 New York of the next trading day on. `files`: bars to serve instead of the market model.
    """

    port: int
    book: Book
    host: str = "127.0.0.1"
    seed: int = 1
    now: datetime | None = None
    clock: Path | None = None
    files: tuple[Path, ...] = ()
    faults: tuple[str, ...] = ()
    on_port: Callable[[int], None] | None = None


async def run(config: YahooSimulatorConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve until `stop` is set. Raises `ConfigError` for a taken port, a file or a fault that cannot be read."""
    yahoo = Yahoo(config)
    wire = Wire(yahoo.answer, _no_conversation, yahoo.headers)
    try:
        port = await wire.start(config.host, config.port)
    except OSError as error:
        raise ConfigError(f"simulator port {config.port}: {error.strerror or error}") from None
    log.info("simulator=listening port=%d market_time=%s", port, from_milliseconds(yahoo.now_ms()).isoformat())
    if config.on_port is not None:
        config.on_port(port)
    ready()
    try:
        await stop.wait()
    finally:
        await wire.stop()
        log.info("simulator=stopped")


class Yahoo:
    """What the server answers."""

    def __init__(self, config: YahooSimulatorConfig) -> None:
        self._days = TradingDays(config.book.calendar, config.book.timezone)
        self._clock = config.clock
        self._now_ms = milliseconds(config.now) if config.now else None
        self._own_clock = MarketClock(self._days, 1.0, StateFile(None))
        self._state: dict[str, Any] = {}
        self._state_read_at = 0.0
        self._past = past_of(config.book, config.seed)
        self._source: Source = (
            FileSource(config.files, config.book, self._days)
            if config.files
            else ModelSource(config.book, config.seed, self._days, self._gold_up)
        )
        self._charts = Charts(self._source, self._days)
        self._faults = Faults(self.now_ms, config.faults, FAULTS, CHART)
        self._crumb = sha256(f"crumb {config.seed}".encode()).hexdigest()[:11]
        self._one_at_a_time = asyncio.Lock()
        self.calls: Counter[str] = Counter()

    def now_ms(self) -> int:
        """Market time."""
        if self._now_ms is not None:
            return self._now_ms
        known = self._kept().get("market_ms")
        return self._own_clock.now_ms() if known is None else int(known)

    def headers(self) -> dict[str, str]:
        now = self.now_ms()
        return {"Date": formatdate(now / 1000, usegmt=True), "X-Market-Time": str(now)}

    async def answer(self, request: Request) -> Reply | None:
        """The reply to a request; None when a fault wants none."""
        if request.path.startswith(CONTROL):
            return self._control(request)
        self.calls[request.path] += 1
        symbol = unquote(request.path.removeprefix(CHART)).upper() if request.path.startswith(CHART) else None
        if self._faults.take("timeout", symbol, request.path):
            return None
        if (broken := self._broken(symbol, request.path)) is not None:
            return broken
        if symbol is not None:
            return await self._chart(symbol, request)
        match request.path:
            case "/v1/test/getcrumb":
                return Reply(200, self._crumb.encode(), {"content-type": "text/plain;charset=utf-8"})
            case "/consent":
                inputs = '<input name="csrfToken" value="t"/><input name="sessionId" value="s"/>'
                return Reply(200, f"<html><body><form>{inputs}</form></body></html>".encode(), HTML)
            case "/v2/collectConsent" | "/copyConsent":
                return Reply(200, b"", HTML | _cookie())
            case "/":
                return Reply(404, b"", HTML | _cookie())
        error = {"code": "Not Found", "description": "No data found"}
        return Reply.of({"finance": {"result": None, "error": error}}, 404)

    async def _chart(self, symbol: str, request: Request) -> Reply | None:
        if self._faults.take("invalid_crumb", symbol, request.path):
            error = {"code": "Unauthorized", "description": "Invalid Crumb"}
            return Reply.of({"finance": {"result": None, "error": error}}, 401)
        if self._faults.take("delisted", symbol, request.path):
            return refused(404, "Not Found", "No data found, symbol may be delisted")
        async with self._one_at_a_time:  # years of minutes take seconds, and what they give is kept
            reply = await asyncio.to_thread(self._charts.answer, symbol, request.query, self.now_ms() // 1000)
        if reply.status == 200:
            reply = self._disturbed(reply, symbol, request.path)
        return reply

    def _broken(self, symbol: str | None, path: str) -> Reply | None:
        if self._faults.take("429", symbol, path):
            return Reply(429, b"Too Many Requests\r\n", HTML)
        if self._faults.take("http_500", symbol, path):
            return Reply(500, b"<html><body>Internal Server Error</body></html>", HTML)
        if self._faults.take("will_be_right_back", symbol, path):
            return Reply(200, b"<html><body><h1>Will be right back...</h1></body></html>", HTML)
        return None

    def _disturbed(self, reply: Reply, symbol: str, path: str) -> Reply:
        if self._faults.take("truncated_json", symbol, path):
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        empty = self._faults.take("empty_result", symbol, path)
        blank = self._faults.take("blank_rows", symbol, path)
        zero = self._faults.take("zero_price", symbol, path)
        if not (empty or blank or zero):
            return reply
        whole = json.loads(reply.body)
        result = whole["chart"]["result"][0]
        if empty:
            result.pop("timestamp", None)
            result["indicators"] = {"quote": [{}]}
        for values in result["indicators"]["quote"][0].values() if not empty else ():
            values[::3] = [None if blank else 0] * len(values[::3])
        return Reply.of(whole)

    def _control(self, request: Request) -> Reply:
        """GET, POST, DELETE `faults`; POST `clock` {"to": ISO time}; GET `state`. For callers on this machine."""
        if not request.local:
            return Reply.of({"error": "the control door is for callers on this machine"}, 403)
        try:
            match request.method, request.path.removeprefix(CONTROL):
                case "POST", "faults":
                    self._faults.add(fault_of(json.loads(request.body), FAULTS))
                case "DELETE", "faults":
                    self._faults.clear(request.query.get("NAME"))
                case "POST", "clock":
                    to = datetime.fromisoformat(json.loads(request.body)["to"])
                    if to.tzinfo is None:
                        raise ConfigError(f"to: expected a time with a zone, received {to.isoformat()}")
                    self._now_ms = milliseconds(to)
                case "GET", "faults" | "state":
                    pass
                case _:
                    return Reply.of({"error": "expected faults, clock or state"}, 404)
        except (ConfigError, ValueError, TypeError, KeyError) as error:
            return Reply.of({"error": str(error)}, 422)
        return Reply.of(
            {
                "market_time": from_milliseconds(self.now_ms()).isoformat(),
                "market_ms": self.now_ms(),
                "faults": [fault.public() for fault in self._faults.active],
                "known": {name: about for name, (about, _) in FAULTS.items()},
                "calls": dict(self.calls),
            }
        )

    def _kept(self) -> dict[str, Any]:
        """What the KIS simulator has written down of clock and market; empty as long as it has not."""
        if self._clock is None:
            return {}
        try:
            changed_at = self._clock.stat().st_mtime
            if changed_at != self._state_read_at:
                self._state, self._state_read_at = json.loads(self._clock.read_text("utf-8")), changed_at
        except (OSError, ValueError):
            pass  # it is not there yet; what was read before still holds
        return self._state

    def _gold_up(self, day: TradingDay) -> bool:
        """Gold alternates; the phase is the living market's where there is one."""
        number = self._past.number(day)
        market = self._kept().get("market")
        if market:
            known = self._days.on_or_after(date.fromisoformat(market["trade_date"]))
            number += int(market["number"]) - self._past.number(known)
        return number % 2 == 1


async def _no_conversation(socket: Socket) -> None:
    return


def _cookie() -> dict[str, str]:
    return {"set-cookie": "A3=d=AQABBDEMO&S=AQAAAg; Max-Age=31557600; Path=/"}
