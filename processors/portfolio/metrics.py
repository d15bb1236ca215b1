"""Figures of a portfolio, from its trades and days. Plain functions of numbers; nothing is rounded but `v1_figures`.

Source: facts of the US market, section 5.6. On purpose other than in empyrical, the usual library for these:

- `sharpe` divides by the population's deviation unless `sample` is set (there: always the sample's) and is 0.0 where no
  day differs from another (there: infinite or not a number). None means too few days (there: not a number).
- `max_drawdown_pct` is positive and in percent (there: a negative fraction). Both start at the initial capital.
- Days on which gold forbade trading are days with a return of zero, not days left out.
- Returns are of closes, on unadjusted prices; 252 trading days make a year, the risk-free rate is zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from statistics import fmean, pstdev, stdev

from processors.portfolio.fees import split
from processors.portfolio.ledger import Ledger
from schemas.results import DayRow, Metrics, Tally, Trade, V1Figures

YEAR = math.sqrt(252)


def total_return_pct(initial: float, final: float) -> float:
    return 100 * (final - initial) / initial


def daily_returns(initial: float, equity: Sequence[float]) -> list[float]:
    """Fractions, one per day; the first against `initial`."""
    return [after / before - 1 for before, after in pairwise((initial, *equity))]


def max_drawdown_pct(initial: float, equity: Sequence[float]) -> float:
    """Deepest fall from a running peak, in percent of that peak, >= 0.

    `equity`: one value per day, oldest first, in the currency of `initial`, the first peak. Raises `ValueError` when
    `initial` <= 0. Source: Magdon-Ismail and Atiya, Risk 17(10), 2004.
    """
    if initial <= 0:
        raise ValueError(f"initial: expected an amount > 0, received {initial}")
    values = [initial, *equity]
    return max(100 * (peak - value) / peak for value, peak in zip(values, accumulate(values, max), strict=True))


def sharpe(returns: Sequence[float], *, sample: bool = False) -> float | None:
    """Mean over standard deviation of daily `returns`, a year; None for fewer than 2 days, of a sample than 3.

    Source: Sharpe, Journal of Portfolio Management 21(1), 1994, with a risk-free rate of zero.
    """
    if len(returns) < (3 if sample else 2):
        return None
    deviation = _deviation(returns, stdev if sample else pstdev)
    return YEAR * fmean(returns) / deviation if deviation else 0.0


def volatility_pct(returns: Sequence[float]) -> float | None:
    """Sample standard deviation of daily `returns`, a year, in percent; None for fewer than 2 days."""
    return 100 * YEAR * _deviation(returns, stdev) if len(returns) > 1 else None


def _deviation(returns: Sequence[float], of: Callable[[Sequence[float]], float]) -> float:
    """0.0 for days that are all alike: a mean that rounding moved would make a deviation of 1e-18."""
    return 0.0 if min(returns) == max(returns) else of(returns)


def profit_factor(pnls: Iterable[float]) -> float | None:
    """Gross profit over gross loss; None without a loss."""
    pnls = list(pnls)
    loss = -math.fsum(pnl for pnl in pnls if pnl < 0)
    return math.fsum(pnl for pnl in pnls if pnl > 0) / loss if loss else None


def tally(exits: Sequence[Trade]) -> Tally:
    """What `exits`, at least one, have come to."""
    pnls = [pnl_of(trade) for trade in exits]
    wins, losses = sum(pnl > 0 for pnl in pnls), sum(pnl < 0 for pnl in pnls)
    return Tally(
        count=len(exits),
        pnl_usd=math.fsum(pnls),
        wins=wins,
        losses=losses,
        win_rate_pct=100 * wins / len(exits),
        average_pnl_pct=fmean(trade.pnl_pct or 0.0 for trade in exits),
        average_holding_minutes=fmean(trade.holding_minutes or 0.0 for trade in exits),
    )


def tallies(exits: Iterable[Trade], key: Callable[[Trade], str]) -> dict[str, Tally]:
    """A tally for each value of `key`, sorted by it."""
    groups: dict[str, list[Trade]] = {}
    for trade in exits:
        groups.setdefault(key(trade), []).append(trade)
    return {name: tally(groups[name]) for name in sorted(groups)}


def metrics(ledger: Ledger, trades: Sequence[Trade], days: Sequence[DayRow], session_s: float) -> Metrics:
    """Everything at once. `session_s`: the length of all regular sessions, in seconds."""
    equity = [day.equity_usd for day in days]
    returns = daily_returns(ledger.initial, equity)
    exits = exits_of(trades)
    pnls = [pnl_of(trade) for trade in exits]
    pcts = [trade.pnl_pct or 0.0 for trade in exits]
    stops = [pnl_of(trade) for trade in exits if trade.reason == "stop_loss"]
    wins = sum(pnl > 0 for pnl in pnls)
    final = equity[-1] if equity else ledger.initial
    return Metrics(
        initial_capital_usd=ledger.initial,
        final_equity_usd=final,
        total_return_pct=total_return_pct(ledger.initial, final),
        total_pnl_usd=math.fsum(pnls),
        mdd_pct=max_drawdown_pct(ledger.initial, equity),
        intraday_mdd_pct=ledger.intraday_mdd_pct,
        sharpe=sharpe(returns),
        sharpe_sample=sharpe(returns, sample=True),
        volatility_pct=volatility_pct(returns),
        buys=len(trades) - len(exits),
        sells=len(exits),
        wins=wins,
        losses=sum(pnl < 0 for pnl in pnls),
        win_rate_pct=100 * wins / len(exits) if exits else None,
        profit_factor=profit_factor(pnls),
        average_pnl_pct=fmean(pcts) if pcts else None,
        best_pnl_pct=max(pcts, default=None),
        worst_pnl_pct=min(pcts, default=None),
        average_holding_minutes=fmean(trade.holding_minutes or 0.0 for trade in exits) if exits else None,
        exposure_pct=100 * ledger.exposed_s / session_s if session_s else 0.0,
        time_in_market_pct=100 * ledger.in_market_s / session_s if session_s else 0.0,
        stop_loss_count=len(stops),
        stop_loss_pnl_usd=math.fsum(stops),
        days=len(days),
        banned_days=sum(day.banned is True for day in days),
        fees=split(trades, ledger.fees),
    )


def v1_figures(ledger: Ledger, trades: Sequence[Trade], days: Sequence[DayRow]) -> V1Figures:
    """The figures as the first engine made them: fees of buying not in pnl, drawdown from the first close on."""
    equity = [day.equity_usd for day in days]
    first, final = (equity[0], equity[-1]) if equity else (ledger.initial, ledger.initial)
    exits = exits_of(trades)
    pnls = [_v1_pnl(trade) for trade in exits]
    stops = [pnl for trade, pnl in zip(exits, pnls, strict=True) if trade.reason == "stop_loss"]
    wins = sum(pnl > 0 for pnl in pnls)
    fees = split(trades, ledger.fees)
    return V1Figures(
        final_equity=round(final, 2),
        total_return_pct=round(total_return_pct(ledger.initial, final), 2),
        total_pnl=round(sum(pnls), 2),
        mdd_pct=round(max_drawdown_pct(first, equity), 2),
        sharpe=round(sharpe(daily_returns(first, equity[1:])) or 0.0, 2),
        total_sells=len(exits),
        wins=wins,
        win_rate=round(100 * wins / len(exits), 1) if exits else 0.0,
        stop_loss_count=len(stops),
        stop_loss_pnl=round(sum(stops), 2),
        skipped_days=sum(day.banned is True for day in days),
        total_fees=round(fees.total_usd, 2),
        commission=round(fees.commission_usd, 2),
        sec_fee=round(fees.sec_fee_usd, 2),
        fx_cost=round(fees.fx_spread_usd, 2),
    )


def exits_of(trades: Iterable[Trade]) -> list[Trade]:
    return [trade for trade in trades if trade.action == "SELL"]


def pnl_of(trade: Trade) -> float:
    return trade.pnl_usd or 0.0


def _v1_pnl(trade: Trade) -> float:
    """Proceeds less shares at the entry price."""
    return trade.amount_usd - trade.fee_usd - trade.quantity * (trade.entry_price or 0.0)
