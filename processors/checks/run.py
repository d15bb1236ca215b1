"""All properties of one rule, and what it costs."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

from processors.checks import outside, properties
from processors.checks.market import market
from processors.checks.replay import Broke, Case, case, replayed, step
from processors.fold import load_rules
from schemas.base import encode
from schemas.book import Book
from schemas.catalogue import SignalType
from schemas.errors import ConfigError
from schemas.ticks import FrameBatch

PROPERTIES: dict[str, properties.Property] = {
    "no look-ahead: a cut anywhere leaves every earlier event as it was": properties.no_look_ahead,
    "no dependence on how frames are packed": properties.no_packing,
    "no dependence on a restart at any frame": properties.no_restart,
    "records that come again change nothing": properties.no_redelivery,
    "a trade date does not depend on what came before it": properties.self_contained,
    "no clock, no chance, no files": outside.no_clock,
    "no hidden state": outside.no_hidden_state,
    "an event only where a verdict changed, under its right id": properties.changes_only,
    "actionable means known and free": properties.actionable_is_free,
    "events and views are plain JSON": properties.plain_json,
}
ELSEWHERE = "another process says the same"


@dataclass(frozen=True, slots=True)
class Finding:
    """A property, and what speaks against it; None where it holds."""

    title: str
    counterexample: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a check. `market` and `cost` are sentences."""

    market: str
    cost: str
    findings: list[Finding]

    @property
    def is_good(self) -> bool:
        return all(finding.counterexample is None for finding in self.findings)


def check(entry: SignalType, book: Book, seed: int = 7) -> Report:
    """Hold the rule of `entry` to all that a rule must keep. Raises `ConfigError` when it cannot be loaded."""
    about = _about(book, seed)
    load_rules([entry])
    try:
        shown = case_of(entry, book, seed)
    except Broke as error:
        return Report(about, "not measured", [Finding("the rule gets through the market", str(error))])
    findings = [Finding(title, _found(holds, shown)) for title, holds in PROPERTIES.items()]
    elsewhere = outside.same_elsewhere(shown, f"{entry.type}={entry.rule}", encode(book).decode(), seed)
    return Report(about, _cost(shown), [*findings, Finding(ELSEWHERE, elsewhere)])


def case_of(entry: SignalType, book: Book, seed: int) -> Case:
    return case(lambda: load_rules([entry])[0], book, market(book, seed), market(book, seed + 1))


def _found(holds: properties.Property, shown: Case) -> str | None:
    try:
        return holds(shown)
    except Broke as error:
        return str(error)
    except Exception as error:  # a rule may return anything: that is a finding, not an end
        return f"{type(error).__name__}: {error}"


def _about(book: Book, seed: int) -> str:
    records = market(book, seed)
    frames = [record.frames[0] for record in records if isinstance(record, FrameBatch)]
    kinds = properties.record_kinds(records)
    return (
        f"2 trade dates of {len(book.symbols)} symbols, {len(frames)} frames, "
        f"{sum(len(frame.ticks) for frame in frames):,} ticks, {kinds['ParametersChange']} changes of parameters "
        f"(seed {seed})"
    )


def _cost(shown: Case) -> str:
    frames = sum(isinstance(record, FrameBatch) for record in shown.records)
    begun = time.perf_counter()
    replayed(shown.fresh(), shown.records)
    per_frame_us = (time.perf_counter() - begun) / frames * 1e6
    rule = shown.fresh()
    state, largest = rule.initial(), 0
    for position, record in enumerate(shown.records):
        state, _ = step(rule, state, record, position)
        largest = max(largest, len(encode(state)))
    said = len(shown.events)
    silent = ": it said nothing of this market, so little was proven; try another --seed" if not said else ""
    return f"{per_frame_us:.0f} µs a frame, state at most {largest:,} bytes, {said:,} events{silent}"


def entry_of(name: str, catalogue: Iterable[SignalType]) -> SignalType:
    """The entry `name` of the catalogue, or one for `module:Class`. Raises `ConfigError`."""
    known = {entry.type: entry for entry in catalogue}
    if name in known:
        return known[name]
    module, colon, kind = name.partition(":")
    if not colon:
        raise ConfigError(f"NAME: expected one of {', '.join(known)} or module:Class, received {name!r}")
    try:
        signal_type = getattr(importlib.import_module(module), kind)().signal_type
    except Exception as error:  # whatever the module does at import
        raise ConfigError(f"NAME: expected an importable module:Class, received {name!r} ({error})") from error
    return SignalType(type=str(signal_type), rule=name)
