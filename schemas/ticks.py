"""The records on `<namespace>.ticks`: frames of quotes, parameter changes, sessions and the end of a replay."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from functools import cached_property

from schemas.base import Frozen, Price, UtcTime
from schemas.book import Book
from schemas.parameters import Parameters


class QuoteState(StrEnum):
    """What a quote is worth. Only `ok` carries a change that a rule may judge by."""

    OK = "ok"
    STALE = "stale"
    SUSPECT = "suspect"
    MISSING = "missing"


class Session(StrEnum):
    """Where a trade date stands. Each span is (start, end]: a frame at the close still belongs to `regular`."""

    PRE = "pre"
    REGULAR = "regular"
    AFTER = "after"
    CLOSED = "closed"


class Tick(Frozen, omit_defaults=True, gc=False):  # thousands wait in memory; they hold nothing that could form a cycle
    """The quote of one symbol within a cut. Prices in quote currency per share."""

    symbol: str
    state: QuoteState
    last: Price | None = None  # None when there is none: a blank is never a price of zero
    base: Price | None = None  # the previous regular close
    change_pct: float | None = None  # percent of `base`, 2 decimals; None unless ok
    open: Price | None = None
    high: Price | None = None
    low: Price | None = None
    volume: int | None = None  # shares today
    bid: Price | None = None
    ask: Price | None = None
    traded_at: UtcTime | None = None  # the venue's time of the last trade, where the feed tells it
    source: str = "rest"  # rest, websocket, bar
    carried: bool = False  # a replay's symbol without a bar: its last close of the session
    reason: str | None = None  # why the state is not ok, in words


class Frame(Frozen, dict=True):
    """A consistent cut of one book: what one poll cycle, bar time or instant of a feed brought."""

    book: str  # the Kafka key, so a book's frames are one ordered stream
    event_time: UtcTime  # when the cut held in market time; strictly increasing within the book
    ingest_time: UtcTime  # wall clock: when the producer had read it
    ticks: tuple[Tick, ...]
    snapshot: bool = False  # set by the publisher: write views after this one

    # Worked out once for all who judge the frame, not by each of them. Nobody changes them.

    @cached_property
    def changes(self) -> dict[str, float | None]:
        """`change_pct` by symbol."""
        return {tick.symbol: tick.change_pct for tick in self.ticks}

    @cached_property
    def faults(self) -> dict[str, QuoteState]:
        """The symbols without a change that a rule may judge by."""
        ok = QuoteState.OK
        return {tick.symbol: tick.state for tick in self.ticks if tick.state is not ok or tick.change_pct is None}


class FrameBatch(Frozen, tag_field="kind", tag="frames"):
    """One or many frames, in order of event time. Nothing a rule says may depend on how they are packed."""

    book: str
    frames: tuple[Frame, ...]
    v: int = 1


class ParametersChange(Frozen, tag_field="kind", tag="parameters"):
    """A new full set of parameters. It counts only where `replaces` is the version in force: the first wins."""

    book: str
    version: int
    replaces: int
    parameters: Parameters
    changed_at: UtcTime  # wall clock
    changed_by: str = ""
    request_id: str = ""
    v: int = 1


class SessionRecord(Frozen, tag_field="kind", tag="session"):
    """From here on the book is in `session` of `trade_date`.

    The first record of a trade date, its opening, carries `registry` and `parameters`: everything that the day
    is judged by. It resets every rule. A repeat for the same date changes nothing.
    """

    book: str
    trade_date: date
    session: Session
    at: UtcTime  # market time
    opens_at: UtcTime  # regular session
    closes_at: UtcTime
    registry: Book | None = None
    parameters: Parameters | None = None
    version: int = 0
    lanes: dict[str, Parameters] = {}  # of a sweep: the opening carries one parameter set per lane instead
    v: int = 1


class End(Frozen, tag_field="kind", tag="end"):
    """The last record of a replay."""

    book: str
    v: int = 1


TickRecord = FrameBatch | ParametersChange | SessionRecord | End
