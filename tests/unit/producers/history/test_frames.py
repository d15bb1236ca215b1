"""Bars to frames. The day is Tuesday 2026-02-10, 09:30 to 16:00 New York; Friday 2026-11-27 closes at 13:00."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.history import frames
from producers.history.frames import Close, Quality, base_prices, daily, intraday, opening, packed, records_of
from schemas.base import decoder, encode, from_milliseconds
from schemas.history import INTERVALS, DailyBar, HistoryBar, day_bars
from schemas.parameters import Parameters
from schemas.ticks import FrameBatch, QuoteState, Session, SessionRecord, TickRecord
from tests.yahoo import BOOK, SESSIONS, day

TUESDAY = SESSIONS.day(day("2026-02-10"))
HALF_DAY = SESSIONS.day(day("2026-11-27"))
OPEN = datetime(2026, 2, 10, 14, 30, tzinfo=UTC)
PAIR = ("GLD", "SPY")


def bar(symbol="GLD", minutes=0, close=100.0, *, interval="5m", on=TUESDAY, volume=10, **changed) -> HistoryBar:
    """The bar that starts so many minutes after the open; all its prices are the close unless told."""
    prices = {"open": close, "high": close, "low": close} | changed
    return HistoryBar(
        symbol=symbol,
        interval=interval,
        start=on.opens_at + timedelta(minutes=minutes),
        trade_date=on.trade_date,
        session=Session.REGULAR,
        close=close,
        volume=volume,
        **prices,
    )


def cut(*bars, bases=None, symbols=PAIR, on=TUESDAY, interval="5m", quality=None):
    """Ticks by New York's clock, each as (symbol, state, last, change, carried)."""
    found, closes = intraday(
        symbols,
        on,
        interval,
        day_bars(bars),
        {"GLD": 100.0, "SPY": 200.0} if bases is None else bases,
        quality or Quality(),
    )
    return {
        from_milliseconds(ms).astimezone(SESSIONS.zone).strftime("%H:%M"): ticks for ms, ticks in found.items()
    }, closes


def test_a_frame_bears_the_end_of_its_bars_never_the_start():
    found, _ = cut(bar("GLD", 0), bar("GLD", 5), bar("SPY", 5, 200.0))
    assert list(found) == ["09:35", "09:40"]


def test_bars_beyond_the_session_are_dropped_and_the_last_hour_ends_at_the_close():
    regular, _ = cut(bar(minutes=-5), bar(minutes=0), bar(minutes=385), bar(minutes=390), bar(minutes=395))
    assert list(regular) == ["09:35", "16:00"]
    early, closes = cut(*(bar(minutes=5 * n, on=HALF_DAY, close=100.0 + n) for n in range(78)), on=HALF_DAY)
    assert list(early)[-1] == "13:00"
    assert len(early) == 42
    assert closes == {"GLD": 141.0}
    hours, _ = cut(*(bar(minutes=60 * n, interval="1h") for n in range(7)), interval="1h")
    assert list(hours) == ["10:30", "11:30", "12:30", "13:30", "14:30", "15:30", "16:00"]
    half, _ = cut(*(bar(minutes=60 * n, interval="1h", on=HALF_DAY) for n in range(5)), interval="1h", on=HALF_DAY)
    assert list(half) == ["10:30", "11:30", "12:30", "13:00"]


def test_a_symbol_without_a_bar_is_carried_within_the_session_and_says_so():
    quality = Quality()
    found, closes = cut(bar("GLD", 0, 101.0, volume=7), bar("SPY", 0, 202.0), bar("SPY", 5, 204.0), quality=quality)
    gld, spy = found["09:40"]
    assert (gld.state, gld.last, gld.change_pct, gld.carried, gld.volume) == (QuoteState.OK, 101.0, 1.0, True, 7)
    assert (gld.open, gld.high, gld.low) == (None, None, None)
    assert (spy.last, spy.change_pct, spy.carried) == (204.0, 2.0, False)
    assert closes == {"GLD": 101.0, "SPY": 204.0}
    assert (quality.frames, quality.symbol_bars, quality.carried, quality.missing) == (2, 4, {"GLD": 1}, {})


def test_before_its_first_bar_a_symbol_is_missing_whatever_it_did_yesterday():
    quality = Quality()
    found, _ = cut(bar("SPY", 0, 202.0), bar("GLD", 5), bar("SPY", 5, 202.0), quality=quality)
    gld = found["09:35"][0]
    assert (gld.state, gld.last, gld.base, gld.change_pct) == (QuoteState.MISSING, None, 100.0, None)
    assert gld.reason == "no bar since the open"
    assert quality.missing == {"GLD": 1}


def test_without_a_previous_close_there_is_no_change():
    found, _ = cut(bar("GLD"), bar("SPY", close=200.0), bases={"SPY": 200.0})
    gld, spy = found["09:35"]
    assert (gld.state, gld.last, gld.change_pct) == (QuoteState.MISSING, 100.0, None)
    assert gld.reason == "base: the previous close is not known"
    assert spy.change_pct == 0.0


@pytest.mark.parametrize(
    ("last", "base", "change"),
    [
        (101.0, 100.0, 1.0),
        (99.996, 100.0, 0.0),  # -0.004 % rounds to minus zero, which is zero
        (100.125, 100.0, 0.12),  # half to even on the binary float, like a live quote
        (385.119995, 380.0, 1.35),  # single precision: 385.12
        (40.0, 100.0, -60.0),
        (39.99, 100.0, None),
        (160.01, 100.0, None),
    ],
)
def test_changes_are_rounded_as_live_ones_and_absurd_ones_are_suspect(last, base, change):
    found, _ = cut(bar("GLD", close=last), bases={"GLD": base}, symbols=("GLD",))
    tick = found["09:35"][0]
    assert tick.change_pct == change
    assert str(tick.change_pct) != "-0.0"
    assert tick.state is (QuoteState.OK if change is not None else QuoteState.SUSPECT)
    assert tick.last == round(last, 4)


def test_a_tick_tells_the_bars_own_prices_and_the_volume_of_the_day():
    found, _ = cut(
        bar(minutes=0, close=101.0, open=100.5, high=101.5, low=100.25, volume=300),
        bar(minutes=5, close=102.0, open=101.0, high=102.5, low=100.75, volume=200),
    )
    tick = found["09:40"][0]
    assert (tick.open, tick.high, tick.low, tick.last, tick.volume) == (101.0, 102.5, 100.75, 102.0, 500)
    assert tick.source == "bar"
    untold, _ = cut(bar(minutes=0, volume=None), bar(minutes=5))
    assert untold["09:40"][0].volume is None


def test_a_day_bar_makes_one_frame_at_the_real_close():
    rows = [DailyBar(symbol="GLD", trade_date=HALF_DAY.trade_date, close=103.0)]
    found, closes = daily(PAIR, HALF_DAY, rows, {"GLD": 100.0, "SPY": 200.0}, Quality())
    assert [from_milliseconds(ms) for ms in found] == [HALF_DAY.closes_at]
    (ticks,) = found.values()
    assert [(tick.state, tick.last, tick.change_pct) for tick in ticks] == [
        (QuoteState.OK, 103.0, 3.0),
        (QuoteState.MISSING, None, None),  # nothing is carried over night
    ]
    assert closes == {"GLD": 103.0}
    quality = Quality()
    assert daily(PAIR, HALF_DAY, [], {}, quality) == ({}, {})
    assert quality.empty_dates == [HALF_DAY.trade_date]


def test_a_base_is_the_last_close_before_and_not_from_long_ago():
    closes = {
        "GLD": Close(day("2026-02-09"), 100.0),
        "SPY": Close(day("2026-01-11"), 200.0),
        "QQQ": Close(day("2026-01-10"), 300.0),
        "COIN": Close(day("2026-02-10"), 400.0),
    }
    assert base_prices(closes, day("2026-02-10")) == {"GLD": 100.0, "SPY": 200.0}


def test_the_opening_carries_what_the_day_is_judged_by():
    record = opening(BOOK, HALF_DAY, Parameters(confirm_sec=0), 4)
    assert (record.trade_date, record.session, record.closes_at) == (
        HALF_DAY.trade_date,
        Session.REGULAR,
        HALF_DAY.closes_at,
    )
    assert (record.registry, record.parameters.confirm_sec, record.version) == (BOOK, 0, 4)


def test_a_day_is_an_opening_and_packed_frames_that_decode_to_what_they_were():
    bars = [bar(symbol, n, 100 + n / 100, interval="1m") for n in range(390) for symbol in BOOK.symbols]
    found, _ = intraday(BOOK.symbols, TUESDAY, "1m", day_bars(bars), dict.fromkeys(BOOK.symbols, 99.0), Quality())
    of_day = records_of(opening(BOOK, TUESDAY, Parameters()), BOOK.symbols, TUESDAY, found, timedelta(minutes=5))
    first, *batches = of_day.records
    assert isinstance(first, SessionRecord)
    decode = decoder(TickRecord).decode
    for record in of_day.records:
        raw = encode(record)
        assert len(raw) <= 512 * 1024
        assert decode(raw) == record
        assert not isinstance(record, FrameBatch) or len(record.frames) <= 128
    together = list(of_day.frames())
    assert len(together) == 390
    assert all(one.event_time < other.event_time for one, other in pairwise(together))
    assert sum(frame.snapshot for frame in together) == 78
    assert all(frame.ingest_time == frame.event_time for frame in together)
    assert len(batches) == 4


def test_no_message_outgrows_its_bound_with_the_longest_ticks():
    name = "ABCDEFGHIJKLMNOP"
    long = cut(
        bar(name, close=123456.7891, open=1.0001, high=987654.3219, low=0.0001, volume=10**12),
        bases={name: 1.0001}, symbols=(name,),
    )[0]["09:35"][0]  # fmt: skip
    assert long.state is QuoteState.SUSPECT
    assert len(encode(long)) <= frames.TICK_BYTES
    wide = msgspec.structs.replace(
        next(records_of(opening(BOOK, TUESDAY, Parameters()), (name,), TUESDAY, {1: [long]}).frames()),
        ticks=(long,) * 100,
    )
    for batch in packed("us", [wide] * 300, 100):
        assert len(encode(batch)) <= 512 * 1024


@given(
    present=st.sets(st.tuples(st.sampled_from(PAIR), st.integers(0, 77)), min_size=1),
    interval=st.sampled_from(["5m"]),
)
def test_every_frame_has_every_symbol_and_lies_within_the_session(present, interval):
    bars = [bar(symbol, 5 * n, 100.0 + n, interval=interval) for symbol, n in present]
    found, closes = intraday(PAIR, TUESDAY, interval, day_bars(bars), {"GLD": 100.0, "SPY": 100.0}, Quality())
    assert len(found) == len({n for _, n in present})
    for ms, ticks in found.items():
        at = from_milliseconds(ms)
        assert TUESDAY.opens_at < at <= TUESDAY.closes_at
        assert [tick.symbol for tick in ticks] == list(PAIR)
        for tick in ticks:
            known = [
                n
                for symbol, n in present
                if symbol == tick.symbol and TUESDAY.opens_at + (n + 1) * INTERVALS["5m"] <= at
            ]
            assert tick.last == (100.0 + max(known) if known else None)
            assert tick.carried == bool(known and TUESDAY.opens_at + (max(known) + 1) * INTERVALS["5m"] < at)
    assert closes == {s: 100.0 + max(n for symbol, n in present if symbol == s) for s in {s for s, _ in present}}


def test_dates_before_the_calendar_of_the_test_year_are_known_too():
    assert SESSIONS.day(date(2024, 11, 29)).closes_at == datetime(2024, 11, 29, 18, tzinfo=UTC)
