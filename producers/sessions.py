"""Trade dates and their sessions, from the exchange's calendar; spans are (start, end].

The calendar (exchange_calendars) knows trading days, opens and closes, early ones included; it does not know the
hours around them. Those are the venue's rules and stand in `EXTENDED`: pre-market from 04:00, after-hours until
20:00, and until 17:00 on days of an early close (NYSE Arca's late session then ends so).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from schemas.errors import ConfigError
from schemas.ticks import Session


@dataclass(frozen=True, slots=True)
class ExtendedHours:
    """Local times around the regular session."""

    pre_from: time
    after_until: time
    after_until_early: time  # on a day of an early close


EXTENDED = {"XNYS": ExtendedHours(time(4), time(20), time(17))}  # others: no trading before the open or after the close


@dataclass(frozen=True, slots=True)
class Day:
    """One trade date; times are UTC."""

    trade_date: date
    pre_from: datetime
    opens_at: datetime
    closes_at: datetime
    after_until: datetime

    def session(self, at: datetime) -> Session:
        """The session at `at`, which is beyond `pre_from`: a quote at the close still belongs to `regular`."""
        for session, until in self.ends():
            if at <= until:
                return session
        return Session.CLOSED

    def ends(self) -> tuple[tuple[Session, datetime], ...]:
        return (
            (Session.PRE, self.opens_at),
            (Session.REGULAR, self.closes_at),
            (Session.AFTER, self.after_until),
        )

    def starts(self) -> tuple[tuple[Session, datetime], ...]:
        """Every session with the time it starts after."""
        return (
            (Session.PRE, self.pre_from),
            (Session.REGULAR, self.opens_at),
            (Session.AFTER, self.closes_at),
            (Session.CLOSED, self.after_until),
        )


@dataclass(frozen=True, slots=True)
class Position:
    """Where a moment stands: `closed` of a date lasts until the next trading day's pre-market."""

    day: Day
    session: Session


class Sessions:
    """The sessions of one exchange. `calendar` is its ISO 10383 code, `timezone` where its dates are counted."""

    def __init__(self, calendar: str, timezone: str) -> None:
        self.name, self.zone = calendar, ZoneInfo(timezone)
        _years(calendar, 2026)  # an unknown calendar is told now

    def position(self, at: datetime) -> Position:
        today = at.astimezone(self.zone).date()
        day = self.day(today)
        if day is None or at <= day.pre_from:
            day = self.previous(today)
        return Position(day, day.session(at))

    def day(self, on: date) -> Day | None:
        """The trade date `on`, or None when the exchange stays closed."""
        return _day(self.name, self.zone, on)

    def previous(self, before: date) -> Day:
        """The last trading day before the date `before`."""
        for back in range(1, 30):
            if day := self.day(before - timedelta(days=back)):
                return day
        raise ConfigError(f"calendar {self.name}: no trading day within a month before {before}")

    def following(self, after: date) -> Day:
        """The first trading day after the date `after`."""
        for ahead in range(1, 30):
            if day := self.day(after + timedelta(days=ahead)):
                return day
        raise ConfigError(f"calendar {self.name}: no trading day within a month after {after}")

    def replayed(self, at: datetime) -> Day:
        """The trade date that a replay's cut at `at` stands for: `at` counts as its regular close at the earliest.

        A file of daily closes is stamped 16:00 whatever the exchange did, so on a day of an early close the
        regular session is stretched to hold it.
        """
        today = at.astimezone(self.zone).date()
        day = self.day(today) or Day(today, *(at - timedelta(hours=h) for h in (12.0, 6.5, 0.0, 0.0)))
        closes_at = max(day.closes_at, at)
        return Day(day.trade_date, day.pre_from, day.opens_at, closes_at, max(day.after_until, closes_at))


@lru_cache(maxsize=8192)  # a run over history asks for each of its days many times; 30 years of them take 2 MB
def _day(name: str, zone: ZoneInfo, on: date) -> Day | None:
    calendar = _years(name, on.year)
    label = on.isoformat()
    if not calendar.is_session(label):
        return None
    opens_at, closes_at = (_utc(moment) for moment in (calendar.session_open(label), calendar.session_close(label)))
    hours = EXTENDED.get(name)
    if hours is None:
        return Day(on, opens_at, opens_at, closes_at, closes_at)
    until = hours.after_until_early if label in _early_closes(name, on.year) else hours.after_until
    pre_from, after_until = (datetime.combine(on, t, zone).astimezone(UTC) for t in (hours.pre_from, until))
    return Day(on, pre_from, opens_at, closes_at, max(after_until, closes_at))


@lru_cache(maxsize=8)
def _early_closes(name: str, year: int) -> frozenset[str]:
    return frozenset(session.date().isoformat() for session in _years(name, year).early_closes)


@lru_cache(maxsize=8)
def _years(name: str, year: int) -> Any:
    """The calendar from a year before `year` to a year after it. The import costs 70 MB, so it is made here."""
    import exchange_calendars

    try:
        return exchange_calendars.get_calendar(name, start=f"{year - 1}-01-01", end=f"{year + 1}-12-31")
    except exchange_calendars.errors.InvalidCalendarName:
        raise ConfigError(f"calendar: expected the code of an exchange like XNYS, received {name!r}") from None


def _utc(moment: Any) -> datetime:
    converted: datetime = moment.to_pydatetime()
    return converted.astimezone(UTC)
