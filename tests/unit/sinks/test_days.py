"""A trade date as the sink reads it: prices, openings and ends, from records with offsets 0, 1, 2, …"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.base import UtcTime
from schemas.ticks import End, Frame, QuoteState, Session, Tick, TickRecord
from sinks.days import Day, Folded, Placed, fold
from tests.builders import BOOK, TRADE_DATE, at, batch, change, frame, opening, session

APPENDED = datetime(2026, 2, 10, 14, 0, tzinfo=UTC)
NEXT_DATE = TRADE_DATE + timedelta(days=1)


def placed(*records: TickRecord, first: int = 0, appended: UtcTime = APPENDED) -> list[Placed]:
    return [
        Placed(0, offset, appended + timedelta(seconds=offset), record) for offset, record in enumerate(records, first)
    ]


def price(clock: str, last: float, **more: Any) -> TickRecord:
    """A frame with one quote of GLD."""
    tick = Tick(symbol="GLD", state=QuoteState.OK, last=last, **more)
    return batch(Frame(book=BOOK.name, event_time=at(clock), ingest_time=at(clock), ticks=(tick,)))


def gold(folded: Folded) -> tuple[float, float, float, float, int | None]:
    daily = folded.daily[TRADE_DATE, "GLD"]
    return daily.open, daily.high, daily.low, daily.close, daily.volume


@pytest.mark.parametrize(
    ("quotes", "expected"),
    [
        pytest.param(
            [price("09:30:01", 10), price("10:00", 12), price("11:00", 9), price("15:59", 11)],
            (10, 12, 9, 11, None),
            id="folded from last prices where the feed tells no more",
        ),
        pytest.param(
            [price("09:30:01", 10, open=9.5, high=10.5, low=9.4, volume=5), price("10:00", 12, high=13.0, volume=9)],
            (9.5, 13, 9.4, 12, 9),
            id="the feed's own open, high, low and volume count",
        ),
        pytest.param(
            [price("09:30:01", 10), price("10:00", 12, open=9.0)],
            (9, 12, 9, 12, None),
            id="an open that is told later replaces the first price seen",
        ),
        pytest.param(
            [price("09:30", 1), price("09:30:01", 10), price("16:00", 11), price("16:00:00.001", 99)],
            (10, 11, 10, 11, None),
            id="the regular session is (open, close]",
        ),
        pytest.param(
            [price("09:30:01", 10, volume=7), price("10:00", 11)],
            (10, 11, 10, 11, 7),
            id="a quote without a volume takes none away",
        ),
    ],
)
def test_folds_the_prices_of_the_regular_session(quotes, expected):
    assert gold(fold(None, placed(opening(), *quotes))) == expected


@pytest.mark.parametrize("state", [QuoteState.STALE, QuoteState.SUSPECT, QuoteState.MISSING])
def test_a_quote_that_is_not_ok_makes_no_price(state):
    unsure = frame("10:00", {"GLD": state}, partial=True)
    assert fold(None, placed(opening(), batch(unsure))).daily == {}


def test_a_carried_quote_makes_no_price():
    assert fold(None, placed(opening(), price("10:00", 5, carried=True))).daily == {}


def test_frames_before_any_opening_belong_to_no_day():
    folded = fold(None, placed(price("10:00", 10), session(Session.REGULAR)))
    assert folded.day is None
    assert not folded.daily


def test_the_frame_after_closed_ends_the_day():
    records = placed(opening(), price("10:00", 10), session(Session.CLOSED), price("20:00:01", 10), price("20:01", 1))
    folded = fold(None, records)
    assert folded.day is not None
    assert (folded.day.opening_offset, folded.day.closing_offset, folded.day.position) == (0, 3, 4)
    assert folded.ended == {TRADE_DATE}


def test_the_next_opening_ends_a_day_that_was_left_open():
    folded = fold(None, placed(opening(), price("10:00", 10), opening(day=NEXT_DATE)))
    assert folded.days[TRADE_DATE].closing_offset == 1
    assert folded.day == folded.days[NEXT_DATE]
    assert folded.day.closing_offset is None


def test_the_end_of_a_replay_ends_the_day():
    folded = fold(None, placed(opening(), price("10:00", 10), End(book=BOOK.name)))
    assert folded.days[TRADE_DATE].closing_offset == 2


def test_a_repeated_opening_changes_nothing():
    records = [opening(), price("10:00", 10), session(Session.AFTER)]
    once, again = fold(None, placed(*records)), fold(None, placed(*records, opening()))
    assert again.daily == once.daily
    assert again.sets == once.sets
    assert again.day is not None
    assert (again.day.opening_offset, again.day.session) == (0, Session.AFTER)


def test_only_the_first_of_two_changes_counts():
    second = change(version=2, replaces=1, confirm_sec=9)
    folded = fold(None, placed(opening(), change(version=2, replaces=1), second, change(version=9, replaces=5)))
    assert [(new.version, new.position) for new in folded.sets] == [(1, 0), (2, 1)]


@pytest.mark.parametrize("cut", range(6))
def test_what_was_folded_before_is_passed_over(cut):
    records = placed(
        opening(), price("10:00", 10), change(version=2, replaces=1), session(Session.CLOSED), price("20:00:01", 9)
    )
    whole = fold(None, records).day
    before = fold(None, records[:cut]).day
    again = fold(before, records)
    assert again.day == whole
    assert fold(whole, records) == Folded(whole)


def test_another_log_under_the_same_name_starts_anew():
    known = fold(None, placed(opening(), price("10:00", 10), price("10:01", 11))).day
    assert known is not None
    anew = fold(known, placed(opening(), price("09:31", 20), appended=APPENDED + timedelta(days=1)))
    assert gold(anew) == (20, 20, 20, 20, None)
    assert anew.opened == {TRADE_DATE}
    expected: Day = replace(known, position=1, appended_at=APPENDED + timedelta(days=1, seconds=1))
    assert anew.day == expected
