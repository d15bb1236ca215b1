"""The simulator's own door, `/__control/…`: faults, the clock, and what it is doing. For callers on this machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from schemas.base import from_milliseconds, milliseconds
from schemas.errors import ConfigError
from simulators.clock import MarketClock
from simulators.kis.faults import Faults, fault_of
from simulators.kis.wire import Reply, Request
from simulators.source import Source

log = logging.getLogger(__name__)
PREFIX = "/__control/"


class Control:
    """GET, POST, DELETE `faults`; POST `clock`; GET `state`. `facts` adds what the other parts know."""

    def __init__(self, source: Source, faults: Faults, facts: Callable[[], dict[str, Any]]) -> None:
        self._source, self._faults, self._facts = source, faults, facts

    def answer(self, request: Request) -> Reply:
        if not request.local:
            return Reply.of({"error": "the control door is for callers on this machine"}, 403)
        name = request.path.removeprefix(PREFIX)
        try:
            match request.method, name:
                case "GET", "faults":
                    return self._listed()
                case "POST", "faults":
                    self._faults.add(fault := fault_of(_object(request), self._faults.known))
                    log.info("fault=%s count=%s duration_s=%s", fault.name, fault.count, fault.duration_s)
                    return self._listed()
                case "DELETE", "faults":
                    self._faults.clear(request.query.get("NAME"))
                    log.info("fault=cleared name=%s", request.query.get("NAME", "all"))
                    return self._listed()
                case "POST", "clock":
                    self._move(_object(request))
                    return Reply.of(self._state())
                case "GET", "state":
                    return Reply.of(self._state())
        except (ConfigError, ValueError, TypeError) as error:
            return Reply.of({"error": str(error)}, 422)
        return Reply.of({"error": "expected faults, clock or state"}, 404)

    def _listed(self) -> Reply:
        known = {name: about for name, (about, _) in self._faults.known.items()}
        return Reply.of({"faults": [fault.public() for fault in self._faults.active], "known": known})

    def _state(self) -> dict[str, Any]:
        clock = self._source.clock
        now = clock.now_ms()
        about = {"market_time": from_milliseconds(now).isoformat(), "market_ms": now}
        return about | {"speed": clock.speed, "frozen": clock.frozen} | self._source.state() | self._facts()

    def _move(self, wish: dict[str, Any]) -> None:
        """`{"to": ISO time}`, `{"to_ms": …}` or `{"advance_s": …}`; `advance_s` does not count closed hours."""
        clock = self._source.clock
        if not isinstance(clock, MarketClock):
            raise ConfigError("clock: a replay moves on when every symbol was read")
        if "to" in wish:
            to = datetime.fromisoformat(str(wish["to"]))
            if to.tzinfo is None:
                raise ConfigError(f"to: expected a time with a zone, received {wish['to']!r}")
            clock.jump(milliseconds(to))
        elif "to_ms" in wish:
            clock.jump(int(wish["to_ms"]))
        elif "advance_s" in wish:
            clock.jump(clock.now_ms() + int(float(wish["advance_s"]) * 1000))
        else:
            raise ConfigError("clock: expected to, to_ms or advance_s")
        log.info("clock=moved to=%s", from_milliseconds(clock.now_ms()).isoformat())


def _object(request: Request) -> dict[str, Any]:
    found = json.loads(request.body or b"{}")
    if not isinstance(found, dict):
        raise ConfigError("body: expected a JSON object")
    return found
