"""What a trade costs. Percentages of the amount, no minimum and no tax (facts of the US market, section 5.4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from msgspec.structs import replace

from schemas.results import FeeSplit, Trade
from schemas.runs import FEE_PRESETS, Fees, RunRequest

NONE = FEE_PRESETS["none"]
STANDARD = FEE_PRESETS["standard"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a lane trades with."""

    initial_capital_usd: float
    fees: Fees


def terms(request: RunRequest, lane: str = "") -> Terms:
    """The capital and fees of `lane`. A parameter that request or lane names counts before the request's own."""
    named = {**request.parameters, **request.lanes.get(lane, {})}
    fees = replace(request.fees, **{name: named[name] for name in Fees.__struct_fields__ if name in named})
    if named.get("use_fees") is False:
        fees = NONE
    return Terms(float(named.get("initial_capital_usd", request.initial_capital_usd)), fees)


def other(fees: Fees) -> Fees:
    """The fees of the twin that a run is compared with."""
    return STANDARD if fees == NONE else NONE


def of_buying(amount: float, fees: Fees) -> float:
    """The part of `amount` that buys no shares."""
    return amount * (fees.commission_pct + fees.fx_spread_pct) / 100


def of_selling(gross: float, fees: Fees) -> float:
    """What is kept back of `gross`."""
    return gross * (fees.commission_pct + fees.sec_fee_pct + fees.fx_spread_pct) / 100


def split(trades: Iterable[Trade], fees: Fees) -> FeeSplit:
    """The fees of `trades` by kind."""
    turnover = sales = total = 0.0
    for trade in trades:
        total += trade.fee_usd
        turnover += trade.amount_usd
        if trade.action == "SELL":
            sales += trade.amount_usd
    return FeeSplit(
        total_usd=total,
        commission_usd=turnover * fees.commission_pct / 100,
        sec_fee_usd=sales * fees.sec_fee_pct / 100,
        fx_spread_usd=turnover * fees.fx_spread_pct / 100,
    )
