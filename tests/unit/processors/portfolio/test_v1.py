"""The first engine, rule by rule. Origin of rules and numbers: facts of the US market, section 5.3 with its notes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from processors.portfolio.run import Outcome
from schemas.results import DayRow, Trade
from schemas.runs import Model
from schemas.ticks import SessionRecord
from tests.builders import at
from tests.unit.processors.portfolio.bars import FIVE, Day, Row, asked, outcome, whole

FLAT: Row = {}
UP_TRIGGERS: Row = {"ETHU": 1, "XXRP": 1, "SOLT": 1}
DOWN: Row = {"SPY": -0.1, "QQQ": -0.1}
LAG: Row = {"BITU": 2}


def played(*days: Day, interval: str = "5m", **fields: Any) -> Outcome:
    return outcome(whole(*days), asked(days[0].day, model=Model.V1, **fields), interval)


def after_ten(*rows: Row, before: Row = FLAT, **parameters: Any) -> list[Trade]:
    """The trades of a day of six bars like `before`, then `rows`."""
    return played(Day(**parameters).bars([before] * 6 + list(rows))).trades


def told(trades: list[Trade]) -> list[tuple[str, str, str]]:
    return [(trade.symbol, trade.action, trade.reason) for trade in trades]


def days(result: Outcome) -> tuple[DayRow, ...]:
    assert result.result.portfolio is not None
    return result.result.portfolio.days


@pytest.mark.parametrize(
    ("gold", "change", "banned"),
    [
        pytest.param([1, 1, 1, 1, 1, 0], 0.0, False, id="the sixth bar decides, and 0 is not up"),
        pytest.param([-1, -1, -1, -1, -1, 0.004], 0.004, True, id="not rounded: 0.004 % is up"),
        pytest.param([None, None, None, 1, None, None, None, -1], -1.0, False, id="by count: two bars are enough"),
        pytest.param([1], None, False, id="fewer than two gold bars: no ban"),
        pytest.param([], None, False, id="no gold at all"),
        pytest.param([-1, None, -1, -1, -1, -1, 1], 1.0, True, id="the sixth by count may come after 10:00"),
    ],
)
def test_gold_is_judged_by_the_count_of_its_bars(gold: list[float | None], change: float | None, banned: bool) -> None:
    rows: list[Row] = [{"GLD": gold[i] if i < len(gold) else None, **LAG} for i in range(8)]
    result = played(Day().bars(rows))
    [row] = days(result)
    assert (None if row.gold_change_pct is None else round(row.gold_change_pct, 9)) == change
    assert (row.banned, row.buys == 0) == (banned, banned)


def test_without_a_previous_close_gold_is_measured_from_its_first_open() -> None:
    day = Day(bases={"GLD": None})  # type: ignore[dict-item]
    day.cut("09:35", {"GLD": 1}, {"GLD": 2})
    day.bars([{"GLD": 1}] * 7, "09:40")
    [row] = days(played(day))
    assert row.gold_change_pct == pytest.approx(100 * (101 - 102) / 102)


@pytest.mark.parametrize(("bars", "first"), [(3, 2), (6, 5), (7, 6), (9, 6)])
def test_trading_starts_at_the_bar_after_six_or_at_the_last(bars: int, first: int) -> None:
    """Index min(6, n - 1) of the day's stamps."""
    bought = played(Day().bars([LAG] * bars)).trades[0]
    assert bought.trade_time == at("09:35") + first * FIVE


def test_stamps_are_the_union_over_tickers() -> None:
    """A frame in which no ticker has a bar is no stamp and moves no index."""
    day = Day().bars([FLAT] * 5)
    day.cut("10:00", {}, rest=None)
    day.bars([FLAT, LAG], "10:05")
    [buy, _] = played(day).trades
    assert buy.trade_time == at("10:10")


def test_a_missing_ticker_counts_as_zero() -> None:
    """BITU at 2 and MSTU known at 0, then the lead lacks: a gap of 0 sells; the follower lacks: a gap of 2 keeps."""
    assert told(after_ten(LAG, {"BITU": None}))[1] == ("MSTU", "SELL", "twin_converge")
    assert told(after_ten({"BITU": 2, "MSTU": 1.9}, {"BITU": 2, "MSTU": None})) == []  # a gap, but no price to buy at


def test_a_held_ticker_without_a_bar_is_not_checked_and_closes_at_its_own_last_bar() -> None:
    trades = after_ten(LAG, {**LAG, "MSTU": -2}, {**LAG, "MSTU": None})
    assert told(trades) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "eod_close")]
    assert trades[1].price == 98.0
    assert trades[1].trade_time == at("10:15")  # the day's last stamp


def test_changes_are_rounded_before_they_are_compared_and_gaps_once_more() -> None:
    """1.8 - 0.3 is 1.5 and enters; +0.004 % is 0.00 and no trigger."""
    assert told(after_ten({"NVDL": 1.8, "AMDL": 0.3}))[0] == ("AMDL", "BUY", "twin")
    assert after_ten({"ETHU": 0.004, "XXRP": 1, "SOLT": 1}) == []


def test_only_a_follower_that_lags_is_bought() -> None:
    assert after_ten({"BITU": -2}) == []
    assert after_ten({"MSTU": 2}) == []


def test_a_converged_pair_may_enter_again_a_stopped_one_not() -> None:
    again = after_ten(LAG, {"BITU": 2, "MSTU": 2}, LAG)
    assert told(again)[:3] == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "twin_converge"), ("MSTU", "BUY", "twin")]
    stopped = after_ten(LAG, {"BITU": 2, "MSTU": -3}, {"BITU": 2, "MSTU": -5})
    assert told(stopped) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "stop_loss")]


def test_a_stopped_one_may_enter_the_next_day() -> None:
    first = Day().bars([FLAT] * 6 + [LAG, {**LAG, "MSTU": -3}])
    second = Day(date(2026, 2, 11)).bars([{**LAG, "MSTU": -3}] * 7)
    assert told(played(first, second).trades)[2:3] == []  # gap over the closes of the day before: 0 and 0
    second = Day(date(2026, 2, 11)).bars([{"BITU": 5, "MSTU": -3}] * 7)
    assert told(played(first, second).trades)[2] == ("MSTU", "BUY", "twin")


def test_stops_come_first_and_are_inclusive() -> None:
    """At -3.0 % of the entry price exactly; the stop frees no re-entry although the pair says ENTRY at that bar."""
    trades = after_ten(LAG, {"BITU": 2, "MSTU": -3})
    assert told(trades) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "stop_loss")]
    assert told(after_ten(LAG, {"BITU": 2, "MSTU": -2.99}))[1][2] == "eod_close"
    assert told(after_ten(LAG, {"BITU": 2, "MSTU": -40}, stop_loss_pct=None))[1][2] == "eod_close"


def test_the_stop_is_on_the_entry_price_not_on_the_day() -> None:
    assert told(after_ten({"BITU": -8, "MSTU": -10}, {"BITU": -8, "MSTU": -12}))[1][2] == "eod_close"


def test_sizes_are_shares_of_what_cash_remains() -> None:
    """20 %, 16 %, 12.8 %, then 10 % of the rest each; R5 blocks neither twins nor the target."""
    trades = after_ten({**LAG, "ROBN": 2, **UP_TRIGGERS, **DOWN})
    bought = [(trade.symbol, round(trade.amount_usd, 3)) for trade in trades if trade.action == "BUY"]
    assert bought == [
        ("MSTU", 200), ("CONL", 160), ("COIN", 128), ("HIMZ", 51.2), ("BRKU", 46.08), ("BABX", 41.472),
    ]  # fmt: skip


def test_less_than_a_dollar_is_not_bought() -> None:
    request = asked(model=Model.V1, initial_capital_usd=4.99)
    assert outcome(whole(Day().bars([LAG] * 7)), request).trades == []
    request = asked(model=Model.V1, initial_capital_usd=5.0)
    assert len(outcome(whole(Day().bars([LAG] * 7)), request).trades) == 2


def test_gold_up_turns_the_defensives_off() -> None:
    assert [symbol for symbol, *_ in told(after_ten(DOWN))[:3]] == ["HIMZ", "BRKU", "BABX"]
    assert after_ten({**DOWN, "GLD": 0.5}) == []
    assert told(after_ten({**DOWN, "GLD": None}))[0] == ("HIMZ", "BUY", "bearish")  # missing gold is not up
    assert after_ten({"SPY": -1, "QQQ": None}) == []  # a missing index is not down


def test_the_last_bar_may_buy_and_close_at_the_same_price() -> None:
    trades = after_ten(LAG)
    assert told(trades) == [("MSTU", "BUY", "twin"), ("MSTU", "SELL", "eod_close")]
    assert trades[1].pnl_usd == 0.0
    assert trades[1].holding_minutes == 0.0


def test_tickers_without_bars_keep_their_old_close() -> None:
    first = Day().bars([{"MSTU": -10, "BITU": -10, "GLD": -5}] * 7)
    second = Day(date(2026, 2, 11)).bars([{"MSTU": None, "BITU": None, "GLD": -5}] * 7)
    third = Day(date(2026, 2, 12)).bars([{"MSTU": -10, "BITU": -8, "GLD": -5}] * 7)
    [row] = [row for row in days(played(first, second, third)) if row.buys]
    assert row.trade_date == date(2026, 2, 12)  # 92 of 90 is 2.22 %, 90 of 90 is 0


def test_a_ticker_that_is_new_has_no_change_on_its_first_day() -> None:
    """Its first bars are at 102 of a base that v1, which has only bars, does not know; the next day it does."""
    unknown: Row = {"BITU": None, "GLD": -5}
    first = Day()
    del first.bases["BITU"]
    first.bars([unknown] * 7)
    second = Day(date(2026, 2, 11)).bars([{"BITU": 2, "GLD": -5}] * 7)
    third = Day(date(2026, 2, 12)).bars([{"BITU": 4, "GLD": -5}] * 7)
    assert [row.buys for row in days(played(first, second, third))] == [0, 0, 1]


def test_an_early_close_is_not_known() -> None:
    """On a half day v1 went on into the prints of after hours and closed there."""
    day = Day().bars([FLAT] * 6)
    day.cut("13:00", LAG)
    day.cut("16:00", {**LAG, "MSTU": 1})
    records = [replace(r, closes_at=at("13:00")) if isinstance(r, SessionRecord) else r for r in whole(day)]
    trades = outcome(records, asked(model=Model.V1)).trades
    assert [(trade.trade_time, trade.price) for trade in trades] == [(at("13:00"), 100.0), (at("16:00"), 101.0)]


def test_hourly_bars_decide_at_the_first_bar() -> None:
    day = Day().cut("10:30", {"GLD": 1}).cut("11:30", LAG).cut("12:30", FLAT)
    [row] = days(played(day, interval="1h"))
    assert (row.banned, row.gold_change_pct) == (True, 1.0)
    day = Day().cut("10:30", {"GLD": -1, **LAG}).cut("11:30", {"GLD": -1, **LAG}).cut("12:30", {"GLD": 5})
    assert [trade.trade_time for trade in played(day, interval="1h").trades] == [at("11:30"), at("12:30")]


def test_ticks_are_gathered_into_bars_of_five_minutes() -> None:
    """Ten-second frames: the last of each five minutes is the bar, and only bars are judged."""
    day = Day()
    for tenth in range(1, 30 * 7 + 1):
        moment = at("09:30") + timedelta(seconds=10 * tenth)
        lag = tenth in (30 * 6 + 15, 30 * 7)  # in the middle of the seventh bar, and at its end
        day.cut(moment, {**(LAG if lag else FLAT), "MSTU": 0.1 if tenth == 30 * 7 else 0})
    [buy, _] = played(day, interval="ticks").trades
    assert (buy.trade_time, buy.price) == (at("10:05"), pytest.approx(100.1))
