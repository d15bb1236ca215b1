"""What holds for both models on every path through a market of bars with holes, jumps, early closes and banned days."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from processors.portfolio.fees import other
from processors.portfolio.fold import Said, initial, simulation, step
from processors.portfolio.model import Plan, State
from processors.portfolio.run import Outcome, run
from processors.portfolio.signals import Signals
from schemas.results import Trade
from schemas.runs import FEE_PRESETS, Model, RunRequest
from schemas.ticks import SessionRecord, TickRecord
from tests.builders import at, packings, pure_fold
from tests.unit.processors.portfolio.bars import FIVE, Day, asked, whole

every_model = pytest.mark.parametrize("model", list(Model))
thorough = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
DATES = (date(2026, 2, 10), date(2026, 2, 11), date(2026, 2, 12))
STEPS = (-4.0, -3.0, -1.5, -0.3, -0.01, 0.0, 0.0, 0.01, 0.3, 1.5, 2.0, 4.0)


def walk(random: Random, day: Day, bars: int) -> Day:
    """Bars whose symbols jump by steps that rules turn at; some have no bar, some open elsewhere than they close."""
    level = {symbol: base - 100 for symbol, base in day.bases.items()}
    level["GLD"] -= random.choice((0.0, 0.5, 0.5))
    holes = random.choice((0.0, 0.05, 0.3))
    for index in range(bars):
        closes: dict[str, float | None] = {}
        opens: dict[str, float | None] = {}
        for symbol, before in level.items():
            if random.random() < 0.3:
                level[symbol] = max(-60.0, before + random.choice(STEPS))
            closes[symbol] = None if random.random() < holes else level[symbol]
            opens[symbol] = level[symbol] + random.choice((0.0, 0.0, 0.2, -0.2))
        day.cut(at("09:35", day.day) + index * FIVE, closes, opens)
    return day


@st.composite
def markets(draw: st.DrawFn) -> list[TickRecord]:
    """The records of one to three dates of up to 16 bars; a date may end early, or without its last bars."""
    random = Random(draw(st.integers(0, 10_000)))
    parameters: dict[str, Any] = {
        "gold_observe_minutes": draw(st.sampled_from((0, 10, 30))),
        "stop_loss_pct": draw(st.sampled_from((-3.0, -0.5, None))),
        "alloc_twin": draw(st.sampled_from((0.2, 1.0))),
        "alloc_bear": draw(st.sampled_from((0.1, 1.0, 0.0))),
        "confirm_sec": draw(st.sampled_from((0.0, 0.0, 300.0))),
    }
    bases: dict[str, float] = {}
    days = []
    for day in DATES[: draw(st.integers(1, 3))]:
        days.append(walk(random, Day(day, bases, **parameters), draw(st.integers(1, 16))))
        bases = days[-1].closes
    records = whole(*days)
    close = draw(st.sampled_from(("16:00", "10:30", "10:02")))
    return [replace(r, closes_at=at(close, r.trade_date)) if isinstance(r, SessionRecord) else r for r in records]


requests = st.builds(
    asked,
    fees=st.sampled_from([*FEE_PRESETS.values()]),
    slippage_pct=st.sampled_from((0.0, 0.02, 1.0)),
    initial_capital_usd=st.sampled_from((1000.0, 3.0, 1e6)),
)


def played(records: list[TickRecord], request: RunRequest, **more: Any) -> Outcome:
    return run(request, records, pure_fold(list(enumerate(records))), interval="5m", **more)[""]


def folded(plan: Plan, records: list[TickRecord], signals: Signals) -> list[Said]:
    state, said = initial(), []
    for record in records:
        state, told = step(plan, state, record, signals)
        said += told
    return said


@every_model
@thorough
@given(records=markets(), wanted=requests)
def test_no_cent_appears_or_is_lost(model: Model, records: list[TickRecord], wanted: RunRequest) -> None:
    """Initial capital plus every net pnl is the final equity, day by day; cash never runs below zero."""
    told = played(records, replace(wanted, model=model), twin=False)
    assert told.result.portfolio is not None
    cash = initial_capital = wanted.initial_capital_usd
    days = {row.trade_date: row for row in told.result.portfolio.days}
    for day, row in days.items():
        for trade in (trade for trade in told.trades if trade.trade_date == day):
            cash += -trade.amount_usd if trade.action == "BUY" else trade.amount_usd - trade.fee_usd
            assert cash >= -1e-9
        assert row.equity_usd == pytest.approx(cash, rel=1e-12, abs=1e-9)
    figures = told.result.portfolio.metrics
    assert figures.total_pnl_usd == pytest.approx(cash - initial_capital, rel=1e-9, abs=1e-6)
    assert figures.fees.total_usd == pytest.approx(sum(trade.fee_usd for trade in told.trades))
    parts = figures.fees.commission_usd + figures.fees.sec_fee_usd + figures.fees.fx_spread_usd
    assert parts == pytest.approx(figures.fees.total_usd)
    assert set(days) >= {trade.trade_date for trade in told.trades}


@every_model
@thorough
@given(records=markets(), wanted=requests)
def test_nothing_is_held_overnight_twice_or_short(model: Model, records: list[TickRecord], wanted: RunRequest) -> None:
    """Each buy has its sale on the same date; one position a ticker; a stopped ticker stays out for the day."""
    held: dict[str, Trade] = {}
    stopped: set[tuple[date, str]] = set()
    for trade in played(records, replace(wanted, model=model), twin=False).trades:
        assert trade.quantity > 0
        if trade.action == "BUY":
            assert trade.symbol not in held
            assert (trade.trade_date, trade.symbol) not in stopped
            held[trade.symbol] = trade
            continue
        bought = held.pop(trade.symbol)
        assert (bought.trade_date, bought.quantity) == (trade.trade_date, trade.quantity)
        assert (bought.trade_time, bought.price) == (trade.entry_time, trade.entry_price)
        assert bought.trade_time <= trade.trade_time
        if trade.reason == "stop_loss":
            stopped.add((trade.trade_date, trade.symbol))
    assert held == {}


@every_model
@thorough
@given(records=markets(), wanted=requests)
def test_trades_are_inside_the_session_and_in_order(
    model: Model, records: list[TickRecord], wanted: RunRequest
) -> None:
    told = played(records, replace(wanted, model=model), twin=False)
    assert told.result.portfolio is not None
    days = {row.trade_date: row for row in told.result.portfolio.days}
    for trade in told.trades:
        assert days[trade.trade_date].opens_at <= trade.trade_time <= days[trade.trade_date].closes_at
    assert [trade.trade_time for trade in told.trades] == sorted(trade.trade_time for trade in told.trades)
    assert len({trade.trade_id for trade in told.trades}) == len(told.trades)
    if model is Model.RULE_TEXT:
        opening = {r.trade_date: r for r in records if isinstance(r, SessionRecord) and r.registry}
        for trade in (trade for trade in told.trades if trade.action == "BUY"):
            day = opening[trade.trade_date]
            assert day.parameters is not None
            observed = timedelta(minutes=day.parameters.gold_observe_minutes)
            assert day.opens_at + observed <= trade.trade_time < day.closes_at
            assert days[trade.trade_date].banned is False


@every_model
@thorough
@given(records=markets(), wanted=requests)
def test_a_restart_at_any_record_changes_nothing(model: Model, records: list[TickRecord], wanted: RunRequest) -> None:
    """The state comes back from JSON before every record; what it was before a record stays as it was."""
    plan = Plan(replace(wanted, model=model), "5m")
    signals = Signals(pure_fold(list(enumerate(records))))
    kind: Any = State[simulation(plan).lane_type]  # type: ignore[misc]
    state, said = initial(), []
    for record in records:
        kept = msgspec.json.encode(state)
        restored = msgspec.json.decode(kept, type=kind)
        assert restored == state
        after, told = step(plan, restored, record, signals)
        assert restored == state
        state = after
        said += told
    assert said == folded(plan, records, signals)


@every_model
@thorough
@given(records=markets(), wanted=requests, cut=st.integers(0, 60))
def test_nothing_looks_ahead(model: Model, records: list[TickRecord], wanted: RunRequest, cut: int) -> None:
    """What was done by a record is the same when the rest, frames and signals, never comes."""
    plan = Plan(replace(wanted, model=model), "5m")
    early = records[:cut]
    done = folded(plan, early, Signals(pure_fold(list(enumerate(early)))))
    assert folded(plan, records, Signals(pure_fold(list(enumerate(records)))))[: len(done)] == done


@every_model
@thorough
@given(data=st.data(), records=markets(), wanted=requests)
def test_packing_changes_nothing(
    model: Model, data: st.DataObject, records: list[TickRecord], wanted: RunRequest
) -> None:
    packed = data.draw(packings(records))
    own = replace(wanted, model=model)
    events = pure_fold(list(enumerate(records)))
    assert run(own, packed, events, interval="5m")[""] == run(own, records, events, interval="5m")[""]


@every_model
@thorough
@given(records=markets(), wanted=requests)
def test_the_twin_is_the_run_with_other_fees(model: Model, records: list[TickRecord], wanted: RunRequest) -> None:
    own = replace(wanted, model=model)
    told = played(records, own).result.portfolio
    alone = played(records, replace(own, fees=other(own.fees)), twin=False).result.portfolio
    assert told is not None
    assert told.twin is not None
    assert alone is not None
    assert told.twin.final_equity_usd == alone.metrics.final_equity_usd
    assert told.twin.mdd_pct == alone.metrics.mdd_pct
    assert told.twin.intraday_mdd_pct == alone.metrics.intraday_mdd_pct
    assert told.metrics == played(records, own, twin=False).result.portfolio.metrics  # type: ignore[union-attr]


@every_model
@thorough
@given(records=markets(), wanted=requests, lanes=st.lists(st.sampled_from("abcdef"), unique=True, min_size=1))
def test_a_lane_does_not_depend_on_the_others(
    model: Model, records: list[TickRecord], wanted: RunRequest, lanes: list[str]
) -> None:
    """Lanes that differ in their stops and sizes, over the events of one set of thresholds."""
    own = replace(wanted, model=model)
    events = pure_fold(list(enumerate(records)))

    def swept(names: list[str]) -> dict[str, Outcome]:
        heard = [replace(event, lane=name) for name in names for event in events]
        return run(own, [laned(record, names) for record in records], heard, interval="5m", twin=False)

    together = swept(lanes)
    assert list(together) == lanes
    assert together == {name: swept([name])[name] for name in lanes}


def laned(record: TickRecord, names: list[str]) -> TickRecord:
    if not isinstance(record, SessionRecord) or record.parameters is None:
        return record
    lanes = {name: replace(record.parameters, alloc_twin=0.1 * (1 + "abcdef".index(name))) for name in names}
    return replace(record, lanes=lanes, parameters=None)


@every_model
@thorough
@given(records=markets(), wanted=requests)
def test_figures_stay_within_their_bounds(model: Model, records: list[TickRecord], wanted: RunRequest) -> None:
    told = played(records, replace(wanted, model=model)).result
    assert told.portfolio is not None
    figures = told.portfolio.metrics
    assert 0 <= figures.mdd_pct <= figures.intraday_mdd_pct + 1e-9 <= 100
    assert 0 <= figures.exposure_pct <= figures.time_in_market_pct + 1e-9 <= 100 + 1e-6
    assert figures.buys == figures.sells == sum(row.count for row in told.portfolio.by_exit.values())
    assert figures.sells == sum(row.count for row in told.portfolio.by_entry.values())
    assert figures.wins + figures.losses <= figures.sells
    assert told.data_quality.frames == sum(row.frames for row in told.portfolio.days)
    assert told.data_quality.missing_total == sum(row.missing_symbol_bars for row in told.portfolio.days)
    assert len(told.portfolio.days) + len(told.data_quality.days_without_data) == len(
        {r.trade_date for r in records if isinstance(r, SessionRecord)}
    )


def test_the_strategy_reaches_what_it_is_for() -> None:
    """Trades of every kind, banned days and holes come up, so the properties above are not empty."""
    seen: dict[Model, set[str]] = {model: set() for model in Model}
    for seed in range(40):
        random = Random(seed)
        records = whole(walk(random, Day(), 16), walk(random, Day(DATES[1]), 16))
        for model in Model:
            told = played(records, asked(model=model))
            seen[model] |= {trade.reason for trade in told.trades}
            assert told.result.portfolio is not None
            seen[model] |= {f"banned {row.banned}" for row in told.result.portfolio.days}
    every = {"twin", "conditional", "bearish", "stop_loss", "twin_converge", "eod_close", "banned True", "banned False"}
    for model in Model:
        assert every <= seen[model]
