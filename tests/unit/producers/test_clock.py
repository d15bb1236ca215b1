"""The market's clock, wall and simulated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from producers.clock import MarketClock
from schemas.base import milliseconds

OPEN = datetime(2026, 2, 10, 14, 50, tzinfo=UTC)


class Ticks:
    """Monotonic seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def clock(ticks: Ticks) -> MarketClock:
    return MarketClock(wall=lambda: datetime(2031, 1, 1, tzinfo=UTC) + timedelta(seconds=ticks.now), ticks=ticks)


def reply(clock: MarketClock, ticks: Ticks, market: datetime, *, trip_s: float = 0.0, **headers: str) -> None:
    """A reply that took `trip_s` wall seconds and names `market`."""
    sent_at = ticks.now
    ticks.now += trip_s
    clock.observe({"X-Market-Time": str(milliseconds(market))} | headers, sent_at, ticks.now)


def test_without_a_word_of_the_server_it_is_the_wall_clock(clock, ticks):
    assert not clock.synced
    clock.observe({"Date": "x"}, ticks.now, ticks.now)
    assert clock.synced
    assert clock.now() == datetime(2031, 1, 1, 0, 1, 40, tzinfo=UTC)


def test_the_wall_clock_is_floored_to_milliseconds(ticks):
    clock = MarketClock(wall=lambda: datetime(2031, 1, 1, 0, 0, 0, 1999, tzinfo=UTC), ticks=ticks)
    assert clock.now().microsecond == 1000


def test_a_simulator_tells_time_and_speed(clock, ticks):
    reply(clock, ticks, OPEN, **{"X-Market-Speed": "60"})
    ticks.now += 2
    assert clock.now() == OPEN + timedelta(seconds=120)
    assert clock.wall_seconds(60) == 1


def test_a_reply_within_its_round_trip_changes_nothing(clock, ticks):
    reply(clock, ticks, OPEN)
    before = clock.now()
    reply(clock, ticks, OPEN, trip_s=0.5)  # written when it was asked, read half a second later
    assert clock.now() == before + timedelta(seconds=0.5)


def test_a_clock_that_is_behind_moves_up(clock, ticks):
    reply(clock, ticks, OPEN)
    ticks.now += 1
    reply(clock, ticks, OPEN + timedelta(hours=13))  # the night was skipped
    assert clock.now() == OPEN + timedelta(hours=13)


def test_a_clock_that_is_slightly_ahead_stands_still(clock, ticks):
    reply(clock, ticks, OPEN)
    ticks.now += 10
    before = clock.now()
    reply(clock, ticks, OPEN + timedelta(seconds=9))
    assert clock.now() == before
    ticks.now += 2
    assert clock.now() == OPEN + timedelta(seconds=11)


def test_a_step_back_of_the_server_is_shown_as_it_is(clock, ticks):
    reply(clock, ticks, OPEN)
    clock.now()
    reply(clock, ticks, OPEN - timedelta(hours=1))
    assert clock.now() == OPEN - timedelta(hours=1)


def test_a_frozen_clock_moves_by_steps_only(clock, ticks):
    reply(clock, ticks, OPEN, **{"X-Market-Frozen": "1", "X-Market-Speed": "100"})
    ticks.now += 50
    assert clock.frozen
    assert clock.now() == OPEN
    reply(clock, ticks, OPEN + timedelta(days=1), **{"X-Market-Frozen": "1"})
    reply(clock, ticks, OPEN, **{"X-Market-Frozen": "1"})  # an older reply that arrives later
    assert clock.now() == OPEN + timedelta(days=1)
    assert not clock.done
    reply(clock, ticks, OPEN + timedelta(days=1), **{"X-Market-Frozen": "1", "X-Replay-Done": "1"})
    assert clock.done


def test_a_header_that_is_no_number_says_nothing(clock, ticks):
    assert clock.observe({"X-Market-Time": "soon"}, ticks.now, ticks.now) is None
    assert not clock.simulated


def test_asked_often_between_noisy_replies_it_never_runs_backwards(clock, ticks):
    told = []
    for step in range(400):
        true = OPEN + timedelta(seconds=0.05 * 60 * step)
        reply(clock, ticks, true + timedelta(seconds=(step % 7) * 0.3), trip_s=0.0, **{"X-Market-Speed": "60"})
        told.append(clock.now())
        ticks.now += 0.05
        told.append(clock.now())
    assert told == sorted(told)
