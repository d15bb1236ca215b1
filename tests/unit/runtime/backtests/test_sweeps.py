"""Grids, shards and walking forward."""

from __future__ import annotations

from datetime import date

import pytest

from runtime.backtests.sweeps import compounded, lanes_of, shards_of, steps, walk_forward
from schemas.errors import ConfigError
from schemas.runs import RunKind, RunRequest


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("stop_loss_pct=-2:-5:0.5", [-2.0, -2.5, -3.0, -3.5, -4.0, -4.5, -5.0]),
        ("gap=1:3:0.25", [1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0]),
        ("gap=1:2:0.4", [1.0, 1.4, 1.8]),
        ("gap=0.1:0.3:0.1", [0.1, 0.2, 0.3]),
        ("gap=2:2:1", [2.0]),
        ("gap=3,1,2", [3.0, 1.0, 2.0]),
    ],
)
def test_steps_include_both_ends_where_they_fit(text, values):
    assert steps(text) == (text.partition("=")[0], values)


@pytest.mark.parametrize("text", ["gap", "gap=", "gap=1:2", "gap=a:b:c", "gap=1:2:0", "gap=0:1:1e-320"])
def test_a_grid_that_is_none_is_refused_by_its_text(text):
    with pytest.raises(ConfigError, match="--grid: expected name=from:to:step"):
        steps(text)


def test_a_grid_without_end_is_refused_before_it_is_laid_out():
    with pytest.raises(ConfigError, match="--grid gap: expected at most 10,000 values, received 1,000,000,001"):
        steps("gap=0:1e9:1")


def test_lanes_are_all_combinations_each_by_a_name_of_its_own():
    lanes = lanes_of({"stop_loss_pct": [-2.0, -3.5], "gold_observe_minutes": [30, 60]})
    assert lanes == {
        "stop_loss_pct=-2,gold_observe_minutes=30": {"stop_loss_pct": -2.0, "gold_observe_minutes": 30},
        "stop_loss_pct=-2,gold_observe_minutes=60": {"stop_loss_pct": -2.0, "gold_observe_minutes": 60},
        "stop_loss_pct=-3.5,gold_observe_minutes=30": {"stop_loss_pct": -3.5, "gold_observe_minutes": 30},
        "stop_loss_pct=-3.5,gold_observe_minutes=60": {"stop_loss_pct": -3.5, "gold_observe_minutes": 60},
    }


@pytest.mark.parametrize(("lanes", "shards"), [(1, 1), (2, 2), (30, 2), (50, 2), (51, 3), (100, 4)])
def test_shards_hold_each_lane_once(lanes, shards):
    grid = {"stop_loss_pct": [-(1 + number / 10) for number in range(lanes)]}
    asked = RunRequest(kind=RunKind.SWEEP, start=date(2026, 2, 2), end=date(2026, 2, 6), grid=grid)
    made = list(shards_of(asked, "sweep"))
    assert len(made) == shards
    assert all(shard.kind is RunKind.SHARD and shard.parent == "sweep" and not shard.grid for shard in made)
    dealt = [lane for shard in made for lane in shard.lanes]
    assert sorted(dealt) == sorted(lanes_of(grid))


def test_walking_forward_judges_each_choice_on_dates_it_has_not_seen():
    days = [f"2026-02-0{number}" for number in range(1, 7)]
    lanes = {
        "a": list(zip(days, [1.0, 1.0, -2.0, -2.0, 3.0, 3.0], strict=True)),
        "b": list(zip(days, [0.0, 0.0, 5.0, 5.0, -1.0, -1.0], strict=True)),
    }
    walked = walk_forward(lanes, 2)
    assert [(window["lane"], window["chosen_to"], window["judged_from"]) for window in walked["windows"]] == [
        ("a", "2026-02-02", "2026-02-03"),
        ("b", "2026-02-04", "2026-02-05"),
    ]
    assert walked["in_sample_pct"] == pytest.approx(compounded([1, 1, 5, 5]))
    assert walked["out_of_sample_pct"] == pytest.approx(compounded([-2, -2, -1, -1]))


def test_a_span_without_a_second_window_walks_nowhere():
    assert walk_forward({"a": [("2026-02-02", 1.0)]}, 5) is None
    assert walk_forward({"a": [("2026-02-02", 1.0)]}, None) is None
