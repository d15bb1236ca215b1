"""Records of ticks for tests, the loop over them, and whole random days for Hypothesis.

The trade date is Tuesday 2026-02-10: regular hours 09:30 to 16:00 New York, which is UTC-5 on that date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec.structs import replace

from processors.fold import Rule, fold, load_rules
from schemas.base import decoder, parse
from schemas.book import Book, load_book
from schemas.catalogue import load_catalogue
from schemas.errors import Malformed
from schemas.parameters import Parameters
from schemas.signals import SignalEvent
from schemas.ticks import (
    End,
    Frame,
    FrameBatch,
    ParametersChange,
    QuoteState,
    Session,
    SessionRecord,
    Tick,
    TickRecord,
)

BOOK = load_book("us")
TRADE_DATE = date(2026, 2, 10)
NEW_YORK = timedelta(hours=-5)
CATALOGUE = load_rules(load_catalogue())

MISSING, SUSPECT, STALE = QuoteState.MISSING, QuoteState.SUSPECT, QuoteState.STALE
Reading = float | QuoteState | None  # a change in percent, or what is wrong with the quote; None is missing

_records = decoder(TickRecord)


def at(clock: str | datetime, day: date = TRADE_DATE) -> datetime:
    """The UTC time of a New York clock like ``10:00`` or ``10:00:03.250``."""
    if isinstance(clock, datetime):
        return clock
    return (datetime.combine(day, time.fromisoformat(clock)) - NEW_YORK).replace(tzinfo=UTC)


def tick(symbol: str, reading: Reading) -> Tick:
    """A quote with a base of 100."""
    if isinstance(reading, int | float):
        return Tick(
            symbol=symbol,
            state=QuoteState.OK,
            last=100 + float(reading),
            base=100.0,
            change_pct=float(reading),
        )
    return Tick(symbol=symbol, state=reading or MISSING)


def frame(
    clock: str | datetime,
    readings: Mapping[str, Reading] | None = None,
    *,
    rest: Reading = None,
    partial: bool = False,
    snapshot: bool = False,
    book: Book = BOOK,
) -> Frame:
    """A cut at `clock`. Symbols that `readings` leaves out read `rest` (missing), or are left out if `partial`."""
    given = dict(readings or {})
    if not partial:
        given = {symbol: given.get(symbol, rest) for symbol in book.symbols} | given
    moment = at(clock)
    return Frame(
        book=book.name,
        event_time=moment,
        ingest_time=moment + timedelta(milliseconds=7),
        ticks=tuple(tick(symbol, reading) for symbol, reading in given.items()),
        snapshot=snapshot,
    )


def batch(*frames: Frame) -> FrameBatch:
    """`frames` in one record."""
    return FrameBatch(book=frames[0].book, frames=frames)


def session(name: Session | str, clock: str = "09:30", day: date = TRADE_DATE) -> SessionRecord:
    """A session record that opens nothing."""
    return SessionRecord(
        book=BOOK.name,
        trade_date=day,
        session=Session(name),
        at=at(clock, day),
        opens_at=at("09:30", day),
        closes_at=at("16:00", day),
    )


def opening(
    name: Session | str = Session.REGULAR,
    *,
    day: date = TRADE_DATE,
    version: int = 1,
    registry: Book = BOOK,
    **parameters: Any,
) -> SessionRecord:
    """The first record of a trade date, `parameters` over the defaults."""
    return replace(session(name, day=day), registry=registry, parameters=Parameters(**parameters), version=version)


def change(version: int, replaces: int, **parameters: Any) -> ParametersChange:
    """A full new set of parameters, `parameters` over the defaults."""
    return ParametersChange(
        book=BOOK.name,
        version=version,
        replaces=replaces,
        parameters=Parameters(**parameters),
        changed_at=at("09:00"),
    )


Step = Frame | TickRecord


def replay(
    rule: Rule[Any], records: Iterable[Step], state: Any = None, *, first: int = 0
) -> tuple[Any, list[SignalEvent]]:
    """Fold `records` from `state` (default: initial) as offsets `first` and up; a bare frame is a record of its own."""
    state = rule.initial() if state is None else state
    events: list[SignalEvent] = []
    for position, record in enumerate(records, first):
        state, edges = fold(rule, state, batch(record) if isinstance(record, Frame) else record, position)
        events += edges
    return state, events


def restored(rule: Rule[Any], state: Any) -> Any:
    """`state` as it comes back from the changelog."""
    return msgspec.json.decode(msgspec.json.encode(state), type=rule.state_type)


def canonical(event: SignalEvent) -> tuple[str, datetime, str, str, int]:
    """The order that events are compared in."""
    return event.book, event.event_time, event.signal_type, event.subject, event.ordinal


def pure_fold(
    records: Iterable[tuple[int, TickRecord | bytes | None]], rules: Sequence[Rule[Any]] = CATALOGUE
) -> list[SignalEvent]:
    """The events that `rules` give over (offset, record) of one partition of ticks, in canonical order.

    The oracle of end-to-end tests: a plain loop, without Kafka, Faust or tables. Raw values are decoded; one that does
    not parse is passed over, as the agents do after they have reported it.
    """
    states: dict[tuple[str, str], Any] = {}
    events: list[SignalEvent] = []
    for offset, value in records:
        try:
            record = parse(_records, value, f"ticks@{offset}") if value is None or isinstance(value, bytes) else value
        except Malformed:
            continue
        for rule in rules:
            key = rule.signal_type, record.book
            states[key], edges = fold(rule, states.get(key, rule.initial()), record, offset)
            events += edges
    return sorted(events, key=canonical)


# Changes where rules turn, thresholds and their neighbours, and enough of everything else.
EDGES = (-3.01, -3.0, -2.99, -1.5, -0.31, -0.01, -0.0, 0.0, 0.01, 0.3, 0.31, 1.49, 1.5, 1.8)


def _cut(random: Random) -> dict[str, Reading]:
    """What one frame brings: the whole book at one level but for a few symbols, some of it, or nothing known."""

    def reading() -> Reading:
        kind = random.random()
        if kind < 0.2:
            return random.choice([MISSING, SUSPECT, STALE])
        return random.choice(EDGES) if kind < 0.7 else round(random.uniform(-9, 9), 2)

    kind = random.random()
    few: dict[str, Reading] = {symbol: reading() for symbol in random.sample(BOOK.symbols, random.randrange(7))}
    if kind < 0.3:
        return few
    level: Reading = MISSING if kind < 0.35 else random.choice(EDGES)
    return {symbol: few.get(symbol, level) for symbol in BOOK.symbols}


# Made once: drawing every reading of every frame would cost a hundred times what the rules do.
CUTS = [_cut(Random(seed)) for seed in range(400)]
GAPS_MS = (1000, 1000, 1000, 1, 20, 500, 2999, 3000, 9_000, 10_000, 10_001, 200_000, 1_300_000)
HAPPENINGS = ("new", "new", "new", "hold", "hold", "hold", "session", "parameters", "lost race", "repeat")

_parameters: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "confirm_sec": st.sampled_from([3.0, 0.0, 0.5, 20.0]),
        "gold_observe_minutes": st.sampled_from([30, 0, 1]),
        "stop_loss_pct": st.sampled_from([-3.0, None, -0.5]),
        "gold_threshold_pct": st.sampled_from([0.0, -0.5, 0.5]),
        "pair_gap_entry_threshold": st.sampled_from([1.5, 0.5]),
        "max_quote_age_sec": st.sampled_from([10.0, 1.0]),
    }
)


def cuts() -> st.SearchStrategy[dict[str, Reading]]:
    """Readings of one frame; symbols may be left out."""
    return st.sampled_from(CUTS)


@st.composite
def markets(draw: st.DrawFn, max_frames: int = 30) -> list[TickRecord]:
    """The records of one or two trade dates: openings, sessions, parameter changes and frames, one frame a record."""
    records: list[TickRecord] = []
    version = 1
    for day in (TRADE_DATE, TRADE_DATE + timedelta(days=1))[: draw(st.integers(1, 2))]:
        sessions = list(Session)[draw(st.integers(0, 1)) :]
        clock = at(draw(st.sampled_from(["09:29:58", "09:20", "09:59:57", "15:59:57"])), day)
        cut = draw(cuts())
        records.append(opening(sessions.pop(0), day=day, version=version, **draw(_parameters)))
        steps = st.tuples(st.sampled_from(HAPPENINGS), st.sampled_from(GAPS_MS))
        for happening, gap_ms in draw(st.lists(steps, min_size=1, max_size=max_frames)):
            if happening == "session" and sessions:
                records.append(session(sessions.pop(0), day=day))
            elif happening == "parameters":
                records.append(change(version + 1, version, **draw(_parameters)))
                version += 1
            elif happening == "lost race":
                records.append(change(version + 7, version - 1, confirm_sec=600))
            elif happening == "repeat":
                records.append(next(r for r in records if isinstance(r, SessionRecord) and r.trade_date == day))
            clock += timedelta(milliseconds=gap_ms)
            cut = draw(cuts()) if happening == "new" else cut
            records.append(batch(frame(clock, cut, partial=True)))
        if draw(st.booleans()):
            records += [
                session(Session.CLOSED, day=day),
                batch(frame(clock + timedelta(seconds=1), draw(cuts()))),
            ]
    return [*records, End(book=BOOK.name)]


@st.composite
def packings(draw: st.DrawFn, records: Sequence[TickRecord]) -> list[TickRecord]:
    """`records` with neighbouring frames packed together at random."""
    packed: list[TickRecord] = []
    for record in records:
        newest = packed[-1] if packed else None
        if isinstance(record, FrameBatch) and isinstance(newest, FrameBatch) and draw(st.booleans()):
            packed[-1] = FrameBatch(book=newest.book, frames=newest.frames + record.frames)
        else:
            packed.append(record)
    return packed
