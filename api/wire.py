"""The bytes of server-sent events, and the ids by which a client resumes."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

from schemas.base import Frozen, encode
from schemas.signals import SignalEvent, Verdict
from schemas.ticks import Session

RETRY = b"retry: 2000\n\n"
PREFIX = 12  # hex digits of event_id in an id: enough to tell another log's event, short enough for a header

_ID = re.compile(r"(\d{1,19})\.(\d{1,9})\.([0-9a-f]{1,64})", re.ASCII)
_events = msgspec.json.Decoder(SignalEvent | list[SignalEvent])


class EventId(NamedTuple):
    """The place of a signal event: offset on `signals`, number in its message, and how its `event_id` begins."""

    offset: int
    n: int
    event: str

    def __str__(self) -> str:
        return f"{self.offset}.{self.n}.{self.event}"


START = EventId(-1, -1, "")  # before the first event: what a snapshot carries while there is none


def parse_id(text: str) -> EventId | None:
    """The place that `text` names, `START` for ``start``, None when it is not an id of ours."""
    text = text.strip()
    if text == "start":
        return START
    match = _ID.fullmatch(text)
    return EventId(int(match[1]), int(match[2]), match[3]) if match else None


def shown_id(at: EventId) -> str:
    """`at` as an `id:` line carries it."""
    return "start" if at == START else str(at)


def events_of(value: bytes | None) -> list[SignalEvent]:
    """The events of one message on `signals`: one, or in a replay a list. Raises `msgspec.DecodeError`."""
    if value is None:
        return []
    found = _events.decode(value)
    return found if isinstance(found, list) else [found]


def places(offset: int, events: list[SignalEvent], book: str) -> list[tuple[EventId, SignalEvent]]:
    """The events of `book` in a message, each with its place; others keep theirs."""
    return [
        (EventId(offset, i, event.event_id[:PREFIX]), event) for i, event in enumerate(events) if event.book == book
    ]


class Told(Frozen):
    """A signal event as people and programs read it, on the stream and in the history alike."""

    event_id: str
    event_time: datetime
    trade_date: date
    session: Session
    signal_type: str
    subject: str
    before: Verdict | None  # null: the first of the trade date
    after: Verdict
    is_actionable: bool
    data: dict[str, Any]  # the numbers that decided it, and a message
    parameter_version: int | None
    position: int | None
    namespace: str


def told(event: SignalEvent, namespace: str) -> Told:
    return Told(
        event_id=event.event_id,
        event_time=event.event_time,
        trade_date=event.trade_date,
        session=event.session,
        signal_type=event.signal_type,
        subject=event.subject,
        before=event.before,
        after=event.after,
        is_actionable=event.after.is_actionable,
        data=event.data,
        parameter_version=event.parameter_version,
        position=event.position,
        namespace=namespace,
    )


def sse(event: str, data: bytes, at: EventId | None = None) -> bytes:
    """One server-sent event. `data` is JSON as msgspec writes it, which has no line breaks."""
    head = f"event: {event}\n" if at is None else f"id: {shown_id(at)}\nevent: {event}\n"
    return b"%sdata: %s\n\n" % (head.encode(), data)


def signal_frame(at: EventId, event: SignalEvent, namespace: str) -> bytes:
    """A signal event, ready for every client."""
    return sse("signal", encode(told(event, namespace)), at)
