"""R4: the day change of every symbol against the stop line."""

from __future__ import annotations

import pytest

from processors.rules.stop_loss import StopLoss
from tests.builders import BOOK, SUSPECT, Reading, frame, opening, replay

STOP = StopLoss()


@pytest.mark.parametrize(
    ("reading", "line", "decision"),
    [
        (-3.0, -3.0, "alert"),
        (-2.99, -3.0, "clear"),
        (-3.01, -3.0, "alert"),
        (-50.0, None, "clear"),
        (None, -3.0, None),
    ],
)
def test_the_line_is_inclusive(reading: Reading, line: float | None, decision: str | None) -> None:
    _, events = replay(STOP, [opening(stop_loss_pct=line), frame("10:30", {"COIN": reading}, rest=0.0)])
    assert {event.subject: event.after.decision for event in events} == dict.fromkeys(BOOK.symbols, "clear") | {
        "COIN": decision
    }


def test_an_alert_neither_waits_nor_is_gated() -> None:
    frames = [frame("09:00", rest=0.0), frame("09:00:00.001", {"COIN": -3.0}, rest=0.0)]
    _, events = replay(STOP, [opening("pre", confirm_sec=60), *frames])
    assert len(events) == 17
    assert (events[-1].subject, events[-1].after.is_actionable) == ("COIN", True)


def test_what_is_not_monitored_says_so() -> None:
    _, events = replay(STOP, [opening(), frame("10:00", {"COIN": -4.0, "SPY": SUSPECT}, rest=None)])
    states = {event.subject: event.after.state.value for event in events}
    assert states == dict.fromkeys(BOOK.symbols, "insufficient_data") | {"COIN": "ok", "SPY": "suspect"}


def test_gold_and_the_indices_are_watched_but_not_traded() -> None:
    _, events = replay(STOP, [opening(), frame("10:00", rest=-4.0)])
    assert [event.subject for event in events if not event.data["tradable"]] == ["GLD", "SPY", "QQQ"]
    assert all(event.data["stop_loss"] for event in events)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (-3.0, "COIN -3.00%: 손절선 -3.0% 도달"),
        (-3.5, "COIN -3.00%: 손절선 -3.5% 위"),
        (None, "COIN -3.00%: 손절 꺼짐"),
    ],
)
def test_message(line: float | None, message: str) -> None:
    _, events = replay(STOP, [opening(stop_loss_pct=line), frame("10:00", {"COIN": -3.0}, rest=0.0)])
    assert next(event.data["message"] for event in events if event.subject == "COIN") == message
