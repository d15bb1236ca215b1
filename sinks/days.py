"""What the records on `ticks` say of a book's trade dates: a pure fold, met with the database by `sinks.ticks`.

A day begins at its opening record and ends with the frame after `closed`, or before the next opening.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from schemas.parameters import Parameters
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

ORDER = tuple(Session)


@dataclass(frozen=True, slots=True)
class Placed:
    """A record on ticks with its place."""

    partition: int
    offset: int
    appended_at: datetime  # the broker's clock
    record: TickRecord


@dataclass(frozen=True, slots=True)
class Day:
    """Where a book stands; a row of `trade_days`."""

    trade_date: date
    session: Session
    opens_at: datetime
    closes_at: datetime
    opened_at: datetime  # market time of the opening
    partition: int
    opening_offset: int
    closing_offset: int | None  # of the day's last record; None while it runs
    position: int  # of the last record folded
    appended_at: datetime  # of that record: an equal offset with a later time is another log
    param_version: int


@dataclass(frozen=True, slots=True)
class Daily:
    """Open, high, low, close and volume of a symbol, of as many frames as were folded. Prices in quote currency."""

    open: float
    open_told: bool  # by the feed; else the first price seen
    high: float
    low: float
    close: float
    volume: int | None
    as_of: datetime

    @staticmethod
    def of(tick: Tick, last: float, at: datetime) -> Daily:
        prices = [price for price in (tick.open, tick.high, tick.low, last) if price is not None]
        first = last if tick.open is None else tick.open
        return Daily(first, tick.open is not None, max(prices), min(prices), last, tick.volume, at)

    def then(self, later: Daily) -> Daily:
        """This followed by `later`."""
        told = later if later.open_told else self
        return Daily(
            open=told.open,
            open_told=told.open_told,
            high=max(self.high, later.high),
            low=min(self.low, later.low),
            close=later.close,
            volume=self.volume if later.volume is None else later.volume,
            as_of=later.as_of,
        )


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """A set that came into force; a row of `parameter_sets`."""

    version: int
    parameters: Parameters
    changed_by: str
    changed_at: datetime
    position: int


@dataclass(slots=True)
class Folded:
    """What a batch of one book changed, in terms of rows."""

    day: Day | None
    days: dict[date, Day] = field(default_factory=dict)
    opened: set[date] = field(default_factory=set)  # begun in this batch: nothing older of that date counts
    ended: set[date] = field(default_factory=set)  # whose regular session is over
    daily: dict[tuple[date, str], Daily] = field(default_factory=dict)
    sets: list[ParameterSet] = field(default_factory=list)


def fold(day: Day | None, records: Iterable[Placed]) -> Folded:
    """Fold the records of one book, in order, onto `day`. What was folded before is passed over."""
    folded = Folded(day)
    for placed in records:
        known = folded.day
        if known is not None and placed.partition == known.partition and placed.offset <= known.position:
            if placed.appended_at <= known.appended_at:
                continue
            folded.day = None  # another log under the same name
        match placed.record:
            case SessionRecord() as record:
                _session(folded, placed, record)
            case FrameBatch() as record:
                _frames(folded, placed, record)
            case ParametersChange() as record:
                _parameters(folded, placed, record)
            case End():
                _close(folded, placed.offset)
        if folded.day is not None:
            _keep(folded, replace(folded.day, position=placed.offset, appended_at=placed.appended_at))
    return folded


def _keep(folded: Folded, day: Day) -> None:
    folded.day = folded.days[day.trade_date] = day


def _close(folded: Folded, last_offset: int) -> None:
    if folded.day is not None and folded.day.closing_offset is None:
        _keep(folded, replace(folded.day, closing_offset=last_offset))
        folded.ended.add(folded.day.trade_date)


def _session(folded: Folded, placed: Placed, record: SessionRecord) -> None:
    day = folded.day
    if day is not None and day.trade_date == record.trade_date:
        # Only ever forward: a repeated opening takes no session back.
        _keep(folded, replace(day, session=max(day.session, record.session, key=ORDER.index)))
        if record.session in (Session.AFTER, Session.CLOSED):
            folded.ended.add(day.trade_date)
        return
    if record.parameters is None:
        return  # the opening of this date is not in the log
    _close(folded, placed.offset - 1)
    opened = Day(
        trade_date=record.trade_date,
        session=record.session,
        opens_at=record.opens_at,
        closes_at=record.closes_at,
        opened_at=record.at,
        partition=placed.partition,
        opening_offset=placed.offset,
        closing_offset=None,
        position=placed.offset,
        appended_at=placed.appended_at,
        param_version=record.version,
    )
    _keep(folded, opened)
    folded.opened.add(record.trade_date)
    folded.daily = {key: daily for key, daily in folded.daily.items() if key[0] != record.trade_date}
    folded.sets.append(ParameterSet(record.version, record.parameters, "opening", placed.appended_at, placed.offset))


def _parameters(folded: Folded, placed: Placed, record: ParametersChange) -> None:
    if folded.day is None or record.replaces != folded.day.param_version:
        return  # it came second, or what it replaces is unknown: the next opening tells what is in force
    _keep(folded, replace(folded.day, param_version=record.version))
    changed = ParameterSet(record.version, record.parameters, record.changed_by, record.changed_at, placed.offset)
    folded.sets.append(changed)


def _frames(folded: Folded, placed: Placed, batch: FrameBatch) -> None:
    for frame in batch.frames:
        if folded.day is None:
            return
        if folded.day.closes_at < frame.event_time:
            folded.ended.add(folded.day.trade_date)
        elif folded.day.opens_at < frame.event_time:
            _prices(folded, folded.day.trade_date, frame)
    if folded.day is not None and folded.day.session is Session.CLOSED:
        _close(folded, placed.offset)


def _prices(folded: Folded, trade_date: date, frame: Frame) -> None:
    for tick in frame.ticks:
        if tick.state is QuoteState.OK and tick.last is not None and not tick.carried:
            seen = Daily.of(tick, tick.last, frame.event_time)
            before = folded.daily.get((trade_date, tick.symbol))
            folded.daily[trade_date, tick.symbol] = seen if before is None else before.then(seen)
