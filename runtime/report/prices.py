"""The prices that a run's trades stand on, thinned to what a chart can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg import AsyncConnection

from producers.history.ladder import TICKS
from runtime.report.stored import Report
from schemas.history import DAILY
from schemas.results import DayRow
from sinks import history

POINTS = 900  # of a line, about one a pixel; the lowest and the highest of each stretch are kept
MOST_SYMBOLS = 40


@dataclass(frozen=True, slots=True)
class Axis:
    """Trading time from 0 to 1: regular sessions one after the other, nothing between them."""

    days: tuple[tuple[date, datetime, datetime], ...]  # opens and closes

    @classmethod
    def of(cls, days: Sequence[DayRow]) -> Axis:
        return cls(tuple((day.trade_date, day.opens_at, day.closes_at) for day in days))

    def at(self, day: date, moment_s: float) -> float | None:
        """Where a moment of a trade date stands; None outside of its regular session or of the run."""
        for place, (on, opens, closes) in enumerate(self.days):
            if on == day:
                share = (moment_s - opens.timestamp()) / (closes.timestamp() - opens.timestamp())
                return (place + share) / len(self.days) if 0 <= share <= 1 else None
        return None


Line = list[tuple[float, float]]  # place on the axis, price


async def prices_of(connection: AsyncConnection, report: Report) -> dict[str, Line]:
    """By symbol that was traded its price over the run; empty for a run without a portfolio or without stored bars."""
    portfolio, interval = report.result.portfolio, report.result.data_quality.interval
    symbols = sorted({fill.symbol for fill in report.fills})[:MOST_SYMBOLS]
    if portfolio is None or not portfolio.days or not symbols or interval == DAILY:
        return {}
    axis = Axis.of(portfolio.days)
    places = {on: (place, opens, closes) for place, (on, opens, closes) in enumerate(axis.days)}
    lines: dict[str, Line] = {symbol: [] for symbol in symbols}
    stored = "1m" if interval == TICKS else interval
    first, last = axis.days[0][0], axis.days[-1][0]
    each = max(2, POINTS // len(axis.days))
    async for on, bars in history.read(connection, report.world, stored, symbols, first, last):
        if on not in places:
            continue
        place, opens, closes = places[on]
        begins, length = opens.timestamp(), (closes - opens).total_seconds()
        for bar in bars:
            points = [
                ((place + (second - begins) / length) / len(axis.days), float(close))
                for second, close in zip(bar.start_s.tolist(), bar.prices[3].tolist(), strict=True)
                if begins <= second < begins + length
            ]
            lines[bar.symbol] += thinned(points, each)
    return {symbol: thinned(line, POINTS) for symbol, line in lines.items() if len(line) > 1}


def thinned(points: Line, most: int) -> Line:
    """About `most` of `points`: of each stretch the lowest and the highest, in their order."""
    if len(points) <= most:
        return points
    stretch = -(-2 * len(points) // most)
    kept: Line = []
    for begin in range(0, len(points), stretch):
        part = points[begin : begin + stretch]
        ends = {min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])}
        kept += sorted(ends)
    return kept


def bounds(values: Mapping[str, Line] | Sequence[float]) -> tuple[float, float]:
    """Lowest and highest with a little air; never of no height."""
    numbers = [price for line in values.values() for _, price in line] if isinstance(values, Mapping) else list(values)
    low, high = min(numbers), max(numbers)
    air = (high - low) * 0.06 or abs(high) * 0.01 or 1.0
    return low - air, high + air
