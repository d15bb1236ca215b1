"""What may be asked of a run, and what is said to the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas.parameters import Parameters
from schemas.runs import Fees, Model, RunKind, RunRequest
from schemas.trading_days import trading_days
from transport.asked import Fault, Ground, Limits, Refused, check, check_trade_date, step_by_default

GROUND = Ground(
    book="us",
    symbols=16,
    days=trading_days("XNYS"),
    today=date(2026, 7, 6),  # a Monday after a holiday on Friday
    parameters=Parameters(),
    limits=Limits(frames=200_000, lanes=100, lane_frames=2_000_000),
)


def backtest(**fields: Any) -> RunRequest:
    return RunRequest(
        **{"kind": RunKind.BACKTEST, "start": date(2026, 1, 5), "end": date(2026, 1, 30), **fields}  # type: ignore[arg-type]
    )


def sweep(**fields: Any) -> RunRequest:
    return backtest(kind=RunKind.SWEEP, **fields)


def replay(on: date = date(2026, 2, 10), **fields: Any) -> RunRequest:
    return RunRequest(**{"kind": RunKind.REPLAY, "start": on, "end": on, "step": "5m", **fields})  # type: ignore[arg-type]


def refusal(run: RunRequest, ground: Ground = GROUND) -> Refused:
    with pytest.raises(Refused) as raised:
        check(run, ground)
    return raised.value


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(backtest(), id="a month"),
        pytest.param(backtest(start=date(2016, 7, 6), end=date(2026, 7, 6)), id="ten years up to today"),
        pytest.param(backtest(parameters={"stop_loss_pct": None, "gold_observe_minutes": 30.0}), id="parameters"),
        pytest.param(sweep(grid={"stop_loss_pct": [-2, -3.5]}, walk_forward_days=18), id="a sweep"),
        pytest.param(replay(), id="a replay"),
        pytest.param(replay(interval="ticks", step="30s"), id="a replay of ticks"),
    ],
)
def test_what_can_work_passes(run: RunRequest) -> None:
    check(run, GROUND)


@pytest.mark.parametrize(
    ("on", "code", "would_work", "said"),
    [
        ("2026-07-04", "not_a_trading_day", ["2026-07-02", "2026-07-06"], "2026-07-04 is a Saturday"),
        ("2026-07-03", "not_a_trading_day", ["2026-07-02", "2026-07-06"], "closed on 2026-07-03, a holiday"),
        ("2026-07-05", "not_a_trading_day", ["2026-07-02", "2026-07-06"], "2026-07-05 is a Sunday"),
        ("2026-07-07", "date_in_future", ["2026-07-06"], "up to today, 2026-07-06"),
    ],
)
def test_a_date_without_trading_names_those_that_would_work(
    on: str, code: str, would_work: list[str], said: str
) -> None:
    error = refusal(replay(date.fromisoformat(on)))
    assert (error.code, [fault.field for fault in error.faults]) == (code, ["date"])
    assert [str(day) for day in error.details["would_work"]] == would_work  # type: ignore[attr-defined]
    assert all(day in str(error) for day in would_work)
    assert said in str(error)


def test_where_nobody_can_tell_the_date_no_date_is_too_late() -> None:
    ground = Ground(book="us", symbols=16, days=trading_days("XNYS"), parameters=Parameters())
    check_trade_date(date(2026, 12, 1), ground)
    check(backtest(end=date(2026, 12, 1)), ground)
    with pytest.raises(Refused, match="would work: 2026-12-04 or 2026-12-07"):
        check_trade_date(date(2026, 12, 5), ground)


@pytest.mark.parametrize(("interval", "step"), [("auto", "5m"), ("1m", "5m"), ("1h", "1h"), ("1d", "5m")])
def test_a_step_is_5_minutes_or_a_bar(interval: str, step: str) -> None:
    assert step_by_default(interval) == step


@pytest.mark.parametrize("step", ["", "5", "m", "0m", "-5m", "٣m", "5m ", "999999h", "often"])
def test_a_step_that_is_no_time(step: str) -> None:
    (fault,) = refusal(replay(step=step)).faults
    assert (fault.field, fault.expected) == ("step", "a time like 5m, 30s or 1h")


def test_a_step_shorter_than_a_bar() -> None:
    assert str(refusal(replay(interval="1h"))) == "step: expected at least a bar, which is 1h; would work: 1h"


@pytest.mark.parametrize(
    ("run", "field", "said"),
    [
        pytest.param(backtest(end=date(2026, 1, 2)), "end", "a date from 2026-01-05 on, which is the start", id="end"),
        pytest.param(backtest(end=date(2026, 7, 7)), "end", "would work: 2026-07-06 and before", id="end in future"),
        pytest.param(
            backtest(start=date(2027, 1, 4), end=date(2027, 1, 5)), "start", "up to today, 2026-07-06", id="future"
        ),
        pytest.param(
            backtest(start=date(2026, 7, 3), end=date(2026, 7, 5)),
            "start",
            "a holiday); would work: 2026-07-02 or 2026-07-06",
            id="no trading day",
        ),
        pytest.param(
            backtest(start=date(2022, 1, 3), interval="1m"),
            "end",
            "at most 512 trading days with the interval 1m, not 1,023; would work: "  # 200,000 / 390
            "`interval` 5m, `interval` 1h or `interval` 1d",
            id="too long for minutes",
        ),
        pytest.param(
            backtest(start=date(1995, 1, 3)), "end", "would work: `interval` 1h or `interval` 1d", id="too long"
        ),
        pytest.param(backtest(interval="2m"), "interval", "one of auto, ticks, 1m, 5m, 1h, 1d", id="interval"),
        pytest.param(backtest(initial_capital_usd=0.0), "initial_capital_usd", "a number > 0 and <= 1,0", id="capital"),
        pytest.param(backtest(initial_capital_usd=float("nan")), "initial_capital_usd", "a number > 0", id="nan"),
        pytest.param(backtest(fees=Fees(commission_pct=6.0)), "fees.commission_pct", "from 0 to 5", id="commission"),
        pytest.param(backtest(fees=Fees(sec_fee_pct=2.0)), "fees.sec_fee_pct", "from 0 to 1", id="SEC fee"),
        pytest.param(
            backtest(parameters={"stop_los_pct": -2}),
            "parameters.stop_los_pct",
            "a known parameter; would work: stop_loss_pct",
            id="misspelt",
        ),
        pytest.param(
            backtest(parameters={"x": 1}),
            "parameters.x",
            "a known parameter; would work: pair_gap_sell_threshold, ",
            id="like none",
        ),
        pytest.param(
            backtest(parameters={"stop_loss_pct": 1}), "parameters.stop_loss_pct", "-50 to -0.1", id="out of range"
        ),
        pytest.param(
            backtest(parameters={"pair_gap_sell_threshold": 1.5}),
            "parameters.pair_gap_sell_threshold",
            "less than pair_gap_entry_threshold",
            id="two parameters at odds",
        ),
        pytest.param(backtest(parameters={"use_fees": False}), "parameters.use_fees", "it as `fees`", id="elsewhere"),
        pytest.param(sweep(grid={"stop_loss_pct": []}), "grid.stop_loss_pct", "distinct values", id="no values"),
        pytest.param(sweep(grid={"stop_loss_pct": [-2, -2.0]}), "grid.stop_loss_pct", "distinct", id="twice the same"),
        pytest.param(sweep(grid={"stop_loss_pct": [-2, None]}), "grid.stop_loss_pct", "numbers", id="no number"),
        pytest.param(sweep(grid={"gold_observe_minutes": [True]}), "grid.gold_observe_minutes", "numbers", id="true"),
        pytest.param(sweep(grid={"confirm_sec": [float("inf")]}), "grid.confirm_sec", "from 0 to 600", id="infinite"),
        pytest.param(sweep(grid={"confirm_sec": [10**400]}), "grid.confirm_sec", "from 0 to 600", id="far too large"),
        pytest.param(sweep(grid={"fx_spread_pct": [1]}), "grid.fx_spread_pct", "it as `fees`", id="grid, elsewhere"),
        pytest.param(sweep(grid={"stop": [1]}), "grid.stop", "a known parameter", id="grid, unknown"),
        pytest.param(sweep(grid={"stop_loss_pct": [-2, 2]}), "grid.stop_loss_pct", "-50 to -0.1", id="grid, range"),
        pytest.param(
            sweep(grid={"pair_gap_sell_threshold": [0.5, 1], "pair_gap_entry_threshold": [1, 2]}),
            "grid.pair_gap_sell_threshold",
            "(in the combination pair_gap_sell_threshold 1, pair_gap_entry_threshold 1)",
            id="a combination at odds",
        ),
        pytest.param(
            sweep(grid={"confirm_sec": [1]}, parameters={"confirm_sec": 2}),
            "grid.confirm_sec",
            "a parameter that `parameters` does not set as well",
            id="set as well",
        ),
        pytest.param(
            sweep(grid={"confirm_sec": list(range(101))}),
            "grid",
            "at most 100 combinations; would work: fewer values",
            id="too many combinations",
        ),
        pytest.param(
            sweep(start=date(2025, 1, 2), grid={"confirm_sec": list(range(100))}),
            "grid",
            "at most 94 combinations over 270 trading days; would work: "  # 270 * 78 = 21,060 frames
            "fewer values, fewer days, `interval` 1h or `interval` 1d",
            id="too much work",
        ),
        pytest.param(
            sweep(grid={"confirm_sec": [1]}, walk_forward_days=19),
            "walk_forward_days",
            "fewer than the 19 trading days",
            id="no second window",
        ),
    ],
)
def test_what_cannot_work_is_told_why(run: RunRequest, field: str, said: str) -> None:
    error = refusal(run)
    assert (error.code, [fault.field for fault in error.faults]) == ("validation_failed", [field])
    assert said in str(error)


def test_every_fault_of_the_parameters_is_told_at_once() -> None:
    error = refusal(backtest(parameters={"stop": 1, "confirm_sec": "x", "commission_pct": 9, "model": Model.V1}))
    assert {fault.field for fault in error.faults} == {
        "parameters.stop",
        "parameters.confirm_sec",
        "parameters.commission_pct",
        "parameters.model",
    }


def test_of_a_thousand_faults_the_first_are_told() -> None:
    assert len(refusal(backtest(parameters={f"x{n}": n for n in range(1000)})).faults) == 20


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ((), ""),
        (("a",), "; would work: a"),
        (("a", "b"), "; would work: a or b"),
        (("a", "b", "c"), "; would work: a, b or c"),
    ],
)
def test_ways_out_read_as_the_end_of_a_sentence(ways: tuple[str, ...], said: str) -> None:
    assert Fault(field="end", expected="another", received=1, would_work=ways).ways_out == said


UNDER_WAY = replace(GROUND, over=date(2026, 7, 2))  # Monday's bars still change


@pytest.mark.parametrize(
    ("run", "field"),
    [
        pytest.param(replay(date(2026, 7, 6)), "date", id="a replay of today"),
        pytest.param(backtest(end=date(2026, 7, 6)), "end", id="up to today"),
        pytest.param(backtest(start=date(2026, 7, 3), end=date(2026, 7, 6)), "start", id="today alone"),
    ],
)
def test_a_day_that_is_not_over_names_the_last_that_is(run: RunRequest, field: str) -> None:
    error = refusal(run, UNDER_WAY)
    expected = "a trade date that is over; 2026-07-06 is not, its bars still change"
    assert [(fault.field, fault.expected) for fault in error.faults] == [(field, expected)]
    assert str(error).endswith("would work: 2026-07-02 and before")


def test_a_span_may_end_on_days_without_trading() -> None:
    check(backtest(end=date(2026, 7, 5)), UNDER_WAY)
