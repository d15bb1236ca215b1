"""Shapes of what the streams of prices and signals carry: the data of each event by its name."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET, UnsetType

from api.registry import CatalogueEntry
from api.shapes import Price, Prices, Status
from api.wire import Told
from schemas.base import Frozen
from schemas.parameters import Parameters
from schemas.signals import SignalView


class Config(Frozen):
    """The parameters in force."""

    version: int
    updated_at: datetime | None  # None where the log tells no time for this version any more
    parameters: Parameters


class StreamSnapshot(Frozen):
    """Everything at one moment. `id` is that of the newest signal event: a client resumes behind it."""

    id: str
    status: Status
    config: Config | None
    signals: list[CatalogueEntry]
    views: list[SignalView]
    events: list[Told]  # the newest, oldest first
    prices: Prices | UnsetType = UNSET  # on the stream of prices only


class StreamTick(Frozen):
    """Prices that changed, by symbol."""

    tickers: dict[str, Price]


class StreamView(Frozen):
    """Views that changed."""

    views: list[SignalView]


class StreamReset(Frozen):
    """What was known is void; a snapshot follows."""

    reason: str


class StreamEvents(Frozen):
    """The data of an event by the name of the event."""

    snapshot: StreamSnapshot
    tick: StreamTick
    view: StreamView
    signal: Told
    config: Config | None
    status: Status
    reset: StreamReset
