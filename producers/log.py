"""What a book's partition of `ticks` says so far: newest event time, trade date, parameters in force. A pure fold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from producers.day import DayState
from schemas.base import decoder, parse
from schemas.book import Book
from schemas.errors import Malformed
from schemas.parameters import Parameters
from schemas.signals import DayView
from schemas.ticks import FrameBatch, ParametersChange, Session, SessionRecord, TickRecord

_decode = decoder(TickRecord)


class Log:
    """The fold of one partition, record by record. Offsets at or below `position` are skipped."""

    def __init__(self, book: str) -> None:
        self.book = book
        self.reset()

    def reset(self) -> None:
        """Forget everything: another stream stands under the same name."""
        self.position = -1
        self.appended_ms = -1  # Kafka's append time of the record at `position`
        self.trade_date: date | None = None
        self.session: Session | None = None
        self.registry: Book | None = None  # of the opening, where it is still in the log
        self.last_frame: datetime | None = None
        self.parameters: Parameters | None = None
        self.version = 0  # 0: none yet
        self.change: ParametersChange | None = None  # the newest that counted
        self.slipped: ParametersChange | None = None  # it stood before the newest opening, which did not know it

    @property
    def day(self) -> DayState:
        return DayState(self.trade_date, self.session, self.last_frame)

    def begin(self, view: DayView, registry: Book | None) -> None:
        """Start from where `<book>:#day` stands, with the registry of its opening where that is still readable."""
        self.position = view.position
        self.trade_date, self.session, self.registry = view.trade_date, view.session, registry
        self.last_frame = view.event_time
        self.parameters, self.version = view.parameters, view.version

    def keep_parameters(self, view: DayView) -> None:
        """Only the parameters of a stream that is gone."""
        self.parameters, self.version = view.parameters, view.version

    def apply(self, record: Any) -> None:
        """Fold in one Kafka record. What does not parse is left to its readers, who report it."""
        if record.offset <= self.position:
            return
        self.position, self.appended_ms = record.offset, record.timestamp
        try:
            value = parse(_decode, record.value, "")
        except Malformed:
            return
        if value.book != self.book:
            return
        match value:
            case FrameBatch() if value.frames:
                newest = value.frames[-1].event_time
                self.last_frame = max(self.last_frame or newest, newest)
            case ParametersChange() if value.replaces == self.version or self.version == 0:
                self._change(value)
            case SessionRecord():
                self._session(value)
            case _:
                pass

    def _change(self, value: ParametersChange) -> None:
        self.parameters, self.version, self.change = value.parameters, value.version, value
        self.slipped = None  # whatever slipped in before the opening, this one replaced the opening's version

    def _session(self, value: SessionRecord) -> None:
        if value.trade_date == self.trade_date:
            self.session = value.session
        elif value.parameters is not None and (self.trade_date is None or value.trade_date > self.trade_date):
            slipped = self.version > value.version
            self.slipped = self.change if slipped else None
            self.trade_date, self.session, self.registry = value.trade_date, value.session, value.registry
            self.parameters, self.version = value.parameters, value.version
