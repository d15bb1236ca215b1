"""Trading days for those who must not pay for the calendar library (69 MB): weekdays without the closings of a file.

`schemas/calendars/<calendar>.toml` lists the closings. Outside of its years, and for an exchange without a file, every
weekday counts as a trading day: who runs such a date asks the calendar itself and says what is wrong.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

CALENDARS = Path(__file__).parent / "calendars"
DAY = timedelta(days=1)
SATURDAY = 5
CLOSES = time(16)  # of a day whose own close nobody tells
FINAL_AFTER = timedelta(minutes=30)  # after the close: until then a vendor still corrects the day


@dataclass(frozen=True, slots=True)
class TradingDays:
    """The trading days of one exchange. `closed`: weekdays without trading."""

    calendar: str
    closed: frozenset[date]

    def __contains__(self, on: date) -> bool:
        return on.weekday() < SATURDAY and on not in self.closed

    def why_not(self, on: date) -> str:
        """Why `on` is none, in words."""
        return f"{on} is a {on:%A}" if on.weekday() >= SATURDAY else f"the exchange is closed on {on}, a holiday"

    def count(self, start: date, end: date) -> int:
        """How many there are from `start` to `end`, both included."""
        if end < start:
            return 0
        weeks, rest = divmod((end - start).days + 1, 7)
        weekdays = 5 * weeks + sum((start.weekday() + n) % 7 < SATURDAY for n in range(rest))
        return weekdays - sum(start <= day <= end for day in self.closed)

    def before(self, on: date) -> date | None:
        """The last one before `on`; None at the beginning of time."""
        return next(self._from(on, -DAY), None)

    def after(self, on: date) -> date | None:
        """The first one after `on`; None at the end of time."""
        return next(self._from(on, DAY), None)

    def last_over(self, now: datetime, closes_at: datetime | None = None) -> date | None:
        """The newest one whose bars change no more at `now`, as clocks at the exchange show it.

        `closes_at`: the close of that day where it is known, like an early one.
        """
        today = now.date()
        closes_at = closes_at or datetime.combine(today, CLOSES, now.tzinfo)
        return today if today in self and now >= closes_at + FINAL_AFTER else self.before(today)

    def _from(self, on: date, step: timedelta) -> Iterator[date]:
        day = on
        while date.min < day < date.max:
            day += step
            if day in self:
                yield day


@lru_cache(maxsize=8)
def trading_days(calendar: str) -> TradingDays:
    """Those of the exchange with the ISO 10383 code `calendar`."""
    path = CALENDARS / f"{calendar}.toml"
    closed = tomllib.loads(path.read_text("utf-8"))["closed"] if path.is_file() else ()
    return TradingDays(calendar, frozenset(closed))
