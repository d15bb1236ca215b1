"""What names an edge."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from schemas.signals import SignalState, Verdict, day_key, event_id, view_key

AT = datetime(2026, 2, 13, 15, 0, 3, 250_000, UTC)
ENTRY = Verdict(state=SignalState.OK, decision="ENTRY:follow_lags", is_actionable=True)


def made(**changed: Any) -> str:
    parts: dict[str, Any] = {
        "book": "us",
        "signal_type": "twin_pairs",
        "subject": "coin",
        "event_time": AT,
        "after": ENTRY,
        "ordinal": 0,
    }
    return event_id(**{**parts, **changed})


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        ({}, "67e4c71ac43b171f26853523de7397da"),
        ({"after": Verdict(state=SignalState.STALE, decision=None)}, "9cf06d81cd5e5e9b8ab2244a9bd13d2c"),
        (
            {"after": Verdict(state=SignalState.OK, decision="ENTRY:follow_lags", suppressed_by=("R1", "session"))},
            "de2715c9e23f14aa99d33fd7ff3b321f",
        ),
        ({"signal_type": "gold", "subject": "GLD", "ordinal": 3}, "e646cdbf98823f3e87b618e2a401d18f"),
    ],
)
def test_ids_are_the_ones_they_always_were(changed, known):
    """Made by this function on 2026-11-23. Rows and subscribers know events by these; they may never change."""
    assert made(**changed) == known


def test_the_recipe_is_the_one_in_the_docs():
    parts = ["us", "twin_pairs", "coin", "1770994803250", "ok", "=ENTRY:follow_lags", "1", "", "0"]
    assert made() == hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()


def test_everything_that_makes_an_edge_makes_another_id():
    verdicts = [
        Verdict(state=SignalState.OK, decision="SELL", is_actionable=True),
        Verdict(state=SignalState.OK, decision="ENTRY:follow_lags"),
        Verdict(state=SignalState.OK, decision="ENTRY:follow_lags", suppressed_by=("R1",)),
        Verdict(state=SignalState.OK, decision="ENTRY:follow_lags", suppressed_by=("R1", "R5")),
        Verdict(state=SignalState.STALE, decision=None),
        Verdict(state=SignalState.OK, decision=None),
        Verdict(state=SignalState.OK, decision=""),
    ]
    changes: list[dict[str, Any]] = [
        {},
        {"book": "kr"},
        {"signal_type": "gold"},
        {"subject": "bank"},
        {"event_time": AT + timedelta(milliseconds=1)},
        {"ordinal": 1},
        *({"after": verdict} for verdict in verdicts),
    ]
    assert len({made(**changed) for changed in changes}) == len(changes)


def test_the_same_moment_in_another_zone_is_the_same_edge():
    assert made(event_time=AT.astimezone(timezone(timedelta(hours=9)))) == made()


def test_parts_do_not_run_into_each_other():
    assert made(signal_type="ab", subject="c") != made(signal_type="a", subject="bc")


def test_keys():
    assert view_key("us", "twin_pairs", "coin") == "us:twin_pairs:coin"
    assert day_key("us") == "us:#day"
