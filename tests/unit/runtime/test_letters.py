"""Which dead letters may go back: what still means the same wherever it stands, and parses."""

from __future__ import annotations

import pytest

from runtime.letters import judge, place
from schemas.base import encode
from schemas.dead_letters import DeadLetter
from schemas.parameters import Parameters
from schemas.quotes import Bar
from schemas.signals import SignalEvent, SignalState, Verdict
from schemas.ticks import ParametersChange, Session
from schemas.topics import partition_of
from tests.builders import at, batch, frame

EVENT = SignalEvent(
    event_id="0" * 32, book="us", signal_type="gold", subject="market", event_time=at("10:00"),
    trade_date=at("10:00").date(), session=Session.REGULAR, before=None,
    after=Verdict(state=SignalState.OK, decision="buy"), data={}, parameter_version=1, position=1,
)  # fmt: skip
BAR = Bar(
    book="us", symbol="GLD", start=at("10:00"), trade_date=at("10:00").date(), session=Session.REGULAR,
    open=1.0, high=1.0, low=1.0, close=1.0, volume=None, ticks=1, position=1,
)  # fmt: skip
CHANGE = ParametersChange(book="us", version=2, replaces=1, parameters=Parameters(), changed_at=at("10:00"))


def letter(topic: str, value: bytes | None) -> DeadLetter:
    return DeadLetter(
        topic=f"demo.{topic}",
        partition=0,
        offset=7,
        reason="-",
        reported_by="-",
        reported_at=at("10:00"),
        value=value,
    )


@pytest.mark.parametrize(
    ("topic", "value", "partition"),
    [("signals", encode(EVENT), 0), ("bars", encode(BAR), 0), ("ticks", encode(CHANGE), partition_of("us"))],
)
def test_signals_bars_and_parameters_go_back(topic, value, partition):
    assert judge(letter(topic, value), "demo").partition == partition


@pytest.mark.parametrize(
    ("topic", "value", "reason"),
    [
        pytest.param(
            "ticks",
            encode(batch(frame(at("10:00"), {"GLD": 1.0}))),
            "place in the order is gone",
            id="a tick",
        ),
        pytest.param("ticks", b"\xff", "place in the order is gone", id="bytes on ticks"),
        pytest.param("signals", b"{}", "still does not parse", id="half an event"),
        pytest.param("bars", None, "carries no value", id="nothing"),
        pytest.param("quotes", b"{}", "the next value on quotes replaces this one", id="a compacted topic"),
    ],
)
def test_what_cannot_go_back_stays_with_the_reason(topic, value, reason):
    verdict = judge(letter(topic, value), "demo")
    assert verdict.partition is None
    assert reason in verdict.reason


def test_a_place_is_written_as_everywhere():
    assert place(letter("ticks", None)) == "demo.ticks[0]@7"
