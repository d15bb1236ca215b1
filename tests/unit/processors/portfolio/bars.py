"""Days of bars as a run publishes them: openings, frames with the bars' own prices, the close; and the events said.

Prices are written as in the facts: price - 100, so that with a base of 100 they are percent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from processors.portfolio.run import Outcome, run
from schemas.runs import FEE_PRESETS, RunKind, RunRequest
from schemas.ticks import End, Frame, QuoteState, Session, Tick, TickRecord
from tests.builders import BOOK, TRADE_DATE, at, batch, opening, pure_fold, session

NONE = FEE_PRESETS["none"]
Row = Mapping[str, float | None]  # price - 100 by symbol; None: no bar
FIVE = timedelta(minutes=5)


def bar(symbol: str, last: float, *, open: float | None = None, base: float | None = 100.0, **fields: Any) -> Tick:
    """A bar; without `open` it opened where it closed. Without a base nothing can be judged by it."""
    change = None if base is None else round((last - base) / base * 100, 2)
    state = QuoteState.MISSING if change is None else QuoteState.OK if abs(change) <= 60 else QuoteState.SUSPECT
    return Tick(
        symbol=symbol,
        state=fields.pop("state", state),
        last=last,
        base=base,
        change_pct=change if state is QuoteState.OK else None,
        open=last if open is None else open,
        high=max(last, open or last),
        low=min(last, open or last),
        source="bar",
        **fields,
    )


class Day:
    """Builds the frames of one trade date. A symbol without a bar is carried at its last close of the session."""

    def __init__(self, day: date = TRADE_DATE, bases: Mapping[str, float] | None = None, **parameters: Any) -> None:
        self.day, self.parameters = day, {"confirm_sec": 0.0, **parameters}
        self.bases = {symbol: 100.0 for symbol in BOOK.symbols} | dict(bases or {})
        self.known: dict[str, float] = {}
        self.frames: list[Frame] = []

    def cut(self, clock: str | datetime, closes: Row, opens: Row | None = None, rest: float | None = 0.0) -> Day:
        """Add the bars that ended at `clock`; symbols that `closes` leaves out are at `rest`."""
        ticks = []
        for symbol in BOOK.symbols:
            close, start = closes.get(symbol, rest), (opens or {}).get(symbol)
            base = self.bases.get(symbol)
            if close is not None:
                last = self.known[symbol] = 100 + close
                ticks.append(bar(symbol, last, open=None if start is None else 100 + start, base=base))
            elif symbol in self.known:
                ticks.append(bar(symbol, self.known[symbol], base=base, carried=True))
            else:
                ticks.append(Tick(symbol=symbol, state=QuoteState.MISSING, base=base, source="bar"))
        moment = at(clock, self.day) if isinstance(clock, str) else clock
        self.frames.append(Frame(book=BOOK.name, event_time=moment, ingest_time=moment, ticks=tuple(ticks)))
        return self

    def bars(self, rows: Iterable[Row], start: str = "09:35", **more: Any) -> Day:
        """Add one bar after the other, five minutes each."""
        for index, row in enumerate(rows):
            self.cut(at(start, self.day) + index * FIVE, row, **more)
        return self

    @property
    def closes(self) -> dict[str, float]:
        return self.bases | self.known

    def records(self, *, close: bool = True) -> Iterator[TickRecord]:
        yield opening(day=self.day, **self.parameters)
        for frame in self.frames:
            yield batch(frame)
        if close:
            yield session(Session.CLOSED, "16:00", self.day)


def whole(*days: Day) -> list[TickRecord]:
    return [*(record for day in days for record in day.records()), End(book=BOOK.name)]


def asked(start: date = TRADE_DATE, end: date | None = None, **fields: Any) -> RunRequest:
    """A run without fees and slippage, unless said."""
    named: dict[str, Any] = {"fees": NONE, "slippage_pct": 0.0} | fields
    return RunRequest(kind=RunKind.BACKTEST, start=start, end=end or start + timedelta(days=30), **named)


def outcome(
    records: Sequence[TickRecord], request: RunRequest | None = None, interval: str = "5m", **more: Any
) -> Outcome:
    """What the one lane of `records` comes to, with the events of the five rules."""
    events = pure_fold(list(enumerate(records)))
    return run(request or asked(), records, events, interval=interval, **more)[""]
