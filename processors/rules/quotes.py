"""The newest quote of each symbol of a book, and which of them cannot be judged by. One pure fold for all rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from processors.rules.days import Day
from schemas.base import Frozen, UtcTime
from schemas.signals import SignalState
from schemas.ticks import Frame, QuoteState

OK = QuoteState.OK
LACK = {
    QuoteState.OK: SignalState.INSUFFICIENT_DATA,  # said to be ok, yet without a change: nothing to judge by
    QuoteState.MISSING: SignalState.INSUFFICIENT_DATA,
    QuoteState.SUSPECT: SignalState.SUSPECT,
    QuoteState.STALE: SignalState.STALE,
}
STRONGEST_FIRST = tuple(SignalState)


class Quotes(Frozen):
    """Newest changes by symbol. A symbol that never came since the opening is in none of the first three."""

    newest: dict[str, float | None] = {}  # percent of the previous close, as the newest tick gave it
    faults: dict[str, QuoteState] = {}  # symbols whose newest tick is not ok
    absent: dict[str, UtcTime] = {}  # symbols that the newest frame did not bring: their last appearance
    lacking: dict[str, SignalState] = {}  # symbols of the book without a usable change, as of the newest frame

    def change(self, symbol: str) -> float | None:
        """The change that a rule may judge by, or None. Unknown is never 0.0."""
        return None if symbol in self.lacking else self.newest.get(symbol)

    def worst(self, symbols: Iterable[str]) -> SignalState:
        """The strongest reason among `symbols` why they cannot be judged; ok when there is none."""
        if not self.lacking:
            return SignalState.OK
        found = [self.lacking[symbol] for symbol in symbols if symbol in self.lacking]
        return min(found, key=STRONGEST_FIRST.index, default=SignalState.OK)


def take(quotes: Quotes, day: Day, frame: Frame, before: datetime | None) -> Quotes:
    """`quotes` after `frame`; `before` is the event time of the frame folded before it."""
    newest, faults, known = frame.changes, frame.faults, quotes.newest
    if known.keys() <= newest.keys():
        if known and not faults and not quotes.lacking and len(newest) == len(known):
            return Quotes(newest=newest)  # a full frame after a full frame: what nearly every frame is
        return _judged(day, frame.event_time, newest, faults, {})
    assert before is not None  # a symbol known from an earlier frame
    absent = {symbol: quotes.absent.get(symbol, before) for symbol in known if symbol not in newest}
    kept = {symbol: fault for symbol, fault in quotes.faults.items() if symbol in absent}
    return _judged(day, frame.event_time, known | newest, kept | faults, absent)


def _judged(
    day: Day,
    now: datetime,
    newest: dict[str, float | None],
    faults: dict[str, QuoteState],
    absent: dict[str, datetime],
) -> Quotes:
    lacking: dict[str, SignalState] = {}
    oldest = now - day.max_quote_age
    for symbol in day.registry.symbols:
        if symbol in faults:
            lacking[symbol] = LACK[faults[symbol]]
        elif symbol not in newest:
            lacking[symbol] = SignalState.INSUFFICIENT_DATA
        elif symbol in absent and absent[symbol] < oldest:
            lacking[symbol] = SignalState.STALE
    return Quotes(newest=newest, faults=faults, absent=absent, lacking=lacking)


def missing_as_zero(quotes: Quotes, day: Day) -> Quotes:
    """What v1 read: 0.00 % where nothing is known. For parity tests only; it makes an empty feed a healthy market."""
    newest: dict[str, float | None] = {symbol: quotes.change(symbol) or 0.0 for symbol in day.registry.symbols}
    return Quotes(newest=newest, faults=quotes.faults, absent=quotes.absent)
