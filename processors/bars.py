"""Closed 1-minute bars in event time. A minute is (start, start + 60 s], as sessions are."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from processors.folders import Output, row_of_book
from processors.quotes import ORDER
from schemas.base import Frozen, from_milliseconds, milliseconds
from schemas.quotes import Bar, quote_key
from schemas.ticks import FrameBatch, QuoteState, Session, SessionRecord, TickRecord
from schemas.topics import BARS

MINUTE_MS = 60_000


class Open(Frozen, array_like=True):
    """A bar that still forms. Volumes are of the day: before the bar, and now."""

    start_ms: int
    session: Session
    open: float
    high: float
    low: float
    close: float
    volume_before: int | None
    volume: int | None
    ticks: int


class BarsState(Frozen):
    """The trade date and the bars that form, by symbol."""

    trade_date: date | None = None
    session: Session = Session.CLOSED
    newest: datetime | None = None
    bars: dict[str, Open] = {}
    volumes: dict[str, int] = {}  # of the day, at the end of the last closed bar


class Bars:
    """A bar closes with the first frame past its end; a quote that is not ok makes none."""

    name = "bars"
    state_type = BarsState

    rows = staticmethod(row_of_book)

    def initial(self) -> BarsState:
        return BarsState()

    def fold(self, state: BarsState, record: TickRecord, position: int) -> tuple[BarsState, list[Output]]:
        if type(record) is SessionRecord:
            if state.trade_date is None or record.trade_date > state.trade_date:
                outputs = [
                    self._closed(record.book, symbol, bar, state, position) for symbol, bar in state.bars.items()
                ]
                if record.registry is None:
                    return state, []
                return BarsState(trade_date=record.trade_date, session=record.session), outputs
            if record.trade_date == state.trade_date and ORDER.index(record.session) > ORDER.index(state.session):
                return msgspec.structs.replace(state, session=record.session), []
            return state, []
        if type(record) is FrameBatch and state.trade_date is not None:
            return self._frames(state, record, position)
        return state, []

    def _frames(self, state: BarsState, record: FrameBatch, position: int) -> tuple[BarsState, list[Output]]:
        bars, volumes, newest = dict(state.bars), dict(state.volumes), state.newest
        outputs: list[Output] = []
        for frame in record.frames:
            if newest is not None and frame.event_time <= newest:
                continue
            newest = frame.event_time
            start_ms = (milliseconds(newest) - 1) // MINUTE_MS * MINUTE_MS
            for symbol in [symbol for symbol, bar in bars.items() if bar.start_ms < start_ms]:
                bar = bars.pop(symbol)
                outputs.append(self._closed(frame.book, symbol, bar, state, position))
                if bar.volume is not None:
                    volumes[symbol] = bar.volume
            if state.session is Session.CLOSED:
                continue
            for tick in frame.ticks:
                if tick.state is not QuoteState.OK or tick.last is None or tick.carried:
                    continue
                bar = bars.get(tick.symbol) or Open(
                    start_ms=start_ms,
                    session=state.session,
                    open=tick.last,
                    high=tick.last,
                    low=tick.last,
                    close=tick.last,
                    volume_before=volumes.get(tick.symbol, tick.volume),
                    volume=tick.volume,
                    ticks=0,
                )
                bars[tick.symbol] = msgspec.structs.replace(
                    bar,
                    high=max(bar.high, tick.last),
                    low=min(bar.low, tick.last),
                    close=tick.last,
                    volume=tick.volume if tick.volume is not None else bar.volume,
                    ticks=bar.ticks + 1,
                )
        after = msgspec.structs.replace(state, bars=bars, volumes=volumes, newest=newest)
        return after, outputs

    def _closed(self, book: str, symbol: str, bar: Open, state: BarsState, position: int) -> Output:
        assert state.trade_date is not None
        known = bar.volume is not None and bar.volume_before is not None
        return Output(
            BARS,
            quote_key(book, symbol),
            Bar(
                book=book,
                symbol=symbol,
                start=from_milliseconds(bar.start_ms),
                trade_date=state.trade_date,
                session=bar.session,
                open=bar.open,
                high=bar.high,
                low=bar.low,
                close=bar.close,
                volume=max(0, bar.volume - bar.volume_before) if known else None,  # type: ignore[operator]
                ticks=bar.ticks,
                position=position,
            ),
        )
