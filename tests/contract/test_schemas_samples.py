"""Records written in the past read for ever.

Each sample is named ``<topic>.<what>.v<version>.<day it was written>.json``. Samples are added, never edited: a change
that would need an edit here would need one in every archive.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from schemas.base import decoder, encode, parse
from schemas.dead_letters import DeadLetter
from schemas.export import documents
from schemas.quotes import Bar, Quote
from schemas.signals import DayView, SignalEvent, SignalState, SignalView, event_id
from schemas.ticks import End, FrameBatch, ParametersChange, QuoteState, SessionRecord, TickRecord

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
READERS = {  # topic.what → how it is read, what it is
    "ticks.frames": (TickRecord, FrameBatch),
    "ticks.parameters": (TickRecord, ParametersChange),
    "ticks.session-opening": (TickRecord, SessionRecord),
    "ticks.session": (TickRecord, SessionRecord),
    "ticks.end": (TickRecord, End),
    "signals.first": (SignalEvent, SignalEvent),
    "signals.edge": (SignalEvent, SignalEvent),
    "views.signal": (SignalView, SignalView),
    "views.day": (DayView, DayView),
    "quotes": (Quote, Quote),
    "bars": (Bar, Bar),
    "dead-letters": (DeadLetter, DeadLetter),
}
SCHEMAS = documents()


def what(path: Path) -> str:
    return path.name.split(".v")[0]


def read(name: str) -> Any:
    """The oldest sample of `name`, as today's reader sees it."""
    path = next(path for path in SAMPLES if what(path) == name)
    return parse(decoder(READERS[name][0]), path.read_bytes(), path.name)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_reads_as_what_it_is_and_loses_nothing(path):
    reader, kind = READERS[what(path)]
    record = parse(decoder(reader), path.read_bytes(), path.name)
    assert type(record) is kind
    assert contains(json.loads(encode(record)), json.loads(path.read_bytes()))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_fits_the_published_schema(path):
    topic = what(path).partition(".")[0]
    jsonschema.Draft202012Validator(SCHEMAS[f"{topic}.schema.json"]).validate(json.loads(path.read_bytes()))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_reads_with_fields_of_a_later_writer(path):
    def grown(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{key: grown(part) for key, part in value.items()}, "added_later": {"deep": [1, None]}}
        return [grown(part) for part in value] if isinstance(value, list) else value

    reader, _ = READERS[what(path)]
    later = grown(json.loads(path.read_bytes()))
    if isinstance(later.get("data"), dict):
        del later["data"]["added_later"]  # free-form: it would rightly be kept
    assert parse(decoder(reader), msgspec.json.encode(later), path.name) == parse(
        decoder(reader), path.read_bytes(), path.name
    )


def test_there_is_a_sample_of_every_kind():
    assert {what(path) for path in SAMPLES} == set(READERS)


def test_a_frame_says_what_it_said():
    batch = read("ticks.frames")
    gold, bitu, robn, conl, himz, spy = batch.frames[0].ticks
    assert (gold.symbol, gold.last, gold.change_pct, gold.source) == ("GLD", 462.62, 2.49, "rest")
    assert bitu.traded_at.isoformat() == "2026-02-13T15:00:03+00:00"
    assert [tick.state for tick in (robn, conl, himz)] == [
        QuoteState.STALE,
        QuoteState.SUSPECT,
        QuoteState.MISSING,
    ]
    assert himz.last is None  # never zero
    assert spy.carried
    assert [frame.snapshot for frame in batch.frames] == [True, False]


def test_an_opening_says_what_the_day_is_judged_by():
    opening = read("ticks.session-opening")
    assert opening.registry.pairs[0].follow == "MSTU"
    assert opening.parameters.pair_gap_entry_threshold == 1.5
    assert read("ticks.parameters").parameters.stop_loss_pct is None


def test_an_event_has_the_id_it_had():
    """Rows and subscribers know it by this id; so the way it is made may never change."""
    for name in ("signals.first", "signals.edge"):
        event = read(name)
        parts = (event.book, event.signal_type, event.subject, event.event_time, event.after, event.ordinal)
        assert event_id(*parts) == event.event_id
    assert read("signals.edge").event_id == "f2ee43aa36b5de54fde99d20fea588a8"
    assert read("signals.first").after.state is SignalState.INSUFFICIENT_DATA


def test_a_dead_letter_holds_the_bytes_it_held():
    letter = read("dead-letters")
    assert (letter.key, letter.value) == (b"us", b'{"kind":"x"}')


def contains(now: Any, then: Any) -> bool:
    """Whether `now` holds all that `then` held; fields that came later are of no matter."""
    if isinstance(then, dict):
        return all(key in now and contains(now[key], value) for key, value in then.items())
    if isinstance(then, list):
        return len(now) == len(then) and all(map(contains, now, then))
    return bool(now == then)
