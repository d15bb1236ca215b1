"""A whole run: its records and signal events in, a result and the trades of each lane out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from processors.portfolio.fees import other
from processors.portfolio.fold import Said, initial, simulation, step
from processors.portfolio.market import Market, benchmark_symbol
from processors.portfolio.metrics import (
    daily_returns,
    exits_of,
    max_drawdown_pct,
    metrics,
    sharpe,
    tallies,
    total_return_pct,
    v1_figures,
)
from processors.portfolio.model import Lane, Plan, State
from processors.portfolio.signals import Signals
from schemas.parameters import Parameters
from schemas.results import Benchmark, DataQuality, DayRow, Portfolio, Result, Trade, Twin
from schemas.runs import INTERVALS, Model, RunRequest
from schemas.signals import SignalEvent
from schemas.ticks import FrameBatch, TickRecord

DAILY = "daily bars give signals and no portfolio: a fill at the next open would be no day trade"
UNKNOWN_SIGNALS = "{count} signal times have no frame, the first at {first}: these are the signals of another run"
OnSaid = Callable[[Said], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a lane came to. `trades` are in the order of the fills; as rows of trade_log they lack the namespace."""

    result: Result
    trades: list[Trade]


@dataclass(slots=True)
class _Told:
    """What the fold said of a lane, or of its twin."""

    trades: list[Trade] = field(default_factory=list)
    days: list[DayRow] = field(default_factory=list)


def run(
    request: RunRequest,
    records: Iterable[TickRecord],
    events: Iterable[SignalEvent] | Signals,
    *,
    interval: str,
    twin: bool = True,
    notes: Iterable[str] = (),
    on_said: OnSaid | None = None,
) -> dict[str, Outcome]:
    """The outcome of every lane that the openings of `records` list; `""` is the lane of a run that is no sweep.

    `records` are those of one book's ticks in the order of their offsets, `events` everything the agents said of them,
    in any order between signal types and lanes (a `Signals` takes them in as they come). `interval` is what the frames
    are: ticks, 1m, 5m, 1h or 1d. `twin` folds each lane once more with other fees. `notes` go into the data quality.
    `on_said` hears trades and days as they are made. Raises `ValueError` for events that belong to no frame, and for
    an interval that is none of these.
    """
    if interval not in INTERVALS:
        raise ValueError(f"interval: expected one of {', '.join(INTERVALS)}, received {interval!r}")
    plan = Plan(request, interval, twin)
    signals = events if isinstance(events, Signals) else Signals(events)
    unknown = set(signals.times)
    state = initial()
    told: dict[tuple[str, bool], _Told] = {}
    parameters: dict[str, tuple[Parameters, int]] = {}
    for record in records:
        state, said = step(plan, state, record, signals)
        for item in said:
            _keep(told, item)
            if on_said is not None:
                on_said(item)
        if isinstance(record, FrameBatch):
            unknown.difference_update([frame.event_time for frame in record.frames])
        for lane in state.lanes if len(parameters) < len(state.lanes) else ():
            parameters.setdefault(lane.ledger.lane, (lane.parameters, lane.version))
    if unknown:
        raise ValueError(UNKNOWN_SIGNALS.format(count=len(unknown), first=min(unknown).isoformat()))
    return {
        lane.ledger.lane: Outcome(
            _result(plan, state, lane, told, signals, parameters[lane.ledger.lane], tuple(notes)),
            told.get((lane.ledger.lane, False), _Told()).trades,
        )
        for lane in state.lanes
        if not lane.ledger.twin
    }


def _keep(told: dict[tuple[str, bool], _Told], said: Said) -> None:
    kept = told.setdefault((said.lane, said.twin), _Told())
    if isinstance(said.item, Trade):
        kept.trades.append(said.item)
    else:
        kept.days.append(said.item)


def _result(
    plan: Plan,
    state: State[Any],
    lane: Lane,
    told: dict[tuple[str, bool], _Told],
    signals: Signals,
    parameters: tuple[Parameters, int],
    notes: tuple[str, ...],
) -> Result:
    request, market, model, name = plan.request, state.market, simulation(plan), lane.ledger.lane
    return Result(
        lane=name,
        model=model.model,
        gating=model.gating,
        fill=_fill(plan),
        start=request.start,
        end=request.end,
        first_day=market.first_day,
        last_day=market.last_day,
        initial_capital_usd=lane.ledger.initial,
        fees=lane.ledger.fees,
        slippage_pct=request.slippage_pct if request.model is Model.RULE_TEXT else 0.0,
        parameters=parameters[0],
        parameter_version=parameters[1],
        data_quality=_quality(plan, market, notes),
        signals=signals.counts(name),
        portfolio=_portfolio(state, lane, told) if plan.trades else None,
        no_portfolio_because="" if plan.trades else DAILY,
    )


def _portfolio(state: State[Any], lane: Lane, told: dict[tuple[str, bool], _Told]) -> Portfolio:
    name, market = lane.ledger.lane, state.market
    said = told.get((name, False), _Told())
    exits = exits_of(said.trades)
    twins = [twin for twin in state.lanes if twin.ledger.twin and twin.ledger.lane == name]
    return Portfolio(
        metrics=metrics(lane.ledger, said.trades, said.days, market.session_s),
        v1=v1_figures(lane.ledger, said.trades, said.days),
        benchmark=_benchmark(market, lane, said.days),
        twin=_twin(twins[0], lane, told.get((name, True), _Told()), market) if twins else None,
        by_exit=tallies(exits, lambda trade: trade.reason),
        by_entry=tallies(exits, lambda trade: trade.entry_reason),
        by_symbol=tallies(exits, lambda trade: trade.symbol),
        skipped_days=tuple(day.trade_date for day in said.days if day.banned),
        days=tuple(said.days),
    )


def _twin(twin: Lane, lane: Lane, said: _Told, market: Market) -> Twin:
    figures = metrics(twin.ledger, said.trades, said.days, market.session_s)
    return Twin(
        fees=other(lane.ledger.fees),
        final_equity_usd=figures.final_equity_usd,
        total_return_pct=figures.total_return_pct,
        total_pnl_usd=figures.total_pnl_usd,
        mdd_pct=figures.mdd_pct,
        intraday_mdd_pct=figures.intraday_mdd_pct,
        sharpe=figures.sharpe,
        sells=figures.sells,
        win_rate_pct=figures.win_rate_pct,
        fees_usd=figures.fees.total_usd,
    )


def _benchmark(market: Market, lane: Lane, days: list[DayRow]) -> Benchmark | None:
    """None where the index was never seen. Before its first price the capital is cash."""
    initial = lane.ledger.initial
    symbol = benchmark_symbol(market.registry)
    if symbol is None or not any(day.benchmark_usd is not None for day in days):
        return None
    equity = [initial if day.benchmark_usd is None else day.benchmark_usd for day in days]
    return Benchmark(
        symbol=symbol,
        final_equity_usd=equity[-1],
        total_return_pct=total_return_pct(initial, equity[-1]),
        mdd_pct=max_drawdown_pct(initial, equity),
        sharpe=sharpe(daily_returns(initial, equity)),
    )


def _quality(plan: Plan, market: Market, notes: tuple[str, ...]) -> DataQuality:
    own = []
    if plan.interval == "1d":
        own.append("daily bars: gates, stops and gaps are judged at the close only")
    elif plan.interval == "1h":
        own.append("hourly bars: the first one ends at 10:30 New York, so gold decides the day at 10:30, not at 10:00")
    if plan.request.model is Model.V1 and plan.trades:
        own.append(
            "v1 fills at the close of the bar that it judges and knows no gates and early closes: only to compare"
        )
        if plan.interval == "ticks":
            own.append("v1 knows bars only: ticks were gathered into bars of 5 minutes")
    missing = dict(sorted(market.missing_total.items()))
    return DataQuality(
        interval=plan.interval,
        frames=market.frames_total,
        missing_symbol_bars=missing,
        missing_total=sum(missing.values()),
        days_without_data=tuple(market.days_without_data),
        notes=(*own, *notes),
    )


def _fill(plan: Plan) -> str:
    if not plan.trades:
        return "none"
    if plan.request.model is Model.V1:
        return "at the close of the bar that is judged"
    price = "price of the next frame" if plan.interval == "ticks" else "open of the next bar"
    return f"at the {price}, {plan.request.slippage_pct:g} % against us; at the close at the last price"
