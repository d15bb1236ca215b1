"""Which bars serve a span: Yahoo's reach is that of its own error texts, a day taken off."""

from datetime import UTC, date, datetime, timedelta

import pytest

from producers.history.ladder import Known, Window, choose, trade_days, windows
from schemas.errors import ConfigError
from tests.yahoo import SESSIONS, day, days

TODAY = day("2026-11-23")  # a Monday
NOTHING = Known(symbols=16, cached={})


def ago(number: int) -> date:
    return TODAY - timedelta(days=number)


@pytest.mark.parametrize(
    ("oldest", "rung"),
    [
        (1, "1m"),
        pytest.param(29, "1m", id="29 days: the last that Yahoo's 30 hold whole"),
        (30, "5m"),
        (59, "5m"),
        (60, "1h"),
        (729, "1h"),
        (730, "1d"),
        (9000, "1d"),
    ],
)
def test_the_finest_rung_that_reaches_the_oldest_date_is_taken(oldest, rung):
    assert choose("auto", [ago(oldest), ago(1)], TODAY, NOTHING) == rung


def test_own_ticks_come_first_when_they_have_every_date():
    span = [ago(4), ago(3)]
    assert choose("auto", span, TODAY, Known(16, {}, archived=set(span))) == "ticks"
    assert choose("auto", span, TODAY, Known(16, {}, archived={ago(3)})) == "1m"


def test_what_is_stored_stays_in_reach():
    span = [ago(400), ago(399)]
    whole = {"5m": {ago(400): 16, ago(399): 16}}
    partly = {"5m": {ago(400): 16, ago(399): 15}}
    assert choose("auto", span, TODAY, Known(16, whole)) == "5m"
    assert choose("auto", span, TODAY, Known(16, partly)) == "1h"
    assert choose("5m", span, TODAY, Known(16, partly)) == "5m"  # asked for by name: the rest is missing, and told so


def test_an_interval_out_of_reach_says_what_would_work():
    with pytest.raises(ConfigError) as told:
        choose("1m", [ago(100), ago(40), ago(2)], TODAY, NOTHING)
    said = str(told.value)
    assert f"Yahoo has 1m bars since {ago(29)}" in said
    assert "for 2026-08-15 to 2026-11-21 would work: 1h, 1d" in said
    assert f"1m from {ago(2)} on" in said
    assert "ptj bars import FILE --interval 1m" in said


def test_ticks_without_an_archive_and_unknown_intervals_are_refused():
    with pytest.raises(ConfigError, match="expected archived ticks of 2026-11-20, received none"):
        choose("ticks", [ago(3)], TODAY, NOTHING)
    with pytest.raises(ConfigError, match="expected auto, ticks, 1m, 5m, 1h, 1d, received '7m'"):
        choose("7m", [ago(3)], TODAY, NOTHING)


MONDAY_MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [
        ("2026-03-02", "2026-03-01", "end: expected a date on or after the start, 2026-03-02, received 2026-03-01"),
        (
            "2026-07-03",
            "2026-07-05",
            "received 2026-07-03 to 2026-07-05; the exchange trades on 2026-07-02 and 2026-07",
        ),
        ("2026-11-20", "2026-11-23", "end: expected a trade date that is over, received 2026-11-23; the last one is "),
        ("2027-01-04", "2027-02-01", "start: expected a trade date that is over, received 2027-01-04; the last one is"),
    ],
    ids=["end before start", "holiday and weekend", "today, not over", "future"],
)
def test_a_span_that_cannot_be_replayed_is_refused_in_a_sentence(start, end, sentence):
    with pytest.raises(ConfigError) as told:
        trade_days(SESSIONS, day(start), day(end), MONDAY_MORNING)
    assert sentence in str(told.value)


def test_a_day_is_over_half_an_hour_after_its_close():
    close = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
    span = day("2026-11-23"), day("2026-11-23")
    with pytest.raises(ConfigError):
        trade_days(SESSIONS, *span, close + timedelta(minutes=29))
    assert [d.trade_date for d in trade_days(SESSIONS, *span, close + timedelta(minutes=30))] == [TODAY]


def test_weekends_at_the_end_of_a_span_do_not_matter():
    found = trade_days(SESSIONS, day("2026-11-19"), day("2026-11-22"), MONDAY_MORNING)
    assert [d.trade_date for d in found] == list(days("2026-11-19", "2026-11-20"))


def test_requests_cover_gaps_only_and_are_no_larger_than_yahoo_allows():
    trading = [d.trade_date for d in trade_days(SESSIONS, day("2026-10-26"), day("2026-11-20"), MONDAY_MORNING)]
    gaps = {"GLD": trading, "SPY": days("2026-11-02", "2026-11-06", "2026-11-09")}
    assert windows("1m", gaps, trading, TODAY) == [
        Window("GLD", "1m", day("2026-10-26"), day("2026-11-01")),
        Window("GLD", "1m", day("2026-11-02"), day("2026-11-08")),
        Window("GLD", "1m", day("2026-11-09"), day("2026-11-15")),
        Window("GLD", "1m", day("2026-11-16"), day("2026-11-20")),
        Window("SPY", "1m", day("2026-11-02"), day("2026-11-02")),
        Window("SPY", "1m", day("2026-11-06"), day("2026-11-09")),
    ]
    assert windows("5m", {"GLD": trading}, trading, TODAY) == [
        Window("GLD", "5m", day("2026-10-26"), day("2026-11-20"))
    ]
    assert windows("1m", {"GLD": days("2026-10-20")}, days("2026-10-20"), TODAY) == []  # no use in asking
