"""What is typed becomes a request, or one sentence that names the option and a way out."""

from __future__ import annotations

from datetime import date

import pytest

from runtime.backtests import asking
from runtime.backtests.asking import Ground
from schemas.errors import ConfigError
from schemas.parameters import Parameters
from schemas.runs import FEE_PRESETS, Fees
from schemas.trading_days import trading_days

GROUND = Ground(days=trading_days("XNYS"), symbols=16, parameters=Parameters(), today=date(2026, 11, 20))
MONDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 20)


def test_a_good_span_passes():
    asking.check_span(MONDAY, FRIDAY, GROUND)


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        pytest.param(FRIDAY, MONDAY, "--end: expected a date on or after the start, 2026-11-20", id="backwards"),
        pytest.param(MONDAY, date(2026, 11, 23), "--end: expected a date up to today, 2026-11-20", id="end in future"),
        pytest.param(date(2027, 1, 4), date(2027, 1, 5), "--start: expected a date up to today", id="all in future"),
        pytest.param(date(2026, 11, 14), date(2026, 11, 15), "what works: 2026-11-13 or 2026-11-16", id="weekend"),
        pytest.param(date(2026, 7, 3), date(2026, 7, 3), "closed on 2026-07-03, a holiday", id="holiday"),
    ],
)
def test_spans_that_no_market_serves(start, end, said):
    with pytest.raises(ConfigError, match=said):
        asking.check_span(start, end, GROUND)


@pytest.mark.parametrize(
    ("on", "said"),
    [(date(2026, 11, 15), "is a Sunday; what works: 2026-11-13 or 2026-11-16"), (date(2026, 12, 1), "up to today")],
)
def test_dates_that_cannot_be_replayed(on, said):
    with pytest.raises(ConfigError, match=said):
        asking.check_trade_date(on, GROUND)


def test_settings_are_read_as_json():
    read = asking.settings_of(["stop_loss_pct=null", "pair_gap_entry_threshold=2", "alloc_twin = 0.1"], GROUND)
    assert read == {"stop_loss_pct": None, "pair_gap_entry_threshold": 2, "alloc_twin": 0.1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(["stop_los_pct=-2"], r"a known parameter \(stop_loss_pct\?\)", id="misspelt"),
        pytest.param(["x=1"], "one of pair_gap_sell_threshold, ", id="like none"),
        pytest.param(["stop_loss_pct"], "expected name=value", id="no value"),
        pytest.param(["stop_loss_pct=much"], "--set stop_loss_pct: expected .*received 'much'", id="no number"),
        pytest.param(["stop_loss_pct=3"], "--set stop_loss_pct", id="out of range"),
        pytest.param(["stop_loss_pct=-2", "stop_loss_pct=-3"], "received it twice", id="twice"),
        pytest.param(["pair_gap_entry_threshold=0.2"], "less than pair_gap_entry_threshold", id="against another"),
        pytest.param(["use_fees=false"], "expected it as --fees", id="what another option says"),
    ],
)
def test_settings_that_cannot_be(given, said):
    with pytest.raises(ConfigError, match=said):
        asking.settings_of(given, GROUND)


@pytest.mark.parametrize(
    ("given", "fees"),
    [
        ("discount", FEE_PRESETS["discount"]),
        ("0.07", Fees(commission_pct=0.07, fx_spread_pct=0.0, sec_fee_pct=0.0)),
        ("0.25,0.1,0.003", Fees(commission_pct=0.25, fx_spread_pct=0.1, sec_fee_pct=0.003)),
    ],
)
def test_fees(given, fees):
    assert asking.fees_of(given) == fees


@pytest.mark.parametrize("given", ["cheap", "", "-1", "1,2,3,4", "nan", "inf"])
def test_fees_that_are_none(given):
    with pytest.raises(ConfigError, match="--fees: expected standard, discount, none, or"):
        asking.fees_of(given)


@pytest.mark.parametrize("given", [0.0, -5.0, float("nan"), 2e9])
def test_capital_that_is_none(given):
    with pytest.raises(ConfigError, match="--capital"):
        asking.capital_of(given)


@pytest.mark.parametrize(
    ("grid", "parameters", "said"),
    [
        pytest.param({"stop_loss_pct": [-2.0, -2.0]}, {}, "distinct", id="twice the same"),
        pytest.param({"stop_loss_pct": [-2.0]}, {"stop_loss_pct": -3.0}, "--set does not set", id="set as well"),
        pytest.param({"x": [1.0]}, {}, "a known parameter", id="unknown"),
        pytest.param({"commission_pct": [0.1]}, {}, "--fees", id="what another option says"),
        pytest.param(
            {"pair_gap_entry_threshold": [0.5, 1.0], "pair_gap_sell_threshold": [0.3, 0.6]},
            {}, "less than pair_gap_entry_threshold", id="a combination that cannot be",
        ),
        pytest.param(
            {"stop_loss_pct": [-n / 100 - 1 for n in range(200)], "alloc_twin": [n / 100 for n in range(100)]},
            {}, "at most 10,000 combinations, received 20,000", id="too many",
        ),
    ],
)  # fmt: skip
def test_grids_that_cannot_be(grid, parameters, said):
    with pytest.raises(ConfigError, match=said):
        asking.check_grid(grid, parameters, GROUND)


def test_a_walk_forward_needs_two_windows():
    asking.check_walk_forward(4, MONDAY, FRIDAY, GROUND)
    with pytest.raises(ConfigError, match="fewer than the 5 trade dates"):
        asking.check_walk_forward(5, MONDAY, FRIDAY, GROUND)
