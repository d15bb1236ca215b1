"""A book's line: stamps each cut with market time and writes it behind the records that its time makes due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from producers import day as days
from producers.clock import MarketClock
from producers.day import Closing, Enter, Open
from producers.log import Log
from producers.publisher import Publisher
from producers.sessions import Sessions
from schemas.book import Book
from schemas.errors import ConfigError, Unavailable
from schemas.parameters import Parameters
from schemas.ticks import Frame, Session, Tick

log = logging.getLogger(__name__)

WAITED_OUT = timedelta(seconds=2)  # market time by which the clock may stand behind the log
MILLISECOND = timedelta(milliseconds=1)


class ClockBehind(Unavailable):
    """The market's clock stands before what the log already holds. `behind`: by how much, in market time."""

    def __init__(self, now: datetime, newest: datetime) -> None:
        self.behind = newest - now
        super().__init__(
            f"market clock: expected a time after {newest.isoformat()}, the newest frame of the log, "
            f"received {now.isoformat()}; tried again until it has passed, or use another namespace"
        )


class Line:
    """Where feeds hand in their cuts. `load_book` reads the registry again at each opening."""

    def __init__(
        self,
        clock: MarketClock,
        sessions: Sessions,
        fold: Log,
        publisher: Publisher,
        book: Book,
        load_book: Callable[[], Book],
    ) -> None:
        self.clock, self.book = clock, book
        self.latest: dict[str, Tick] = {}  # of the open trade date
        self._sessions, self._log, self._publisher, self._load = sessions, fold, publisher, load_book
        publisher.on_replaced = self.begin
        self.begin()

    def begin(self) -> None:
        """Stand where the log stands. A date that is open there is judged by the registry of its opening."""
        self.day, self._newest = self._log.day, self._log.last_frame
        self.book = self._log.registry or self.book
        self.latest = {}

    @property
    def parameters(self) -> Parameters:
        """Those in force at the end of the log."""
        return self._log.parameters or self._publisher.first_parameters

    @property
    def version(self) -> int:
        """Of the parameters; 0 before there are any."""
        return self._log.version

    @property
    def trade_date(self) -> date | None:
        return self.day.trade_date

    @property
    def takes_frames(self) -> bool:
        """False from the frame after the close until the next opening."""
        return self.clock.frozen or days.takes_frames(self.day, self._sessions)

    @property
    def max_quote_age_s(self) -> float:
        """Market seconds after which a quote is too old, by session."""
        if self.day.session is Session.REGULAR:
            return self.parameters.max_quote_age_sec
        return self.parameters.max_quote_age_extended_sec

    def trade_date_at(self, at: datetime) -> date:
        return self._sessions.position(at).day.trade_date

    def advance(self, at: datetime | None = None) -> datetime | None:
        """Write the records due by `at`, by default now, and return it as the time of the next frame.

        None while no frame may be stamped: the clock is unknown, or shortly behind the log. Raises `ClockBehind`.
        """
        if not self.clock.synced:
            return None
        now = at or self.clock.now()
        if self._newest is not None and now <= self._newest:
            if self._newest - now > WAITED_OUT or (self.clock.frozen and now < self._newest):
                raise ClockBehind(now, self._newest)
            return None
        due = days.records_due(self.day, self._sessions, now, frozen=self.clock.frozen, quotes=bool(self.latest))
        for record in due:
            self._write(record)
        return now

    def cut(self, ticks: Sequence[Tick], at: datetime, *, full: bool) -> bool:
        """Hand in a cut for the time that `advance` gave; whether it was taken.

        `full`: it holds every symbol that could be read.
        """
        if not ticks or not self.takes_frames or (self._newest is not None and at <= self._newest):
            return False
        self.latest.update((tick.symbol, tick) for tick in ticks)
        if self.day.session is Session.CLOSED:
            self._close(at)
        else:
            self._frame(tuple(ticks), at, full=full)
        return True

    async def written(self) -> None:
        """Return when everything handed in is in the log."""
        await self._publisher.drain(None)

    def _write(self, due: days.Due) -> None:
        match due:
            case Open():
                self.latest = {}
                self._reload()
                self._publisher.open(due, self.book)
            case Enter():
                self._publisher.enter(due)
            case Closing(event_time):
                self._close(event_time)
        self.day = days.after(self.day, due)

    def _close(self, at: datetime) -> None:
        """The one frame of a closed market: all last quotes."""
        self._frame(tuple(self.latest.values()), at, full=True, snapshot=True)

    def _frame(self, ticks: tuple[Tick, ...], at: datetime, *, full: bool, snapshot: bool = False) -> None:
        frame = Frame(book=self.book.name, event_time=at, ingest_time=datetime.now(UTC), ticks=ticks, snapshot=snapshot)
        self._newest = at
        self.day = days.DayState(self.day.trade_date, self.day.session, at)
        self._publisher.frame(frame, full=full)

    def _reload(self) -> None:
        try:
            book = self._load()
        except ConfigError as error:
            log.error("book kept as it was reason=%s", error)
            return
        if book.name != self.book.name or book.calendar != self.book.calendar:
            log.error("book kept as it was reason=name or calendar changed, which needs a restart")
            return
        if book != self.book:
            log.info("book changed tickers=%s", len(book.tickers))
        self.book = book
