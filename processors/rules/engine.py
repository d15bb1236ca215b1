"""How a rule is stepped: quotes and gates first, then verdicts, then debounce and edges. One place for all rules.

A rule of its own kind implements `Rule`. One that says something of subjects extends `Judged`, and is then mostly
`subjects`, `decide`, `describe` and `explain`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar

from msgspec.structs import replace

from processors.rules import words
from processors.rules.days import Day, DayState
from processors.rules.gates import GatedState, watch
from processors.rules.quotes import missing_as_zero, take
from schemas.base import Frozen, UtcTime
from schemas.book import Book
from schemas.signals import SignalEvent, SignalState, SignalView, Verdict, event_id
from schemas.ticks import Frame, QuoteState, Session

S = TypeVar("S", bound=DayState)


class Rule(Protocol[S]):
    """A signal as a pure fold: no clock, no I/O, no change of the state given.

    `state_type` survives a JSON round trip unchanged. `processors.fold` keeps the fields of `DayState`, and calls
    `step` only on an opened day with frames of rising event time.
    """

    @property
    def signal_type(self) -> str: ...

    @property
    def state_type(self) -> type[S]: ...

    def initial(self) -> S:
        """The state before the first frame of a date."""
        ...

    def step(self, state: S, frame: Frame) -> tuple[S, list[SignalEvent]]:
        """Fold in one cut; events only where a verdict changes."""
        ...

    def views(self, state: S) -> list[SignalView]:
        """The current picture of every subject as of the newest frame."""
        ...


class Candidate(Frozen):
    """A verdict that differs from the standing one and waits until it has held long enough."""

    verdict: Verdict
    since: UtcTime  # the first frame at which it stood


class State(GatedState):
    """Everything that a `Judged` rule knows, each by subject."""

    standing: dict[str, Verdict] = {}  # confirmed; empty until the first frame with data
    pending: dict[str, Candidate] = {}
    edges: dict[str, UtcTime] = {}  # event time of the newest event


UNKNOWN = {state: Verdict(state=state, decision=None) for state in SignalState}  # the verdict of a state that is not ok
CLOSED = UNKNOWN[SignalState.MARKET_CLOSED]
AT_ONCE = timedelta(0)
LACKING = {
    "missing": SignalState.INSUFFICIENT_DATA,
    "suspect": SignalState.SUSPECT,
    "stale": SignalState.STALE,
}


@lru_cache(maxsize=4096)  # the same verdict is the same object, so that comparing frames is comparing pointers
def judged(decision: str, fired: bool, suppressed_by: tuple[str, ...] = ()) -> Verdict:
    """The verdict of a rule that has all it needs. Fired and not suppressed means that a person should act now."""
    return Verdict(
        state=SignalState.OK,
        decision=decision,
        is_actionable=fired and not suppressed_by,
        suppressed_by=suppressed_by,
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule that gives one verdict per subject at each frame; this class makes edges of them.

    `compat_missing_as_zero` reads unknown changes as 0.0 like v1 did; for parity tests only.
    """

    compat_missing_as_zero: bool = False

    signal_type: ClassVar[str]
    thresholds: ClassVar[tuple[str, ...]] = ()  # parameters that decide; their values go into the data
    waits: ClassVar[bool] = True  # False: a change needs no confirmation
    state_type: ClassVar[type[State]] = State

    def subjects(self, registry: Book) -> Mapping[str, Sequence[str]]:
        """The symbols that each subject is judged by, in the order of every list."""
        raise NotImplementedError

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        """The verdict on every subject at the newest frame. Runs per frame: take them from `judged` and `UNKNOWN`."""
        raise NotImplementedError

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        """The numbers behind `verdict`, JSON-plain; None where unknown. Called for edges and views only."""
        raise NotImplementedError

    def explain(self, day: Day, now: State, subject: str, verdict: Verdict) -> str:
        """A sentence for people. Called only where the verdict is ok."""
        raise NotImplementedError

    def initial(self) -> State:
        return State()

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        """Fold in one cut; an event for each subject whose verdict changed and held."""
        day = state.day
        if day is None:
            return state, []
        quotes = take(state.quotes, day, frame, state.event_time)
        if self.compat_missing_as_zero:
            quotes = missing_as_zero(quotes, day)
        now = replace(state, event_time=frame.event_time, quotes=quotes, ban=watch(state.ban, day, frame))
        verdicts = self._verdicts(day, now)
        if verdicts == state.standing:
            return (replace(now, pending={}) if state.pending else now), []
        if not state.standing and day.session is not Session.CLOSED and not _has_data(frame):
            return now, []
        return self._edges(day, now, frame, verdicts)

    def views(self, state: State) -> list[SignalView]:
        """One view per subject; the data shows changes that are not confirmed yet."""
        day, event_time = state.day, state.event_time
        if day is None or event_time is None or not (state.quotes.newest or state.quotes.lacking):
            return []  # no frame since the opening
        inputs = self.subjects(day.registry)
        return [
            SignalView(
                book=day.book,
                signal_type=self.signal_type,
                subject=subject,
                event_time=event_time,
                trade_date=day.trade_date,
                session=day.session,
                verdict=state.standing.get(subject),
                since=state.edges.get(subject),
                data=self._data(day, state, subject, verdict, inputs[subject]),
                parameter_version=day.version,
                position=state.position,
            )
            for subject, verdict in self._verdicts(day, state).items()
        ]

    def _verdicts(self, day: Day, now: State) -> dict[str, Verdict]:
        if day.session is Session.CLOSED:
            return dict.fromkeys(self.subjects(day.registry), CLOSED)
        return self.decide(day, now)

    def _edges(
        self, day: Day, now: State, frame: Frame, verdicts: dict[str, Verdict]
    ) -> tuple[State, list[SignalEvent]]:
        """Confirm, start or drop the change of every subject."""
        confirmation = day.confirmation if self.waits else AT_ONCE
        standing, pending, edges = dict(now.standing), {}, dict(now.edges)
        inputs, events = self.subjects(day.registry), []
        for subject, verdict in verdicts.items():
            before = standing.get(subject)
            if verdict == before:
                continue
            candidate = now.pending.get(subject)
            if candidate is None or candidate.verdict != verdict:
                candidate = Candidate(verdict=verdict, since=frame.event_time)
            held = frame.event_time - candidate.since
            if before is not None and verdict is not CLOSED and held < confirmation:
                pending[subject] = candidate
                continue
            standing[subject], edges[subject] = verdict, frame.event_time
            events.append(self._event(day, now, frame, subject, before, verdict, inputs[subject]))
        return replace(now, standing=standing, pending=pending, edges=edges), events

    def _event(
        self,
        day: Day,
        now: State,
        frame: Frame,
        subject: str,
        before: Verdict | None,
        after: Verdict,
        inputs: Sequence[str],
    ) -> SignalEvent:
        return SignalEvent(
            event_id=event_id(day.book, self.signal_type, subject, frame.event_time, after, 0),
            book=day.book,
            signal_type=self.signal_type,
            subject=subject,
            event_time=frame.event_time,
            trade_date=day.trade_date,
            session=day.session,
            before=before,
            after=after,
            data=self._data(day, now, subject, after, inputs),
            parameter_version=day.version,
            position=now.position,
            ingest_time=frame.ingest_time,
        )

    def _data(self, day: Day, now: State, subject: str, verdict: Verdict, inputs: Sequence[str]) -> dict[str, Any]:
        lacking = self._lacking(now, inputs)
        ok = verdict.state is SignalState.OK
        return {
            "state": verdict.state.value,
            "is_actionable": verdict.is_actionable,
            "suppressed_by": list(verdict.suppressed_by),
            **self.describe(day, now, subject, verdict),
            "message": self.explain(day, now, subject, verdict) if ok else words.unjudged(verdict.state, lacking),
            "thresholds": {name: getattr(day.parameters, name) for name in self.thresholds},
            **lacking,
        }

    def _lacking(self, now: State, symbols: Sequence[str]) -> dict[str, list[str]]:
        found = now.quotes.lacking
        if not found:
            return {kind: [] for kind in LACKING}
        return {kind: [symbol for symbol in symbols if found.get(symbol) is state] for kind, state in LACKING.items()}


def _has_data(frame: Frame) -> bool:
    return any(tick.state is not QuoteState.MISSING for tick in frame.ticks)
