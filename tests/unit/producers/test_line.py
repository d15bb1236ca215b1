"""A line: time behind the log, the book of an opening, the settings that hide their secrets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from producers.clock import MarketClock
from producers.line import ClockBehind, Line
from producers.log import Log
from producers.run import ProducerConfig
from producers.sessions import Sessions
from schemas.errors import ConfigError
from tests.builders import BOOK, at, tick
from tests.unit.producers.test_rest_feed import Paper
from transport.kafka import Kafka

SESSIONS = Sessions("XNYS", "America/New_York")
TEN = datetime(2026, 2, 10, 15, tzinfo=UTC)


def make(now: datetime, **state: object) -> tuple[Line, Paper]:
    fold, paper = Log("us"), Paper()
    for name, value in state.items():
        setattr(fold, name, value)
    clock = MarketClock(wall=lambda: now)
    line = Line(clock, SESSIONS, fold, paper, BOOK, lambda: BOOK)  # type: ignore[arg-type]
    clock.synced = True
    return line, paper


def test_a_clock_behind_the_log_names_both_times():
    error = ClockBehind(at("10:00"), at("11:00"))
    assert "2026-02-10T15:00:00" in str(error)  # 10:00 New York
    assert "2026-02-10T16:00:00" in str(error)
    assert error.behind == timedelta(hours=1)


@pytest.mark.parametrize("ahead_s", [0.0, 0.5, 2.0])
def test_up_to_two_seconds_are_waited_out(ahead_s):
    line, paper = make(TEN, last_frame=TEN + timedelta(seconds=ahead_s))
    assert line.advance() is None
    assert paper.records == []


def test_more_is_an_error():
    line, _ = make(TEN, last_frame=TEN + timedelta(seconds=2.001))
    with pytest.raises(ClockBehind):
        line.advance()


def test_nothing_is_stamped_before_it_is_known_whose_clock_counts():
    line, _ = make(TEN)
    line.clock.synced = False
    assert line.advance() is None


def test_no_two_frames_have_the_same_time():
    line, paper = make(TEN)
    now = line.advance()
    assert now == TEN
    assert line.cut([tick("GLD", 1.0)], now, full=True)
    assert not line.cut([tick("GLD", 2.0)], now, full=True)
    assert line.advance() is None
    assert len(paper.frames) == 1


def test_an_empty_cut_is_none():
    line, paper = make(TEN)
    now = line.advance()
    assert now is not None
    assert not line.cut([], now, full=True)
    assert paper.frames == []


def test_a_book_that_cannot_be_read_at_an_opening_is_kept_as_it_was():
    fold, paper, clock = Log("us"), Paper(), MarketClock(wall=lambda: TEN)

    def load():
        raise ConfigError("book: expected TOML")

    line = Line(clock, SESSIONS, fold, paper, BOOK, load)  # type: ignore[arg-type]
    clock.synced = True
    line.advance()
    assert line.book == BOOK
    assert len(paper.records) == 1


def test_settings_show_no_secrets():
    config = ProducerConfig(
        kafka=Kafka("x:1", password="hidden-1"),
        namespace="demo",
        book="us",
        base_url="http://x",
        ws_url="ws://x",
        app_key="hidden-2",
        app_secret="hidden-3",
        token_dir=Path("tokens"),
    )
    assert "hidden" not in repr(config)
