"""Numbers as reports say them."""

from __future__ import annotations

import pytest

from runtime.report import words
from schemas.runs import FEE_PRESETS, Fees


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(1234.5, "+1,234.50 %", id="a sign always"),
        pytest.param(-0.31, "−0.31 %", id="a real minus"),
        pytest.param(0.0, "0.00 %", id="no sign at zero"),
        pytest.param(-0.001, "0.00 %", id="no sign for what rounds to zero"),
        pytest.param(None, "—", id="unknown is no number"),
    ],
)
def test_percent(value, said):
    assert words.percent(value) == said


def test_fees_are_named():
    assert words.fees(FEE_PRESETS["none"]) == "none"
    assert words.fees(Fees()).startswith("standard (0.25 % commission + 0.1 % FX a side")
    assert words.fees(Fees(commission_pct=0.07)).startswith("own (0.07 %")


def test_counts():
    assert (words.count(1, "sale"), words.count(1200, "sale")) == ("1 sale", "1,200 sales")
