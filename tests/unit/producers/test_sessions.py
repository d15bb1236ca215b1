"""Sessions of the exchange's calendar; times are New York's unless they say UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from producers.sessions import Sessions
from schemas.errors import ConfigError

NEW_YORK = ZoneInfo("America/New_York")
SESSIONS = Sessions("XNYS", "America/New_York")

# NYSE's published holidays and early closes (13:00), as the market facts list them.
HOLIDAYS = {
    2025: "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25",  # 01-09: day of mourning
    2026: "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25",
    2027: "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24",
}
EARLY = {2025: "07-03 11-28 12-24", 2026: "11-27 12-24", 2027: "11-26"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def dates(by_year: dict[int, str]) -> list[date]:
    return [date.fromisoformat(f"{year}-{day}") for year, days in by_year.items() for day in days.split()]


@pytest.mark.parametrize("holiday", dates(HOLIDAYS), ids=str)
def test_holidays_are_no_trade_dates(holiday):
    assert SESSIONS.day(holiday) is None
    noon = datetime(holiday.year, holiday.month, holiday.day, 12, tzinfo=NEW_YORK)
    position = SESSIONS.position(noon)
    assert position.session == "closed"
    assert position.day.trade_date < holiday


@pytest.mark.parametrize("early", dates(EARLY), ids=str)
def test_early_closes_end_at_13_and_after_hours_at_17(early):
    day = SESSIONS.day(early)
    assert day is not None
    assert f"{day.closes_at.astimezone(NEW_YORK):%H:%M}" == "13:00"
    assert f"{day.after_until.astimezone(NEW_YORK):%H:%M}" == "17:00"


@pytest.mark.parametrize(
    ("moment", "session", "trade_date"),
    [
        ("2026-02-10 04:00:00", "closed", "2026-02-09"),  # spans are (start, end]
        ("2026-02-10 04:00:00.001", "pre", "2026-02-10"),
        ("2026-02-10 09:30:00", "pre", "2026-02-10"),
        ("2026-02-10 09:30:00.001", "regular", "2026-02-10"),
        ("2026-02-10 16:00:00", "regular", "2026-02-10"),
        ("2026-02-10 16:00:00.001", "after", "2026-02-10"),
        ("2026-02-10 20:00:00", "after", "2026-02-10"),
        ("2026-02-10 20:00:00.001", "closed", "2026-02-10"),
        ("2026-02-11 00:30:00", "closed", "2026-02-10"),
        ("2026-02-14 12:00:00", "closed", "2026-02-13"),  # a Saturday
        ("2026-02-16 12:00:00", "closed", "2026-02-13"),  # the holiday after it
        ("2026-11-27 13:00:00", "regular", "2026-11-27"),  # early close
        ("2026-11-27 13:00:00.001", "after", "2026-11-27"),
        ("2026-11-27 17:00:00.001", "closed", "2026-11-27"),
    ],
)
def test_every_moment_has_a_session_and_a_trade_date(moment, session, trade_date):
    position = SESSIONS.position(at(moment))
    assert (position.session, position.day.trade_date.isoformat()) == (session, trade_date)


@pytest.mark.parametrize(
    ("day", "pre", "opens", "closes", "after"),
    [
        # Daylight saving time begins on 2026-03-08 and ends on 2026-11-01.
        ("2026-03-06", "09:00", "14:30", "21:00", "01:00"),
        ("2026-03-09", "08:00", "13:30", "20:00", "00:00"),
        ("2026-10-30", "08:00", "13:30", "20:00", "00:00"),
        ("2026-11-02", "09:00", "14:30", "21:00", "01:00"),
    ],
)
def test_summer_time_moves_the_day_in_utc(day, pre, opens, closes, after):
    found = SESSIONS.day(date.fromisoformat(day))
    assert found is not None
    times = (found.pre_from, found.opens_at, found.closes_at, found.after_until)
    assert [f"{time.astimezone(UTC):%H:%M}" for time in times] == [pre, opens, closes, after]


def test_a_weekend_that_changes_the_clocks_is_closed_throughout():
    position = SESSIONS.position(at("2026-03-08 02:30"))
    assert (position.session, position.day.trade_date.isoformat()) == ("closed", "2026-03-06")


def test_the_calendar_reaches_as_far_as_the_clock():
    # A simulator at --speed 60 uses up two months of trading days in a day.
    assert SESSIONS.position(at("2033-03-08 10:00")).session == "regular"


def test_following_skips_the_weekend_and_the_holiday():
    assert SESSIONS.following(date(2026, 2, 13)).trade_date == date(2026, 2, 17)


def test_a_replayed_close_is_regular_also_on_an_early_close():
    # A file of daily closes is stamped 16:00 on every date.
    for text in ("2025-07-03 16:00", "2025-07-07 16:00"):
        day = SESSIONS.replayed(at(text))
        assert day.session(at(text)) == "regular"
        assert day.closes_at == at(text)


def test_other_exchanges_have_no_hours_around_their_session():
    day = Sessions("XKRX", "Asia/Seoul").day(date(2026, 2, 10))
    assert day is not None
    assert (day.pre_from, day.after_until) == (day.opens_at, day.closes_at)


def test_an_unknown_calendar_is_told():
    with pytest.raises(ConfigError, match="XXXX"):
        Sessions("XXXX", "America/New_York")
