"""What agents say: edges on `signals`, current pictures on `views`, and the trade date they hold for."""

from __future__ import annotations

import hashlib
from datetime import date
from enum import StrEnum
from typing import Any

from schemas.base import Frozen, UtcTime, milliseconds
from schemas.parameters import Parameters
from schemas.ticks import Session


class SignalState(StrEnum):
    """Whether a signal can be judged, the stronger reason first."""

    MARKET_CLOSED = "market_closed"
    INSUFFICIENT_DATA = "insufficient_data"
    SUSPECT = "suspect"
    STALE = "stale"
    OK = "ok"


class Verdict(Frozen):
    """What is said of one subject; an edge is any change of it. No floats: ids are the same live and replayed."""

    state: SignalState
    decision: str | None  # None unless the state is ok
    is_actionable: bool = False  # a person should act now
    suppressed_by: tuple[str, ...] = ()  # of R1, R4, R5, data, session, in this order


class SignalEvent(Frozen):
    """An edge: the verdict on a subject changed at a frame."""

    event_id: str
    book: str
    signal_type: str
    subject: str
    event_time: UtcTime  # of the frame
    trade_date: date
    session: Session
    before: Verdict | None  # None: the first of the trade date
    after: Verdict
    data: dict[str, Any]  # the numbers that decided it, and a message
    parameter_version: int
    position: int  # offset of the record on ticks
    ordinal: int = 0  # among the events of one frame and subject
    ingest_time: UtcTime | None = None  # when the producer had read the frame; latency is told from it
    lane: str = ""  # parameter set of a sweep
    v: int = 1


def event_id(book: str, signal_type: str, subject: str, event_time: UtcTime, after: Verdict, ordinal: int) -> str:
    """32 hex digits that name an edge: no floats, no run and no wall clock, so live and replay agree."""
    decision = "" if after.decision is None else f"={after.decision}"
    judged = f"{after.state.value}\x1f{decision}\x1f{after.is_actionable:d}\x1f{','.join(after.suppressed_by)}"
    named = f"{book}\x1f{signal_type}\x1f{subject}\x1f{milliseconds(event_time)}\x1f{judged}\x1f{ordinal}"
    return hashlib.blake2b(named.encode(), digest_size=16).hexdigest()


class SignalBatch(Frozen):
    """What one agent said over a stretch of a replay: edges, not ticks, are a replay's cost, so they travel together.

    On the topic `signals` of a replay this takes the place of single events, key ``<book>:<signal_type>``.
    """

    book: str
    signal_type: str
    events: tuple[SignalEvent, ...] = ()  # of all subjects and lanes, in the order they were said
    end: bool = False  # the agent has folded the run's last record, and the broker has all its events
    v: int = 1


class SignalView(Frozen):
    """The current full picture of one subject, for people and programs that join late."""

    book: str
    signal_type: str
    subject: str
    event_time: UtcTime
    trade_date: date
    session: Session
    verdict: Verdict | None  # the confirmed one; None before the first edge of the date
    since: UtcTime | None  # event time of the newest edge
    data: dict[str, Any]  # the numbers as they stand now, unconfirmed changes included
    parameter_version: int
    position: int
    v: int = 1


class DayView(Frozen):
    """Where a book stands: its trade date and what it is judged by. Outlives the retention of ticks."""

    book: str
    trade_date: date
    session: Session
    opens_at: UtcTime
    closes_at: UtcTime
    opening_offset: int  # of the date's first session record on ticks
    parameters: Parameters
    version: int
    event_time: UtcTime  # newest frame or session record
    position: int
    v: int = 1


DAY = "#day"


def view_key(book: str, signal_type: str, subject: str) -> str:
    """The key on `signals` and `views`."""
    return f"{book}:{signal_type}:{subject}"


def day_key(book: str) -> str:
    """The key of a book's `DayView` on `views`."""
    return f"{book}:{DAY}"
