"""What a run came to: trades, days, figures. JSON-plain; percentages are in percent, money in USD.

Figures are not rounded, except in `V1Figures`, which are as the first engine printed them. None means that there is
nothing to tell a figure from; it is never a zero.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from schemas.base import Frozen, UtcTime
from schemas.parameters import Parameters
from schemas.runs import Fees, Model


class Trade(Frozen, gc=False):
    """One fill. Its fields are the columns of `trade_log`, and what an entry adds to its exit."""

    trade_id: str  # natural key within a run and lane: the same run gives the same ids
    trade_date: date
    trade_time: UtcTime  # market time of the fill: the open of the bar it was filled at, or the close
    symbol: str
    action: Literal["BUY", "SELL"]
    price: float  # per share, slippage included
    quantity: float  # shares, fractional
    amount_usd: float  # BUY: what was paid, fee included; SELL: before the fee
    fee_usd: float
    reason: str  # BUY: twin, conditional, bearish; SELL: stop_loss, twin_converge, eod_close
    entry_reason: str
    pnl_usd: float | None = None  # SELL: amount - fee - what was paid at the entry
    pnl_pct: float | None = None  # SELL: of what was paid at the entry
    entry_event_id: str | None = None  # the signal event that stood at the decision to buy; `v1` reads no events
    exit_event_id: str | None = None
    entry_price: float | None = None  # SELL, slippage included
    entry_time: UtcTime | None = None  # SELL
    holding_minutes: float | None = None  # SELL
    source: Literal["sim"] = "sim"
    lane: str = ""


class DayRow(Frozen, gc=False):
    """One trade date that had data. Equity is cash: nothing is held overnight."""

    trade_date: date
    opens_at: UtcTime
    closes_at: UtcTime
    equity_usd: float  # at the close
    pnl_usd: float
    return_pct: float  # of the equity of the day before, at first of the initial capital
    buys: int
    sells: int
    gold_change_pct: float | None  # what decided on new buys; None: never seen
    banned: bool | None  # no new buys on this date; None: gold did not decide
    frames: int  # of the regular session
    missing_symbol_bars: int
    benchmark_usd: float | None  # the initial capital in the benchmark


class Tally(Frozen):
    """Exits that have something in common."""

    count: int
    pnl_usd: float
    wins: int  # pnl > 0; a pnl of zero is neither win nor loss
    losses: int
    win_rate_pct: float
    average_pnl_pct: float
    average_holding_minutes: float


class FeeSplit(Frozen):
    """What trading cost, by kind."""

    total_usd: float
    commission_usd: float
    sec_fee_usd: float
    fx_spread_usd: float


class Metrics(Frozen):
    """How a portfolio fared. Sources and differences from other libraries: `processors.portfolio.metrics`."""

    initial_capital_usd: float
    final_equity_usd: float
    total_return_pct: float
    total_pnl_usd: float  # sum over exits, net: equals final - initial
    mdd_pct: float  # over closes, from the initial capital on
    intraday_mdd_pct: float  # over every frame
    sharpe: float | None  # population standard deviation, rf 0, 252 days
    sharpe_sample: float | None  # sample standard deviation
    volatility_pct: float | None  # a year, sample
    buys: int
    sells: int
    wins: int
    losses: int
    win_rate_pct: float | None
    profit_factor: float | None  # gross profit / gross loss; None without a loss
    average_pnl_pct: float | None
    best_pnl_pct: float | None
    worst_pnl_pct: float | None
    average_holding_minutes: float | None
    exposure_pct: float  # share of equity that was invested, over the time of all regular sessions
    time_in_market_pct: float  # share of that time in which anything was held
    stop_loss_count: int
    stop_loss_pnl_usd: float
    days: int
    banned_days: int
    fees: FeeSplit


class V1Figures(Frozen):
    """The same run in the first engine's own words and roundings, to lay beside its reports.

    Its pnl leaves the fees of buying out, its drawdown begins at the first close and sees closes only.
    """

    final_equity: float
    total_return_pct: float
    total_pnl: float
    mdd_pct: float
    sharpe: float
    total_sells: int
    wins: int
    win_rate: float
    stop_loss_count: int
    stop_loss_pnl: float
    skipped_days: int
    total_fees: float
    commission: float
    sec_fee: float
    fx_cost: float


class Benchmark(Frozen):
    """The initial capital in one symbol, bought at the first open and held over the same frames; no fees."""

    symbol: str
    final_equity_usd: float
    total_return_pct: float
    mdd_pct: float
    sharpe: float | None


class Twin(Frozen):
    """The same run with other fees: none where it paid some, the standard ones where it paid none."""

    fees: Fees
    final_equity_usd: float
    total_return_pct: float
    total_pnl_usd: float
    mdd_pct: float
    intraday_mdd_pct: float
    sharpe: float | None
    sells: int
    win_rate_pct: float | None
    fees_usd: float


class DataQuality(Frozen):
    """What the result rests on."""

    interval: str  # the rung of the ladder: ticks, 1m, 5m, 1h, 1d
    frames: int  # of regular sessions
    missing_symbol_bars: dict[str, int]  # by symbol: frames of the regular session without a price of its own
    missing_total: int
    days_without_data: tuple[date, ...]
    notes: tuple[str, ...]  # what to know before reading the figures


class SignalCount(Frozen):
    """Edges of one signal type."""

    events: int
    actionable: int


class Portfolio(Frozen):
    """What was made of the signals."""

    metrics: Metrics
    v1: V1Figures
    benchmark: Benchmark | None
    twin: Twin | None  # None where it was not asked for
    by_exit: dict[str, Tally]
    by_entry: dict[str, Tally]
    by_symbol: dict[str, Tally]
    skipped_days: tuple[date, ...]  # gold forbade new buys
    days: tuple[DayRow, ...]


class Result(Frozen):
    """What a run came to, of one lane."""

    model: Model
    gating: str  # v1_sim or rule_text
    fill: str  # how fills are simulated, in words
    start: date  # asked for
    end: date
    first_day: date | None  # with data
    last_day: date | None
    initial_capital_usd: float
    fees: Fees
    slippage_pct: float
    parameters: Parameters | None  # of the first opening
    parameter_version: int
    data_quality: DataQuality
    signals: dict[str, SignalCount]
    portfolio: Portfolio | None
    no_portfolio_because: str = ""
    lane: str = ""
    v: int = 1
