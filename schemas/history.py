"""Bars of history, as they are fetched, imported, kept and turned into frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from schemas.base import Frozen, Price, UtcTime
from schemas.ticks import Session

if TYPE_CHECKING:  # whoever handles columns has numpy loaded; the others do without
    from numpy.typing import NDArray

INTERVALS = {"1m": timedelta(minutes=1), "5m": timedelta(minutes=5), "1h": timedelta(hours=1)}  # within a day
DAILY = "1d"

# Calendar days back to which the vendor gives bars within a day; one less than it says, since a trade date begins
# before its first bar. Daily bars reach back for ever, and so does what is stored.
REACH_DAYS = {"1m": 29, "5m": 59, "1h": 729}


class HistoryBar(Frozen, gc=False):
    """One bar within a day: [start, start + interval). Prices unadjusted for dividends, adjusted for splits."""

    symbol: str
    interval: str  # of INTERVALS
    start: UtcTime
    trade_date: date
    session: Session  # that `start` belongs to
    open: Price
    high: Price
    low: Price
    close: Price
    volume: int | None = None  # shares; None where nobody told
    source: str = "yahoo"  # or file


class DailyBar(Frozen, gc=False):
    """The regular session of one trade date. A file may tell the close alone."""

    symbol: str
    trade_date: date
    close: Price
    open: Price | None = None
    high: Price | None = None
    low: Price | None = None
    volume: int | None = None
    source: str = "yahoo"
    provisional: bool = False  # the session had not ended for good when it was read


@dataclass(frozen=True, slots=True)
class DayBars:
    """The bars of one symbol and trade date as columns of equal length, by rising start."""

    symbol: str
    trade_date: date
    start_s: NDArray[Any]  # int64, seconds since 1970
    prices: NDArray[Any]  # float64, shape (4, n): open, high, low, close
    volume: NDArray[Any]  # int64, -1 where nobody told

    def __len__(self) -> int:
        return len(self.start_s)


def day_bars(bars: Iterable[HistoryBar]) -> list[DayBars]:
    """`bars` in any order as columns, by trade date and symbol."""
    import numpy as np

    grouped: dict[tuple[date, str], list[HistoryBar]] = {}
    for bar in bars:
        grouped.setdefault((bar.trade_date, bar.symbol), []).append(bar)
    found = []
    for (trade_date, symbol), several in sorted(grouped.items()):
        several.sort(key=lambda bar: bar.start)
        found.append(
            DayBars(
                symbol,
                trade_date,
                np.array([round(bar.start.timestamp()) for bar in several], np.int64),
                np.array([[b.open, b.high, b.low, b.close] for b in several], np.float64).T,
                np.array([-1 if bar.volume is None else bar.volume for bar in several], np.int64),
            )
        )
    return found


def runs_of(days: Sequence[date], wanted: Iterable[date]) -> list[tuple[date, date]]:
    """`wanted` as spans (first, last) of neighbours in `days`, both rising."""
    place = {day: number for number, day in enumerate(days)}
    spans: list[tuple[date, date]] = []
    for day in sorted(wanted):
        if spans and place[day] == place[spans[-1][1]] + 1:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans
