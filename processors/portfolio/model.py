"""What a model of fills and gates must give: how a lane reacts to a cut, and to the close."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

import msgspec

from processors.portfolio.ledger import Ledger
from processors.portfolio.market import SPANS, Cut, Market
from processors.portfolio.signals import Edge
from schemas.parameters import Parameters
from schemas.results import Trade
from schemas.runs import Model, RunRequest
from schemas.ticks import SessionRecord


@dataclass(frozen=True, slots=True)
class Plan:
    """What is folded, and how. `interval` is what the frames are: ticks, 1m, 5m, 1h or 1d."""

    request: RunRequest
    interval: str
    twin: bool = True  # fold each lane a second time, with other fees

    @property
    def span(self) -> timedelta | None:
        """The length of a bar; None for ticks."""
        return SPANS.get(self.interval)

    @property
    def trades(self) -> bool:
        """Whether there is a portfolio: not on daily bars, whose next open is tomorrow's."""
        return self.interval != "1d"


class Lane(msgspec.Struct):
    """One parameter set with its ledger. A model adds what it remembers."""

    ledger: Ledger
    parameters: Parameters
    version: int
    banned: bool | None = None  # gold forbids new buys on this date
    gold_change_pct: float | None = None  # what decided


L = TypeVar("L", bound=Lane)


class Simulation(Protocol[L]):
    """A model. Its lanes survive a JSON round trip; every function changes the lane it is given, and only that."""

    @property
    def model(self) -> Model: ...

    @property
    def gating(self) -> str: ...

    @property
    def lane_type(self) -> type[L]: ...

    @property
    def gathers_bars(self) -> bool:
        """Whether the close needs the whole day."""
        ...

    def lane(self, ledger: Ledger, parameters: Parameters, version: int) -> L: ...

    def copied(self, lane: L) -> L: ...

    def closes_at(self, record: SessionRecord) -> datetime:
        """The end of the regular session."""
        ...

    def begin(self, lane: L) -> None:
        """Start a trade date."""
        ...

    def hear(self, lane: L, market: Market, edges: Sequence[Edge]) -> None:
        """Take in the signal events of a frame of any session."""
        ...

    def cut(self, lane: L, market: Market, cut: Cut, edges: Sequence[Edge]) -> list[Trade]:
        """Fold in a frame of the regular session and the signal events said at it."""
        ...

    def close(self, lane: L, market: Market) -> list[Trade]:
        """End the regular session: nothing is held afterwards."""
        ...


class State(msgspec.Struct, Generic[L]):
    """Everything that a fold remembers; restored from JSON it goes on as if nothing had been."""

    market: Market
    lanes: list[L] = []
