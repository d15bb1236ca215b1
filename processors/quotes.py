"""The newest quote of every symbol, and `<book>:#day`: where the trade date stands."""

from __future__ import annotations

from datetime import datetime

import msgspec

from processors.folders import Output, row_of_book
from schemas.base import Frozen
from schemas.quotes import Quote, quote_key
from schemas.signals import DayView, day_key
from schemas.ticks import FrameBatch, ParametersChange, Session, SessionRecord, Tick, TickRecord
from schemas.topics import QUOTES, VIEWS

DAY_EVERY_S = 1.0  # of event time: the position in #day need not be newer


class QuotesState(Frozen):
    """The trade date, the newest frame, what was not sent yet, and when #day was."""

    day: DayView | None = None
    newest: datetime | None = None
    waiting: dict[str, Tick] = {}
    day_told: datetime | None = None


ORDER = tuple(Session)


class Quotes:
    """Tells quotes at the frames that ask for it, conflated, and #day with each change of session or parameters."""

    name = "quotes"
    state_type = QuotesState

    rows = staticmethod(row_of_book)

    def initial(self) -> QuotesState:
        return QuotesState()

    def fold(self, state: QuotesState, record: TickRecord, position: int) -> tuple[QuotesState, list[Output]]:
        if type(record) is FrameBatch:
            return self._frames(state, record, position)
        if type(record) is SessionRecord:
            return self._session(state, record, position)
        if type(record) is ParametersChange:
            return self._parameters(state, record, position)
        return state, []

    def _session(self, state: QuotesState, record: SessionRecord, position: int) -> tuple[QuotesState, list[Output]]:
        day = state.day
        if day is None or record.trade_date > day.trade_date:
            if record.registry is None or record.parameters is None:
                return state, []
            day = DayView(
                book=record.book,
                trade_date=record.trade_date,
                session=record.session,
                opens_at=record.opens_at,
                closes_at=record.closes_at,
                opening_offset=position,
                parameters=record.parameters,
                version=record.version,
                event_time=record.at,
                position=position,
            )
        elif record.trade_date == day.trade_date and ORDER.index(record.session) > ORDER.index(day.session):
            day = msgspec.structs.replace(day, session=record.session, event_time=record.at, position=position)
        else:
            return state, []
        return self._told(state, day)

    def _parameters(
        self, state: QuotesState, record: ParametersChange, position: int
    ) -> tuple[QuotesState, list[Output]]:
        day = state.day
        if day is None or record.replaces != day.version:
            return state, []
        return self._told(
            state,
            msgspec.structs.replace(day, parameters=record.parameters, version=record.version, position=position),
        )

    def _told(self, state: QuotesState, day: DayView) -> tuple[QuotesState, list[Output]]:
        after = msgspec.structs.replace(state, day=day, day_told=day.event_time)
        return after, [Output(VIEWS, day_key(day.book), day, current=True)]

    def _frames(self, state: QuotesState, record: FrameBatch, position: int) -> tuple[QuotesState, list[Output]]:
        day, outputs = state.day, []
        if day is None:
            return state, []
        waiting, told, newest = dict(state.waiting), state.day_told, state.newest
        for frame in record.frames:
            if newest is not None and frame.event_time <= newest:
                continue
            newest = frame.event_time
            for tick in frame.ticks:
                waiting[tick.symbol] = tick
            if not frame.snapshot:
                continue
            for tick in waiting.values():
                quote = Quote(
                    book=frame.book,
                    tick=tick,
                    event_time=frame.event_time,
                    ingest_time=frame.ingest_time,
                    trade_date=day.trade_date,
                    session=day.session,
                    position=position,
                )
                outputs.append(Output(QUOTES, quote_key(frame.book, tick.symbol), quote, current=True))
            waiting = {}
            if told is None or (frame.event_time - told).total_seconds() >= DAY_EVERY_S:
                told = frame.event_time
                day = msgspec.structs.replace(day, event_time=frame.event_time, position=position)
                outputs.append(Output(VIEWS, day_key(day.book), day, current=True))
        return QuotesState(day=day, newest=newest, waiting=waiting, day_told=told), outputs
