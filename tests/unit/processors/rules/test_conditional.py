"""R3: three triggers up mean a buy of the target; one known not to be up settles it."""

from __future__ import annotations

import pytest

from processors.rules.conditional import Conditional
from tests.builders import STALE, SUSPECT, Reading, frame, opening, replay

CONDITIONAL = Conditional()


@pytest.mark.parametrize(
    ("ethu", "xxrp", "solt", "coin", "state", "decision"),
    [
        pytest.param(0.01, 0.01, 0.01, -2.0, "ok", "met", id="the target's own change is not tested"),
        pytest.param(0.0, 0.01, 0.01, 1.0, "ok", "unmet", id="0.00 is not up"),
        pytest.param(-0.0, 0.01, 0.01, 1.0, "ok", "unmet", id="nor is -0.00"),
        pytest.param(-1.0, None, SUSPECT, None, "ok", "unmet", id="one known is enough for no"),
        pytest.param(1.0, 1.0, None, 1.0, "insufficient_data", None, id="yes needs all of them"),
        pytest.param(1.0, SUSPECT, STALE, 1.0, "suspect", None, id="the strongest reason wins"),
        pytest.param(1.0, 1.0, 1.0, STALE, "stale", None, id="all up, but the target has no valid price"),
    ],
)
def test_triggers_decide(
    ethu: Reading, xxrp: Reading, solt: Reading, coin: Reading, state: str, decision: str | None
) -> None:
    cut = {"ETHU": ethu, "XXRP": xxrp, "SOLT": solt, "COIN": coin}
    _, [event] = replay(CONDITIONAL, [opening(), frame("10:30", cut, rest=0.0)])
    assert (event.subject, event.after.state, event.after.decision) == ("COIN", state, decision)


@pytest.mark.parametrize(
    ("readings", "reasons"),
    [
        ({}, ()),
        ({"COIN": -3.0}, ("R4",)),
        ({"GLD": 0.5, "COIN": -3.0}, ("R1", "R4")),
        ({"SPY": None, "QQQ": None}, ("data",)),
    ],
)
def test_gates(readings: dict[str, Reading], reasons: tuple[str, ...]) -> None:
    cut = {"ETHU": 1.0, "XXRP": 1.0, "SOLT": 1.0} | readings
    _, [event] = replay(CONDITIONAL, [opening(), frame("10:00", cut, rest=0.0)])
    assert (event.after.suppressed_by, event.after.is_actionable) == (reasons, not reasons)


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (
            {"ETHU": 1.0, "XXRP": 1.0, "SOLT": 1.0, "COIN": -1.0},
            "ETHU, XXRP, SOLT 모두 상승: COIN 매수 신호 (-1.00%)",
        ),
        ({"ETHU": 0.0, "XXRP": 1.0, "SOLT": -1.0, "COIN": -1.0}, "조건 미충족: ETHU, SOLT 상승 아님"),
        ({"ETHU": 0.0, "XXRP": None, "SOLT": 1.0}, "조건 미충족: ETHU 상승 아님 (데이터 없음: XXRP)"),
        ({"ETHU": 1.0, "XXRP": None, "SOLT": STALE}, "데이터 부족: XXRP · 오래된 시세: SOLT"),
    ],
)
def test_message(cut: dict[str, Reading], message: str) -> None:
    _, [event] = replay(CONDITIONAL, [opening(), frame("10:00", cut, rest=0.0)])
    assert event.data["message"] == message
