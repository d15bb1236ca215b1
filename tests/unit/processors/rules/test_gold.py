"""R1: the warning follows gold, the ban is decided once."""

from __future__ import annotations

from typing import Any

import pytest

from processors.rules.gold import Gold
from tests.builders import STALE, SUSPECT, Reading, Step, at, change, frame, opening, replay, session

GOLD = Gold()


def decisions(*records: Step, **parameters: Any) -> list[str | None]:
    """Decisions of gold's events over a day opened with `parameters`, without waiting for confirmation."""
    _, events = replay(GOLD, [opening(**{"confirm_sec": 0.0} | parameters), *records])
    assert {event.subject for event in events} <= {"GLD"}
    return [event.after.decision for event in events]


def gold(clock: str, reading: Reading) -> Step:
    return frame(clock, {"GLD": reading})


def test_the_last_tick_of_the_observation_decides_at_its_end() -> None:
    found = decisions(gold("09:30:01", 0.5), gold("09:59:59", -0.1), gold("10:00:00.001", 0.5))
    assert found == ["warning:pending", "clear:pending", "warning:allowed"]


def test_a_frame_at_the_very_end_is_within_and_decides() -> None:
    assert decisions(gold("09:59:59", -0.1), gold("10:00", 0.01)) == ["clear:pending", "warning:banned"]


def test_zero_is_not_up() -> None:
    assert decisions(gold("09:45", 0.0), gold("10:00", 0.0)) == ["clear:pending", "clear:allowed"]


def test_a_ban_stays_whatever_gold_and_the_parameters_do() -> None:
    found = decisions(
        gold("10:00", 0.2),
        gold("10:01", -3.0),
        change(2, 1, confirm_sec=0, gold_threshold_pct=5, gold_observe_minutes=390),
        gold("10:02", 4.9),
        gold("15:00", 5.1),
    )
    assert found == ["warning:banned", "clear:banned", "warning:banned"]


def test_gold_before_the_open_takes_no_part() -> None:
    records = [
        gold("09:15", 2.0),
        gold("09:30", 2.0),
        session("regular"),
        frame("10:05", {"GLD": None}, rest=1.0),
    ]
    assert decisions(*records, name="pre") == ["warning:pending", None]


def test_without_gold_in_the_observation_the_first_tick_later_decides() -> None:
    state, events = replay(
        GOLD,
        [
            opening(confirm_sec=0),
            frame("09:45", {"GLD": SUSPECT}, rest=1.0),
            frame("10:00", {"GLD": STALE}, rest=1.0),
            gold("10:20", 0.3),
            gold("10:30", -0.3),
        ],
    )
    assert [event.after.decision for event in events] == [None, None, "warning:banned", "clear:banned"]
    assert (state.ban.late, state.ban.latched_at) == (True, at("10:20"))


def test_nothing_to_observe_means_the_first_tick_after_the_open() -> None:
    state, _ = replay(
        GOLD,
        [
            opening("pre", gold_observe_minutes=0),
            gold("09:30", 1.0),
            session("regular"),
            gold("09:30:01", -1.0),
        ],
    )
    assert (state.ban.banned, state.ban.late) == (False, False)


def test_an_observation_shortened_behind_the_clock_ends_with_what_was_seen() -> None:
    shorter = change(2, 1, confirm_sec=0, gold_observe_minutes=5)
    assert decisions(gold("09:50", 0.2), shorter, gold("09:51", -0.2)) == ["warning:pending", "clear:banned"]


@pytest.mark.parametrize(
    ("records", "phase"),
    [
        pytest.param([gold("09:20", 0.1)], "premarket", id="before the open"),
        pytest.param([gold("09:30", 0.1)], "premarket", id="the open itself belongs to the time before"),
        pytest.param([gold("09:31", 0.1)], "observing", id="within the observation"),
        pytest.param([gold("10:00", 0.1)], "latched", id="at its end"),
        pytest.param([gold("10:00", 0.1), session("closed"), gold("16:01", 0.1)], "closed", id="after the close"),
    ],
)
def test_phase(records: list[Step], phase: str) -> None:
    state, _ = replay(GOLD, [opening("pre"), *records])
    assert GOLD.views(state)[0].data["phase"] == phase


@pytest.mark.parametrize(
    ("records", "reasons"),
    [
        pytest.param([frame("09:45", rest=-0.5)], ["R5", "session"], id="observing, market down"),
        pytest.param([frame("10:00", rest=0.5)], ["R1"], id="banned"),
        pytest.param([frame("10:00", rest=0.0)], [], id="free"),
        pytest.param([frame("10:00", {"GLD": None}, rest=0.5)], ["data"], id="gold never seen"),
        pytest.param([frame("10:00", {"SPY": None}, rest=-0.5)], ["data"], id="an index unknown, the other down"),
        pytest.param([frame("10:00", {"SPY": None}, rest=0.0)], [], id="an index unknown, the other not down"),
        pytest.param([frame("10:00", rest=0.0), session("after"), frame("16:01", rest=0.0)], ["session"], id="after"),
    ],
)
def test_the_gate_says_why_buys_are_not_allowed(records: list[Step], reasons: list[str]) -> None:
    state, _ = replay(GOLD, [opening(), *records])
    gate = GOLD.views(state)[-1]
    assert (gate.subject, gate.verdict) == ("gate", None)
    assert (gate.data["reasons"], gate.data["new_buys_allowed"]) == (reasons, not reasons)


def test_the_gate_names_the_day_and_when_it_was_decided() -> None:
    state, _ = replay(GOLD, [opening(), gold("09:59:59", 0.5), gold("10:00:02", -1.0)])
    assert GOLD.views(state)[-1].data == {
        "new_buys_allowed": False,
        "reasons": ["R1", "data"],  # no index was seen
        "day_ban": True,
        "late": False,
        "market_down": None,
        "trade_date": "2026-02-10",
        "latched_at": "2026-02-10T15:00:02Z",
    }


def test_a_banned_day_is_actionable_even_when_gold_falls_back() -> None:
    _, events = replay(GOLD, [opening(confirm_sec=0), gold("10:00", 0.5), gold("10:01", -0.5)])
    assert [(event.after.decision, event.after.is_actionable) for event in events] == [
        ("warning:banned", True),
        ("clear:banned", True),
    ]


@pytest.mark.parametrize(
    ("reading", "message"),
    [
        (0.01, "금 +0.01% 상승: 관찰 중, 신규 매수 보류"),
        (-0.0, "금 +0.00%: 관찰 중, 신규 매수 보류"),
        (SUSPECT, "의심스러운 시세: GLD"),
    ],
)
def test_message_while_gold_is_watched(reading: Reading, message: str) -> None:
    _, [event] = replay(GOLD, [opening(), frame("09:45", {"GLD": reading}, rest=0.0)])
    assert event.data["message"] == message


@pytest.mark.parametrize(
    ("at_ten", "later", "message"),
    [
        (-0.5, -0.2, "금 -0.20%: 매매 가능"),
        (-0.5, 0.3, "금 +0.30% 상승 중: 오늘 매매 가능 (개장 관찰 통과)"),
        (0.5, 0.3, "금 +0.30%: 오늘 신규 매수 금지 (상승 중), 매매 금지"),
        (0.5, -0.3, "금 -0.30%: 오늘 신규 매수 금지 (개장 관찰에서 상승), 매매 금지"),
    ],
)
def test_message_once_the_day_is_decided(at_ten: float, later: float, message: str) -> None:
    state, _ = replay(GOLD, [opening(confirm_sec=0), gold("10:00", at_ten), gold("11:00", later)])
    assert GOLD.views(state)[0].data["message"] == message
