"""A rule over the records of ticks: openings, sessions, parameters and frames, one book at a time.

Pure like the rules. The same records give the same state and events, however their frames are packed and however
often one is read again.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from processors.rules.days import Day, DayState, opened
from processors.rules.engine import Judged, Rule, S, State
from schemas.catalogue import SignalType
from schemas.errors import ConfigError
from schemas.signals import SignalEvent
from schemas.ticks import FrameBatch, ParametersChange, Session, SessionRecord, TickRecord

__all__ = ["Day", "DayState", "Judged", "Rule", "State", "fold", "load_rules"]

SESSIONS = tuple(Session)  # in the order of a day


def fold(rule: Rule[S], state: S, record: TickRecord, position: int) -> tuple[S, list[SignalEvent]]:
    """Fold `record`, which stands at offset `position` of ticks, into the state of its book.

    A frame no newer than the last one folded, and any frame before an opening, changes nothing.
    """
    if isinstance(record, FrameBatch):
        return _frames(rule, state, record, position)
    if isinstance(record, SessionRecord):
        return _session(rule, state, record), []
    if isinstance(record, ParametersChange):
        return _parameters(state, record), []
    return state, []  # the end of a replay


def _frames(rule: Rule[S], state: S, batch: FrameBatch, position: int) -> tuple[S, list[SignalEvent]]:
    events: list[SignalEvent] = []
    if state.day is None:
        return state, events
    for frame in batch.frames:
        newest = state.event_time
        if newest is not None and frame.event_time <= newest:
            continue
        if state.position != position:
            state = replace(state, position=position)
        state, edges = rule.step(state, frame)
        if edges:
            events += edges
        if state.event_time is not frame.event_time:  # a rule with a step of its own need not keep it
            state = replace(state, event_time=frame.event_time)
    return state, events


def _session(rule: Rule[S], state: S, record: SessionRecord) -> S:
    day = state.day
    if day is None or record.trade_date > day.trade_date:
        opening = opened(record)
        if opening is None:
            return state
        return replace(rule.initial(), day=opening, event_time=state.event_time, position=state.position)
    if record.trade_date < day.trade_date or SESSIONS.index(record.session) <= SESSIONS.index(day.session):
        return state
    return replace(state, day=replace(day, session=record.session))


def _parameters(state: S, change: ParametersChange) -> S:
    day = state.day
    if day is None or change.replaces != day.version:
        return state
    return replace(state, day=replace(day, parameters=change.parameters, version=change.version))


def load_rules(catalogue: Iterable[SignalType]) -> list[Rule[Any]]:
    """The rules that `catalogue` names. Raises `ConfigError` that names the line whose rule cannot be used."""
    return [_load(entry) for entry in catalogue]


def _load(entry: SignalType) -> Rule[Any]:
    module, _, name = entry.rule.partition(":")
    line = f"signals: {entry.type}: rule"
    try:
        rule: Rule[Any] = getattr(importlib.import_module(module), name)()
    except Exception as error:  # whatever the module does at import: the line is what to mend
        raise ConfigError(f"{line}: expected an importable module:Class, received {entry.rule!r} ({error})") from error
    lacking = [part for part in ("signal_type", "state_type", "initial", "step", "views") if not hasattr(rule, part)]
    if lacking:
        raise ConfigError(f"{line}: expected a rule, received {entry.rule!r}, which has no {', '.join(lacking)}")
    if rule.signal_type != entry.type:
        raise ConfigError(f"{line}: expected a rule of type {entry.type!r}, received {rule.signal_type!r}")
    return rule
