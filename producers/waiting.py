"""What waits to be written, and what of it is left when the log is known again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from producers.day import Enter, Open
from producers.log import Log
from schemas.book import Book
from schemas.ticks import Frame, Session, Tick


@dataclass(frozen=True, slots=True)
class Cut:
    """A frame that waits. `full`: it holds every symbol that could be read, so it may take the place of any other."""

    frame: Frame
    full: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """The opening of a trade date that waits; parameters and version are those in force when it is sent."""

    due: Open
    registry: Book


Waiting = Cut | Opening | Enter


def merged(older: Cut, newer: Cut) -> Cut:
    """One cut in the place of two: the newer time, and of each symbol the newest tick."""
    if newer.full:
        return newer
    ticks: dict[str, Tick] = {tick.symbol: tick for tick in (*older.frame.ticks, *newer.frame.ticks)}
    return replace(newer, frame=msgspec.structs.replace(newer.frame, ticks=tuple(ticks.values())), full=older.full)


def remaining(waiting: Iterable[Waiting], fold: Log) -> list[Waiting]:
    """What of `waiting` is not in the log, with successive frames merged into one."""
    left: list[Waiting] = []
    for item in waiting:
        match item:
            case Cut(frame, _) if fold.last_frame is None or frame.event_time > fold.last_frame:
                left.append(merged(left.pop(), item) if left and isinstance(left[-1], Cut) else item)  # type: ignore[arg-type]
            case Opening(due, _) if fold.trade_date is None or due.day.trade_date > fold.trade_date:
                left.append(item)
            case Enter(day, session, _) if not _passed(fold, day.trade_date, session):
                left.append(item)
    return left


def _passed(fold: Log, trade_date: date, session: Session) -> bool:
    if fold.trade_date is None or trade_date != fold.trade_date or fold.session is None:
        return fold.trade_date is not None and trade_date < fold.trade_date
    order = list(Session)
    return order.index(fold.session) >= order.index(session)
