"""Bars as a chart reply carries them, and how short ones add up to longer ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

MINUTES = {"1m": 1, "2m": 2, "5m": 5, "15m": 15, "30m": 30, "60m": 60, "90m": 90, "1h": 60}
DAY = "1d"


@dataclass(frozen=True, slots=True)
class Row:
    """One bar. Prices None: Yahoo tells the time of a minute without a trade, and nothing else."""

    start_s: int
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    volume: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What is said of a symbol. `kind` is Yahoo's instrumentType."""

    symbol: str
    name: str
    kind: str
    exchange: str
    timezone: str
    first_day: date
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Events:
    """By the second at which they count: dividends per share; splits as (new shares, old shares)."""

    dividends: dict[int, float] = field(default_factory=dict)
    splits: dict[int, tuple[float, float]] = field(default_factory=dict)


class Source(Protocol):
    """Where charts come from. Times in seconds, spans half open."""

    def listing(self, symbol: str) -> Listing | None: ...

    def rows(self, symbol: str, interval: str, begin_s: int, end_s: int, now_s: int) -> list[Row]:
        """The bars of `interval` that start in [begin, end), the one that has not ended at `now` as far as it is."""
        ...

    def extended(self, symbol: str, interval: str, begin_s: int, end_s: int, now_s: int) -> list[Row]:
        """Those around the regular session. Yahoo tells no volume then."""
        ...

    def events(self, symbol: str, begin_s: int, end_s: int) -> Events: ...


def added_up(rows: Iterable[Row], start_s: int) -> Row | None:
    """One bar that starts at `start_s` of several that follow each other; None of none with a price."""
    priced = [row for row in rows if row.close is not None]
    if not priced:
        return None
    highs = [row.high for row in priced if row.high is not None]
    lows = [row.low for row in priced if row.low is not None]
    volumes = [row.volume for row in priced if row.volume is not None]
    return Row(start_s, priced[0].open, max(highs), min(lows), priced[-1].close, sum(volumes) if volumes else None)


def grouped(rows: Sequence[Row], begin_s: int, length_s: int) -> list[Row]:
    """`rows` of one session that began at `begin_s`, added up to bars of `length_s` from there."""
    buckets: dict[int, list[Row]] = {}
    for row in rows:
        buckets.setdefault((row.start_s - begin_s) // length_s, []).append(row)
    found = (added_up(several, begin_s + number * length_s) for number, several in sorted(buckets.items()))
    return [row for row in found if row is not None]
