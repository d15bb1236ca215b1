"""The golden run of the facts of the US market, section 5.9: two days, every trade and figure to the digits given.

Origin of the bars: that section, price - 100, unlisted = 0. Its times are bar starts; ours are the ends of bars.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from processors.portfolio.run import Outcome
from schemas.runs import FEE_PRESETS, Fees, Model
from schemas.ticks import TickRecord
from tests.builders import at
from tests.unit.processors.portfolio.bars import FIVE, Day, Row, asked, outcome, whole

BEFORE, FIRST, SECOND = date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 11)


def first_day() -> list[Row]:
    rows: list[dict[str, float | None]] = [{"GLD": -0.5} for _ in range(10)]
    for row in rows[6:]:
        row |= {"ROBN": 1, "AMDL": 2, "ETHU": 1, "XXRP": 1, "SOLT": 1, "SPY": -0.1, "QQQ": -0.1, "BITU": 2}
        row |= {"CONL": -4, "COIN": 1}
    rows[6]["CONL"] = -1
    rows[7]["MSTU"] = 1.8
    rows[9] |= {"COIN": 3, "BRKU": 1}
    return list(rows)


def second_day() -> list[Row]:
    return [{"GLD": -1 if index < 5 else 0, "BITU": 5 if index >= 6 else 0} for index in range(10)]


def golden(*, warm_up: bool) -> list[TickRecord]:
    """With the flat day before the run in the stream, or known by the bases of the first day alone."""
    before = Day(BEFORE).bars([{}] * 10)
    first = Day(FIRST).bars(first_day())
    second = Day(SECOND, first.closes).bars(second_day())
    return whole(*([before] if warm_up else []), first, second)


def played(fees: Fees, *, warm_up: bool = True, **more: Any) -> Outcome:
    return outcome(golden(warm_up=warm_up), asked(FIRST, SECOND, model=Model.V1, fees=fees), **more)


# clock of the bar's start, symbol, action, price, quantity to 6 decimals, amount to 4, pnl to 4, reason
TRADES = [
    ("10:00", "MSTU", "BUY", 100.0, 2.0, 200.0, None, "twin"),
    ("10:00", "CONL", "BUY", 99.0, 1.616162, 160.0, None, "twin"),
    ("10:00", "COIN", "BUY", 101.0, 1.267327, 128.0, None, "conditional"),
    ("10:00", "HIMZ", "BUY", 100.0, 0.512, 51.2, None, "bearish"),
    ("10:00", "BRKU", "BUY", 100.0, 0.4608, 46.08, None, "bearish"),
    ("10:00", "BABX", "BUY", 100.0, 0.41472, 41.472, None, "bearish"),
    ("10:05", "CONL", "SELL", 96.0, 1.616162, 155.1515, -4.8485, "stop_loss"),
    ("10:05", "MSTU", "SELL", 101.8, 2.0, 203.6, 3.6, "twin_converge"),
    ("10:10", "MSTU", "BUY", 100.0, 1.463999, 146.3999, None, "twin"),
    ("10:15", "COIN", "SELL", 103.0, 1.267327, 130.5347, 2.5347, "eod_close"),
    ("10:15", "HIMZ", "SELL", 100.0, 0.512, 51.2, 0.0, "eod_close"),
    ("10:15", "BRKU", "SELL", 101.0, 0.4608, 46.5408, 0.4608, "eod_close"),
    ("10:15", "BABX", "SELL", 100.0, 0.41472, 41.472, 0.0, "eod_close"),
    ("10:15", "MSTU", "SELL", 100.0, 1.463999, 146.3999, 0.0, "eod_close"),
]


@pytest.mark.parametrize("warm_up", [True, False])
def test_every_trade_without_fees(warm_up: bool) -> None:
    told = [
        (
            (trade.trade_time - FIVE),
            trade.symbol,
            trade.action,
            round(trade.price, 4),
            round(trade.quantity, 6),
            round(trade.amount_usd, 4),
            None if trade.pnl_usd is None else round(trade.pnl_usd, 4) + 0.0,
            trade.reason,
        )
        for trade in played(FEE_PRESETS["none"], warm_up=warm_up).trades
    ]
    assert told == [(at(clock, FIRST), *rest) for clock, *rest in TRADES]


def test_the_stop_is_at_3_03_percent() -> None:
    [stopped] = [trade for trade in played(FEE_PRESETS["none"]).trades if trade.reason == "stop_loss"]
    assert stopped.pnl_pct is not None
    assert round(stopped.pnl_pct, 2) == -3.03
    assert (stopped.entry_reason, stopped.holding_minutes) == ("twin", 5.0)


def test_figures_without_fees() -> None:
    portfolio = played(FEE_PRESETS["none"]).result.portfolio
    assert portfolio is not None
    figures = portfolio.metrics
    assert round(figures.final_equity_usd, 4) == 1001.7470
    assert (figures.sells, figures.wins, figures.stop_loss_count) == (7, 3, 1)
    assert portfolio.v1.win_rate == 42.9
    assert portfolio.v1.skipped_days == 1
    assert portfolio.skipped_days == (SECOND,)
    assert portfolio.v1.final_equity == 1001.75
    assert portfolio.v1.total_pnl == 1.75
    assert portfolio.v1.total_fees == 0.0


def test_figures_with_standard_fees() -> None:
    portfolio = played(FEE_PRESETS["standard"]).result.portfolio
    assert portfolio is not None
    figures, v1 = portfolio.metrics, portfolio.v1
    assert round(figures.final_equity_usd, 4) == 996.3142
    assert (v1.total_fees, v1.commission, v1.sec_fee, v1.fx_cost) == (5.43, 3.86, 0.02, 1.54)
    assert v1.total_pnl == -0.98  # the fees of buying are missing from it
    assert round(figures.total_pnl_usd, 2) == -3.69
    assert figures.total_pnl_usd == pytest.approx(figures.final_equity_usd - 1000)
    assert v1.mdd_pct == 0.0  # it begins at the first close, although that is below the start
    assert round(figures.mdd_pct, 4) == round((1000 - 996.3142) / 10, 4)
    assert figures.intraday_mdd_pct >= figures.mdd_pct


def test_the_twin_is_the_run_with_the_other_fees() -> None:
    free, paid = played(FEE_PRESETS["none"]).result.portfolio, played(FEE_PRESETS["standard"]).result.portfolio
    assert free is not None
    assert paid is not None
    assert free.twin is not None
    assert paid.twin is not None
    assert free.twin.final_equity_usd == paid.metrics.final_equity_usd
    assert free.twin.fees_usd == paid.metrics.fees.total_usd
    assert paid.twin.final_equity_usd == free.metrics.final_equity_usd
    assert paid.twin.fees == FEE_PRESETS["none"]
    without = played(FEE_PRESETS["none"], twin=False).result.portfolio
    assert without is not None
    assert without.twin is None
    assert without.metrics == free.metrics


def test_gold_of_both_days() -> None:
    portfolio = played(FEE_PRESETS["none"]).result.portfolio
    assert portfolio is not None
    first, second = portfolio.days
    assert (first.gold_change_pct, first.banned, first.buys, first.sells) == (-0.5, False, 7, 7)
    assert second.gold_change_pct is not None
    assert round(second.gold_change_pct, 4) == 0.5025  # from 99.5, the close of the day before
    assert (second.banned, second.buys, second.return_pct) == (True, 0, 0.0)


def test_tables() -> None:
    portfolio = played(FEE_PRESETS["none"]).result.portfolio
    assert portfolio is not None
    assert {name: (row.count, row.wins) for name, row in portfolio.by_exit.items()} == {
        "eod_close": (5, 2),
        "stop_loss": (1, 0),
        "twin_converge": (1, 1),
    }
    assert {name: row.count for name, row in portfolio.by_entry.items()} == {"bearish": 3, "conditional": 1, "twin": 3}
    assert "AMDL" not in portfolio.by_symbol  # semi never trades: its gap is -2.0


def test_the_model_names_itself_and_its_flaws() -> None:
    result = played(FEE_PRESETS["none"]).result
    assert (result.model, result.gating, result.fill) == ("v1", "v1_sim", "at the close of the bar that is judged")
    assert (result.first_day, result.last_day, result.data_quality.frames) == (FIRST, SECOND, 20)
    assert any("only to compare" in note for note in result.data_quality.notes)
