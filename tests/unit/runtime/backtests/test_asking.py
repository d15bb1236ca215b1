"""What is typed becomes a request, or one sentence that names the option and a way out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from runtime.backtests import asking
from schemas.errors import ConfigError
from schemas.parameters import Parameters
from schemas.runs import FEE_PRESETS, Fees, RunKind, RunRequest
from schemas.trading_days import trading_days
from transport.asked import Ground

GROUND = Ground(book="us", symbols=16, days=trading_days("XNYS"), parameters=Parameters(), today=date(2026, 11, 20))
MONDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 20)


def asked(kind: RunKind = RunKind.SWEEP, **fields: Any) -> RunRequest:
    return RunRequest(**{"kind": kind, "start": MONDAY, "end": FRIDAY, **fields})


@pytest.mark.parametrize(
    ("run", "said"),
    [
        pytest.param(
            asked(start=FRIDAY, end=MONDAY),
            "--end: expected a date from 2026-11-20 on, which is the start, received 2026-11-16",
            id="backwards",
        ),
        pytest.param(
            asked(end=date(2026, 11, 23)),
            "--end: expected a date up to today, 2026-11-20 at the exchange, received 2026-11-23;"
            " would work: 2026-11-20 and before",
            id="end in future",
        ),
        pytest.param(
            asked(start=date(2026, 11, 14), end=date(2026, 11, 15)),
            "--start: expected a span with a trading day (2026-11-14 is a Saturday), received 2026-11-14;"
            " would work: 2026-11-13 or 2026-11-16",
            id="weekend",
        ),
        pytest.param(
            asked(start=date(2022, 1, 3), interval="1m"),
            "--end: expected a span of at most 512 trading days with the interval 1m, not 1,227, received 2026-11-20;"
            " would work: --interval 5m, --interval 1h or --interval 1d",
            id="too long",
        ),
        pytest.param(
            asked(RunKind.REPLAY, start=date(2026, 11, 15), end=date(2026, 11, 15), step="5m"),
            "DATE: expected a trade date (2026-11-15 is a Sunday), received 2026-11-15;"
            " would work: 2026-11-13 or 2026-11-16",
            id="no trade date",
        ),
        pytest.param(
            asked(interval="2m"),
            '--interval: expected one of auto, ticks, 1m, 5m, 1h, 1d, received "2m"',
            id="interval",
        ),
        pytest.param(
            asked(initial_capital_usd=-5.0),
            "--capital: expected a number > 0 and <= 1,000,000,000, received -5.0",
            id="capital",
        ),
        pytest.param(
            asked(fees=Fees(fx_spread_pct=-1.0)),
            "--fees fx_spread_pct: expected a number from 0 to 5, received -1.0",
            id="fees",
        ),
        pytest.param(
            asked(parameters={"stop_los_pct": -2}),
            "--set stop_los_pct: expected a known parameter, received -2; would work: stop_loss_pct",
            id="misspelt",
        ),
        pytest.param(
            asked(parameters={"stop_loss_pct": "much", "use_fees": False}),
            "--set use_fees: expected it as --fees, received False; "
            '--set stop_loss_pct: expected a number from -50 to -0.1 or null, received "much"',
            id="two at once",
        ),
        pytest.param(
            asked(grid={"stop_loss_pct": [-2.0]}, parameters={"stop_loss_pct": -3.0}),
            "--grid stop_loss_pct: expected a parameter that --set does not set as well, received [-2.0]",
            id="set as well",
        ),
        pytest.param(
            asked(
                grid={"stop_loss_pct": [-n / 100 - 1 for n in range(100)], "alloc_twin": [n / 100 for n in range(11)]}
            ),
            "--grid: expected at most 1,000 combinations, received 1100; would work: fewer values",
            id="too many",
        ),
        pytest.param(
            asked(grid={"alloc_twin": [0.1]}, walk_forward_days=5),
            "--walk-forward: expected fewer than the 5 trading days of the span, received 5",
            id="walk forward",
        ),
    ],
)
def test_what_cannot_be_is_told_by_its_option(run: RunRequest, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        asking.checked(run, GROUND)
    assert str(raised.value) == said


def test_what_can_be_passes() -> None:
    asking.checked(asked(grid={"alloc_twin": [0.1, 0.2]}, walk_forward_days=4), GROUND)


def test_settings_are_read_as_json() -> None:
    read = asking.settings_of(["stop_loss_pct=null", "pair_gap_entry_threshold=2", "alloc_twin = 0.1", "x=much"])
    assert read == {"stop_loss_pct": None, "pair_gap_entry_threshold": 2, "alloc_twin": 0.1, "x": "much"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        pytest.param(["stop_loss_pct"], "expected name=value, like", id="no value"),
        pytest.param(["=1"], "expected name=value, like", id="no name"),
        pytest.param(["stop_loss_pct=-2", "stop_loss_pct=-3"], "received it twice", id="twice"),
    ],
)
def test_settings_that_are_none(given: list[str], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        asking.settings_of(given)


def test_a_parameter_stands_in_a_grid_once() -> None:
    assert asking.grid_of([("a", [1.0]), ("b", [2.0])]) == {"a": [1.0], "b": [2.0]}
    with pytest.raises(ConfigError, match="--grid: expected a once"):
        asking.grid_of([("a", [1.0]), ("a", [2.0])])


@pytest.mark.parametrize(
    ("given", "fees"),
    [
        ("discount", FEE_PRESETS["discount"]),
        ("0.07", Fees(commission_pct=0.07, fx_spread_pct=0.0, sec_fee_pct=0.0)),
        ("0.25,0.1,0.003", Fees(commission_pct=0.25, fx_spread_pct=0.1, sec_fee_pct=0.003)),
    ],
)
def test_fees(given: str, fees: Fees) -> None:
    assert asking.fees_of(given) == fees


@pytest.mark.parametrize("given", ["cheap", "", "1,2,3,4"])
def test_fees_that_are_none(given: str) -> None:
    with pytest.raises(ConfigError, match="--fees: expected standard, discount, none, or"):
        asking.fees_of(given)


@pytest.mark.parametrize("given", ["-1", "nan", "inf", "0.1,6"])
def test_fees_that_cannot_be(given: str) -> None:
    with pytest.raises(ConfigError, match=r"--fees .*: expected a number from 0 to 5"):
        asking.checked(asked(fees=asking.fees_of(given)), GROUND)


def test_a_model_by_its_name() -> None:
    assert asking.model_of("v1") == "v1"
    with pytest.raises(ConfigError, match="--model: expected rule_text or v1, received"):
        asking.model_of("v3")
