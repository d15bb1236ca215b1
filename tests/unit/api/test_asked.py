"""What may be asked of a run, and what is said to the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace as changed
from pydantic import ValidationError

from api.asked import Ground, backtest_asked, date_in_path, replay_asked, sweep_asked
from api.bodies import BacktestBody, ReplayBody, SweepBody
from api.errors import ApiError
from schemas.parameters import Parameters
from schemas.runs import FEE_PRESETS, Fees, Model, RunKind
from schemas.trading_days import trading_days

GROUND = Ground(
    book="us",
    symbols=16,
    days=trading_days("XNYS"),
    today=date(2026, 7, 6),  # a Monday after a holiday on Friday
    parameters=Parameters(),
    max_frames=200_000,
    max_lanes=100,
    max_lane_frames=2_000_000,
)
SPAN = {"start": date(2026, 1, 5), "end": date(2026, 1, 30)}


def refusal(call: Any, *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as raised:
        call(*arguments)
    return raised.value


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "20260213", "2026-W07-5", "tomorrow", "2026-02-13T00:00", "９９９９-９９-９９"]
)
def test_a_path_that_names_no_date(text):
    error = refusal(date_in_path, text)
    assert (error.status, error.code) == (400, "bad_date")


@pytest.mark.parametrize(
    ("on", "code", "would_work"),
    [
        ("2026-07-04", "not_a_trading_day", ["2026-07-02", "2026-07-06"]),  # a Saturday after a holiday
        ("2026-07-03", "not_a_trading_day", ["2026-07-02", "2026-07-06"]),
        ("2026-07-05", "not_a_trading_day", ["2026-07-02", "2026-07-06"]),
        ("2026-07-07", "date_in_future", ["2026-07-06"]),
    ],
)
def test_a_date_without_trading_names_those_that_would_work(on, code, would_work):
    error = refusal(replay_asked, date.fromisoformat(on), ReplayBody(), GROUND)
    assert (error.status, error.code) == (400, code)
    assert [str(day) for day in error.details["would_work"]] == would_work
    assert all(day in error.message for day in would_work)


@pytest.mark.parametrize(
    ("asked", "step"),
    [({}, "5m"), ({"interval": "1m", "step": "1m"}, "1m"), ({"interval": "1h"}, "1h"), ({"interval": "1d"}, "5m")],
)
def test_a_replay(asked, step):
    run = replay_asked(date(2026, 2, 10), ReplayBody(**asked, parameters={"stop_loss_pct": -2.5}), GROUND)
    assert (run.kind, run.start, run.end, run.step) == (RunKind.REPLAY, date(2026, 2, 10), date(2026, 2, 10), step)
    assert run.parameters == {"stop_loss_pct": -2.5}


def test_a_step_shorter_than_a_bar():
    error = refusal(replay_asked, date(2026, 2, 10), ReplayBody(interval="1h", step="5m"), GROUND)
    assert (error.status, error.message) == (422, "Not valid: step: expected at least a bar, which is 1h.")


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        ({}, Model.RULE_TEXT),
        ({"model": "v1"}, Model.V1),
        ({"gating": "v1_sim"}, Model.V1),
        ({"fill": "bar_close"}, Model.V1),
        ({"gating": "rule_text", "fill": "next_bar_open"}, Model.RULE_TEXT),
    ],
)
def test_a_model_by_any_of_its_words(asked, model):
    assert backtest_asked(BacktestBody(**SPAN, **asked), GROUND).model is model


@pytest.mark.parametrize(
    ("asked", "fees"),
    [
        ({}, FEE_PRESETS["standard"]),
        ({"fees": "none"}, FEE_PRESETS["none"]),
        ({"fees": {"commission_pct": 0.1}}, changed(Fees(), commission_pct=0.1)),
    ],
)
def test_fees_by_preset_or_by_number(asked, fees):
    assert backtest_asked(BacktestBody(**SPAN, **asked), GROUND).fees == fees


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        pytest.param({"end": date(2026, 1, 2)}, "end", "from 2026-01-05 on", id="end before start"),
        pytest.param({"end": date(2026, 7, 7)}, "end", "up to 2026-07-06", id="end in the future"),
        pytest.param(
            {"start": date(2027, 1, 4), "end": date(2027, 1, 5)}, "start", "up to 2026-07-06", id="all in the future"
        ),
        pytest.param(
            {"start": date(2026, 7, 3), "end": date(2026, 7, 5)},
            "start",
            "2026-07-02 or 2026-07-06",
            id="no trading day",
        ),
        pytest.param(
            {"start": date(2022, 1, 3), "interval": "1m"}, "end", "512 trading days", id="too long for minutes"
        ),
        pytest.param({"start": date(1995, 1, 3)}, "end", "interval 1h or 1d", id="too long for any but coarse ones"),
        pytest.param({"model": "v1", "gating": "rule_text"}, "gating", "model v1 (gating v1_sim", id="words at odds"),
        pytest.param({"model": "v1", "slippage_pct": 0.1}, "slippage_pct", "close", id="no slippage in v1"),
        pytest.param({"parameters": {"stop": 1}}, "parameters.stop", "a known parameter", id="unknown parameter"),
        pytest.param({"parameters": {"stop_loss_pct": 1}}, "parameters.stop_loss_pct", "-50 to -0.1", id="range"),
        pytest.param(
            {"parameters": {"pair_gap_sell_threshold": 1.5}},
            "parameters.pair_gap_sell_threshold",
            "less than pair_gap_entry_threshold",
            id="two parameters at odds",
        ),
        pytest.param({"parameters": {"use_fees": False}}, "parameters.use_fees", "field fees", id="said elsewhere"),
    ],
)
def test_a_backtest_that_cannot_work_is_told_why(asked, field, said):
    error = refusal(backtest_asked, BacktestBody(**{**SPAN, **asked}), GROUND)
    assert error.status == 422
    assert field in [fault["field"] for fault in error.details["faults"]]
    assert said in error.message


def test_every_fault_of_the_parameters_is_told_at_once():
    body = BacktestBody(**SPAN, parameters={"stop": 1, "confirm_sec": "x", "commission_pct": 0.1})
    faults = refusal(backtest_asked, body, GROUND).details["faults"]
    assert {fault["field"] for fault in faults} == {
        "parameters.stop",
        "parameters.confirm_sec",
        "parameters.commission_pct",
    }


def test_today_and_a_span_of_ten_years_may_be_asked():
    run = backtest_asked(BacktestBody(start=date(2016, 7, 6), end=date(2026, 7, 6)), GROUND)
    assert (run.kind, run.start, run.end) == (RunKind.BACKTEST, date(2016, 7, 6), date(2026, 7, 6))


def test_a_sweep():
    grid = {"stop_loss_pct": [-2, -3.5], "gold_observe_minutes": [15, 30]}
    body = SweepBody(**SPAN, grid=grid, walk_forward_days=5, parameters={"confirm_sec": 0})
    run = sweep_asked(body, GROUND)
    assert (run.kind, run.grid, run.walk_forward_days, run.keep_events) == (RunKind.SWEEP, grid, 5, False)
    assert run.parameters == {"confirm_sec": 0}


@pytest.mark.parametrize(
    ("asked", "field", "said"),
    [
        ({"grid": {"stop_loss_pct": []}}, "grid.stop_loss_pct", "distinct values"),
        ({"grid": {"stop_loss_pct": [-2, -2]}}, "grid.stop_loss_pct", "distinct values"),
        ({"grid": {"stop_loss_pct": [-2, None]}}, "grid.stop_loss_pct", "numbers"),
        ({"grid": {"use_fees": [True]}}, "grid.use_fees", "numbers"),
        ({"grid": {"fx_spread_pct": [1]}}, "grid.fx_spread_pct", "field fees"),
        ({"grid": {"stop": [1]}}, "grid.stop", "a known parameter"),
        ({"grid": {"stop_loss_pct": [-2, 2]}}, "grid.stop_loss_pct", "-50 to -0.1"),
        (
            {"grid": {"pair_gap_sell_threshold": [0.5, 1], "pair_gap_entry_threshold": [1, 2]}},
            "grid.pair_gap_sell_threshold",
            "(in the combination pair_gap_sell_threshold 1, pair_gap_entry_threshold 1)",
        ),
        ({"grid": {"confirm_sec": list(range(101))}}, "grid", "at most 100 combinations"),
        (
            {"start": date(2025, 1, 2), "grid": {"confirm_sec": list(range(100))}},
            "grid",
            "at most 94 combinations over 270 trading days",  # 270 * 78 = 21,060 frames
        ),
        ({"grid": {"confirm_sec": [1]}, "parameters": {"confirm_sec": 2}}, "grid.confirm_sec", "as well"),
        (
            {"grid": {"confirm_sec": [1]}, "walk_forward_days": 19},
            "walk_forward_days",
            "fewer than the 19 trading days",
        ),
    ],
)
def test_a_sweep_that_cannot_work_is_told_why(asked, field, said):
    error = refusal(sweep_asked, SweepBody(**{**SPAN, **asked}), GROUND)
    assert error.status == 422
    assert field in [fault["field"] for fault in error.details["faults"]]
    assert said in error.message


@pytest.mark.parametrize(
    "raw",
    [
        '{"start": "2026-01-05"}',
        '{"start": "2026-01-05", "end": 20260130}',
        '{"start": "2026-01-05", "end": "2026-01-30T00:00:00Z"}',
        '{"start": "2026-01-05", "end": "2026-01-30", "initial_capital_usd": "1000"}',
        '{"start": "2026-01-05", "end": "2026-01-30", "initial_capital_usd": NaN}',
        '{"start": "2026-01-05", "end": "2026-01-30", "initial_capital_usd": true}',
        '{"start": "2026-01-05", "end": "2026-01-30", "fees": 0.1}',
        '{"start": "2026-01-05", "end": "2026-01-30", "fees": {"commission": 0.1}}',
        '{"start": "2026-01-05", "end": "2026-01-30", "kind": "shard"}',
    ],
)
def test_bodies_are_read_strictly(raw):
    with pytest.raises(ValidationError):
        BacktestBody.model_validate_json(raw)
