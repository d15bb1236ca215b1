"""What a trade date is judged by, and the least that every rule's state must hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cached_property

from schemas.base import Frozen, UtcTime
from schemas.book import Book
from schemas.parameters import Parameters
from schemas.ticks import Session, SessionRecord


class Day(Frozen, dict=True):
    """Fixed by the opening of a trade date, but for `session`, `parameters` and `version`, which later records move."""

    book: str
    registry: Book
    trade_date: date
    opens_at: UtcTime  # regular session
    closes_at: UtcTime
    session: Session
    parameters: Parameters
    version: int  # of `parameters`

    # Worked out once per day and parameter set, not once per frame.

    @cached_property
    def observed_until(self) -> datetime:
        """The end of the span in which gold is watched."""
        return self.opens_at + timedelta(minutes=self.parameters.gold_observe_minutes)

    @cached_property
    def max_quote_age(self) -> timedelta:
        regular = self.session is Session.REGULAR
        seconds = self.parameters.max_quote_age_sec if regular else self.parameters.max_quote_age_extended_sec
        return timedelta(seconds=seconds)

    @cached_property
    def confirmation(self) -> timedelta:
        return timedelta(seconds=self.parameters.confirm_sec)


class DayState(Frozen):
    """The part of a rule's state that `processors.fold` keeps. A rule with its own `step` adds its fields to it."""

    day: Day | None = None  # None: no opening was folded yet, and no frame is judged
    event_time: UtcTime | None = None  # of the newest frame folded, on this date or an earlier one
    position: int = -1  # offset on ticks of the newest record that brought a frame


def opened(record: SessionRecord) -> Day | None:
    """The day that `record` opens, or None when it does not carry what an opening must."""
    if record.registry is None or record.parameters is None:
        return None
    return Day(
        book=record.book,
        registry=record.registry,
        trade_date=record.trade_date,
        opens_at=record.opens_at,
        closes_at=record.closes_at,
        session=record.session,
        parameters=record.parameters,
        version=record.version,
    )
