"""Charts out of files of bars, CSV or Parquet.

Columns are `symbol`, `timestamp` (bar start, with zone) or `date`, prices and `volume`. The interval of a file with
times is the shortest step in it. Longer intervals are added up, within a trading day from its first bar.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from schemas.book import Book
from schemas.errors import ConfigError
from simulators.clock import TradingDays
from simulators.yahoo.series import DAY, MINUTES, Events, Listing, Row, added_up, grouped

PRICES = ("open", "high", "low")


class FileSource:
    """The bars of `paths`, and nothing else."""

    def __init__(self, paths: tuple[Path, ...], book: Book, days: TradingDays) -> None:
        self._days, self._zone, self._timezone = days, ZoneInfo(book.timezone), book.timezone
        self._bars: dict[tuple[str, str], list[Row]] = {}
        for path in paths:
            self._read(path)

    def listing(self, symbol: str) -> Listing | None:
        starts = [rows[0].start_s for (of, _), rows in self._bars.items() if of == symbol]
        if not starts:
            return None
        first = self._days.date_of(min(starts) * 1000)
        return Listing(symbol, symbol, "ETF", "PCX", self._timezone, first)

    def rows(self, symbol: str, interval: str, begin_s: int, end_s: int, now_s: int) -> list[Row]:
        return [row for row in self._interval(symbol, interval) if begin_s <= row.start_s < min(end_s, now_s)]

    def extended(self, symbol: str, interval: str, begin_s: int, end_s: int, now_s: int) -> list[Row]:
        return []

    def events(self, symbol: str, begin_s: int, end_s: int) -> Events:
        return Events()

    def _interval(self, symbol: str, interval: str) -> list[Row]:
        own = self._bars.get((symbol, interval))
        if own is not None or interval not in (*MINUTES, DAY):
            return own or []
        shorter = [
            (MINUTES[of], rows)
            for (name, of), rows in self._bars.items()
            if name == symbol and of != DAY and MINUTES[of] < MINUTES.get(interval, 1 << 20)
        ]
        if not shorter:
            return []
        found: list[Row] = []
        for _, several in groupby(max(shorter)[1], key=lambda row: self._days.date_of(row.start_s * 1000)):
            of_day = list(several)
            if interval == DAY:
                whole = added_up(of_day, of_day[0].start_s)
                found += [whole] if whole else []
            else:
                found += grouped(of_day, of_day[0].start_s, MINUTES[interval] * 60)
        self._bars[symbol, interval] = found
        return found

    def _read(self, path: Path) -> None:
        by_symbol: dict[str, list[Row]] = {}
        daily = False
        try:
            for raw in _records(path):
                row, is_day = self._row(raw)
                daily = daily or is_day
                by_symbol.setdefault(str(raw["symbol"]), []).append(row)
        except OSError as error:
            raise ConfigError(f"bars file {path}: {error.strerror or error}") from None
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"bars file {path}: expected symbol, timestamp or date, prices; received {error}"
            ) from None
        if not by_symbol:
            raise ConfigError(f"bars file {path}: expected bars, received none")
        for rows in by_symbol.values():
            rows.sort(key=lambda row: row.start_s)
        interval = DAY if daily else _interval_of(by_symbol)
        self._bars |= {(symbol, interval): rows for symbol, rows in by_symbol.items()}

    def _row(self, raw: Mapping[str, Any]) -> tuple[Row, bool]:
        moment = raw.get("timestamp") or raw.get("date")
        if not isinstance(moment, date):
            moment = datetime.fromisoformat(str(moment)) if len(str(moment)) > 10 else date.fromisoformat(str(moment))
        daily = not raw.get("timestamp")
        if daily:
            on = moment.astimezone(self._zone).date() if isinstance(moment, datetime) and moment.tzinfo else moment
            day = self._days.on_or_after(on.date() if isinstance(on, datetime) else on)
            start_s = day.opens // 1000
        elif not isinstance(moment, datetime) or moment.tzinfo is None:
            raise ValueError(f"timestamp without a zone: {moment}")
        else:
            start_s = int(moment.timestamp())
        close = float(raw["close"])
        opened, high, low = (float(raw[name]) if raw.get(name) not in (None, "") else close for name in PRICES)
        volume = int(float(raw["volume"])) if raw.get("volume") not in (None, "") else None
        return Row(start_s, opened, high, low, close, volume), daily


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    if path.suffix == ".parquet":
        import pyarrow.parquet

        yield from pyarrow.parquet.read_table(path).to_pylist()
        return
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _interval_of(by_symbol: Mapping[str, list[Row]]) -> str:
    steps = {b.start_s - a.start_s for rows in by_symbol.values() for a, b in pairwise(rows)}
    shortest = min((step for step in steps if step > 0), default=300)
    fitting = [name for name, minutes in MINUTES.items() if minutes * 60 <= shortest]
    if not fitting:
        raise ValueError(f"bars of {shortest} s")
    return fitting[-1]
