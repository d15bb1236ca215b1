"""What trading costs. Origin of the rates: facts of the US market, section 5.4."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from processors.portfolio.fees import NONE, STANDARD, of_buying, of_selling, other, split, terms
from processors.portfolio.ledger import buy, opened, sell
from schemas.runs import FEE_PRESETS, Fees
from tests.builders import TRADE_DATE, at
from tests.unit.processors.portfolio.bars import asked

TEN = at("10:00")
DISCOUNT = FEE_PRESETS["discount"]


@pytest.mark.parametrize(
    ("fees", "buying", "selling"),
    [
        pytest.param(STANDARD, 3.5, 3.5278, id="0.35 % and 0.35278 %"),
        pytest.param(DISCOUNT, 1.0, 1.0, id="0.10 % a side, round trip 0.20 %"),
        pytest.param(NONE, 0.0, 0.0, id="none"),
        pytest.param(Fees(commission_pct=0, sec_fee_pct=1, fx_spread_pct=0), 0.0, 10.0, id="the SEC fee is on sales"),
    ],
)
def test_percent_of_the_amount(fees: Fees, buying: float, selling: float) -> None:
    assert of_buying(1000, fees) == pytest.approx(buying)
    assert of_selling(1000, fees) == pytest.approx(selling)


def test_a_round_trip_costs_about_0_703_percent() -> None:
    ledger = opened("", False, STANDARD, 1000.0)
    assert buy(ledger, "MSTU", 50.0, 1.0, TEN, TRADE_DATE, "twin") is not None
    sell(ledger, "MSTU", 50.0, TEN, TRADE_DATE, "eod_close")
    assert 1000 - ledger.cash == pytest.approx(10 * 0.70154, abs=1e-3)  # 1 - (1 - 0.0035)(1 - 0.0035278)


def test_the_fee_is_within_the_amount_and_the_pnl_is_net_of_both_sides() -> None:
    ledger = opened("", False, STANDARD, 1000.0)
    bought = buy(ledger, "MSTU", 100.0, 0.2, TEN, TRADE_DATE, "twin", "abc")
    assert bought is not None
    assert (bought.amount_usd, bought.fee_usd, bought.quantity) == (200.0, pytest.approx(0.7), pytest.approx(1.993))
    assert ledger.cash == 800.0
    sold = sell(ledger, "MSTU", 110.0, TEN + timedelta(minutes=7), TRADE_DATE, "twin_converge")
    assert sold.amount_usd == pytest.approx(219.23)
    assert sold.fee_usd == pytest.approx(219.23 * 0.0035278)
    assert sold.pnl_usd == pytest.approx(219.23 - 219.23 * 0.0035278 - 200)
    assert sold.pnl_pct == pytest.approx((219.23 - 219.23 * 0.0035278 - 200) / 2)
    assert ledger.cash == pytest.approx(1000 + (sold.pnl_usd or 0))
    assert (sold.entry_price, sold.holding_minutes, sold.entry_event_id) == (100.0, 7.0, "abc")
    parts = split([bought, sold], STANDARD)
    assert parts.total_usd == pytest.approx(bought.fee_usd + sold.fee_usd)
    assert parts.commission_usd == pytest.approx((200 + 219.23) * 0.0025)
    assert parts.sec_fee_usd == pytest.approx(219.23 * 0.0000278)
    assert parts.fx_spread_usd == pytest.approx((200 + 219.23) * 0.001)
    assert parts.commission_usd + parts.sec_fee_usd + parts.fx_spread_usd == pytest.approx(parts.total_usd)


@pytest.mark.parametrize(
    ("parameters", "lane", "capital", "fees"),
    [
        ({}, {}, 1000.0, STANDARD),
        ({"commission_pct": 0.1}, {}, 1000.0, Fees(commission_pct=0.1)),
        ({"commission_pct": 0.1}, {"commission_pct": 0.2, "initial_capital_usd": 500}, 500.0, Fees(commission_pct=0.2)),
        ({"use_fees": False}, {}, 1000.0, NONE),
        ({"use_fees": True, "stop_loss_pct": -5}, {}, 1000.0, STANDARD),
    ],
)
def test_a_parameter_that_is_named_counts_before_the_request(
    parameters: dict[str, Any], lane: dict[str, Any], capital: float, fees: Fees
) -> None:
    told = terms(asked(fees=STANDARD, parameters=parameters, lanes={"a": lane}), "a")
    assert (told.initial_capital_usd, told.fees) == (capital, fees)


def test_the_twin_has_the_other_fees() -> None:
    assert (other(STANDARD), other(DISCOUNT), other(NONE)) == (NONE, NONE, STANDARD)


def test_trade_ids_are_natural_keys() -> None:
    ids = []
    for _ in range(2):
        ledger = opened("", False, NONE, 1000.0)
        bought = buy(ledger, "MSTU", 100.0, 0.2, TEN, TRADE_DATE, "twin")
        assert bought is not None
        ids.append((bought.trade_id, sell(ledger, "MSTU", 100.0, TEN, TRADE_DATE, "eod_close").trade_id))
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
