"""What the portfolio needs of signal events: a hundred lanes of a year fit into memory when the rest is let go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

import msgspec

from schemas.results import SignalCount
from schemas.signals import SignalEvent

GOLD, TWINS, CONDITIONAL, STOP_LOSS, BEARISH = "gold", "twin_pairs", "conditional", "stop_loss", "bearish"
READ = frozenset((GOLD, TWINS, CONDITIONAL, STOP_LOSS, BEARISH))


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A signal event, without what no fill depends on."""

    signal_type: str
    subject: str
    decision: str | None  # None unless the verdict is ok
    actionable: bool
    event_id: str | None = None  # of what may lead to a trade
    banned: bool | None = None  # gold: whether new buys are forbidden today
    change_pct: float | None = None  # gold: its change at the event


AtTime = Mapping[datetime, list[Edge]]
NOTHING: AtTime = {}


class Signals:
    """The edges of a run by lane and event time. Feed it as the events come, from all agents, each in its own order."""

    def __init__(self, events: Iterable[SignalEvent] = ()) -> None:
        self.lanes: dict[str, dict[datetime, list[Edge]]] = {}
        self.times: set[datetime] = set()
        self._counts: dict[str, dict[str, list[int]]] = {}
        self.extend(events)

    def extend(self, events: Iterable[SignalEvent]) -> None:
        """Take in `events`, in any order between signal types and lanes."""
        for event in events:
            counts = self._counts.setdefault(event.lane, {}).setdefault(event.signal_type, [0, 0])
            counts[0] += 1
            counts[1] += event.after.is_actionable
            if event.signal_type in READ:
                at_time = self.lanes.setdefault(event.lane, {})
                edges = at_time.get(event.event_time)
                if edges is None:
                    at_time[event.event_time] = edges = []
                    self.times.add(event.event_time)
                edges.append(_edge(event))

    def of(self, lane: str) -> AtTime:
        return self.lanes.get(lane, NOTHING)

    def counts(self, lane: str) -> dict[str, SignalCount]:
        """Per signal type how many edges, and how many of them made it actionable; sorted by type."""
        found = sorted(self._counts.get(lane, {}).items())
        return {name: SignalCount(events=events, actionable=actionable) for name, (events, actionable) in found}


def _edge(event: SignalEvent) -> Edge:
    verdict = event.after
    if event.signal_type == GOLD:
        data = msgspec.json.decode(event.data) if isinstance(event.data, msgspec.Raw) else event.data
        banned, change = data.get("day_ban"), data.get("change_pct")
        return Edge(GOLD, event.subject, verdict.decision, verdict.is_actionable, None, banned, change)
    if event.signal_type == STOP_LOSS:  # the most frequent and the least telling: one object for all that are alike
        return _of_stop_line(event.subject, verdict.decision, verdict.is_actionable)
    return Edge(event.signal_type, event.subject, verdict.decision, verdict.is_actionable, event.event_id)


@lru_cache(maxsize=4096)
def _of_stop_line(symbol: str, decision: str | None, actionable: bool) -> Edge:
    return Edge(STOP_LOSS, symbol, decision, actionable)
