"""Figures against values worked out by hand and against those that the tests of empyrical-reloaded state.

The returns and expected values marked so are in `tests/test_stats.py` of empyrical-reloaded.
"""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from processors.portfolio.ledger import buy, mark, opened, sell
from processors.portfolio.metrics import (
    daily_returns,
    max_drawdown_pct,
    metrics,
    profit_factor,
    sharpe,
    tallies,
    tally,
    total_return_pct,
    v1_figures,
    volatility_pct,
)
from schemas.results import DayRow, Trade
from schemas.runs import FEE_PRESETS
from tests.builders import TRADE_DATE, at

NONE = FEE_PRESETS["none"]
MIXED = [0.01, 0.10, -0.04, 0.02, 0.03, 0.02, 0.01, -0.10]
POSITIVE = [0.01, 0.02, *[0.01] * 7]
NEGATIVE = [0.0, -0.06, -0.07, -0.01, -0.09, -0.02, -0.06, -0.08, -0.05]


def grown(returns: list[float], initial: float = 1.0) -> list[float]:
    equity = []
    for change in returns:
        initial *= 1 + change
        equity.append(initial)
    return equity


@pytest.mark.parametrize(
    ("returns", "expected"),
    [(MIXED, 1.7238613961706866), (POSITIVE, 52.915026221291804), (NEGATIVE, -24.406808633910085)],
)
def test_sharpe_of_a_sample_is_that_of_empyrical(returns: list[float], expected: float) -> None:
    assert sharpe(returns, sample=True) == pytest.approx(expected, abs=1e-8)
    count = len(returns)
    assert sharpe(returns) == pytest.approx(expected * math.sqrt(count / (count - 1)))


@pytest.mark.parametrize(
    ("returns", "expected"),
    [
        pytest.param(MIXED, 10.0, id="empyrical"),
        pytest.param([0.1, -0.1, 0.1], 10.0, id="empyrical"),
        pytest.param(POSITIVE, 0.0, id="empyrical: no fall"),
        pytest.param(NEGATIVE, 36.590730349873601, id="empyrical: the fall is the return"),
        pytest.param([-0.02, *NEGATIVE[1:]], 37.858916, id="by hand: a loss on the first day counts"),
    ],
)
def test_max_drawdown(returns: list[float], expected: float) -> None:
    assert max_drawdown_pct(1.0, grown(returns)) == pytest.approx(expected)


def test_max_drawdown_by_hand() -> None:
    assert max_drawdown_pct(1000, [1100, 990, 1200, 900, 1000]) == pytest.approx(25.0)  # 1200 to 900
    assert max_drawdown_pct(1000, [996.3142, 996.3142]) == pytest.approx(0.36858)
    assert max_drawdown_pct(1000, []) == 0.0
    with pytest.raises(ValueError, match="initial: expected an amount > 0"):
        max_drawdown_pct(0, [1.0])


def test_volatility_is_that_of_empyrical() -> None:
    assert volatility_pct(MIXED) == pytest.approx(91.36465399704637)
    assert volatility_pct([0.1]) is None


@pytest.mark.parametrize(
    ("returns", "population", "sample"),
    [
        ([], None, None),
        ([0.01], None, None),
        ([0.01, 0.03], 0.02 / 0.01 * math.sqrt(252), None),
        ([0.01] * 9, 0.0, 0.0),
        ([0.0] * 9, 0.0, 0.0),
    ],
)
def test_sharpe_of_few_or_equal_days(returns: list[float], population: float | None, sample: float | None) -> None:
    assert sharpe(returns) == (None if population is None else pytest.approx(population))
    assert sharpe(returns, sample=True) == sample


def test_returns_begin_at_the_initial_capital() -> None:
    assert daily_returns(1000, [1100, 990, 990]) == [pytest.approx(0.1), pytest.approx(-0.1), 0.0]
    assert daily_returns(1000, []) == []
    assert total_return_pct(1000, 996.3142) == pytest.approx(-0.36858)


def test_profit_factor() -> None:
    assert profit_factor([3.0, -1.0, 0.0, -0.5]) == 2.0
    assert profit_factor([-1.0]) == 0.0
    assert profit_factor([1.0]) is None
    assert profit_factor([]) is None


def exit_of(pnl: float, reason: str = "eod_close", entry: str = "twin", minutes: float = 10.0) -> Trade:
    """100 USD at 100 and sold with `pnl`; with 0.35 of buying fees that v1 leaves out."""
    return Trade(
        trade_id=f"{pnl}:{reason}",
        trade_date=TRADE_DATE,
        trade_time=at("11:00"),
        symbol="MSTU",
        action="SELL",
        price=100 + pnl,
        quantity=0.9965,
        amount_usd=100 + pnl,
        fee_usd=0.0,
        pnl_usd=pnl,
        pnl_pct=pnl,
        reason=reason,
        entry_reason=entry,
        entry_price=100.0,
        entry_time=at("11:00"),
        holding_minutes=minutes,
    )


def day(equity: float, number: int = 0, banned: bool | None = False) -> DayRow:
    return DayRow(
        trade_date=TRADE_DATE + timedelta(days=number),
        opens_at=at("09:30"),
        closes_at=at("16:00"),
        equity_usd=equity,
        pnl_usd=0.0,
        return_pct=0.0,
        buys=0,
        sells=0,
        gold_change_pct=None,
        banned=banned,
        frames=78,
        missing_symbol_bars=0,
        benchmark_usd=None,
    )


EXITS = [exit_of(2.0), exit_of(-1.0, "stop_loss", minutes=20.0), exit_of(0.0), exit_of(4.0, "twin_converge", "bearish")]


def test_a_pnl_of_zero_is_neither_win_nor_loss() -> None:
    told = tally(EXITS)
    assert (told.count, told.wins, told.losses, told.pnl_usd, told.win_rate_pct) == (4, 2, 1, 5.0, 50.0)
    assert (told.average_pnl_pct, told.average_holding_minutes) == (1.25, 12.5)


def test_tables_are_sorted_and_complete() -> None:
    by_exit = tallies(EXITS, lambda trade: trade.reason)
    assert [(name, row.count, row.pnl_usd) for name, row in by_exit.items()] == [
        ("eod_close", 2, 2.0), ("stop_loss", 1, -1.0), ("twin_converge", 1, 4.0),
    ]  # fmt: skip
    assert list(tallies(EXITS, lambda trade: trade.entry_reason)) == ["bearish", "twin"]
    assert tallies([], lambda trade: trade.reason) == {}


def test_everything_at_once() -> None:
    ledger = opened("", False, NONE, 1000.0)
    ledger.exposed_s, ledger.in_market_s, ledger.intraday_mdd_pct = 234.0, 1170.0, 1.5
    told = metrics(ledger, EXITS, [day(1002), day(1001, 1, None), day(1005, 2, True)], 23400.0)
    assert (told.final_equity_usd, told.total_return_pct, told.total_pnl_usd) == (1005.0, pytest.approx(0.5), 5.0)
    assert told.mdd_pct == pytest.approx(100 / 1002)
    assert (told.sells, told.wins, told.losses, told.win_rate_pct, told.profit_factor) == (4, 2, 1, 50.0, 6.0)
    assert (told.best_pnl_pct, told.worst_pnl_pct, told.average_pnl_pct) == (4.0, -1.0, 1.25)
    assert (told.stop_loss_count, told.stop_loss_pnl_usd) == (1, -1.0)
    assert (told.exposure_pct, told.time_in_market_pct) == (pytest.approx(1.0), pytest.approx(5.0))
    assert (told.days, told.banned_days) == (3, 1)  # a day on which gold did not decide is not a banned one


def test_nothing_to_tell_is_none_and_not_zero() -> None:
    told = metrics(opened("", False, NONE, 1000.0), [], [], 0.0)
    assert (told.final_equity_usd, told.total_return_pct, told.mdd_pct, told.exposure_pct) == (1000.0, 0.0, 0.0, 0.0)
    nothing = (told.win_rate_pct, told.profit_factor, told.sharpe, told.average_pnl_pct, told.best_pnl_pct)
    assert nothing == (None,) * 5


def test_v1_leaves_the_fees_of_buying_out_and_starts_at_the_first_close() -> None:
    ledger = opened("", False, NONE, 1000.0)
    told = v1_figures(ledger, EXITS, [day(990), day(995, 1), day(985.05, 2, True)])
    assert told.total_pnl == round(405 - 4 * 99.65, 2)
    assert (told.wins, told.win_rate, told.skipped_days) == (3, 75.0, 1)  # a pnl of 0 net is a win to v1
    assert told.mdd_pct == 1.0  # 995 to 985.05; the fall from 1000 to 990 is not seen
    assert told.total_return_pct == pytest.approx(-1.495, abs=0.00501)  # two decimals
    changes = [995 / 990 - 1, 985.05 / 995 - 1]
    mean = sum(changes) / 2
    deviation = math.sqrt(sum((change - mean) ** 2 for change in changes) / 2)
    assert told.sharpe == round(mean / deviation * math.sqrt(252), 2)


class TestMarks:
    """Drawdown and exposure as the frames go by, by hand: 1000 USD, half of it in 5 shares at 100."""

    def test_exposure_is_the_share_of_equity_over_time(self) -> None:
        ledger = opened("", False, NONE, 1000.0)
        buy(ledger, "MSTU", 100.0, 0.5, at("10:00"), TRADE_DATE, "twin")
        mark(ledger, {"MSTU": 100.0}, 300)
        mark(ledger, {"MSTU": 300.0}, 300)
        assert ledger.exposed_s == pytest.approx(300 * 0.5 + 300 * 0.75)
        assert ledger.in_market_s == 600
        sell(ledger, "MSTU", 300.0, at("10:10"), TRADE_DATE, "eod_close")
        mark(ledger, {}, 300)
        assert ledger.in_market_s == 600

    def test_a_fall_within_the_day_counts_although_the_close_recovers(self) -> None:
        ledger = opened("", False, NONE, 1000.0)
        buy(ledger, "MSTU", 100.0, 0.5, at("10:00"), TRADE_DATE, "twin")
        for price in (100.0, 120.0, 98.0, 130.0):
            mark(ledger, {"MSTU": price}, 300)
        assert ledger.intraday_mdd_pct == pytest.approx(10.0)  # 1100 to 990
        assert ledger.peak == 1150.0

    def test_the_first_peak_is_the_initial_capital(self) -> None:
        ledger = opened("", False, NONE, 1000.0)
        buy(ledger, "MSTU", 100.0, 0.5, at("10:00"), TRADE_DATE, "twin")
        mark(ledger, {"MSTU": 90.0}, 300)
        assert ledger.intraday_mdd_pct == pytest.approx(5.0)
