"""Days out of a CSV of closes: `symbol,date,close`, in any order, further columns ignored.

Each date is served as one cut at 16:00:00.000 New York, on days of early close too (the file has no time of day), where
the clock stands until every symbol of the book was read; then comes the next date. The base of a symbol is the close
of its previous row, so it has none on its first. Prices have 4 decimals, like the broker's.
"""

from __future__ import annotations

import csv
import hashlib
import time as wall
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from schemas.base import milliseconds
from schemas.book import Book
from schemas.errors import ConfigError
from simulators.state_file import StateFile
from simulators.trading import Quote

CLOSE = time(16, 0)


@dataclass(frozen=True, slots=True)
class DayOfCloses:
    """Close and base by symbol, of those that have a row on the date."""

    date: date
    closes: dict[str, tuple[float, float | None]]


def load_days(path: Path, book: Book, begin: date | None = None) -> list[DayOfCloses]:
    """The dates to replay, oldest first: from `begin`, or from the first on which every symbol has a close.

    Raises `ConfigError` that names line and field.
    """
    rows: dict[str, dict[date, float]] = {symbol: {} for symbol in book.symbols}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row.get("symbol") in rows:
                    day, close = date.fromisoformat(row["date"]), float(f"{float(row['close']):.4f}")
                    if not 0 < close < float("inf"):
                        raise ValueError(f"close: expected a number > 0, received {row['close']!r}")
                    rows[row["symbol"]][day] = close
    except OSError as error:
        raise ConfigError(f"replay file {path}: {error.strerror}") from None
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"replay file {path}: expected symbol, date, close; received {error}") from None
    dates = sorted({day for closes in rows.values() for day in closes})
    complete = [day for day in dates if all(day in closes for closes in rows.values())]
    if not complete:
        absent = [symbol for symbol, closes in rows.items() if not closes]
        raise ConfigError(f"replay file {path}: expected a date with every symbol; none has, without a row: {absent}")
    served = [day for day in dates if day >= (begin or complete[0])]
    if not served:
        raise ConfigError(f"replay file {path}: expected dates from {begin} on, the last one is {dates[-1]}")
    history = {symbol: sorted(closes) for symbol, closes in rows.items()}
    return [
        DayOfCloses(
            day,
            {s: (rows[s][day], _before(rows[s], history[s], day)) for s in book.symbols if day in rows[s]},
        )
        for day in served
    ]


def _before(closes: Mapping[date, float], days: list[date], day: date) -> float | None:
    place = bisect_left(days, day)
    return closes[days[place - 1]] if place else None


class FrozenClock:
    """Stands at an instant until it is set to another; its axis of intervals runs with the wall clock's."""

    frozen = True

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.at_ms = 0

    def now_ms(self) -> int:
        return self.at_ms

    def passed_ms(self) -> int:
        return int(wall.monotonic() * self.speed * 1000)

    def close(self) -> None:
        return


class Replay:
    """Serves `days` one after the other; after the last one it stays there and is `done`."""

    def __init__(self, days: list[DayOfCloses], book: Book, speed: float, state: StateFile) -> None:
        self._days, self._book, self._state = days, book, state
        self._zone = ZoneInfo(book.timezone)
        self._clock = FrozenClock(speed)
        self._read: set[str] = set()
        self.done = False
        self._digest = hashlib.sha256(repr(days).encode()).hexdigest()[:16]
        kept = state.values.get("replay") or {}
        self._place = min(kept.get("place", 0), len(days) - 1) if kept.get("digest") == self._digest else 0
        self._show()

    @property
    def clock(self) -> FrozenClock:
        return self._clock

    def quote(self, symbol: str) -> Quote | None:
        day = self._days[self._place]
        if symbol not in day.closes:
            return None
        last, base = day.closes[symbol]
        return Quote(symbol=symbol, at_ms=self._clock.at_ms, trade_date=day.date, last=last, base=base)

    def trades(self, symbol: str, after_ms: int, until_ms: int) -> list[Quote]:
        return []

    def was_read(self, symbol: str) -> None:
        """Note a price call; when all symbols had one, go to the next date."""
        if symbol in self._book.by_symbol:
            self._read.add(symbol)
        if len(self._read) < len(self._book.tickers):
            return
        if self._place + 1 < len(self._days):
            self._place += 1
            self._show()
        else:
            self.done = True

    def ahead_ms(self) -> int:
        return self._instant(-1) - self._clock.at_ms

    def headers(self) -> Mapping[str, str]:
        return {"X-Market-Frozen": "1"} | ({"X-Replay-Done": "1"} if self.done else {})

    def state(self) -> dict[str, Any]:
        return {
            "mode": "replay",
            "trade_date": self._days[self._place].date.isoformat(),
            "index": self._place,
            "dates": len(self._days),
            "read": sorted(self._read),
            "done": self.done,
        }

    def _show(self) -> None:
        self._read = set()
        self._clock.at_ms = self._instant(self._place)
        self._state.update(replay={"digest": self._digest, "place": self._place})

    def _instant(self, place: int) -> int:
        return milliseconds(datetime.combine(self._days[place].date, CLOSE, self._zone))
