"""The file of closings says what the exchange calendar library says, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars
import pytest

from schemas.book import load_book
from schemas.trading_days import CALENDARS, trading_days

YEARS = range(1990, 2036)


def test_every_day_is_as_in_the_calendar():
    calendar = exchange_calendars.get_calendar("XNYS", start=f"{YEARS[0]}-01-01", end=f"{YEARS[-1]}-12-31")
    sessions = {session.date() for session in calendar.sessions}
    ours = trading_days("XNYS")
    days = [
        date(YEARS[0], 1, 1) + timedelta(days=n) for n in range((date(YEARS[-1] + 1, 1, 1) - date(1990, 1, 1)).days)
    ]
    told = {day for day in days if day in ours}
    assert sorted(told - sessions) == [], "to be added to schemas/calendars/XNYS.toml"
    assert sorted(sessions - told) == [], "to be taken out of schemas/calendars/XNYS.toml"


def test_the_calendar_of_the_shipped_book_has_a_file():
    assert (CALENDARS / f"{load_book('us').calendar}.toml").is_file()


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-02-09", "2026-02-13", 5),
        ("2026-02-14", "2026-02-16", 0),  # Presidents' Day is a Monday
        ("2026-02-13", "2026-02-17", 2),
        ("2025-01-01", "2025-12-31", 250),  # the day of mourning, 2025-01-09, left out
        ("2026-02-13", "2026-02-09", 0),
    ],
)
def test_counts_trading_days(start, end, count):
    assert trading_days("XNYS").count(date.fromisoformat(start), date.fromisoformat(end)) == count


def test_neighbours_and_reasons():
    days = trading_days("XNYS")
    holiday = date(2026, 7, 3)
    assert (days.before(holiday), days.after(holiday)) == (date(2026, 7, 2), date(2026, 7, 6))
    assert days.why_not(holiday) == "the exchange is closed on 2026-07-03, a holiday"
    assert days.why_not(date(2026, 7, 4)) == "2026-07-04 is a Saturday"
    assert (days.before(date.min), days.after(date.max)) == (None, None)


def test_an_exchange_without_a_file_trades_on_every_weekday():
    days = trading_days("XNONE")
    assert date(2026, 1, 1) in days
    assert date(2026, 1, 3) not in days


@pytest.mark.parametrize(
    ("now", "closes_at", "over"),
    [
        ("2026-11-30T16:29", None, "2026-11-27"),  # a Monday: until half an hour after its close
        ("2026-11-30T16:30", None, "2026-11-30"),
        ("2026-11-27T13:30", None, "2026-11-25"),  # nobody told that it closes early; Thanksgiving between
        ("2026-11-27T13:30", "2026-11-27T13:00", "2026-11-27"),
        ("2026-11-29T12:00", None, "2026-11-27"),  # a Sunday
    ],
)
def test_the_newest_day_that_is_over(now: str, closes_at: str | None, over: str) -> None:
    zone = ZoneInfo("America/New_York")
    at = datetime.fromisoformat(now).replace(tzinfo=zone)
    closes = datetime.fromisoformat(closes_at).replace(tzinfo=zone) if closes_at else None
    assert trading_days("XNYS").last_over(at, closes) == date.fromisoformat(over)
