"""The market's clock: when it opens, what it skips, and that no restart takes it back."""

from datetime import UTC, date, datetime

import pytest

from schemas.base import from_milliseconds, milliseconds
from schemas.errors import ConfigError
from simulators.clock import LEASE_S, MarketClock, TradingDays, demo_opening
from simulators.state_file import StateFile

DAYS = TradingDays()


class Wall:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=DAYS.zone)


def shown(ms: int) -> str:
    return f"{from_milliseconds(ms).astimezone(DAYS.zone):%Y-%m-%d %H:%M:%S}"


def clock(start: str | None = None, speed: float = 1.0, state: StateFile | None = None) -> tuple[MarketClock, Wall]:
    wall = Wall()
    return MarketClock(DAYS, speed, state or StateFile(None), start and new_york(start), wall), wall


# New York Stock Exchange: 2026-07-03 is the holiday of a Saturday July 4th, 2025-11-27 Thanksgiving
@pytest.mark.parametrize(
    ("today", "opens"),
    [
        pytest.param(date(2026, 6, 30), "2026-06-30 09:50:00", id="a trading day is its own"),
        pytest.param(date(2026, 7, 4), "2026-07-06 09:50:00", id="a Saturday gives Monday"),
        pytest.param(date(2026, 7, 3), "2026-07-06 09:50:00", id="a holiday gives the next trading day"),
        pytest.param(date(2026, 12, 25), "2026-12-28 09:50:00", id="Christmas on a Friday gives Monday"),
    ],
)
def test_opens_at_0950_of_a_trading_day(today, opens):
    assert shown(demo_opening(DAYS, today)) == opens


@pytest.mark.parametrize(
    ("start", "after_s", "then"),
    [
        pytest.param("2026-06-30 19:59:00", 59, "2026-06-30 19:59:59", id="the last second"),
        pytest.param("2026-06-30 19:59:00", 60, "2026-07-01 09:20:00", id="20:00 is 09:20 of the next day"),
        pytest.param("2026-07-02 19:59:00", 61, "2026-07-06 09:20:01", id="over a holiday and a weekend"),
        pytest.param("2025-11-28 13:00:00", 60, "2025-11-28 13:01:00", id="an early close is no skip"),
        pytest.param("2026-03-06 19:59:59", 2, "2026-03-09 09:20:01", id="over the change to summer time"),
        pytest.param("2026-06-30 09:20:00", 2 * 38_400 + 5, "2026-07-02 09:20:05", id="two whole days"),
    ],
)
def test_skips_closed_hours(start, after_s, then):
    market, wall = clock(start)
    wall.now += after_s
    assert shown(market.now_ms()) == then
    assert market.day.begins <= market.now_ms() < market.day.ends


@pytest.mark.parametrize(
    ("start", "opens"),
    [
        pytest.param("2026-06-30 20:00:00", "2026-07-01 09:20:00", id="at the end"),
        pytest.param("2026-06-30 03:00:00", "2026-06-30 09:20:00", id="in the night"),
        pytest.param("2026-07-04 12:00:00", "2026-07-06 09:20:00", id="on a Saturday"),
    ],
)
def test_a_start_in_closed_hours_is_the_next_opening(start, opens):
    assert shown(clock(start)[0].now_ms()) == opens


def test_runs_at_its_speed():
    market, wall = clock("2026-06-30 10:00:00", speed=60)
    wall.now += 90
    assert shown(market.now_ms()) == "2026-06-30 11:30:00"


def test_never_shows_a_time_again_when_it_was_killed(tmp_path):
    shown_last = 0
    for wait_s in (0.0, 0.5, 1.9, 2.1, 7.0):  # around the two seconds that a lease covers
        market, wall = clock("2026-06-30 10:00:00", 60, StateFile(tmp_path / "clock.json"))
        assert market.now_ms() > shown_last
        for _ in range(20):
            wall.now += wait_s / 20
            shown_last = market.now_ms()
        assert shown_last < StateFile(tmp_path / "clock.json").values["market_ms"]


def test_a_kill_skips_at_most_the_lease(tmp_path):
    market, wall = clock("2026-06-30 10:00:00", 60, StateFile(tmp_path / "clock.json"))
    wall.now += 100
    last = market.now_ms()
    again, _ = clock(None, 60, StateFile(tmp_path / "clock.json"))
    assert 0 < again.now_ms() - last <= LEASE_S * 60 * 1000


def test_a_stop_gives_the_lease_back(tmp_path):
    market, wall = clock("2026-06-30 10:00:00", 60, StateFile(tmp_path / "clock.json"))
    wall.now += 10
    last = market.now_ms()
    market.close()
    assert clock(None, 60, StateFile(tmp_path / "clock.json"))[0].now_ms() == last + 1


def test_a_clock_left_at_1959_goes_on_and_reaches_the_next_day(tmp_path):
    market, wall = clock("2026-07-02 19:58:59.999", 1, StateFile(tmp_path / "clock.json"))
    market.close()
    again, wall = clock(None, 1, StateFile(tmp_path / "clock.json"))
    assert shown(again.now_ms()) == "2026-07-02 19:59:00"
    wall.now += 60
    assert shown(again.now_ms()) == "2026-07-06 09:20:00"


@pytest.mark.parametrize(
    ("start", "then"),
    [("2026-06-30 09:00:00", "2026-06-30 10:00:02"), ("2026-06-30 11:00:00", "2026-06-30 11:00:00")],
)
def test_a_start_counts_only_when_it_is_later_than_the_state(tmp_path, start, then):
    clock("2026-06-30 10:00:00", 1, StateFile(tmp_path / "clock.json"))
    assert shown(clock(start, 1, StateFile(tmp_path / "clock.json"))[0].now_ms()) == then


def test_reaches_beyond_the_first_calendar():
    far = DAYS.on_or_after(date(2061, 1, 1))
    assert far.date == date(2061, 1, 3)  # New Year's Day 2061 is a Saturday


@pytest.mark.parametrize("broken", ["", "{", "[]", "\xff"])
def test_a_state_that_cannot_be_read_is_an_error_that_says_what_to_do(tmp_path, broken):
    path = tmp_path / "clock.json"
    path.write_bytes(broken.encode("latin-1"))
    with pytest.raises(ConfigError, match="remove it to begin anew"):
        StateFile(path)


def test_the_regular_session_is_the_calendars():
    day = DAYS.on_or_after(date(2025, 11, 28))  # the day after Thanksgiving closes at 13:00
    assert from_milliseconds(day.closes) == datetime(2025, 11, 28, 18, tzinfo=UTC)
    assert day.opens == milliseconds(new_york("2025-11-28 09:30"))
