"""What holds for every rule of the catalogue on every path through a market."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from processors.fold import Rule, State, fold
from processors.rules.engine import Judged
from schemas.base import encode
from schemas.signals import SignalEvent, SignalState, SignalView
from schemas.ticks import FrameBatch, QuoteState, TickRecord
from tests.builders import (
    BOOK,
    CATALOGUE,
    MISSING,
    TRADE_DATE,
    Step,
    at,
    batch,
    cuts,
    frame,
    markets,
    opening,
    packings,
    replay,
    restored,
)

every_rule = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.signal_type)
thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def said(events: list[SignalEvent]) -> list[SignalEvent]:
    """`events` without their place in the log, which packing moves."""
    return [replace(event, position=0) for event in events]


@every_rule
@thorough
@given(records=markets(), cut=st.integers(0, 90))
def test_a_restart_at_any_record_changes_no_event(rule: Rule[Any], records: list[TickRecord], cut: int) -> None:
    whole, events = replay(rule, records)
    state, before = replay(rule, records[:cut])
    back = restored(rule, state)
    assert back == state
    end, after = replay(rule, records[cut:], back, first=len(records[:cut]))
    assert before + after == events
    assert end == whole


@every_rule
@thorough
@given(records=markets(), cut=st.integers(0, 90), back=st.integers(1, 5))
def test_records_that_come_again_change_nothing(
    rule: Rule[Any], records: list[TickRecord], cut: int, back: int
) -> None:
    state, _ = replay(rule, records[:cut])
    again = records[max(0, cut - back) : cut]
    end, events = replay(rule, again, state, first=max(0, cut - back))
    assert (end, events) == (state, [])


@every_rule
@thorough
@given(data=st.data(), records=markets())
def test_packing_changes_nothing(rule: Rule[Any], data: st.DataObject, records: list[TickRecord]) -> None:
    packed = data.draw(packings(records))
    one, many = replay(rule, records), replay(rule, packed)
    assert said(many[1]) == said(one[1])
    assert replace(many[0], position=0) == replace(one[0], position=0)


@every_rule
@thorough
@given(records=markets())
def test_no_event_without_a_change_and_none_twice(rule: Rule[Any], records: list[TickRecord]) -> None:
    _, events = replay(rule, records)
    standing: dict[tuple[Any, str], Any] = {}
    for event in events:
        key = event.trade_date, event.subject
        assert event.before != event.after
        assert event.before == standing.get(key)  # each edge starts where the one before it ended
        standing[key] = event.after
    assert len({event.event_id for event in events}) == len(events)


@every_rule
@thorough
@given(records=markets())
def test_actionable_means_judged_and_free(rule: Rule[Any], records: list[TickRecord]) -> None:
    for event in replay(rule, records)[1]:
        verdict = event.after
        assert (verdict.decision is None) == (verdict.state is not SignalState.OK)
        if verdict.is_actionable:
            assert verdict.state is SignalState.OK
            assert verdict.suppressed_by == ()
        if verdict.state is not SignalState.OK:
            assert verdict.suppressed_by == ()
        assert list(verdict.suppressed_by) == [
            r for r in ("R1", "R4", "R5", "data", "session") if r in verdict.suppressed_by
        ]


@every_rule
@thorough
@given(records=markets(), cut=st.integers(0, 90))
def test_nothing_looks_ahead(rule: Rule[Any], records: list[TickRecord], cut: int) -> None:
    _, events = replay(rule, records)
    _, early = replay(rule, records[:cut])
    assert early == [event for event in events if event.position < cut]
    for event in events:
        record = records[event.position]
        assert isinstance(record, FrameBatch)
        assert event.event_time == record.frames[0].event_time


@every_rule
@thorough
@given(records=markets(), cut=st.integers(0, 90))
def test_a_step_leaves_the_state_it_was_given_alone(rule: Rule[Any], records: list[TickRecord], cut: int) -> None:
    state, _ = replay(rule, records[:cut])
    kept = restored(rule, state)
    replay(rule, records[cut:], state)
    assert state == kept


@every_rule
@thorough
@given(records=markets(), cut=st.integers(1, 90))
def test_views_and_events_are_plain_json(rule: Rule[Any], records: list[TickRecord], cut: int) -> None:
    state, events = replay(rule, records[:cut])
    told: list[SignalView | SignalEvent] = [*rule.views(state), *events]
    for item in told:
        assert msgspec.json.decode(encode(item.data)) == item.data
        assert item.data.get("message") or item.subject == "gate"


@every_rule
@thorough
@given(known=cuts(), unknown=st.sets(st.sampled_from(BOOK.symbols), min_size=1), filled=cuts())
def test_unknown_is_never_flat(rule: Judged, known: Any, unknown: set[str], filled: Any) -> None:
    """Where a rule decides without some symbols, no value of theirs could have changed its mind."""
    full = {symbol: known.get(symbol, 0.0) for symbol in BOOK.symbols}
    without = full | dict.fromkeys(unknown, MISSING)
    other = full | {s: filled[s] for s in unknown if isinstance(filled.get(s), float)}
    decided = decisions(rule, without)
    assert all(decision in (None, decisions(rule, other)[subject]) for subject, decision in decided.items())


def decisions(rule: Judged, readings: Any) -> dict[str, str | None]:
    """By subject, at the first frame of a day. A gold ban that is not latched yet takes no part."""
    state: State
    state, _ = replay(rule, [opening("regular"), frame("09:45", readings)])
    assert state.day is not None
    return {subject: verdict.decision for subject, verdict in rule.decide(state.day, state).items()}


@every_rule
@given(clock=st.sampled_from(["09:31", "09:45", "10:00", "10:01", "15:59"]))
def test_an_empty_feed_is_not_a_healthy_market(rule: Rule[Any], clock: str) -> None:
    """Vector G0 in strict mode (facts 2.8): nothing known, so nothing is said."""
    state, events = replay(rule, [opening(), frame(clock)])
    assert events == []
    assert {view.data["state"] for view in rule.views(state) if view.subject != "gate"} == {"insufficient_data"}


@every_rule
def test_frames_before_an_opening_are_not_judged(rule: Rule[Any]) -> None:
    record = batch(frame("10:00", rest=1.0))
    assert fold(rule, rule.initial(), record, 3) == (rule.initial(), [])


@every_rule
def test_each_date_starts_afresh(rule: Rule[Any]) -> None:
    """An opening gives the same day whatever came before it."""
    next_day = TRADE_DATE + timedelta(days=1)
    second: list[Step] = [opening(day=next_day), batch(frame(at("10:00", next_day), rest=-4.0))]
    first: list[Step] = [
        opening(),
        batch(frame("10:00", rest=2.0)),
        batch(frame("10:05", {"GLD": QuoteState.SUSPECT}, rest=2.0)),
    ]
    assert replay(rule, first + second)[1][-len(replay(rule, second)[1]) :] == replay(rule, second, first=len(first))[1]
