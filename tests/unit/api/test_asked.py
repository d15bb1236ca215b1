"""From bodies to runs, and refusals as answers. What may be asked is tested with `transport.asked`."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace as changed
from pydantic import ValidationError

from api.asked import backtest_asked, date_in_path, replay_asked, sweep_asked
from api.bodies import BacktestBody, ReplayBody, SweepBody
from api.errors import ApiError, refusal
from schemas.parameters import Parameters
from schemas.runs import FEE_PRESETS, Fees, Model, RunKind
from schemas.trading_days import trading_days
from transport.asked import Ground, Refused

GROUND = Ground(
    book="us",
    symbols=16,
    days=trading_days("XNYS"),
    today=date(2026, 7, 6),  # a Monday after a holiday on Friday
    parameters=Parameters(),
)
SPAN = {"start": date(2026, 1, 5), "end": date(2026, 1, 30)}


def answered(call: Any, *arguments: Any) -> ApiError:
    with pytest.raises(Refused) as raised:
        call(*arguments)
    return refusal(raised.value)


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "20260213", "2026-W07-5", "tomorrow", "2026-02-13T00:00", "９９９９-９９-９９"]
)
def test_a_path_that_names_no_date(text):
    with pytest.raises(ApiError) as raised:
        date_in_path(text)
    error = raised.value
    assert (error.status, error.code) == (400, "bad_date")


@pytest.mark.parametrize(
    ("on", "code", "details"),
    [
        ("2026-07-04", "not_a_trading_day", {"would_work": ["2026-07-02", "2026-07-06"]}),
        (
            "2026-07-07",
            "date_in_future",
            {"today": date(2026, 7, 6), "would_work": [date(2026, 7, 6)]},
        ),
    ],
)
def test_a_date_without_trading_is_400_with_those_that_would_work(on, code, details):
    error = answered(replay_asked, date.fromisoformat(on), ReplayBody(), GROUND)
    assert (error.status, error.code, error.details) == (400, code, details)
    assert all(str(day) in error.message for day in details["would_work"])


@pytest.mark.parametrize(
    ("asked", "step"),
    [({}, "5m"), ({"interval": "1m", "step": "1m"}, "1m"), ({"interval": "1h"}, "1h"), ({"interval": "1d"}, "5m")],
)
def test_a_replay(asked, step):
    run = replay_asked(date(2026, 2, 10), ReplayBody(**asked, parameters={"stop_loss_pct": -2.5}), GROUND)
    assert (run.kind, run.start, run.end, run.step) == (RunKind.REPLAY, date(2026, 2, 10), date(2026, 2, 10), step)
    assert run.parameters == {"stop_loss_pct": -2.5}


def test_a_step_shorter_than_a_bar():
    error = answered(replay_asked, date(2026, 2, 10), ReplayBody(interval="1h", step="5m"), GROUND)
    said = "at least a bar, which is 1h; would work: 1h"
    assert (error.status, error.message) == (422, f"Not valid: step: expected {said}.")
    assert error.details == {"faults": [{"field": "step", "expected": said, "received": "5m"}]}


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
        pytest.param({"model": "v1", "gating": "rule_text"}, "gating", "model v1 (gating v1_sim", id="words at odds"),
        pytest.param({"model": "v1", "slippage_pct": 0.1}, "slippage_pct", "close", id="no slippage in v1"),
        pytest.param({"end": date(2026, 7, 7)}, "end", "2026-07-06 and before", id="end in the future"),
        pytest.param({"parameters": {"stop_loss_pct": 1}}, "parameters.stop_loss_pct", "-50 to -0.1", id="range"),
    ],
)
def test_a_backtest_that_cannot_work_is_told_why(asked, field, said):
    error = answered(backtest_asked, BacktestBody(**{**SPAN, **asked}), GROUND)
    assert (error.status, error.code) == (422, "validation_failed")
    assert [fault["field"] for fault in error.details["faults"]] == [field]
    assert said in error.message


def test_a_sweep():
    grid = {"stop_loss_pct": [-2, -3.5], "gold_observe_minutes": [15, 30]}
    body = SweepBody(**SPAN, grid=grid, walk_forward_days=5, parameters={"confirm_sec": 0})
    run = sweep_asked(body, GROUND)
    assert (run.kind, run.grid, run.walk_forward_days, run.keep_events) == (RunKind.SWEEP, grid, 5, False)
    assert run.parameters == {"confirm_sec": 0}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"grid": {"stop_loss_pct": [-2, None]}}, "grid.stop_loss_pct"),
        ({"grid": {"confirm_sec": [1]}, "walk_forward_days": 19}, "walk_forward_days"),
    ],
)
def test_a_sweep_that_cannot_work_is_told_why(asked, field):
    error = answered(sweep_asked, SweepBody(**{**SPAN, **asked}), GROUND)
    assert (error.status, [fault["field"] for fault in error.details["faults"]]) == (422, [field])


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
