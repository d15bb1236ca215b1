"""The properties, each a function of a case: None where it holds, else the first counterexample in words."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace

from processors.checks.market import packed
from processors.checks.replay import Case, clock, difference, flat, named, placeless, replayed, step, where
from schemas.base import encode
from schemas.signals import SignalEvent, SignalState, SignalView, Verdict, event_id
from schemas.ticks import FrameBatch, ParametersChange, SessionRecord, TickRecord

Property = Callable[[Case], str | None]

CUTS = 24
REASONS = ("R1", "R4", "R5", "data", "session")


def no_look_ahead(case: Case) -> str | None:
    """An event belongs to the frame at which it is said; what came before a cut is the same without what follows it."""
    for position, events in enumerate(case.said):
        record = case.records[position]
        for event in events:
            if isinstance(record, FrameBatch) and event.event_time == record.frames[0].event_time:
                continue
            return f"{named(case.book, event)} is said only at {where(case, position)}"
    dice = Random(1)
    for cut in sorted(dice.sample(range(1, len(case.records)), min(CUTS, len(case.records) - 1))):
        _, said = replayed(case.fresh(), case.records[:cut])
        if found := difference(case.book, flat(case.said[:cut]), flat(said)):
            return f"with the market cut before {where(case, cut)}, {found}"
    return None


def no_packing(case: Case) -> str | None:
    """The same events and the same last state, whether a message holds one frame or many."""
    wanted, whole = placeless(case.events), replayed(case.fresh(), case.records)[0]
    for how, dice in (("all in one message", None), ("packed at random", Random(2)), ("packed otherwise", Random(3))):
        state, said = replayed(case.fresh(), packed(list(case.records), dice))
        if found := difference(case.book, wanted, placeless(flat(said))):
            return f"with frames {how}, {found}"
        if replace(state, position=0) != replace(whole, position=0):
            return f"with frames {how}, the last state differs: {_differing(whole, state)}"
    return None


def no_restart(case: Case) -> str | None:
    """A new process at every record, with the state as the changelog has it, says the same."""
    kind, kept = case.fresh().state_type, encode(case.fresh().initial())
    for position, record in enumerate(case.records):
        rule = case.fresh()
        state, events = step(rule, msgspec.json.decode(kept, type=kind), record, position)
        if found := difference(case.book, case.said[position], events):
            return f"restarted before {where(case, position)}, {found}"
        kept = encode(state)
        back = msgspec.json.decode(kept, type=kind)
        if back != state:
            return f"the state after {where(case, position)} does not survive JSON: {_differing(state, back)}"
    return None


def no_redelivery(case: Case) -> str | None:
    """Records that come again change nothing, and neither does a batch that is begun anew from the state before it."""
    rule = case.fresh()
    state = rule.initial()
    for position, record in enumerate(case.records):
        before = encode(state)
        _, first = step(rule, state, record, position)
        if encode(state) != before:
            return f"the state given was changed in place at {where(case, position)}"
        after, events = step(rule, state, record, position)
        if found := difference(case.book, first, events):
            return f"folded again from the state before it, {where(case, position)}: {found}"
        state = after
        for back in range(max(0, position - 2), position + 1):
            repeated, more = step(rule, state, case.records[back], back)
            if more:
                return f"{where(case, back)} read again says {named(case.book, more[0])}"
            if repeated != state:
                return f"{where(case, back)} read again changes the state: {_differing(state, repeated)}"
    return None


def self_contained(case: Case) -> str | None:
    """A trade date says the same whatever came before it: it is archived, replayed and begun by itself."""
    openings = [
        (position, record.trade_date)
        for position, record in enumerate(case.records)
        if isinstance(record, SessionRecord) and record.registry is not None
    ]
    starts = {day: position for position, day in reversed(openings)}
    for day, start in sorted(starts.items()):
        _, said = replayed(case.fresh(), case.records[start:], first=start)
        if found := difference(case.book, flat(case.said[start:]), flat(said)):
            return f"{day} by itself: {found}"
    return None


def changes_only(case: Case) -> str | None:
    """Each edge starts where the one before it ended, and names itself as the line names it."""
    standing: dict[tuple[Any, str], Verdict] = {}
    seen: set[str] = set()
    for position, events in enumerate(case.said):
        in_frame: dict[str, int] = {}
        for event in events:
            if fault := _misnamed(case, event, in_frame.get(event.subject, 0)):
                return f"{named(case.book, event)}: {fault}"
            in_frame[event.subject] = in_frame.get(event.subject, 0) + 1
            key = event.trade_date, event.subject
            if event.before == event.after:
                return f"{named(case.book, event)}: nothing changed"
            if event.before != standing.get(key):
                stood = standing.get(key)
                return f"{named(case.book, event)}: before is not what stood, {stood.decision if stood else None!r}"
            if event.event_id in seen:
                return f"{named(case.book, event)}: its id was given before"
            seen.add(event.event_id)
            standing[key] = event.after
        assert position < len(case.records)
    return None


def actionable_is_free(case: Case) -> str | None:
    """A person is asked to act only where all is known and nothing speaks against it."""
    for event in case.events:
        after = event.after
        if after.is_actionable and after.state is not SignalState.OK:
            return f"{named(case.book, event)} is actionable while its state is {after.state.value}"
        if after.is_actionable and after.suppressed_by:
            return f"{named(case.book, event)} is actionable though suppressed by {', '.join(after.suppressed_by)}"
        if (after.decision is None) != (after.state is not SignalState.OK):
            return f"{named(case.book, event)}: decision {after.decision!r} with state {after.state.value}"
        if after.suppressed_by != tuple(reason for reason in REASONS if reason in after.suppressed_by):
            return f"{named(case.book, event)}: suppressed_by: expected some of {', '.join(REASONS)}, in this order"
    return None


def plain_json(case: Case) -> str | None:
    """Events and views come back from JSON as they were; asking for views changes nothing."""
    for event in case.events:
        if fault := _unplain(event, SignalEvent):
            return f"{named(case.book, event)}: {fault}"
    rule = case.fresh()
    state = rule.initial()
    for position, record in enumerate(case.records):
        state, events = step(rule, state, record, position)
        if found := difference(case.book, case.said[position], events):
            return f"after views were asked for, {found}"
        if position % 5:
            continue
        for view in rule.views(state):
            if fault := _unplain(view, SignalView):
                return f"the view of {view.subject} {clock(case.book, view.event_time)}: {fault}"
    return None


def _unplain(said: SignalEvent | SignalView, kind: Any) -> str | None:
    try:
        back = msgspec.json.decode(encode(said), type=kind)
    except Exception as error:
        return f"does not become JSON ({error})"
    if back != said:
        return f"does not survive JSON: {_differing(said, back)}"
    return None


def _misnamed(case: Case, event: SignalEvent, ordinal: int) -> str | None:
    """What is wrong with how an event names itself; parity rests on ids."""
    wanted = {
        "signal_type": case.fresh().signal_type,
        "book": case.book.name,
        "ordinal": ordinal,
        "event_id": event_id(
            event.book, event.signal_type, event.subject, event.event_time, event.after, event.ordinal
        ),
        "parameter_version": _version(case, event.position),
        "trade_date": _day_of(case.records, event.position),
    }
    for name, value in wanted.items():
        if getattr(event, name) != value:
            return f"{name}: expected {value!r}, received {getattr(event, name)!r}"
    return None


def _version(case: Case, position: int) -> int:
    version = 0
    for record in case.records[: position + 1]:
        if isinstance(record, SessionRecord) and record.registry is not None:
            version = max(version, record.version)
        elif isinstance(record, ParametersChange) and record.replaces == version:
            version = record.version
    return version


def _day_of(records: Any, position: int) -> Any:
    return next(record.trade_date for record in reversed(records[: position + 1]) if isinstance(record, SessionRecord))


def _differing(one: Any, two: Any) -> str:
    """The first field in which two structs differ."""
    for name in one.__struct_fields__:
        if getattr(one, name) != getattr(two, name):
            return f"{name} is {_short(getattr(two, name))} instead of {_short(getattr(one, name))}"
    return f"{_short(two)} instead of {_short(one)}"


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 80 else f"{said[:77]}…"


def record_kinds(records: list[TickRecord]) -> dict[str, int]:
    """How many of each kind of record there are."""
    counts: dict[str, int] = {}
    for record in records:
        counts[type(record).__name__] = counts.get(type(record).__name__, 0) + 1
    return counts
