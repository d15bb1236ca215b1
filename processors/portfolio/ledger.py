"""Cash and positions of one lane, and how they fared: the book-keeping that both models share.

Within a step a ledger is changed in place; `fold.step` works on a copy, so what a caller holds stays as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from processors.portfolio.fees import of_buying, of_selling
from schemas.base import UtcTime, milliseconds
from schemas.results import Trade
from schemas.runs import Fees

LEAST_AMOUNT_USD = 1.0  # less is not bought


class Position(msgspec.Struct, frozen=True, gc=False):
    """What is held of one symbol: bought at once, sold at once."""

    quantity: float
    price: float  # of the entry, slippage included
    cost: float  # what was paid, fee included
    time: UtcTime
    reason: str
    event_id: str | None


class Ledger(msgspec.Struct):
    """`held` is in the order of the entries. Drawdown and exposure are kept as the frames go by."""

    lane: str
    twin: bool  # the same lane with other fees
    fees: Fees
    initial: float
    cash: float
    opening_cash: float  # of the trade date
    peak: float
    intraday_mdd_pct: float = 0.0
    exposed_s: float = 0.0  # share of equity invested, over seconds
    in_market_s: float = 0.0
    buys: int = 0  # of the trade date
    sells: int = 0
    held: dict[str, Position] = {}


def opened(lane: str, twin: bool, fees: Fees, initial: float) -> Ledger:
    """A ledger that holds cash only."""
    return Ledger(lane=lane, twin=twin, fees=fees, initial=initial, cash=initial, opening_cash=initial, peak=initial)


def copied(ledger: Ledger) -> Ledger:
    return msgspec.structs.replace(ledger, held=dict(ledger.held))


def new_day(ledger: Ledger) -> None:
    ledger.opening_cash, ledger.buys, ledger.sells = ledger.cash, 0, 0


def buy(
    ledger: Ledger,
    symbol: str,
    price: float,
    share: float,
    time: datetime,
    trade_date: date,
    reason: str,
    event_id: str | None = None,
) -> Trade | None:
    """Put `share` of the cash into `symbol`; None where that is less than a dollar."""
    amount = ledger.cash * share
    if amount < LEAST_AMOUNT_USD:
        return None
    fee = of_buying(amount, ledger.fees)
    quantity = (amount - fee) / price
    ledger.cash -= amount
    ledger.buys += 1
    ledger.held[symbol] = Position(quantity, price, amount, time, reason, event_id)
    return Trade(
        trade_id=_trade_id(time, symbol, "BUY"),
        lane=ledger.lane,
        trade_date=trade_date,
        trade_time=time,
        symbol=symbol,
        action="BUY",
        price=price,
        quantity=quantity,
        amount_usd=amount,
        fee_usd=fee,
        reason=reason,
        entry_reason=reason,
        entry_event_id=event_id,
    )


def sell(
    ledger: Ledger,
    symbol: str,
    price: float,
    time: datetime,
    trade_date: date,
    reason: str,
    event_id: str | None = None,
) -> Trade:
    """Sell all that is held of `symbol`."""
    position = ledger.held.pop(symbol)
    gross = position.quantity * price
    fee = of_selling(gross, ledger.fees)
    pnl = gross - fee - position.cost
    ledger.cash += gross - fee
    ledger.sells += 1
    return Trade(
        trade_id=_trade_id(time, symbol, "SELL"),
        lane=ledger.lane,
        trade_date=trade_date,
        trade_time=time,
        symbol=symbol,
        action="SELL",
        price=price,
        quantity=position.quantity,
        amount_usd=gross,
        fee_usd=fee,
        pnl_usd=pnl,
        pnl_pct=100 * pnl / position.cost,
        reason=reason,
        entry_reason=position.reason,
        entry_event_id=position.event_id,
        exit_event_id=event_id,
        entry_price=position.price,
        entry_time=position.time,
        holding_minutes=(time - position.time).total_seconds() / 60,
    )


def mark(ledger: Ledger, prices: Mapping[str, float], seconds: float) -> None:
    """Value what is held at `prices`, which has them all; it was held for `seconds`, since the frame before."""
    invested = 0.0
    for symbol, position in ledger.held.items():
        invested += position.quantity * prices[symbol]
    equity = ledger.cash + invested
    if invested:
        ledger.exposed_s += seconds * invested / equity
        ledger.in_market_s += seconds
    if equity > ledger.peak:
        ledger.peak = equity
    else:
        ledger.intraday_mdd_pct = max(ledger.intraday_mdd_pct, 100 * (1 - equity / ledger.peak))


def _trade_id(time: datetime, symbol: str, action: str) -> str:
    return f"{milliseconds(time)}:{symbol}:{action}"
