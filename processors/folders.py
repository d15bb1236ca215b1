"""What an agent keeps and says: a pure fold over the records of one book, with no clock and no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

from processors.fold import Rule, fold
from schemas.base import Frozen
from schemas.signals import view_key
from schemas.ticks import FrameBatch, TickRecord
from schemas.topics import SIGNALS, VIEWS, Topic


class Output(NamedTuple):
    """Something to send. Of a `current` one, only the newest of a key matters."""

    topic: Topic
    key: str
    value: Frozen
    current: bool = False


class Folder(Protocol):
    """A fold with a name. `state_type` must survive a round trip through JSON."""

    name: str
    state_type: Any

    def initial(self) -> Any: ...

    def fold(self, state: Any, record: TickRecord, position: int) -> tuple[Any, list[Output]]:
        """Fold in one record; `position` is its offset on ticks."""
        ...


class RuleFolder:
    """A rule of the catalogue: its edges go to signals, its pictures to views where a frame asks for them."""

    def __init__(self, rule: Rule[Any]) -> None:
        self.rule = rule
        self.name: str = rule.signal_type
        self.state_type = rule.state_type
        self.initial = rule.initial

    def fold(self, state: Any, record: TickRecord, position: int) -> tuple[Any, list[Output]]:
        outputs: list[Output] = []
        for part in at_snapshots(record):
            state, events = fold(self.rule, state, part, position)
            for event in events:
                outputs.append(Output(SIGNALS, view_key(event.book, event.signal_type, event.subject), event))
            if type(part) is FrameBatch and part.frames[-1].snapshot:
                for view in self.rule.views(state):
                    key = view_key(view.book, view.signal_type, view.subject)
                    outputs.append(Output(VIEWS, key, view, current=True))
        return state, outputs


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
