"""What the API knows: a fold of the records on `ticks`, `signals`, `views` and `quotes`. No I/O in here."""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import msgspec

from api.shapes import Price, Prices, Status, price
from api.wire import START, EventId
from schemas.base import Frozen
from schemas.book import Book
from schemas.parameters import Parameters
from schemas.quotes import Quote
from schemas.signals import DayView, SignalEvent, SignalView
from schemas.ticks import ParametersChange, QuoteState, Session, SessionRecord

RECENT = 60  # newest signal events that a snapshot carries
ORDER = tuple(Session)
STALE_AFTER_S = 5.0  # or three refresh intervals, whichever is longer


class FrameTimes(Frozen):
    """The part of a frame that tells the feed's age; decoding skips the ticks."""

    event_time: datetime
    ingest_time: datetime


@dataclass(slots=True)
class Day:
    """The trade date and where it stands."""

    trade_date: date
    session: Session
    opens_at: datetime
    closes_at: datetime


@dataclass(slots=True)
class Live:
    """The current picture of one book. Times aware and UTC; offsets are of the book's partition of ticks."""

    namespace: str
    demo: bool
    book: Book
    kafka_up: bool = False
    loaded: bool = False  # views and quotes were read to their ends at least once
    quotes: dict[str, Quote] = field(default_factory=dict)
    views: dict[str, SignalView] = field(default_factory=dict)  # by "<signal_type>:<subject>"
    day: Day | None = None
    parameters: Parameters | None = None
    version: int = 0
    changed_at: datetime | None = None  # of the parameters, as far as the log tells
    frame: FrameTimes | None = None
    ticks_end: int | None = None  # end of the book's partition, as the last fetch told
    bars_position: int | None = None
    newest: EventId = START
    recent: deque[tuple[EventId, SignalEvent]] = field(default_factory=lambda: deque(maxlen=RECENT))
    _pace: deque[FrameTimes] = field(default_factory=lambda: deque(maxlen=9))

    # Records.

    def take_quote(self, quote: Quote) -> None:
        self.quotes[quote.tick.symbol] = quote

    def take_view(self, view: SignalView) -> None:
        self.views[f"{view.signal_type}:{view.subject}"] = view

    def take_event(self, at: EventId, event: SignalEvent) -> None:
        self.newest = at
        self.recent.append((at, event))

    def start_from(self, view: DayView) -> None:
        """Where the quotes agent says the day stands. Our own reading of ticks goes on behind its position."""
        self.day = Day(view.trade_date, view.session, view.opens_at, view.closes_at)
        self.parameters, self.version, self.changed_at = view.parameters, view.version, None

    def take_session(self, record: SessionRecord) -> bool:
        """Whether `record` moves the day. The first of a trade date, its opening, carries all the day is judged by."""
        if self.day is None or record.trade_date > self.day.trade_date:
            if record.registry is None or record.parameters is None:
                return False
            if record.version != self.version:
                self.changed_at = None
            self.book, self.parameters, self.version = record.registry, record.parameters, record.version
        elif record.trade_date < self.day.trade_date or ORDER.index(record.session) <= ORDER.index(self.day.session):
            return False  # a repeat
        self.day = Day(record.trade_date, record.session, record.opens_at, record.closes_at)
        return True

    def take_parameters(self, change: ParametersChange) -> bool:
        """Whether `change` wins: it names the version in force. Every reader of the log decides alike."""
        if self.parameters is None or change.replaces != self.version:
            return False
        self.parameters, self.version, self.changed_at = change.parameters, change.version, change.changed_at
        return True

    def take_frame(self, frame: FrameTimes) -> None:
        """The newest frame of a batch."""
        self.frame = frame
        if not self._pace or frame.ingest_time - self._pace[-1].ingest_time >= timedelta(milliseconds=500):
            self._pace.append(frame)

    def forget(self) -> None:
        """Drop what came from a log that is gone."""
        self.quotes.clear()
        self.views.clear()
        self.recent.clear()
        self._pace.clear()
        self.day = self.parameters = self.changed_at = self.frame = None
        self.version, self.newest = 0, START

    # Questions.

    def age_ms(self, now: datetime) -> int | None:
        return None if self.frame is None else max(0, round((now - self.frame.ingest_time).total_seconds() * 1000))

    def stale_after_ms(self) -> float:
        refresh = self.parameters.refresh_interval_sec if self.parameters else 1.0
        return 1000 * max(STALE_AFTER_S, 3 * refresh)

    def feed(self, now: datetime) -> str:
        """live, stale, closed, waiting (no frame yet) or offline (Kafka is away)."""
        age = self.age_ms(now)
        if not self.kafka_up:
            return "offline"
        if self.day is not None and self.day.session is Session.CLOSED:
            return "closed"
        if age is None:
            return "waiting"
        return "stale" if age > self.stale_after_ms() else "live"

    def overdue(self, now: datetime) -> bool:
        """Whether prices should be newer than they are."""
        return self.feed(now) in ("stale", "offline")

    def speed(self) -> float:
        """Market seconds per wall second: 1, unless a simulator runs faster. The median bears a jump of the clock."""
        paces = [
            (b.event_time - a.event_time).total_seconds() / wall
            for a, b in zip(self._pace, list(self._pace)[1:], strict=False)
            if (wall := (b.ingest_time - a.ingest_time).total_seconds()) > 0
        ]
        pace = statistics.median(paces) if paces else 1.0
        return 1.0 if 0.8 <= pace <= 1.25 else round(pace, 1)

    def market_time(self, now: datetime) -> datetime | None:
        """Now on the market's clock: the wall clock live; in the demo, the newest frame's time carried on."""
        if not self.demo:
            return now
        if self.frame is None:
            return None
        elapsed = min(max(0.0, (now - self.frame.ingest_time).total_seconds()), self.stale_after_ms() / 1000)
        return self.frame.event_time + timedelta(seconds=elapsed * self.speed())

    def price_of(self, symbol: str, now: datetime) -> Price:
        return price(self.book.by_symbol.get(symbol), self.quotes.get(symbol), symbol, now, stale=self.overdue(now))

    def prices(self, now: datetime) -> Prices:
        return Prices(
            as_of=max((quote.event_time for quote in self.quotes.values()), default=None),
            trade_date=self.day.trade_date if self.day else None,
            session=self.day.session if self.day else None,
            stale=self.overdue(now),
            demo=self.demo,
            tickers={symbol: self.price_of(symbol, now) for symbol in self.book.symbols},
        )

    def missing(self) -> list[str]:
        """Symbols of the book without a usable quote."""
        ok = {symbol for symbol, quote in self.quotes.items() if quote.tick.state is QuoteState.OK}
        return [symbol for symbol in self.book.symbols if symbol not in ok]

    def status(self, now: datetime | None = None) -> Status:
        now = now or datetime.now(UTC)
        missing = self.missing()
        return Status(
            feed=self.feed(now),
            age_ms=self.age_ms(now),
            kafka="up" if self.kafka_up else "down",
            session=self.day.session if self.day else None,
            trade_date=self.day.trade_date if self.day else None,
            opens_at=self.day.opens_at if self.day else None,
            closes_at=self.day.closes_at if self.day else None,
            market_time=self.market_time(now),
            market_speed=self.speed(),
            server_time=now,
            parameter_version=self.version if self.parameters else None,
            symbols_ok=len(self.book.symbols) - len(missing),
            symbols_missing=missing,
            namespace=self.namespace,
            demo=self.demo,
        )

    def current_views(self) -> list[SignalView]:
        """The views of the trade date; those of another one say nothing about today."""
        if self.day is None:
            return list(self.views.values())
        return [view for view in self.views.values() if view.trade_date == self.day.trade_date]


class _Frames(Frozen):
    frames: list[FrameTimes]


_frames = msgspec.json.Decoder(_Frames)


def newest_frame(value: bytes) -> FrameTimes | None:
    """The times of the last frame in a `frames` message."""
    frames: list[FrameTimes] = _frames.decode(value).frames
    return frames[-1] if frames else None
