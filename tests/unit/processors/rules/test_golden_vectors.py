"""Vectors G0 to G4: what the functions of v1 gave for these changes (stop -3.0; what is unlisted was missing, so 0.0).

Origin of every number: the table of golden vectors in the facts of the US market, section 2.8. `compat` reads missing
changes as 0.0 and must agree with v1; `strict` is what runs, and says where v1 invented its answer.
"""

from __future__ import annotations

from typing import Any

import pytest

from processors.rules.bearish import Bearish
from processors.rules.conditional import Conditional
from processors.rules.gold import Gold
from processors.rules.stop_loss import StopLoss
from processors.rules.twin_pairs import TwinPairs
from tests.builders import BOOK, Reading, frame, opening, replay

G: dict[str, dict[str, Reading]] = {
    "G0": {},
    "G1": {
        "GLD": 0.01, "BITU": 2.0, "MSTU": 0.5, "ROBN": 0.3, "CONL": 0.0, "NVDL": -1.0, "AMDL": 0.5, "ETHU": 0.01,
        "XXRP": 0.01, "SOLT": 0.01, "COIN": -3.0, "SPY": -0.01, "QQQ": -0.01, "HIMZ": -2.99, "BRKU": 0.0, "BABX": 1.0,
    },
    "G2": {
        "GLD": 0.0, "BITU": 1.49, "MSTU": 0.0, "ROBN": 0.31, "CONL": 0.0, "NVDL": 1.8, "AMDL": 0.3, "ETHU": 0.0,
        "XXRP": 0.01, "SOLT": 0.01, "COIN": -3.01, "SPY": 0.0, "QQQ": -5.0,
    },
    "G3": {"MSTU": -2.0, "SPY": -1.0, "ETHU": 1.0, "XXRP": 1.0},
    "G4": {"GLD": round(-0.001, 2)},
}  # fmt: skip
COMPAT, STRICT = True, False
UNKNOWN = ("insufficient_data", None, None)


def pictures(rule: Any, vector: str) -> dict[str, dict[str, Any]]:
    """The data of each subject's view after one frame of `vector` at 10:30."""
    state, _ = replay(rule, [opening(), frame("10:30", G[vector])])
    return {view.subject: view.data for view in rule.views(state)}


@pytest.mark.parametrize(
    ("vector", "compat", "expected"),
    [
        ("G0", COMPAT, ("ok", 0.0, False)),
        ("G0", STRICT, UNKNOWN),
        ("G1", COMPAT, ("ok", 0.01, True)),
        ("G1", STRICT, ("ok", 0.01, True)),
        ("G2", COMPAT, ("ok", 0.0, False)),
        ("G2", STRICT, ("ok", 0.0, False)),
        ("G3", COMPAT, ("ok", 0.0, False)),
        ("G3", STRICT, UNKNOWN),
        ("G4", COMPAT, ("ok", 0.0, False)),
        ("G4", STRICT, ("ok", 0.0, False)),
    ],
)
def test_gold(vector: str, compat: bool, expected: tuple[Any, ...]) -> None:
    gold = pictures(Gold(compat_missing_as_zero=compat), vector)["GLD"]
    assert (gold["state"], gold["change_pct"], gold["warning"]) == expected
    assert "-0.00" not in gold["message"]  # G4: v1 printed it; a negative zero is 0.0 here


SELL_X3 = [("SELL", 0.0)] * 3
UNKNOWN_X3 = [(None, None)] * 3


@pytest.mark.parametrize(
    ("vector", "compat", "expected"),
    [
        ("G0", COMPAT, SELL_X3),
        ("G0", STRICT, UNKNOWN_X3),
        ("G1", COMPAT, [("ENTRY", 1.5), ("SELL", 0.3), ("ENTRY", -1.5)]),
        ("G1", STRICT, [("ENTRY", 1.5), ("SELL", 0.3), ("ENTRY", -1.5)]),
        ("G2", COMPAT, [("HOLD", 1.49), ("HOLD", 0.31), ("ENTRY", 1.5)]),
        ("G2", STRICT, [("HOLD", 1.49), ("HOLD", 0.31), ("ENTRY", 1.5)]),
        ("G3", COMPAT, [("ENTRY", 2.0), ("SELL", 0.0), ("SELL", 0.0)]),
        ("G3", STRICT, UNKNOWN_X3),
        ("G4", COMPAT, SELL_X3),
        ("G4", STRICT, UNKNOWN_X3),
    ],
)
def test_twin_pairs(vector: str, compat: bool, expected: list[tuple[Any, Any]]) -> None:
    pairs = pictures(TwinPairs(compat_missing_as_zero=compat), vector)
    assert list(pairs) == ["coin", "bank", "semi"]
    assert [(pair["signal"], pair["gap"]) for pair in pairs.values()] == expected


@pytest.mark.parametrize(
    ("vector", "compat", "all_positive", "negative"),
    [
        ("G0", COMPAT, False, ["ETHU", "XXRP", "SOLT"]),
        ("G0", STRICT, None, []),
        ("G1", COMPAT, True, []),
        ("G1", STRICT, True, []),
        ("G2", COMPAT, False, ["ETHU"]),
        ("G2", STRICT, False, ["ETHU"]),
        ("G3", COMPAT, False, ["SOLT"]),
        ("G3", STRICT, None, []),
        ("G4", COMPAT, False, ["ETHU", "XXRP", "SOLT"]),
        ("G4", STRICT, None, []),
    ],
)
def test_conditional(vector: str, compat: bool, all_positive: bool | None, negative: list[str]) -> None:
    found = pictures(Conditional(compat_missing_as_zero=compat), vector)["COIN"]
    assert found["all_positive"] is all_positive
    assert [symbol for symbol, trigger in found["triggers"].items() if trigger["positive"] is False] == negative
    assert found["target_pct"] == (G[vector].get("COIN", 0.0 if compat else None))


@pytest.mark.parametrize(
    ("vector", "alerts"),
    [("G0", []), ("G1", ["COIN"]), ("G2", ["COIN", "QQQ"]), ("G3", []), ("G4", [])],
)
@pytest.mark.parametrize("compat", [COMPAT, STRICT])
def test_stop_loss(vector: str, compat: bool, alerts: list[str]) -> None:
    found = pictures(StopLoss(compat_missing_as_zero=compat), vector)
    assert list(found) == list(BOOK.symbols)
    assert [symbol for symbol, data in found.items() if data["stop_loss"]] == alerts
    unmonitored = [symbol for symbol, data in found.items() if data["state"] == "insufficient_data"]
    assert unmonitored == ([] if compat else [symbol for symbol in BOOK.symbols if symbol not in G[vector]])


@pytest.mark.parametrize(
    ("vector", "compat", "regime"),
    [
        ("G0", COMPAT, "normal"),
        ("G0", STRICT, "insufficient_data"),
        ("G1", COMPAT, "down_gold"),
        ("G1", STRICT, "down_gold"),
        ("G2", COMPAT, "normal"),
        ("G2", STRICT, "normal"),
        ("G3", COMPAT, "normal"),
        ("G3", STRICT, "insufficient_data"),
        ("G4", COMPAT, "normal"),
        ("G4", STRICT, "insufficient_data"),
    ],
)
def test_bearish(vector: str, compat: bool, regime: str) -> None:
    found = pictures(Bearish(compat_missing_as_zero=compat), vector)["MARKET"]
    assert found["regime"] == regime
    assert [pick["ticker"] for pick in found["bearish_picks"]] == ["HIMZ", "BRKU", "BABX"]
