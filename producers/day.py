"""When a trade date opens, changes its session and ends: `records_due(state, sessions, now) -> [due]`, a pure fold.

A date is opened by its first cut or when its pre-market begins, whichever the clock shows first. Its sessions follow at
their boundaries. `closed` is followed by one more frame, the last quotes, so that rules can say so; then nothing
until the next opening. A clock that jumps over the night (a simulator does) gets both at the boundary it jumped over.
A replay knows one cut a date, so its dates only open.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from producers.sessions import Day, Sessions
from schemas.ticks import Session


@dataclass(frozen=True, slots=True)
class DayState:
    """Where the stream stands. `last_frame`: event time of the newest frame of any date."""

    trade_date: date | None = None
    session: Session | None = None
    last_frame: datetime | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Open `day`, which stands in `session` at `at`."""

    day: Day
    session: Session
    at: datetime


@dataclass(frozen=True, slots=True)
class Enter:
    """`day` passes into `session` after `at`."""

    day: Day
    session: Session
    at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """The last quotes of the date that was open, stamped `event_time`."""

    event_time: datetime


Due = Open | Enter | Closing


def records_due(
    state: DayState, sessions: Sessions, now: datetime, *, frozen: bool = False, quotes: bool = False
) -> list[Due]:
    """What must be written before a frame at `now`, in order.

    `frozen`: a replay. `quotes`: the last quotes of the open date are at hand. A `now` before the open date is
    due nothing: that the clock stands behind the log is told elsewhere.
    """
    if frozen:
        replayed = sessions.replayed(now)
        is_new = state.trade_date is None or replayed.trade_date > state.trade_date
        return [Open(replayed, Session.REGULAR, now)] if is_new else []
    position = sessions.position(now)
    opening = Open(position.day, position.session, now)
    if state.trade_date is None:
        return [opening]
    if position.day.trade_date == state.trade_date:
        return list(_entered(position.day, state.session, position.session))
    if position.day.trade_date < state.trade_date:
        return []
    return [*_closed(state, sessions, quotes), opening]


def after(state: DayState, due: Due) -> DayState:
    """`state` once `due` is written."""
    match due:
        case Open(day, session, _):
            return DayState(day.trade_date, session, state.last_frame)
        case Enter(_, session, _):
            return replace(state, session=session)
        case Closing(event_time):
            return replace(state, last_frame=event_time)


def takes_frames(state: DayState, sessions: Sessions) -> bool:
    """Whether a frame may follow: any time before the close, and one after it."""
    if state.trade_date is None:
        return False
    return state.session is not Session.CLOSED or not _ended(state, sessions.day(state.trade_date))


def _entered(day: Day, before: Session | None, now: Session) -> Iterator[Enter]:
    order = list(Session)
    for session, at in day.starts():
        if order.index(before or Session.PRE) < order.index(session) <= order.index(now):
            yield Enter(day, session, at)


def _closed(state: DayState, sessions: Sessions, quotes: bool) -> list[Due]:
    """The end of the date that the clock has left, where its last quotes are still known."""
    day = sessions.day(state.trade_date) if state.trade_date else None
    if day is None or not quotes or _ended(state, day):
        return []
    closing = max(day.after_until, state.last_frame or day.after_until) + timedelta(milliseconds=1)
    return [*_entered(day, state.session, Session.CLOSED), Closing(closing)]


def _ended(state: DayState, day: Day | None) -> bool:
    return day is not None and state.last_frame is not None and state.last_frame > day.after_until
