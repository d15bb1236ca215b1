"""Openings, sessions, parameters and repeats, as every rule sees them; and rules that come from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from processors.fold import fold, load_rules
from processors.rules.engine import State
from processors.rules.gold import Gold
from schemas.catalogue import SignalType, load_catalogue
from schemas.errors import ConfigError
from schemas.ticks import End, FrameBatch, Session
from tests.builders import BOOK, Step, at, batch, change, frame, opening, pure_fold, replay, session

GOLD = Gold()
NEXT = date(2026, 2, 11)


def after(*records: Step) -> State:
    state: State = replay(GOLD, records)[0]
    return state


def test_an_opening_fixes_the_day_and_emits_nothing() -> None:
    state, events = replay(GOLD, [opening("pre", version=4, stop_loss_pct=-2.0)])
    assert events == []
    assert state.day is not None
    assert (state.day.trade_date, state.day.session, state.day.version) == (date(2026, 2, 10), "pre", 4)
    assert (state.day.opens_at, state.day.closes_at) == (at("09:30"), at("16:00"))
    assert (state.day.registry, state.day.parameters.stop_loss_pct) == (BOOK, -2.0)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(opening("pre", version=1), id="a repeat"),
        pytest.param(opening("pre", version=9, stop_loss_pct=-1.0), id="a repeat with other parameters"),
        pytest.param(session("pre"), id="a session it has passed"),
        pytest.param(session("closed", day=date(2026, 2, 9)), id="an older date"),
        pytest.param(opening("pre", day=date(2026, 2, 9)), id="the opening of an older date"),
        pytest.param(session("pre", day=NEXT), id="a date that was not opened"),
        pytest.param(replace(opening("pre", day=NEXT), parameters=None), id="an opening without parameters"),
        pytest.param(change(3, 2), id="a change of a version that is not in force"),
        pytest.param(batch(frame("10:00", rest=9.0)), id="the newest frame again"),
        pytest.param(batch(frame("09:59", rest=9.0)), id="an older frame"),
        pytest.param(End(book="us"), id="the end"),
    ],
)
def test_records_that_change_nothing(record: Step) -> None:
    state = after(opening("regular"), frame("10:00", rest=0.0))
    assert fold(GOLD, state, record, 77) == (state, [])  # type: ignore[arg-type]


def test_sessions_go_forward_only() -> None:
    seen = []
    state = after(opening("pre"))
    for name in ("regular", "pre", "after", "regular", "closed", "after"):
        state, _ = fold(GOLD, state, session(name), 1)
        assert state.day is not None
        seen.append(state.day.session)
    assert seen == ["regular", "regular", "after", "after", "closed", "closed"]


def test_an_opening_sent_again_later_still_tells_the_session() -> None:
    state = after(opening("pre"), opening("regular", stop_loss_pct=-1.0))
    assert state.day is not None
    assert (state.day.session, state.day.parameters.stop_loss_pct) == (Session.REGULAR, -3.0)


def test_of_two_changes_at_once_the_first_wins() -> None:
    state = after(opening(version=5), change(6, 5, stop_loss_pct=-1.0), change(6, 5, stop_loss_pct=-2.0))
    assert state.day is not None
    assert (state.day.version, state.day.parameters.stop_loss_pct) == (6, -1.0)


def test_a_new_date_starts_with_nothing_but_the_clock() -> None:
    state = after(opening(), frame("10:00", rest=1.0), opening("pre", day=NEXT, version=2))
    assert state == replace(GOLD.initial(), day=state.day, event_time=at("10:00"), position=1)


def test_a_batch_is_its_frames() -> None:
    frames = [frame("10:00", rest=0.0), frame("10:01", rest=1.0), frame("10:05", rest=1.0)]
    one = replay(GOLD, [opening(), *frames])[1]
    packed = replay(GOLD, [opening(), batch(*frames)])[1]
    assert [event.event_id for event in packed] == [event.event_id for event in one]
    assert {event.position for event in packed} == {1}


def test_the_frames_a_batch_repeats_are_left_out() -> None:
    first, second = frame("10:00", rest=0.0), frame("10:05", rest=1.0)
    state = after(opening(confirm_sec=0), first)
    _, events = fold(GOLD, state, FrameBatch(book="us", frames=(first, second, first)), 2)
    assert [event.event_time for event in events] == [at("10:05")]


def test_the_oracle_passes_over_what_does_not_parse() -> None:
    records: list[tuple[int, Any]] = [
        (3, opening()),
        (4, b"{"),
        (5, None),
        (6, batch(frame("10:00", rest=0.0))),
    ]
    events = pure_fold(records)
    assert len(events) == 1 + 3 + 1 + 16 + 1
    assert {event.position for event in events} == {6}
    assert [event.signal_type for event in events] == sorted(event.signal_type for event in events)


def test_the_catalogue_names_five_rules() -> None:
    rules = load_rules(load_catalogue())
    assert [rule.signal_type for rule in rules] == [
        "gold",
        "twin_pairs",
        "conditional",
        "stop_loss",
        "bearish",
    ]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("processors.rules.nowhere:Gold", "No module named"),
        ("processors.rules.gold:Silver", "no attribute 'Silver'"),
        ("processors.rules.gold:Gold", "expected a rule of type 'silver', received 'gold'"),
        ("processors.rules.days:DayState", "no signal_type"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named(rule: str, said: str) -> None:
    with pytest.raises(ConfigError, match="signals: silver: rule") as caught:
        load_rules([SignalType(type="silver", rule=rule)])
    assert said in str(caught.value)


JUDGED = '''
from dataclasses import dataclass
from typing import ClassVar
from processors.fold import Judged
from processors.rules.engine import UNKNOWN, judged

@dataclass(frozen=True, slots=True)
class Breadth(Judged):
    """`broad` when more than half of the book is up."""
    signal_type: ClassVar[str] = "breadth"

    def subjects(self, registry):
        return {"book": registry.symbols}

    def decide(self, day, now):
        symbols = day.registry.symbols
        if now.quotes.lacking:
            return {"book": UNKNOWN[now.quotes.worst(symbols)]}
        up = sum(now.quotes.newest[symbol] > 0 for symbol in symbols)
        return {"book": judged("broad" if 2 * up > len(symbols) else "narrow", 2 * up > len(symbols))}

    def describe(self, day, now, subject, verdict):
        return {"up": sum((now.quotes.change(symbol) or 0) > 0 for symbol in day.registry.symbols)}

    def explain(self, day, now, subject, verdict):
        return str(verdict.decision)
'''

OWN_STEP = '''
from processors.fold import DayState
from schemas.signals import SignalEvent, SignalState, Verdict, event_id

class Counted(DayState):
    frames: int = 0

class Breadth:
    """Speaks at every second frame; keeps neither time nor position itself."""
    signal_type = "breadth"
    state_type = Counted

    def initial(self):
        return Counted()

    def step(self, state, frame):
        after = Counted(day=state.day, position=state.position, frames=state.frames + 1)
        if after.frames % 2:
            return after, []
        verdict = Verdict(state=SignalState.OK, decision=str(after.frames))
        return after, [SignalEvent(
            event_id=event_id(frame.book, "breadth", "book", frame.event_time, verdict, 0), book=frame.book,
            signal_type="breadth", subject="book", event_time=frame.event_time, trade_date=state.day.trade_date,
            session=state.day.session, before=None, after=verdict, data={}, parameter_version=state.day.version,
            position=state.position)]

    def views(self, state):
        return []
'''


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Write one rule file, name it in a catalogue, load it."""

    def load(source: str) -> Any:
        name = f"rule_{request.node.name.partition('[')[0]}"
        (tmp_path / f"{name}.py").write_text(source, "utf-8")
        (tmp_path / "signals.toml").write_text(f'[[signal]]\ntype = "breadth"\nrule = "{name}:Breadth"\n', "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        [rule] = load_rules(load_catalogue(tmp_path / "signals.toml"))
        return rule

    return load


def test_a_signal_is_one_file_and_one_line(plug_in: Callable[[str], Any]) -> None:
    rule = plug_in(JUDGED)
    records: list[Step] = [
        opening(confirm_sec=0),
        frame("10:00", rest=0.0),
        frame("10:01", rest=1.0),
        frame("10:02", {"SPY": 1.0}),
    ]
    state, events = replay(rule, records)
    assert [event.after.decision for event in events] == ["narrow", "broad", None]
    assert len(events[-1].data["missing"]) == 15
    assert [view.subject for view in rule.views(state)] == ["book"]


def test_a_rule_may_have_a_step_of_its_own(plug_in: Callable[[str], Any]) -> None:
    rule = plug_in(OWN_STEP)
    cut = frame("10:01", rest=0.0)
    _, events = replay(rule, [frame("09:59"), opening(), frame("10:00"), cut, cut, frame("10:02"), frame("10:03")])
    assert [(event.after.decision, event.position) for event in events] == [("2", 3), ("4", 6)]
