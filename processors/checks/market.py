"""A lively market made from a seed: trade dates on which every kind of record and every fault of a quote turns up.

The dates are ordinary weekdays, not looked up in a calendar: what a rule must keep, it must keep on any.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from schemas.book import Book
from schemas.parameters import Parameters
from schemas.ticks import Frame, FrameBatch, ParametersChange, QuoteState, Session, SessionRecord, Tick, TickRecord

DATES = (date(2026, 2, 10), date(2026, 2, 11))
OPENS, CLOSES = time(9, 30), time(16, 0)
# Stretches of a day: where each begins, how many frames it has. Dense where rules turn: opening, 10:00, close.
STRETCHES = (
    (Session.PRE, time(9, 29, 50), 10),
    (Session.REGULAR, time(9, 30, 0, 500_000), 50),
    (Session.REGULAR, time(9, 59, 40), 40),
    (Session.REGULAR, time(11, 0), 90),
    (Session.REGULAR, time(15, 59, 40), 40),
    (Session.AFTER, time(16, 0, 30), 15),
)
# Where rules turn with the parameters as they are, the neighbours of these places, and both kinds of zero.
LEVELS = (-4.0, -3.01, -3.0, -2.99, -1.5, -0.31, -0.3, -0.01, -0.0, 0.0, 0.01, 0.3, 0.31, 1.49, 1.5, 1.51, 2.8)
STEPS_MS = (1, 20, 500, 1000, 1000, 1000, 1000, 2999, 3000, 3001, 9_000, 10_001)
LONG_MS = 150_000  # beyond every quote age
PARAMETERS: dict[str, tuple[Any, ...]] = {
    "confirm_sec": (3.0, 0.0, 0.5, 20.0),
    "gold_observe_minutes": (30, 0, 1),
    "stop_loss_pct": (-3.0, None, -0.5),
    "gold_threshold_pct": (0.0, -0.5, 0.5),
    "conditional_trigger_pct": (0.0, 0.3),
    "bearish_index_threshold_pct": (0.0, 0.5),
    "pair_gap_entry_threshold": (1.5, 0.5),
    "max_quote_age_sec": (10.0, 1.0),
}
FAULTY = (QuoteState.MISSING, QuoteState.SUSPECT, QuoteState.STALE)
WHY = {QuoteState.MISSING: "no quote", QuoteState.SUSPECT: "two prices disagree", QuoteState.STALE: "not heard of"}


@dataclass(slots=True)
class _Quotes:
    """What the symbols show: a change in percent each, or what is wrong."""

    book: Book
    dice: Random
    changes: dict[str, float] = field(default_factory=dict)
    faults: dict[str, QuoteState] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    volume: int = 0

    def move(self) -> None:
        """One step: the whole market to a level, a few symbols apart, or all a little; faults come and go."""
        dice, symbols = self.dice, self.book.symbols
        kind = dice.random()
        if kind < 0.25 or not self.changes:
            level = dice.choice(LEVELS)
            self.changes = dict.fromkeys(symbols, level)
        if kind < 0.6:
            for symbol in dice.sample(symbols, min(len(symbols), dice.randint(1, 6))):
                self.changes[symbol] = dice.choice(LEVELS) if dice.random() < 0.6 else round(dice.uniform(-9, 9), 2)
        else:
            self.changes = {symbol: round(at + dice.gauss(0, 0.4), 2) for symbol, at in self.changes.items()}
        if dice.random() < 0.15:
            self.faults = {s: dice.choice(FAULTY) for s in dice.sample(symbols, min(len(symbols), dice.randint(1, 4)))}
        elif dice.random() < 0.4:
            self.faults = {}
        self.silent = set(dice.sample(symbols, 2)) if dice.random() < 0.1 and len(symbols) > 2 else self.silent
        if dice.random() < 0.2:
            self.silent = set()

    def ticks(self) -> tuple[Tick, ...]:
        """A full cut but for the silent, one of a few symbols, or one in which nothing is known."""
        dice, symbols = self.dice, [s for s in self.book.symbols if s not in self.silent]
        kind = dice.random()
        if kind < 0.03:
            return tuple(Tick(symbol=s, state=QuoteState.MISSING, reason="no quote") for s in self.book.symbols)
        if kind < 0.25:
            symbols = dice.sample(symbols, dice.randint(0, min(5, len(symbols))))
        self.volume += dice.randint(0, 900)
        return tuple(self._tick(symbol) for symbol in symbols)

    def _tick(self, symbol: str) -> Tick:
        base = 20.0 + 7 * self.book.symbols.index(symbol)
        change = self.changes[symbol]
        last = round(base * (1 + change / 100), 4)
        fault = self.faults.get(symbol)
        if fault is QuoteState.MISSING:
            return Tick(symbol=symbol, state=fault, reason=WHY[fault])
        if fault is not None:
            return Tick(symbol=symbol, state=fault, last=last, base=base, reason=WHY[fault])
        return Tick(
            symbol=symbol,
            state=QuoteState.OK,
            last=last,
            base=base,
            change_pct=change,
            open=base,
            high=max(base, last),
            low=min(base, last),
            volume=self.volume,
            bid=round(last - 0.01, 4),
            ask=round(last + 0.01, 4),
        )


def market(book: Book, seed: int, dates: tuple[date, ...] = DATES) -> list[TickRecord]:
    """The records of `dates`, one frame a record: the same for the same seed, on every machine."""
    dice = Random(seed)
    version = 1
    records: list[TickRecord] = []
    for day in dates:
        said = list(_day(book, day, version, dice))
        version += sum(
            isinstance(record, ParametersChange) and record.version == record.replaces + 1 for record in said
        )
        records += said
    return records


def _day(book: Book, day: date, version: int, dice: Random) -> Iterator[TickRecord]:
    zone = ZoneInfo(book.timezone)

    def at(local: time) -> datetime:
        return datetime.combine(day, local, zone).astimezone(UTC)

    stand = SessionRecord(
        book=book.name,
        trade_date=day,
        session=Session.PRE,
        at=at(STRETCHES[0][1]),
        opens_at=at(OPENS),
        closes_at=at(CLOSES),
    )
    opening = replace(stand, registry=book, parameters=Parameters(), version=version)
    yield opening
    quotes, clock, session = _Quotes(book, dice), at(time(9, 29)), Session.PRE
    for of, begins, frames in STRETCHES:
        if of is not session:
            session = of
            yield replace(stand, session=of, at=at(begins))
        clock = max(clock, at(begins))
        hold = 0
        for number in range(frames):
            if not hold:
                quotes.move()
                hold = dice.choice((0, 0, 1, 2, 5))
            hold = max(0, hold - 1)
            yield _frame(book, clock, quotes)
            clock += timedelta(
                milliseconds=LONG_MS if of is Session.REGULAR and number == 45 else dice.choice(STEPS_MS)
            )
            if dice.random() < 0.02:
                change = _change(book, version, dice)
                yield change
                if dice.random() < 0.5:  # one that came second: it replaces what is no longer in force
                    yield replace(change, version=version + 7, parameters=Parameters(confirm_sec=600.0))
                version += 1
            if dice.random() < 0.02:
                yield opening  # once more, as a producer that was started again does
    yield replace(stand, session=Session.CLOSED, at=clock)
    yield _frame(book, clock + timedelta(milliseconds=1), quotes)


def _frame(book: Book, clock: datetime, quotes: _Quotes) -> FrameBatch:
    frame = Frame(
        book=book.name,
        event_time=clock,
        ingest_time=clock + timedelta(milliseconds=quotes.dice.randint(1, 40)),
        ticks=quotes.ticks(),
        snapshot=quotes.dice.random() < 0.1,
    )
    return FrameBatch(book=book.name, frames=(frame,))


def _change(book: Book, version: int, dice: Random) -> ParametersChange:
    return ParametersChange(
        book=book.name,
        version=version + 1,
        replaces=version,
        parameters=Parameters(**{name: dice.choice(values) for name, values in PARAMETERS.items()}),
        changed_at=datetime(2026, 2, 10, tzinfo=UTC),
        changed_by="check",
    )


def packed(records: list[TickRecord], dice: Random | None = None) -> list[TickRecord]:
    """`records` with neighbouring frames in one batch: as many as there are, or with `dice` some of them."""
    found: list[TickRecord] = []
    for record in records:
        newest = found[-1] if found else None
        if isinstance(record, FrameBatch) and isinstance(newest, FrameBatch) and (dice is None or dice.random() < 0.6):
            found[-1] = FrameBatch(book=newest.book, frames=newest.frames + record.frames)
        else:
            found.append(record)
    return found
