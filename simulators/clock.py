"""The simulated market's clock: New York time at any speed, without the hours in which nothing trades.

Market time is kept in whole milliseconds since 1970 (UTC). A demo day runs from 09:20 to 20:00 New York; after it
comes 09:20 of the next trading day. What a clock has served it never serves again: it writes ahead how far it may
run (`lease`), and a restart begins at the end of that lease.
"""

from __future__ import annotations

import time as wall
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars

from schemas.base import from_milliseconds, milliseconds
from schemas.errors import ConfigError
from simulators.state_file import StateFile

DAY_BEGINS, DEMO_OPENS, DAY_ENDS = time(9, 20), time(9, 50), time(20, 0)
LEASE_S = 2.0  # wall seconds that one write of the state file covers; what a kill -9 may skip at most
YEARS_AHEAD = 12  # at --speed 60 a calendar of one year would be used up in two days


@dataclass(frozen=True, slots=True)
class TradingDay:
    """The instants of one trading day, in ms. `begins` and `ends` bound what the simulator serves: [begins, ends)."""

    date: date
    begins: int
    opens: int  # of the regular session
    closes: int  # of the regular session, early closes included
    ends: int


class TradingDays:
    """The trading days of an exchange calendar, computed as far ahead as the clock gets."""

    def __init__(self, calendar: str = "XNYS", timezone: str = "America/New_York") -> None:
        self._name, self.zone = calendar, ZoneInfo(timezone)
        self._years: tuple[int, int] | None = None
        self._known: dict[date, TradingDay] = {}

    def on_or_after(self, day: date) -> TradingDay:
        """The trading day `day`, else the next one."""
        self._reach(day)
        stamp = self._calendar.date_to_session(day.isoformat(), "next")
        found = stamp.date()
        if found not in self._known:
            self._known[found] = TradingDay(
                date=found,
                begins=self.at(found, DAY_BEGINS),
                opens=milliseconds(self._calendar.session_open(stamp).to_pydatetime()),
                closes=milliseconds(self._calendar.session_close(stamp).to_pydatetime()),
                ends=self.at(found, DAY_ENDS),
            )
        return self._known[found]

    def after(self, day: TradingDay) -> TradingDay:
        return self.on_or_after(day.date + timedelta(days=1))

    def at(self, day: date, local: time) -> int:
        """The instant, in ms, at which clocks of the market show `local` on `day`."""
        return milliseconds(datetime.combine(day, local, self.zone))

    def date_of(self, ms: int) -> date:
        return from_milliseconds(ms).astimezone(self.zone).date()

    def settle(self, ms: int) -> tuple[TradingDay, int]:
        """`ms` when the market is served then, else the next instant at which it is; and the day of that instant."""
        day = self.on_or_after(self.date_of(ms))
        if ms >= day.ends:
            day = self.after(day)
        return day, max(ms, day.begins)

    def _reach(self, day: date) -> None:
        if self._years is None or not self._years[0] < day.year < self._years[1]:
            self._years = day.year - 2, day.year + YEARS_AHEAD
            start, end = (f"{year}-01-01" for year in self._years)
            self._calendar = exchange_calendars.get_calendar(self._name, start=start, end=end)


class MarketClock:
    """Market time that runs at `speed` market seconds per wall second and skips closed hours.

    Opens at `start`, or at 09:50 of the first trading day on or after today. When `state` holds a clock, it goes on
    from there, and `start` counts only if it is later.
    """

    frozen = False

    def __init__(
        self,
        days: TradingDays,
        speed: float,
        state: StateFile,
        start: datetime | None = None,
        monotonic: Callable[[], float] = wall.monotonic,
    ) -> None:
        if speed <= 0:
            raise ConfigError(f"speed: expected a number > 0, received {speed}")
        self.speed, self._days, self._state, self._monotonic = speed, days, state, monotonic
        self._day: TradingDay
        self._anchor_ms: int
        self._anchor: float
        self._served_until = int(state.values.get("market_ms", 0))
        opening = max(milliseconds(start) if start else 0, self._served_until) or demo_opening(days)
        self.jump(opening)

    @property
    def day(self) -> TradingDay:
        """The trading day of the instant that `now_ms` gave last."""
        return self._day

    def now_ms(self) -> int:
        """Market time. It is within the lease: the state file was told before the caller is."""
        now = self._anchor_ms + int((self._monotonic() - self._anchor) * self.speed * 1000)
        while now >= self._day.ends:
            late = now - self._day.ends
            self._day = self._days.after(self._day)
            now = self._day.begins + late
            self._anchor_ms, self._anchor = now, self._monotonic()
        if now >= self._served_until:
            self._lease(now)
        return now

    def passed_ms(self) -> int:
        """Market milliseconds on an axis for ages and rates; here it is market time itself."""
        return self.now_ms()

    def jump(self, to_ms: int) -> None:
        """Set the clock, forwards or (tests) backwards; closed hours give way to the next opening."""
        self._day, self._anchor_ms = self._days.settle(to_ms)
        self._anchor = self._monotonic()
        self._lease(self._anchor_ms)

    def close(self) -> None:
        """Give the rest of the lease back, so that a restart goes on from here."""
        self._state.update(market_ms=self.now_ms() + 1)

    def _lease(self, now: int) -> None:
        self._served_until = now + int(LEASE_S * self.speed * 1000)
        self._state.update(market_ms=self._served_until)


def demo_opening(days: TradingDays, today: date | None = None) -> int:
    """09:50 New York of `today` (the real date there), or of the next trading day."""
    local = today or datetime.now(UTC).astimezone(days.zone).date()
    return days.at(days.on_or_after(local).date, DEMO_OPENS)
