"""What a set of parameters changed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from api.parameter_history import changes
from schemas.parameters import Parameters


def stored(**over: Any) -> dict[str, Any]:
    return {**msgspec.to_builtins(Parameters()), **over}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (stored(), stored(), []),
        (stored(), stored(stop_loss_pct=None), [("stop_loss_pct", -3.0, None)]),
        (stored(use_fees=True), stored(use_fees=False), [("use_fees", True, False)]),
        (stored(confirm_sec=3), stored(confirm_sec=3.0), []),
        (
            stored(),
            stored(stop_loss_pct=-2.5, pair_gap_entry_threshold=1.8),
            [("pair_gap_entry_threshold", 1.5, 1.8), ("stop_loss_pct", -3.0, -2.5)],
        ),
        ({}, stored(confirm_sec=5.0), [("confirm_sec", 3.0, 5.0)]),  # stored before there was the parameter
        (stored(retired=1), stored(), [("retired", 1, None)]),
    ],
)
def test_only_what_differs_is_told_in_the_order_of_the_set(before: Any, after: Any, told: Any) -> None:
    assert [(one.name, one.before, one.after) for one in changes(before, after)] == told
