"""What the API makes of the records: the day, the parameters in force, and how fresh things are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from api.state import FrameTimes, Live, newest_frame
from schemas.base import encode
from schemas.parameters import Parameters
from schemas.ticks import Session
from tests.builders import BOOK, TRADE_DATE, at, batch, change, frame, opening, session
from tests.serving import DAY_VIEW, quote

NOW = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)


def live(*, demo: bool = False) -> Live:
    return Live("demo" if demo else "live", demo, BOOK, kafka_up=True)


def times(event_s: float, ingest_s: float) -> FrameTimes:
    return FrameTimes(
        event_time=at("10:00") + timedelta(seconds=event_s), ingest_time=NOW + timedelta(seconds=ingest_s)
    )


def test_the_first_change_that_names_the_version_in_force_wins() -> None:
    state = live()
    assert not state.take_parameters(change(1, 0))  # before an opening nothing is in force
    state.take_session(opening(version=4))
    assert state.take_parameters(change(5, 4, stop_loss_pct=-2.0))
    assert not state.take_parameters(change(5, 4, stop_loss_pct=-9.0))
    assert not state.take_parameters(change(9, 8))
    assert (state.version, state.parameters.stop_loss_pct) == (5, -2.0)  # type: ignore[union-attr]
    assert state.changed_at == at("09:00")


def test_an_opening_brings_its_own_set_and_a_repeat_nothing() -> None:
    state = live()
    state.take_session(opening(Session.PRE, version=4))
    state.take_parameters(change(5, 4, stop_loss_pct=-2.0))
    assert not state.take_session(opening(Session.PRE, version=4))
    assert state.version == 5
    assert state.take_session(session(Session.REGULAR))
    assert not state.take_session(session(Session.PRE))
    assert state.day is not None
    assert state.day.session is Session.REGULAR
    tomorrow = TRADE_DATE + timedelta(days=1)
    assert not state.take_session(session(Session.PRE, day=tomorrow))  # opens nothing: it carries no registry
    smaller = replace(BOOK, tickers=BOOK.tickers[:3])
    assert state.take_session(opening(day=tomorrow, version=6, registry=smaller))
    assert (state.version, state.book.symbols) == (6, BOOK.symbols[:3])
    assert state.changed_at is None


def test_starts_from_the_view_of_the_day() -> None:
    state = live()
    state.start_from(replace(DAY_VIEW, version=3, parameters=Parameters(confirm_sec=9)))
    assert (state.version, state.day.session) == (3, Session.REGULAR)  # type: ignore[union-attr]
    assert not state.take_session(opening(version=1))  # its own opening, read again


@pytest.mark.parametrize(
    ("age_s", "session_now", "kafka", "feed"),
    [
        (None, Session.REGULAR, True, "waiting"),
        (4.9, Session.REGULAR, True, "live"),
        (5.1, Session.REGULAR, True, "stale"),
        (5.1, Session.PRE, True, "stale"),
        (99, Session.CLOSED, True, "closed"),
        (0.1, Session.REGULAR, False, "offline"),
    ],
)
def test_says_how_fresh_the_feed_is(age_s: float | None, session_now: Session, kafka: bool, feed: str) -> None:
    state = live()
    state.kafka_up = kafka
    state.take_session(opening(session_now))
    if age_s is not None:
        state.take_frame(times(0, -age_s))
    assert state.feed(NOW) == feed
    assert state.overdue(NOW) is (feed in ("stale", "offline"))


def test_a_slow_refresh_is_not_stale() -> None:
    state = live()
    state.take_session(opening(refresh_interval_sec=10.0))
    state.take_frame(times(0, -25))
    assert state.feed(NOW) == "live"
    state.take_frame(times(0, -31))
    assert state.feed(NOW) == "stale"


def test_the_market_clock_of_the_demo_runs_at_the_pace_of_its_frames() -> None:
    state = live(demo=True)
    assert state.market_time(NOW) is None
    for second in range(6):
        state.take_frame(times(second * 20 + (300 if second == 3 else 0), second - 5))  # one jump among them
    assert state.speed() == 20
    assert state.market_time(NOW + timedelta(seconds=1)) == at("10:00") + timedelta(seconds=120)
    assert live().market_time(NOW) == NOW


def test_a_pace_near_one_is_one() -> None:
    state = live(demo=True)
    for second in range(5):
        state.take_frame(times(second * 1.04, second))
    assert state.speed() == 1.0


def test_reads_the_times_of_the_last_frame_only() -> None:
    record = encode(batch(frame("10:00", {"GLD": 1.0}), frame("10:00:01", {"GLD": 2.0})))
    assert record.startswith(b'{"kind":"frames"')  # what the tail looks for
    newest = newest_frame(record)
    assert newest is not None
    assert newest.event_time == at("10:00:01")


def test_views_and_prices_of_the_day() -> None:
    state = live()
    state.take_session(opening())
    state.take_frame(times(0, -60))
    state.take_quote(quote("GLD", 0.5))
    price = state.price_of("GLD", NOW)
    assert (price.price, price.state, price.reason) == (100.5, "stale", "no frames arrive")
    assert state.price_of("SPY", NOW).state == "missing"
    assert state.missing() == [symbol for symbol in BOOK.symbols if symbol != "GLD"]
