"""Each property catches the rule that breaks it; the rules of the catalogue keep them all."""

from __future__ import annotations

import pytest

from processors.checks.market import market, packed
from processors.checks.run import ELSEWHERE, PROPERTIES, check, entry_of
from schemas.catalogue import SignalType, load_catalogue
from schemas.errors import ConfigError
from schemas.signals import SignalState
from schemas.ticks import FrameBatch, ParametersChange, QuoteState, Session, SessionRecord
from tests.builders import BOOK, replay
from tests.unit.processors.checks.rules import Sound

RULES = "tests.unit.processors.checks.rules"
TITLES = [*PROPERTIES, ELSEWHERE]


def titled(words: str) -> str:
    [title] = [title for title in TITLES if words in title]
    return title


def failed(kind: str) -> dict[str, str]:
    report = check(SignalType(type="sound", rule=f"{RULES}:{kind}"), BOOK)
    return {finding.title: finding.counterexample for finding in report.findings if finding.counterexample}


@pytest.mark.parametrize("entry", load_catalogue(), ids=lambda entry: entry.type)
@pytest.mark.parametrize("seed", [7, 8])
def test_the_rules_of_the_catalogue_keep_every_promise(entry: SignalType, seed: int) -> None:
    report = check(entry, BOOK, seed)
    assert [finding.title for finding in report.findings] == TITLES
    assert [finding for finding in report.findings if finding.counterexample] == []
    assert report.is_good
    assert "said nothing" not in report.cost


def test_a_sound_rule_is_found_sound() -> None:
    assert failed("Sound") == {}


@pytest.mark.parametrize(
    ("kind", "words", "said"),
    [
        ("Backdates", "look-ahead", "is said only at the frame at 09:"),
        ("Placed", "packed", "with frames all in one message"),
        ("Tuples", "restart", "does not survive JSON: last is [] instead of ()"),
        ("Remembers", "hidden state", "the class variable Remembers.seen has changed"),
        ("Global", "hidden state", ""),
        ("InPlace", "come again", "the state given was changed in place at the frame at 09:29:50.000 on 2026-02-10"),
        ("Yesterday", "came before it", "2026-02-11 by itself: sound SPY nothing → "),
        ("Wall", "no clock", "it calls datetime.now() in line "),
        ("Ticking", "no clock", "it calls time.monotonic() in line "),
        ("Dice", "no clock", "it calls random."),
        ("Reads", "no clock", "open() in line "),
        ("Chatty", "verdict changed", "nothing changed"),
        ("Misnamed", "verdict changed", "event_id: expected"),
        ("Pushy", "actionable", "is actionable though suppressed by R1"),
        ("Unplain", "plain JSON", "does not survive JSON: data is"),
        ("Hashed", "another process", "another process says something else"),
    ],
)
def test_a_broken_promise_is_found_and_told(kind: str, words: str, said: str) -> None:
    found = failed(kind)
    assert said in found[titled(words)], found


def test_a_rule_that_breaks_is_told_with_the_frame() -> None:
    [(title, why)] = failed("Fragile").items()
    assert title == "the rule gets through the market"
    assert why.startswith("it raised TypeError: ")
    assert "at the frame of 2026-02-10 14:" in why


def test_a_rule_that_says_nothing_is_told_so() -> None:
    report = check(SignalType(type="sound", rule=f"{RULES}:Silent"), BOOK)
    assert "it said nothing of this market" in report.cost


def test_the_market_is_lively_and_the_same_each_time() -> None:
    records = market(BOOK, 7)
    assert records == market(BOOK, 7) != market(BOOK, 8)
    frames = [frame for record in records if isinstance(record, FrameBatch) for frame in record.frames]
    ticks = [tick for frame in frames for tick in frame.ticks]
    assert {tick.state for tick in ticks} == set(QuoteState)
    assert {len(frame.ticks) for frame in frames} >= {0, 5, 14, 16}  # none, a few, all but the silent, all
    assert {record.session for record in records if isinstance(record, SessionRecord)} == set(Session)
    assert sum(isinstance(record, ParametersChange) for record in records) >= 5
    times = [frame.event_time for frame in frames]
    assert times == sorted(set(times))
    states = {event.after.state for event in replay(Sound(), records)[1]}
    assert states == set(SignalState)


def test_packing_loses_no_frame() -> None:
    records = market(BOOK, 7)
    few = packed(records)
    assert len(few) < len(records) / 4

    def frames(side):
        return [frame for record in side if isinstance(record, FrameBatch) for frame in record.frames]

    assert frames(few) == frames(records)


def test_a_signal_is_named_by_the_catalogue_or_by_its_rule() -> None:
    catalogue = load_catalogue()
    assert entry_of("gold", catalogue).rule == "processors.rules.gold:Gold"
    assert entry_of(f"{RULES}:Sound", catalogue) == SignalType(type="sound", rule=f"{RULES}:Sound")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("silver", "NAME: expected one of gold, twin_pairs, conditional, stop_loss, bearish or module:Class"),
        ("nowhere:Gold", "No module named 'nowhere'"),
        ("processors.rules.gold:Silver", "no attribute 'Silver'"),
    ],
)
def test_an_unknown_signal_is_told(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match="NAME: expected") as caught:
        entry_of(name, load_catalogue())
    assert said in str(caught.value)
