"""Freshness, debounce and edges: what is the same for every rule that judges subjects."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from processors.rules.conditional import Conditional
from processors.rules.stop_loss import StopLoss
from processors.rules.twin_pairs import TwinPairs
from schemas.ticks import QuoteState, Tick
from tests.builders import BOOK, STALE, Reading, Step, at, change, frame, opening, replay, session

TWINS = TwinPairs()
COIN = Conditional()
UP: dict[str, Reading] = {"ETHU": 1.0, "XXRP": 1.0, "SOLT": 1.0}


def met(clock: str) -> Step:
    return frame(clock, UP, rest=0.0)


def unmet(clock: str) -> Step:
    return frame(clock, rest=0.0)


def unknown(clock: str) -> Step:
    return frame(clock, {"ETHU": None}, rest=1.0)


def told(*records: Step) -> list[tuple[str, str | None]]:
    """When the conditional rule said what, from 10:30 on; the gates are open."""
    _, events = replay(COIN, [opening(), frame("10:00", rest=0.0), *records])
    return [(event.event_time.strftime("%M:%S"), event.after.decision) for event in events[1:]]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([met("10:30:00"), met("10:30:02.999")], [], id="not long enough"),
        pytest.param([met("10:30:00"), met("10:30:03")], [("30:03", "met")], id="held for 3 s"),
        pytest.param([met("10:30:00"), met("10:30:10")], [("30:10", "met")], id="two frames far apart are enough"),
        pytest.param(
            [met("10:30:00"), unmet("10:30:02"), met("10:30:02.5"), met("10:30:04")],
            [],
            id="a return starts it anew",
        ),
        pytest.param(
            [met("10:30:00"), unknown("10:30:02"), unknown("10:30:03"), unknown("10:30:05")],
            [("30:05", None)],
            id="another candidate waits for itself",
        ),
        pytest.param(
            [met("10:30:00"), change(2, 1, confirm_sec=0), met("10:30:00.020")],
            [("30:00", "met")],
            id="the parameters in force at the frame count",
        ),
    ],
)
def test_a_change_must_hold(records: list[Step], expected: list[tuple[str, str | None]]) -> None:
    assert told(*records) == expected


def test_without_confirmation_every_frame_may_turn() -> None:
    _, events = replay(COIN, [opening(confirm_sec=0), unmet("10:00"), met("10:00:00.001"), unmet("10:00:00.002")])
    assert [event.after.decision for event in events] == ["unmet", "met", "unmet"]
    assert [event.before for event in events[1:]] == [event.after for event in events[:-1]]


def test_the_first_frame_with_data_tells_every_subject_once() -> None:
    only_gold = frame("09:31", {"GLD": STALE})
    state, events = replay(TWINS, [opening(confirm_sec=60), frame("09:30:30"), only_gold, frame("09:31:01")])
    assert [(e.subject, e.event_time, e.before, e.after.state) for e in events] == [
        (key, at("09:31"), None, "insufficient_data") for key in ("coin", "bank", "semi")
    ]
    assert {view.since for view in TWINS.views(state)} == {at("09:31")}


def test_the_close_waits_for_nothing() -> None:
    frames = [frame("15:59", rest=0.0), frame("20:01")]
    state, events = replay(TWINS, [opening(confirm_sec=600), frames[0], session("closed"), frames[1]])
    assert [(e.subject, e.after.state, e.after.is_actionable) for e in events[3:]] == [
        (key, "market_closed", False) for key in ("coin", "bank", "semi")
    ]
    assert {view.data["message"] for view in TWINS.views(state)} == {"장 마감"}


@pytest.mark.parametrize(
    ("name", "last_seen", "clock", "state"),
    [
        pytest.param("regular", "10:00:00", "10:00:10", "ok", id="regular: 10 s are allowed"),
        pytest.param("regular", "10:00:00", "10:00:10.001", "stale", id="and not a millisecond more"),
        pytest.param("pre", "08:00:00", "08:02:00", "ok", id="extended hours: 120 s"),
        pytest.param("after", "17:00:00", "17:02:00.001", "stale", id="extended hours: more than 120 s"),
    ],
)
def test_a_symbol_not_seen_for_long_is_stale(name: str, last_seen: str, clock: str, state: str) -> None:
    between = at(clock) - (at(clock) - at(last_seen)) / 2
    records: list[Step] = [
        opening(name, confirm_sec=0),
        frame(last_seen, rest=0.0),
        frame(between, {"MSTU": 0.1}, partial=True),
        frame(clock, {"MSTU": 0.2}, partial=True),
    ]
    now, _ = replay(TWINS, records)
    coin = TWINS.views(now)[0]
    assert coin.data["state"] == state
    assert coin.data["stale"] == ([] if state == "ok" else ["BITU"])


def test_a_stale_symbol_is_judged_again_when_it_comes_back_or_may_be_older() -> None:
    stale: list[Step] = [
        opening(confirm_sec=0),
        frame("15:59:00", rest=0.0),
        frame("15:59:20", {"MSTU": 0.0}, partial=True),
    ]
    back = frame("15:59:21", {"BITU": 0.1}, partial=True)
    later: list[Step] = [session("after"), frame("16:00:30", {"MSTU": 0.0}, partial=True)]
    assert TWINS.views(replay(TWINS, stale)[0])[0].data["state"] == "stale"
    assert TWINS.views(replay(TWINS, [*stale, back])[0])[0].data["lead_pct"] == 0.1
    assert TWINS.views(replay(TWINS, [*stale, *later])[0])[0].data["state"] == "ok"


def test_yesterday_is_not_carried_over_an_opening() -> None:
    tomorrow = at("10:00").date().replace(day=11)
    records: list[Step] = [opening(), frame("15:59", rest=0.0), opening("pre", day=tomorrow)]
    _, events = replay(TWINS, [*records, frame(at("04:00", tomorrow), {"GLD": 0.0}, partial=True)])
    assert [event.after.state for event in events[3:]] == ["insufficient_data"] * 3
    assert [event.before for event in events[3:]] == [None] * 3


def test_a_quote_said_to_be_ok_without_a_change_is_missing() -> None:
    full = frame("10:00", rest=0.0)
    ticks = (*(one for one in full.ticks if one.symbol != "BITU"), Tick(symbol="BITU", state=QuoteState.OK))
    _, events = replay(TWINS, [opening(), replace(full, ticks=ticks)])
    assert (events[0].after.state, events[0].data["missing"]) == ("insufficient_data", ["BITU"])


def test_a_symbol_that_the_book_does_not_list_changes_nothing() -> None:
    cut = dict.fromkeys(BOOK.symbols, 0.0) | {"ZZZZ": None}
    plain = replay(TWINS, [opening(), frame("10:00", rest=0.0), frame("10:01", rest=1.0)])[1]
    assert replay(TWINS, [opening(), frame("10:00", cut, partial=True), frame("10:01", rest=1.0)])[1] == plain


def test_views_show_what_is_not_confirmed_yet() -> None:
    frames = [frame("10:00", rest=0.0), frame("10:00:01", {"BITU": 1.0}, rest=0.0)]
    state, events = replay(TWINS, [opening(), *frames], first=40)
    coin = TWINS.views(state)[0]
    assert coin.verdict is not None
    assert coin.verdict == events[0].after
    assert (coin.verdict.decision, coin.data["signal"], coin.data["gap"]) == ("SELL", "HOLD", 1.0)
    assert (coin.since, coin.event_time, coin.position, coin.parameter_version) == (
        at("10:00"),
        at("10:00:01"),
        42,
        1,
    )


def test_events_carry_their_place() -> None:
    _, events = replay(StopLoss(), [opening(version=7), frame("10:00", {"COIN": -5.0}, rest=0.0)], first=100)
    event = next(event for event in events if event.subject == "COIN")
    assert (event.book, event.signal_type, event.position, event.parameter_version) == (
        "us",
        "stop_loss",
        101,
        7,
    )
    assert (event.event_time, event.session, event.ordinal, event.lane) == (at("10:00"), "regular", 0, "")
    assert event.ingest_time is not None
