"""R5: both indices down, and whether gold is up besides."""

from __future__ import annotations

import pytest

from processors.rules.bearish import Bearish
from tests.builders import STALE, SUSPECT, Reading, frame, opening, replay

BEARISH = Bearish()


@pytest.mark.parametrize(
    ("spy", "qqq", "gld", "state", "regime"),
    [
        pytest.param(-0.01, -0.01, 0.01, "ok", "down_gold", id="down, gold up"),
        pytest.param(-0.01, -0.01, 0.0, "ok", "down_defensive", id="down, gold flat"),
        pytest.param(-5.0, 0.0, 1.0, "ok", "normal", id="one index is not enough"),
        pytest.param(None, 0.0, None, "ok", "normal", id="one index known not to be down is enough for no"),
        pytest.param(-5.0, None, 1.0, "insufficient_data", None, id="one index unknown"),
        pytest.param(-5.0, SUSPECT, None, "suspect", None, id="gold is not asked before the market is down"),
        pytest.param(-1.0, -1.0, STALE, "stale", None, id="down, and gold unknown"),
    ],
)
def test_regime(spy: Reading, qqq: Reading, gld: Reading, state: str, regime: str | None) -> None:
    _, [event] = replay(BEARISH, [opening(), frame("10:30", {"SPY": spy, "QQQ": qqq, "GLD": gld}, rest=0.0)])
    assert (event.subject, event.after.state, event.after.decision) == ("MARKET", state, regime)
    assert event.after.is_actionable == (regime is not None and regime != "normal")


@pytest.mark.parametrize(
    ("clock", "gld", "reasons"),
    [("10:00", 0.5, ["R1"]), ("10:00", -0.5, []), ("09:45", -0.5, ["session"])],
)
def test_its_buys_are_gated_and_the_regime_is_not(clock: str, gld: float, reasons: list[str]) -> None:
    _, [event] = replay(BEARISH, [opening(), frame(clock, {"GLD": gld}, rest=-1.0)])
    assert event.data["suppressed_by"] == reasons
    assert (event.after.suppressed_by, event.after.is_actionable) == ((), True)


def test_the_picks_are_always_all_listed() -> None:
    _, [event] = replay(BEARISH, [opening(), frame("10:00", {"SPY": 0.5, "BRKU": -0.0, "HIMZ": 1.0})])
    assert event.data["bearish_picks"] == [
        {"ticker": "HIMZ", "name": "힘스앤허스 2x", "change_pct": 1.0},
        {"ticker": "BRKU", "name": "버크셔 2x", "change_pct": 0.0},
        {"ticker": "BABX", "name": "알리바바 2x", "change_pct": None},
    ]
    assert event.data["missing"] == ["QQQ", "GLD", "BABX"]
    assert event.data["message"] == "정상 시장 (SPY +0.50%, QQQ 데이터 없음)"


@pytest.mark.parametrize(
    ("gld", "message"),
    [
        (0.5, "하락장 (SPY -1.00%, QQQ -1.00%): 금 +0.50% 상승, 금 2배 ETF 검토 (보류: 금 상승(R1))"),
        (-0.5, "하락장 (SPY -1.00%, QQQ -1.00%): 방어주 검토 HIMZ, BRKU, BABX"),
    ],
)
def test_message(gld: float, message: str) -> None:
    _, [event] = replay(BEARISH, [opening(), frame("10:00", {"GLD": gld}, rest=-1.0)])
    assert event.data["message"] == message
