"""A rule folded over records, and what it said, as the checks look at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from processors.fold import Rule, fold
from schemas.book import Book
from schemas.signals import SignalEvent, Verdict
from schemas.ticks import FrameBatch, SessionRecord, TickRecord

Fresh = Callable[[], Rule[Any]]  # a new instance of the rule each time
Said = list[list[SignalEvent]]  # by record


class Broke(Exception):
    """The rule raised; the message says where, in words."""


@dataclass(frozen=True, slots=True)
class Case:
    """A rule and the market that it is shown; `said` is what a new instance says of it, once and undisturbed."""

    fresh: Fresh
    book: Book
    records: Sequence[TickRecord]
    other: Sequence[TickRecord]  # another market, of the same book
    said: Said

    @property
    def events(self) -> list[SignalEvent]:
        return flat(self.said)


def case(fresh: Fresh, book: Book, records: Sequence[TickRecord], other: Sequence[TickRecord]) -> Case:
    """Raises `Broke` when the rule does not get through."""
    return Case(fresh, book, records, other, replayed(fresh(), records)[1])


def step(rule: Rule[Any], state: Any, record: TickRecord, position: int) -> tuple[Any, list[SignalEvent]]:
    """`fold`, whose errors say at which record they came."""
    try:
        return fold(rule, state, record, position)
    except Exception as error:
        raise Broke(f"it raised {type(error).__name__}: {error}, {_place(record, position)}") from error


def replayed(rule: Rule[Any], records: Iterable[TickRecord], state: Any = None, first: int = 0) -> tuple[Any, Said]:
    """The last state and what was said, by record. Positions count from `first`."""
    state = rule.initial() if state is None else state
    said: Said = []
    for position, record in enumerate(records, first):
        state, events = step(rule, state, record, position)
        said.append(events)
    return state, said


def flat(said: Said) -> list[SignalEvent]:
    return [event for events in said for event in events]


def placeless(events: Iterable[SignalEvent]) -> list[SignalEvent]:
    """`events` without their place in the log."""
    return [replace(event, position=0) for event in events]


def difference(book: Book, wanted: Sequence[SignalEvent], told: Sequence[SignalEvent]) -> str | None:
    """The first event in which two lists differ, in words; None when they are equal."""
    for number in range(max(len(wanted), len(told))):
        one = wanted[number] if number < len(wanted) else None
        two = told[number] if number < len(told) else None
        if one == two:
            continue
        if one is None or two is None:
            event = one or two
            assert event is not None
            return f"{named(book, event)} is said {'only undisturbed' if two is None else 'only then'}"
        if one.event_id == two.event_id:
            fields = [name for name in one.__struct_fields__ if getattr(one, name) != getattr(two, name)]
            name = fields[0]
            return f"{named(book, one)}: {name} is {getattr(two, name)!r} instead of {getattr(one, name)!r}"
        return f"{named(book, two)} is said in the place of {named(book, one)}"
    return None


def named(book: Book, event: SignalEvent) -> str:
    return (
        f"{event.signal_type} {event.subject} {_words(event.before)} → {_words(event.after)} "
        f"{clock(book, event.event_time)}"
    )


def clock(book: Book, moment: datetime) -> str:
    """`at 09:31:05.250 on 2026-02-10`, as clocks of the market show it."""
    local = moment.astimezone(ZoneInfo(book.timezone))
    return f"at {local:%H:%M:%S}.{local.microsecond // 1000:03} on {local:%Y-%m-%d}"


def where(case: Case, position: int) -> str:
    """The record at `position` in words."""
    record = case.records[position]
    if isinstance(record, FrameBatch):
        return f"the frame {clock(case.book, record.frames[0].event_time)}"
    if isinstance(record, SessionRecord):
        return f"the session record {record.session.value} of {record.trade_date}"
    return f"record {position}"


def _place(record: TickRecord, position: int) -> str:
    if isinstance(record, FrameBatch):
        return f"at the frame of {record.frames[0].event_time:%Y-%m-%d %H:%M:%S} UTC"
    return f"at record {position}"


def _words(verdict: Verdict | None) -> str:
    if verdict is None:
        return "nothing"
    said = verdict.decision or verdict.state.value
    return f"{said} ({', '.join(verdict.suppressed_by)})" if verdict.suppressed_by else said
