"""Shapes of the answers about health: each part of the line, and how far its readers are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from schemas.base import Frozen
from schemas.ticks import QuoteState, Session

UpDown = Literal["up", "down"]


class Broker(Frozen):
    status: UpDown


class Store(Frozen):
    status: UpDown
    reason: str | None  # why it does not answer


class Producing(Frozen):
    """What comes in. `feed` is as in `Status`."""

    feed: str
    last_tick_age_ms: int | None
    symbols_ok: int
    symbols_missing: list[str]


class TickerHealth(Frozen):
    state: QuoteState
    age_ms: int | None
    reason: str | None


class LogEnd(Frozen):
    end: int | None  # offset behind the book's last record on ticks


class AgentProgress(Frozen):
    """Offset on ticks up to which an agent's published state stands, and the records behind it."""

    position: int | None
    lag: int | None


class InForce(Frozen):
    version: int | None


class Health(Frozen):
    """The line at a glance. `reasons`: what is not as it should be, the worst first; none while `status` is ok."""

    status: Literal["ok", "degraded", "starting"]
    reasons: list[str]
    namespace: str
    demo: bool
    session: Session | None
    trade_date: date | None
    market_time: datetime | None
    server_time: datetime
    kafka: Broker
    postgres: Store
    producer: Producing
    tickers: dict[str, TickerHealth]
    ticks: LogEnd
    agents: dict[str, AgentProgress]
    parameters: InForce
    clients: int  # open streams


class Alive(Frozen):
    status: Literal["ok"] = "ok"
