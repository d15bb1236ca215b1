"""R2: the gap of a pair, its direction, and what stands against the buy."""

from __future__ import annotations

from typing import Any

import pytest

from processors.rules.twin_pairs import TwinPairs
from tests.builders import MISSING, STALE, SUSPECT, Reading, frame, opening, replay, session

TWINS = TwinPairs()


@pytest.mark.parametrize(
    ("lead", "follow", "decision"),
    [
        (0.3, 0.0, "SELL"),
        (0.0, 0.3, "SELL"),
        (0.31, 0.0, "HOLD:follow_lags"),
        (0.0, 0.31, "HOLD:follow_leads"),
        (1.49, 0.0, "HOLD:follow_lags"),
        (1.8, 0.3, "ENTRY:follow_lags"),  # 1.8 - 0.3 is 1.5 only once it is rounded again
        (0.3, 1.8, "ENTRY:follow_leads"),
    ],
)
def test_the_gap_decides(lead: float, follow: float, decision: str) -> None:
    _, events = replay(TWINS, [opening(), frame("10:30", {"BITU": lead, "MSTU": follow}, rest=0.0)])
    assert [event.after.decision for event in events] == [decision, "SELL", "SELL"]


def test_sell_comes_first_where_thresholds_meet() -> None:
    odd = opening(pair_gap_sell_threshold=2.0, pair_gap_entry_threshold=1.0)
    _, events = replay(TWINS, [odd, frame("10:30", {"BITU": 1.5}, rest=0.0)])
    assert events[0].after.decision == "SELL"


@pytest.mark.parametrize(
    ("readings", "reasons"),
    [
        pytest.param({}, (), id="free"),
        pytest.param({"GLD": 0.01}, ("R1",), id="gold was up at the end of the observation"),
        pytest.param({"MSTU": -3.0, "BITU": -1.0}, ("R4",), id="the follower at its stop line"),
        pytest.param({"SPY": -0.01, "QQQ": -0.01}, ("R5",), id="both indices down"),
        pytest.param({"SPY": -0.01, "QQQ": None}, ("data",), id="one index down, one unknown"),
        pytest.param({"GLD": None}, ("data",), id="gold never seen"),
        pytest.param(
            {"GLD": 1.0, "MSTU": -4.0, "BITU": 0.0, "SPY": -1.0, "QQQ": -1.0},
            ("R1", "R4", "R5"),
            id="all at once",
        ),
    ],
)
def test_what_stands_against_a_buy(readings: dict[str, Reading], reasons: tuple[str, ...]) -> None:
    cut = {"BITU": 2.0, "MSTU": 0.0} | readings
    _, events = replay(TWINS, [opening(), frame("10:00", cut, rest=0.0)])
    assert events[0].after.decision == "ENTRY:follow_lags"
    assert (events[0].after.suppressed_by, events[0].after.is_actionable) == (reasons, not reasons)


def test_a_buy_becomes_free_when_the_observation_ends() -> None:
    cut: dict[str, Reading] = {"BITU": 2.0}
    frames = [frame("09:59:59", cut, rest=0.0), frame("10:00", cut, rest=0.0)]
    _, events = replay(TWINS, [opening(confirm_sec=0), *frames])
    coin = [event.after for event in events if event.subject == "coin"]
    assert [verdict.suppressed_by for verdict in coin] == [("session",), ()]
    assert [verdict.is_actionable for verdict in coin] == [False, True]


def test_day_trades_end_with_the_regular_session() -> None:
    cut: dict[str, Reading] = {"BITU": 2.0}
    close, later = frame("16:00", cut, rest=0.0), frame("16:00:01", cut, rest=0.0)
    _, events = replay(TWINS, [opening(confirm_sec=0), close, session("after"), later])
    assert events[-1].after.suppressed_by == ("session",)


@pytest.mark.parametrize("name", ["pre", "regular", "after"])
def test_a_sale_is_never_gated(name: str) -> None:
    _, events = replay(TWINS, [opening(name), frame("09:45", {"GLD": 2.0, "SPY": -1.0, "QQQ": -1.0}, rest=-5.0)])
    assert {(e.after.decision, e.after.is_actionable, e.after.suppressed_by) for e in events} == {("SELL", True, ())}


def test_a_follower_ahead_is_no_buy_and_needs_no_gate() -> None:
    _, events = replay(TWINS, [opening(), frame("09:45", {"MSTU": 2.0}, rest=0.0)])
    assert (events[0].after.decision, events[0].after.is_actionable) == ("ENTRY:follow_leads", False)
    assert events[0].after.suppressed_by == ()


@pytest.mark.parametrize(
    ("lead", "follow", "state"),
    [
        (MISSING, 0.0, "insufficient_data"),
        (0.0, SUSPECT, "suspect"),
        (STALE, 0.0, "stale"),
        (STALE, SUSPECT, "suspect"),
        (SUSPECT, MISSING, "insufficient_data"),
    ],
)
def test_one_leg_says_nothing_of_a_pair(lead: Reading, follow: Reading, state: str) -> None:
    _, events = replay(TWINS, [opening(), frame("10:30", {"BITU": lead, "MSTU": follow}, rest=0.0)])
    assert (events[0].after.state, events[0].after.decision) == (state, None)
    assert events[1].after.decision == "SELL"


def test_data() -> None:
    _, events = replay(TWINS, [opening(), frame("10:00", {"BITU": 1.8, "MSTU": 0.3, "GLD": 1.0}, rest=0.0)])
    expected: dict[str, Any] = {
        "state": "ok",
        "key": "coin",
        "pair": "코인 (BTC ↔ MSTR)",
        "lead": "BITU",
        "follow": "MSTU",
        "lead_pct": 1.8,
        "follow_pct": 0.3,
        "gap": 1.5,
        "signal": "ENTRY",
        "direction": "follow_lags",
        "message": "갭 +1.50%, 1.5% 이상: MSTU 매수 검토 (보류: 금 상승(R1))",
        "is_actionable": False,
        "suppressed_by": ["R1"],
        "thresholds": {"pair_gap_sell_threshold": 0.3, "pair_gap_entry_threshold": 1.5},
        "missing": [],
        "suspect": [],
        "stale": [],
    }
    assert events[0].data == expected
    assert (events[1].data["signal"], events[1].data["direction"]) == ("SELL", "flat")


def test_data_of_a_pair_that_cannot_be_judged() -> None:
    _, events = replay(TWINS, [opening(), frame("10:00", {"BITU": None, "MSTU": 0.3}, rest=0.0)])
    data = events[0].data
    assert (data["signal"], data["direction"], data["gap"], data["lead_pct"], data["follow_pct"]) == (
        None, None, None, None, 0.3,
    )  # fmt: skip
    assert (data["missing"], data["message"]) == (["BITU"], "데이터 부족: BITU")
