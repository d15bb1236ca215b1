"""Bad days on request: which fault applies to the reply or frame at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import ConfigError

# name: what it does, and how often when nobody says (None: until it is cleared)
CALLS: Mapping[str, tuple[str, int | None]] = {
    "429": ("HTTP 429 with EGW00201", None),
    "EGW00201": ("HTTP 500 with EGW00201, as if the rate were exceeded", None),
    "expired_token": ("EGW00123, and the token is invalid from then on", 1),
    "http_500": ("HTTP 500 whose body is no JSON", None),
    "timeout": ("no reply at all", None),
    "truncated_json": ("a body that ends in the middle", None),
}
VALUES: Mapping[str, tuple[str, int | None]] = {
    "blank_fields": ("numbers are empty texts", None),
    "zero_price": ("last is 0", None),
    "wrong_exchange": ("the symbol is not found at its exchange; `to=NAS` lists it there instead", None),
    "rate_mismatch": ("rate is one percent point off what last and base give", None),
    "absurd_price": ("last is three times what it should be", None),
}
SOCKETS: Mapping[str, tuple[str, int | None]] = {
    "dropped_socket": ("every connection with a subscription ends without a word", 1),
    "encrypted_frame": ("a data frame with flag 1", 1),
    "malformed_frame": ("a data frame whose fields do not divide by its count", 1),
    "invalid_utf8": ("a text frame that is no UTF-8", 1),
    "extra_field": ("a field more at the end of every record", None),
    "ack_delay": ("answers to subscriptions come `value` market seconds late, 5 unless told", None),
    "silent_socket": ("no data and no PINGPONG", None),
}
KNOWN: Mapping[str, tuple[str, int | None]] = {**CALLS, **VALUES, **SOCKETS}
Known = Mapping[str, tuple[str, int | None]]


@dataclass(slots=True)
class Fault:
    """`count` replies or frames, `duration_s` market seconds, only `symbol`: each None when it does not limit."""

    name: str
    count: int | None = None
    duration_s: float | None = None
    symbol: str | None = None
    value: float | None = None
    to: str | None = None
    path: str | None = None  # part of the path of calls; quotations unless told
    since_ms: int = field(default=0, repr=False)

    def public(self) -> dict[str, Any]:
        shown = ("name", "count", "duration_s", "symbol", "value", "to", "path")
        return {key: value for key in shown if (value := getattr(self, key)) is not None}


def fault_of(raw: Mapping[str, Any], known: Known = KNOWN) -> Fault:
    """A fault from JSON or from the command line. Raises `ConfigError` that names the field."""
    name = str(raw.get("name", ""))
    if name not in known:
        raise ConfigError(f"fault: expected one of {', '.join(known)}, received {name!r}")
    if unknown := set(raw) - {"name", "count", "duration_s", "symbol", "value", "to", "path"}:
        raise ConfigError(
            f"fault {name}: expected count, duration_s, symbol, value, to or path, received {min(unknown)}"
        )
    try:
        count = int(raw["count"]) if raw.get("count") is not None else None
        duration = float(raw["duration_s"]) if raw.get("duration_s") is not None else None
        value = float(raw["value"]) if raw.get("value") is not None else None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"fault {name}: expected numbers for count, duration_s and value: {error}") from None
    if count is None and duration is None:
        count = known[name][1]
    symbol, to, path = (str(raw[key]) if raw.get(key) else None for key in ("symbol", "to", "path"))
    return Fault(name, count, duration, symbol.upper() if symbol else None, value, to, path)


def parse_fault(text: str, known: Known = KNOWN) -> Fault:
    """`NAME[:part,part…]`, a part being `key=value`, a bare number (count) or a bare word (symbol).

    `zero_price:GLD,3`, `timeout:duration_s=30`, `wrong_exchange:CONL,to=AMS`.
    """
    name, _, rest = text.partition(":")
    raw: dict[str, Any] = {"name": name.strip()}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        key, equals, value = part.partition("=")
        if equals:
            raw[key] = value
        else:
            raw["count" if part.isdecimal() else "symbol"] = part
    return fault_of(raw, known)


class Faults:
    """The faults in force. `now_ms` is an axis of market time that durations are counted on.

    `known`: those that this server has. `path`: the part of a path that a fault concerns when it names none.
    """

    def __init__(
        self, now_ms: Callable[[], int], at_start: Iterable[str] = (), known: Known = KNOWN, path: str = "/uapi/"
    ) -> None:
        self._now_ms, self.known, self._path = now_ms, known, path
        self.active: list[Fault] = []
        for text in at_start:
            self.add(parse_fault(text, known))

    def add(self, fault: Fault) -> None:
        fault.since_ms = self._now_ms()
        self.active.append(fault)

    def clear(self, name: str | None = None) -> None:
        self.active = [fault for fault in self.active if name is not None and fault.name != name]

    def find(self, name: str, symbol: str | None = None, path: str | None = None) -> Fault | None:
        """The fault `name` when it is in force for `symbol` (and `path`), without using it up."""
        if not self.active:
            return None
        now = self._now_ms()
        self.active = [f for f in self.active if f.duration_s is None or now - f.since_ms < f.duration_s * 1000]
        for fault in self.active:
            if fault.name != name or (fault.symbol is not None and fault.symbol != symbol):
                continue
            if path is None or (fault.path or self._path) in path:
                return fault
        return None

    def take(self, name: str, symbol: str | None = None, path: str | None = None) -> Fault | None:
        """Like `find`, and counts: after `count` times the fault is over."""
        fault = self.find(name, symbol, path)
        if fault is not None and fault.count is not None:
            fault.count -= 1
            if fault.count <= 0:
                self.active.remove(fault)
        return fault
