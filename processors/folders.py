"""What an agent keeps and says: a pure fold over the records of one book, with no clock and no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import msgspec

from processors.fold import Rule, fold
from schemas.base import Frozen
from schemas.signals import SignalEvent, view_key
from schemas.ticks import FrameBatch, SessionRecord, TickRecord
from schemas.topics import SIGNALS, VIEWS, Topic


class Output(NamedTuple):
    """Something to send. Of a `current` one, only the newest of a key matters."""

    topic: Topic
    key: str
    value: Frozen
    current: bool = False


class Picture(NamedTuple):
    """Every view of a rule in `state`. Working them out costs ten times the fold, so only the newest is told."""

    rule: Rule[Any]
    state: Any

    def views(self) -> Iterator[Output]:
        for view in self.rule.views(self.state):
            yield Output(VIEWS, view_key(view.book, view.signal_type, view.subject), view, current=True)


Said = Output | Picture


class Folder(Protocol):
    """A fold with a name. `state_type` must survive a round trip through JSON."""

    name: str
    state_type: Any

    def initial(self) -> Any: ...

    def fold(self, state: Any, record: TickRecord, position: int) -> tuple[Any, Sequence[Said]]:
        """Fold in one record; `position` is its offset on ticks."""
        ...

    def rows(self, state: Any, book: bytes, ended: bool) -> Mapping[bytes, Any]:
        """What the table keeps after a batch, by key; `ended` with the last record of a replay."""
        ...


def row_of_book(state: Any, book: bytes, ended: bool) -> Mapping[bytes, Any]:
    """The usual row: one state per book."""
    return {book: state}


class RuleFolder:
    """A rule of the catalogue: its edges go to signals, its pictures to views where a frame asks for them."""

    def __init__(self, rule: Rule[Any]) -> None:
        self.rule = rule
        self.name: str = rule.signal_type
        self.state_type = rule.state_type
        self.initial = rule.initial
        self.rows = row_of_book

    def fold(self, state: Any, record: TickRecord, position: int) -> tuple[Any, list[Said]]:
        outputs: list[Said] = []
        for part in at_snapshots(record):
            state, events = fold(self.rule, state, part, position)
            for event in events:
                outputs.append(Output(SIGNALS, view_key(event.book, event.signal_type, event.subject), event))
            if type(part) is FrameBatch and part.frames[-1].snapshot:
                outputs.append(Picture(self.rule, state))
        return state, outputs


LANE = ""  # the one lane of everything that is not a sweep


class LanesState(Frozen):
    """A rule's state by lane."""

    lanes: dict[str, Any] = {}


class ReplayFolder:
    """A rule over history: every lane that the opening lists is folded, each with its own parameters.

    What it says is `SignalEvent`s that name their lane, and views of the one lane where there is but one.
    """

    def __init__(self, rule: Rule[Any]) -> None:
        self.rule = rule
        self.name: str = rule.signal_type
        lanes: Any = ("lanes", dict[str, rule.state_type], {})  # type: ignore[name-defined]
        self.state_type = msgspec.defstruct(f"{type(rule).__name__}Lanes", [lanes], bases=(LanesState,), frozen=True)
        self._of_one = RuleFolder(rule)

    def initial(self) -> Any:
        return self.state_type()

    def fold(self, state: Any, record: TickRecord, position: int) -> tuple[Any, list[Said]]:
        lanes = dict(state.lanes)
        if type(record) is SessionRecord and record.registry is not None:
            for lane in record.lanes or (LANE,):
                lanes.setdefault(lane, self.rule.initial())
        outputs: list[Said] = []
        for lane, before in lanes.items():
            lanes[lane], said = self._of_one.fold(before, _seen_by(lane, record), position)
            outputs.extend(_of_lane(lane, output) for output in said)
        return self.state_type(lanes=lanes), outputs

    def rows(self, state: Any, book: bytes, ended: bool) -> Mapping[bytes, Any]:
        """One lane is kept like a book. Many are kept at the end, by lane: a broken attempt is not resumed."""
        if set(state.lanes) <= {LANE}:
            return {book: state}
        return {lane.encode(): row for lane, row in state.lanes.items()} if ended else {}


def _seen_by(lane: str, record: TickRecord) -> TickRecord:
    """`record` as `lane` is judged by it: an opening with the lane's parameters."""
    if type(record) is SessionRecord and record.lanes:
        return msgspec.structs.replace(record, parameters=record.lanes[lane], lanes={})
    return record


def _of_lane(lane: str, output: Said) -> Said:
    if lane and isinstance(output, Output) and isinstance(output.value, SignalEvent):
        return output._replace(value=msgspec.structs.replace(output.value, lane=lane))
    return output


def at_snapshots(record: TickRecord) -> Iterator[TickRecord]:
    """`record`, cut behind each frame that asks for views, so that a view shows the state at its frame."""
    if type(record) is not FrameBatch:
        yield record
        return
    start = 0
    for at, frame in enumerate(record.frames, 1):
        if frame.snapshot and at < len(record.frames):
            yield FrameBatch(book=record.book, frames=record.frames[start:at])
            start = at
    if start == 0:
        yield record
    elif start < len(record.frames):
        yield FrameBatch(book=record.book, frames=record.frames[start:])
