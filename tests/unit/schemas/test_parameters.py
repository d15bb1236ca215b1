"""Changing parameters: the whole set or nothing, and every fault by name."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from schemas.parameters import Fault, Parameters, cross_faults, limits, merged

LIMITS = limits()
NUMBERS = [name for name, told in LIMITS.items() if told["min"] is not None]


def change(*, symbols: int = 16, rest_only: bool = True, **values: object) -> Parameters | list[Fault]:
    return merged(Parameters(), values, symbols=symbols, rest_only=rest_only)


def faults(**values: Any) -> list[tuple[str, str]]:
    found = change(**values)
    assert isinstance(found, list), found
    return [(fault.field, fault.expected) for fault in found]


def test_the_defaults_are_those_of_the_rules():
    """The figures of the first version's rule text."""
    told = msgspec.structs.asdict(Parameters())
    assert (
        told
        | {
            "pair_gap_sell_threshold": 0.3,
            "pair_gap_entry_threshold": 1.5,
            "stop_loss_pct": -3.0,
            "gold_threshold_pct": 0.0,
            "gold_observe_minutes": 30,
            "confirm_sec": 3.0,
            "max_quote_age_sec": 10.0,
            "max_quote_age_extended_sec": 120.0,
        }
        == told
    )


def test_the_defaults_break_no_rule():
    assert change() == Parameters()


def test_takes_a_subset_and_leaves_the_rest():
    assert change(stop_loss_pct=-5, use_fees=False) == msgspec.structs.replace(
        Parameters(), stop_loss_pct=-5.0, use_fees=False
    )


def test_null_turns_the_stop_off_and_nothing_else():
    assert change(stop_loss_pct=None).stop_loss_pct is None  # type: ignore[union-attr]
    assert faults(confirm_sec=None) == [("confirm_sec", "a number from 0 to 600")]


@pytest.mark.parametrize("name", NUMBERS)
def test_takes_the_limits_themselves_and_nothing_beyond(name):
    low, high, step = (float(LIMITS[name][what]) for what in ("min", "max", "step"))  # type: ignore[arg-type]
    whole = isinstance(LIMITS[name]["default"], int)
    number = int if whole else float
    pairs = {
        "pair_gap_sell_threshold": {"pair_gap_entry_threshold": 20},
        "pair_gap_entry_threshold": {"pair_gap_sell_threshold": 0},
    }
    beside = pairs.get(name, {})
    for value in (low, high):
        if (name, value) == ("initial_capital_usd", 0.0):
            continue  # more than 0
        assert isinstance(change(**{name: number(value)}, rest_only=False, **beside), Parameters), value
    for value in (low - step, high + step):
        (fault,) = faults(**{name: number(value)}, rest_only=False)
        assert fault[0] == name


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", NUMBERS)
def test_refuses_what_is_not_a_number(name, value):
    assert [field for field, _ in faults(**{name: value})] == [name]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("stop_loss_pct", 3, "a number from -50 to -0.1 or null"),
        ("stop_loss_pct", "-3", "a number from -50 to -0.1 or null"),
        ("pair_gap_sell_threshold", -0.1, "a number from 0 to 5"),
        ("max_trade_amount_krw", 1.5, "a whole number from 0 to 1,000,000,000"),
        ("initial_capital_usd", 0, "a number > 0 and <= 1,000,000,000"),
        ("use_fees", "yes", "true or false"),
        ("use_fees", 1, "true or false"),
        ("confirm_sec", True, "a number from 0 to 600"),
        ("confirm_sec", [3], "a number from 0 to 600"),
        ("stop_los_pct", -3, "a known parameter"),
        ("v", 1, "a known parameter"),
    ],
)
def test_says_what_a_parameter_expects(name, value, expected):
    assert change(**{name: value}) == [Fault(field=name, expected=expected, received=value)]


def test_names_every_fault_at_once_and_changes_nothing():
    assert {field for field, _ in faults(stop_loss_pct=1, confirm_sec=-1, unknown=2, gold_threshold_pct=1)} == {
        "stop_loss_pct",
        "confirm_sec",
        "unknown",
    }


@pytest.mark.parametrize(
    ("sell", "entry", "fits"), [(0.3, 1.5, True), (1.4, 1.5, True), (1.5, 1.5, False), (2.0, 1.5, False)]
)
def test_sell_stays_below_entry(sell, entry, fits):
    result = change(pair_gap_sell_threshold=sell, pair_gap_entry_threshold=entry)
    if fits:
        assert isinstance(result, Parameters)
    else:
        told = Fault(
            field="pair_gap_sell_threshold", expected="less than pair_gap_entry_threshold (1.5)", received=sell
        )
        assert result == [told]


def test_sell_is_held_against_the_entry_in_force():
    """One of the two alone may break the rule as well."""
    assert faults(pair_gap_sell_threshold=1.6) == [
        ("pair_gap_sell_threshold", "less than pair_gap_entry_threshold (1.5)")
    ]
    assert [field for field, _ in faults(pair_gap_entry_threshold=0.2)] == ["pair_gap_sell_threshold"]


@pytest.mark.parametrize(
    ("interval", "symbols", "rest_only", "fits"),
    [
        (1.0, 16, True, True),  # 16 / 18 = 0.89 s
        (0.89, 16, True, True),
        (0.88, 16, True, False),
        (0.5, 16, False, True),  # the feed brings changes; REST only the base prices
        (0.5, 9, True, True),  # 9 / 18 = 0.5 s
        (1.0, 19, True, False),
        (2.0, 36, True, True),
    ],
)
def test_polling_cannot_be_quicker_than_the_broker_allows(interval, symbols, rest_only, fits):
    result = change(refresh_interval_sec=interval, symbols=symbols, rest_only=rest_only)
    if fits:
        assert isinstance(result, Parameters)
    else:
        assert [fault.field for fault in result] == ["refresh_interval_sec"]
        assert f"{symbols} symbols at 18 calls a second" in result[0].expected


def test_both_cross_rules_are_told_together():
    candidate = msgspec.structs.replace(
        Parameters(), pair_gap_sell_threshold=2.0, pair_gap_entry_threshold=1.0, refresh_interval_sec=0.5
    )
    told = [fault.field for fault in cross_faults(candidate, symbols=16, rest_only=True)]
    assert told == ["pair_gap_sell_threshold", "refresh_interval_sec"]


def test_limits_tell_forms_all_they_need():
    assert list(LIMITS) == list(Parameters.__struct_fields__)
    for name, told in LIMITS.items():
        assert {"min", "max", "nullable", "default", "unit", "step", "note"} <= set(told), name
        assert told["note"], name
        if told["min"] is not None:
            assert told["min"] <= (told["default"] or told["max"]) <= told["max"], name  # type: ignore[operator]
    assert [name for name, told in LIMITS.items() if told["nullable"]] == ["stop_loss_pct"]
    assert LIMITS["stop_loss_pct"] | {"min": -50, "max": -0.1, "unit": "%", "step": 0.5} == LIMITS["stop_loss_pct"]


def test_a_whole_number_may_be_written_as_a_float():
    """Grids of sweeps hold floats."""
    found = merged(Parameters(), {"gold_observe_minutes": 15.0}, symbols=16, rest_only=False)
    assert isinstance(found, Parameters)
    assert (found.gold_observe_minutes, type(found.gold_observe_minutes)) == (15, int)
    faults = merged(Parameters(), {"gold_observe_minutes": 15.5}, symbols=16, rest_only=False)
    assert isinstance(faults, list)
    assert faults[0].received == 15.5
