"""The simulated past: the same for every asker, and the same at every interval."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from schemas.book import load_book
from simulators.clock import TradingDays
from simulators.market import Market
from simulators.past import past_of
from simulators.state_file import StateFile
from simulators.yahoo.model import WON, ModelSource
from simulators.yahoo.series import MINUTES, Row

BOOK = load_book("us")
DAYS = TradingDays()
MONDAY = DAYS.on_or_after(date(2026, 11, 16))
BEGIN, END = MONDAY.opens // 1000, DAYS.on_or_after(date(2026, 11, 20)).closes // 1000


def source(seed=7) -> ModelSource:
    return ModelSource(BOOK, seed, DAYS)


def priced(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.close is not None]


@pytest.mark.parametrize("symbol", ["GLD", "BRKU"], ids=["always trades", "thin"])
def test_intervals_add_up_to_each_other(symbol):
    market = source()
    minutes = priced(market.rows(symbol, "1m", BEGIN, END, END))
    for interval in ("5m", "1h", "1d"):
        longer = priced(market.rows(symbol, interval, BEGIN, END, END))
        length = MINUTES.get(interval, 390) * 60
        assert len({row.start_s for row in longer}) == len(longer)
        for row in longer:
            inside = [m for m in minutes if row.start_s <= m.start_s < row.start_s + length]
            assert (row.open, row.close) == (inside[0].open, inside[-1].close)
            assert (row.high, row.low) == (max(m.high for m in inside), min(m.low for m in inside))
            assert row.volume == sum(m.volume for m in inside)
        assert sum(row.volume for row in longer) == sum(m.volume for m in minutes)


def test_bars_depend_on_seed_symbol_and_time_alone():
    once = source().rows("COIN", "5m", BEGIN, END, END)
    other = source()
    other.rows("SPY", "1d", BEGIN - 86_400 * 90, END, END)
    assert other.rows("COIN", "5m", BEGIN, END, END + 86_400 * 3) == once
    assert other.rows("COIN", "5m", BEGIN + 300, BEGIN + 900, END) == once[1:3]  # begin counts, end does not
    assert source(seed=8).rows("COIN", "5m", BEGIN, END, END) != once


def test_the_living_market_opens_from_the_last_close():
    market = Market(BOOK, 7, DAYS, StateFile(None), DAYS.after(MONDAY))
    for symbol in BOOK.symbols:
        (yesterday,) = source().rows(symbol, "1d", BEGIN, BEGIN + 60, END)
        assert market.quote(symbol, DAYS.after(MONDAY), DAYS.after(MONDAY).opens).base == yesterday.close


def test_live_quotes_stay_near_the_bars_of_their_minute():
    past = past_of(BOOK, 7)
    gold_up = past.number(MONDAY) % 2 == 1
    trading = past.trading(MONDAY, gold_up)
    for place, symbol in enumerate(BOOK.symbols):
        bars = {row.start_s: row for row in priced(source().rows(symbol, "1m", BEGIN, BEGIN + 3600, END))}
        for start, bar in bars.items():
            quote = trading.quote(place, trading.step(place, start * 1000 + 59_000))
            assert abs(quote.last / bar.close - 1) < 0.01


def test_a_day_that_runs_is_served_as_far_as_it_is():
    now = BEGIN + 33 * 60 + 20
    rows = source().rows("GLD", "5m", BEGIN, BEGIN + 86_400, now)
    assert [row.start_s for row in rows] == [BEGIN + 300 * n for n in range(7)]
    whole = source().rows("GLD", "5m", BEGIN, BEGIN + 86_400, END)
    assert rows[:6] == whole[:6]
    assert rows[6].volume < whole[6].volume
    assert source().rows("GLD", "5m", BEGIN, BEGIN + 86_400, BEGIN + 30) == []


def test_thin_tickers_have_minutes_without_a_trade():
    rows = source().rows("BRKU", "1m", BEGIN, END, END)
    traded = len(priced(rows))
    assert 5 * 390 * 0.8 < traded < 5 * 390
    assert traded < len(rows) < 5 * 390  # some are told as blanks, some not at all
    assert len(priced(source().rows("SPY", "1m", BEGIN, END, END))) == 5 * 390


def test_tickers_have_no_past_before_they_were_listed():
    begin, end = (int(datetime(2025, month, 1, tzinfo=ZoneInfo("America/New_York")).timestamp()) for month in (4, 5))
    listed = source().rows("XXRP", "1d", begin, end, END)
    assert DAYS.date_of(listed[0].start_s * 1000) == date(2025, 4, 8)
    assert source().listing("NOPE") is None


def test_early_closes_are_short():
    friday = DAYS.on_or_after(date(2026, 11, 27))
    rows = source().rows("GLD", "1h", friday.opens // 1000, friday.closes // 1000, friday.closes // 1000)
    assert len(rows) == 4
    assert len(source().rows("GLD", "1m", friday.opens // 1000, friday.closes // 1000, friday.closes // 1000)) == 210


def test_dividends_are_paid_by_those_that_pay():
    begin = int(datetime(2025, 1, 1, tzinfo=ZoneInfo("America/New_York")).timestamp())
    paid = source().events("SPY", begin, begin + 366 * 86_400).dividends
    assert [DAYS.date_of(at * 1000) for at in paid] == [
        date(2025, 3, 21), date(2025, 6, 20), date(2025, 9, 19), date(2025, 12, 19),
    ]  # fmt: skip
    assert all(1 < amount < 4 for amount in paid.values())
    assert not source().events("GLD", begin, begin + 366 * 86_400).dividends


def test_the_won_never_rests_from_monday_to_friday():
    hours = source().rows(WON, "1h", BEGIN - BEGIN % 3600, BEGIN + 7 * 86_400, END + 9 * 86_400)
    assert 24 * 5 - 24 <= len(hours) <= 24 * 5 + 24
    rates = np.array([row.close for row in hours])
    assert np.all((rates > 1300) & (rates < 1500))
    days = source().rows(WON, "1d", BEGIN - 86_400, BEGIN + 7 * 86_400, END + 9 * 86_400)
    gaps = {later.start_s - day.start_s for day, later in pairwise(days)}
    assert gaps <= {86_400, 3 * 86_400, 82_800, 90_000}


def test_minutes_are_quick_enough_for_a_year_of_hours():
    past, day = past_of(BOOK, 7), MONDAY
    past.bases(day)
    started = datetime.now()
    for _ in range(5):
        past.minutes(day, False)
    assert (datetime.now() - started) / 5 < timedelta(milliseconds=200)  # measured: 10 ms of processor time
