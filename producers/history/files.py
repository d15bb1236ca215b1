"""Files of bars, CSV or Parquet: every line read, judged and reported by its number; nothing is guessed.

Columns by name in any order and case: `symbol`, `timestamp` (the bar's start, with a zone) or `date`, `open`, `high`,
`low`, `close`, `volume`; for daily bars the close alone will do. Others are ignored, with a notice.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from producers.sessions import Day, Sessions
from schemas.errors import ConfigError, shown
from schemas.history import DAILY, INTERVALS, DailyBar, HistoryBar

SOURCE = "file"
KNOWN = ("symbol", "timestamp", "date", "open", "high", "low", "close", "volume")
SYMBOL = re.compile(r"^[A-Z0-9.=/-]{1,16}$")
VALUES = ("open", "high", "low", "close", "volume")
REPORTED = 20  # lines named one by one; all are counted
MIDNIGHT = time()


@dataclass(slots=True)
class Report:
    """What was found in a file. With `faults` it is not to be stored; `notices` are for people to know."""

    path: Path
    interval: str
    lines: int = 0
    ignored: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)
    faulty: int = 0
    repeated: list[str] = field(default_factory=list)  # lines that say again what an earlier one said
    repeats: int = 0
    held: dict[str, set[date]] = field(default_factory=dict)  # by symbol: dates with a bar

    @property
    def symbols(self) -> list[str]:
        return sorted(self.held)

    @property
    def first(self) -> date:
        return min(map(min, self.held.values()))

    @property
    def last(self) -> date:
        return max(map(max, self.held.values()))

    def fault(self, line: int, said: str) -> None:
        self.faulty += 1
        if len(self.faults) < REPORTED:
            self.faults.append(f"line {line}: {said}")

    def repeat(self, line: int, said: str) -> None:
        self.repeats += 1
        if len(self.repeated) < REPORTED:
            self.repeated.append(f"line {line}: {said}")


class BarFile:
    """One file, opened. Raises `ConfigError` when it is no table of bars."""

    def __init__(self, path: Path, interval: str | None, sessions: Sessions) -> None:
        self._path, self._sessions = path, sessions
        self._names, self._open = _table(path)
        self._columns = _columns_of(path, self._names)
        self.interval = interval or (DAILY if "timestamp" not in self._columns else self._shortest())
        self._days: dict[date, Day | None] = {}
        self._moments: dict[Any, tuple[date | datetime, Day]] = {}
        if self.interval != DAILY and "open" not in self._columns:
            wanted = ", ".join(name for name in ("open", "high", "low") if name not in self._columns)
            raise ConfigError(f"{path}: expected the columns {wanted} for bars within a day, received a close alone")

    def report(self) -> Report:
        """An empty report to read the file with."""
        known = set(self._columns.values())
        ignored = tuple(name for place, name in enumerate(self._names) if place not in known)
        return Report(self._path, self.interval, ignored=ignored)

    def daily(self, report: Report) -> Iterator[DailyBar]:
        """The daily bars, line by line. What is wrong stands in `report` instead."""
        for line, row, symbol, day in self._lines(report):
            prices = _prices(report, line, row)
            if prices is not None:
                yield DailyBar(symbol=symbol, trade_date=day.trade_date, source=SOURCE, **prices)

    def intraday(self, report: Report) -> Iterator[HistoryBar]:
        """The bars within days, line by line. What is wrong stands in `report` instead."""
        for line, row, symbol, day in self._lines(report):
            prices = _prices(report, line, row)
            if prices is None:
                continue
            if None in (prices["open"], prices["high"], prices["low"]):
                report.fault(line, "open, high, low: expected prices, received a close alone")
                continue
            start: datetime = row["at"]
            yield HistoryBar(
                symbol=symbol,
                interval=self.interval,
                start=start,
                trade_date=day.trade_date,
                session=day.session(max(start, day.pre_from) + timedelta(seconds=1)),
                source=SOURCE,
                **prices,
            )

    def _lines(self, report: Report) -> Iterator[tuple[int, dict[str, Any], str, Day]]:
        """Line number, values by column, symbol and day, of lines that name a bar of their own."""
        seen: dict[str, dict[Any, tuple[int, int]]] = {}
        for line, values in self._open():
            report.lines += 1
            if len(values) < len(self._names):
                report.fault(line, f"expected {len(self._names)} fields, received {len(values)}")
                continue
            row = {name: values[place] for name, place in self._columns.items()}
            symbol = str(row["symbol"] or "").strip().upper()
            if not SYMBOL.match(symbol):
                report.fault(line, f"symbol: expected letters and digits, received {shown(row['symbol'])}")
                continue
            day = self._day(report, line, row)
            if day is None:
                continue
            key = row["at"]
            said = hash(tuple([str(row.get(name)) for name in VALUES]))
            before = seen.setdefault(symbol, {}).setdefault(key, (line, said))
            if before[0] != line:
                what = f"{symbol} {key:%Y-%m-%d %H:%M}" if isinstance(key, datetime) else f"{symbol} {key}"
                if before[1] == said:
                    report.repeat(line, f"{what} repeats line {before[0]}")
                else:
                    report.fault(line, f"{what} stands in line {before[0]} already, with other values")
                continue
            report.held.setdefault(symbol, set()).add(day.trade_date)
            yield line, row, symbol, day

    def _day(self, report: Report, line: int, row: dict[str, Any]) -> Day | None:
        """The trade date of a line; `row["at"]` becomes it or, within a day, the bar's start."""
        name = "timestamp" if "timestamp" in self._columns else "date"
        text = row[name]
        if text not in self._moments:  # lines of several symbols tell the same times
            try:
                moment = _moment(text)
                self._moments[text] = self._placed(moment)
            except ValueError as error:
                report.fault(line, f"{name}: expected {error}, received {shown(text)}")
                return None
        row["at"], day = self._moments[text]
        return day

    def _placed(self, moment: date | datetime) -> tuple[date | datetime, Day]:
        at = self._date(moment) if self.interval == DAILY else self._start(moment)
        on = at.astimezone(self._sessions.zone).date() if isinstance(at, datetime) else at
        if on not in self._days:
            self._days[on] = self._sessions.day(on)
        day = self._days[on]
        if day is None:
            raise ValueError(f"a trade date; the exchange was closed on {on}")
        return at, day

    def _date(self, moment: date | datetime) -> date:
        if not isinstance(moment, datetime):
            return moment
        local = moment if moment.tzinfo is None else moment.astimezone(self._sessions.zone)
        if local.time() != MIDNIGHT:
            raise ValueError(f"a date, or midnight in {self._sessions.zone.key}")
        return local.date()

    def _start(self, moment: date | datetime) -> datetime:
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise ValueError("a time with a zone, like 2026-02-10T09:30:00-05:00")
        minutes = INTERVALS[self.interval].total_seconds() // 60
        if moment.second or moment.microsecond or (minutes < 60 and moment.minute % minutes):
            raise ValueError(f"the start of a {self.interval} bar")
        return moment.astimezone(UTC)

    def _shortest(self) -> str:
        """The interval of the file: the shortest step between two starts of a symbol among its first lines."""
        starts: dict[str, list[datetime]] = {}
        for number, (_, values) in enumerate(self._open()):
            if number >= 20_000:
                break
            try:
                moment = _moment(values[self._columns["timestamp"]])
            except (ValueError, IndexError):
                continue
            if isinstance(moment, datetime) and moment.tzinfo is not None:
                starts.setdefault(str(values[self._columns["symbol"]]), []).append(moment)
        steps = {b - a for several in starts.values() for a, b in pairwise(sorted(several)) if b > a}
        shortest = min(steps, default=None)
        for name, length in INTERVALS.items():
            if shortest == length:
                return name
        raise ConfigError(
            f"{self._path}: expected bars of {', '.join(INTERVALS)}, received steps of {shortest or 'nothing'}; "
            f"name the interval with --interval"
        )


def holes(report: Report, sessions: Sessions) -> list[str]:
    """A sentence for each symbol that lacks trade dates within its own span."""
    if not report.held:
        return []
    span = (report.last - report.first).days + 1
    trading = [d for d in (report.first + timedelta(days=n) for n in range(span)) if sessions.day(d) is not None]
    said = []
    for symbol in report.symbols:
        held = report.held[symbol]
        first, last = min(held), max(held)
        absent = [d for d in trading if first <= d <= last and d not in held]
        if absent:
            some = ", ".join(map(str, absent[:3])) + (f" and {len(absent) - 3} more" if len(absent) > 3 else "")
            said.append(f"{symbol} has no bar on {some}")
    return said


def covered(report: Report, sessions: Sessions) -> dict[str, list[date]]:
    """By symbol every trade date of the whole file: what it does not have there, it says that there was none."""
    if not report.held:
        return {}
    span = (report.last - report.first).days + 1
    trading = [d for d in (report.first + timedelta(days=n) for n in range(span)) if sessions.day(d) is not None]
    return dict.fromkeys(report.held, trading)


def write(path: Path, names: list[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as CSV or, by its suffix, Parquet; the file appears whole. Returns the number of rows."""
    unfinished = path.with_name(f".{path.name}.new")
    try:
        count = _write(unfinished, path.suffix, names, rows)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return count


def _write(target: Path, suffix: str, names: list[str], rows: Iterable[Mapping[str, Any]]) -> int:
    count = 0
    if suffix == ".parquet":
        import pyarrow
        import pyarrow.parquet

        table = pyarrow.Table.from_pylist([{name: _plain(row[name]) for name in names} for row in rows])
        count = table.num_rows
        pyarrow.parquet.write_table(table, target)
    else:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(names)
            for row in rows:
                writer.writerow(_text(row[name]) for name in names)
                count += 1
    return count


def _table(path: Path) -> tuple[list[str], Any]:
    """The column names and a way to go through (line number, values), as often as one likes."""
    try:
        if path.suffix == ".parquet":
            import pyarrow
            import pyarrow.parquet

            try:
                names = list(pyarrow.parquet.read_schema(path).names)
            except pyarrow.ArrowException as error:
                raise ConfigError(f"{path}: expected a Parquet file, received {_first_line(error)}") from None
            return names, lambda: _parquet_lines(path)
        with path.open(encoding="utf-8-sig", newline="") as file:
            names = next(csv.reader(file), [])
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: expected CSV in UTF-8 or a .parquet file, received {_first_line(error)}") from None
    return names, lambda: _csv_lines(path)


def _csv_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        try:
            next(reader, None)
            for values in reader:
                if values:
                    yield reader.line_num, values
        except (UnicodeDecodeError, csv.Error) as error:
            raise ConfigError(f"{path}: line {reader.line_num + 1}: expected CSV, received {error}") from None


def _parquet_lines(path: Path) -> Iterator[tuple[int, list[Any]]]:
    import pyarrow.parquet

    line = 0
    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=10_000):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield line, list(values)


def _columns_of(path: Path, names: list[str]) -> dict[str, int]:
    lower = [name.strip().lower() for name in names]
    if twice := [name for name, count in Counter(lower).items() if count > 1 and name in KNOWN]:
        raise ConfigError(f"{path}: expected each column once, received {twice[0]} twice")
    found = {name: lower.index(name) for name in KNOWN if name in lower}
    if "symbol" not in found or "close" not in found or not {"timestamp", "date"} & found.keys():
        raise ConfigError(
            f"{path}: expected the columns symbol, timestamp or date, and close, received {', '.join(names) or 'none'}"
        )
    return found


def _moment(value: object) -> date | datetime:
    if isinstance(value, date):  # Parquet has types; a datetime is a date too
        return value
    text = str(value or "").strip()
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a date like 2026-02-10 or a time with a zone") from None


def _prices(report: Report, line: int, row: Mapping[str, Any]) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name in ("open", "high", "low", "close"):
        text = row.get(name)
        if text is None or str(text).strip() in ("", "nan", "NaN"):
            found[name] = None
            continue
        price = _number(text)
        if price is None or price <= 0:
            report.fault(line, f"{name}: expected a price > 0, received {shown(text)}")
            return None
        found[name] = round(price, 6)
    if found["close"] is None:
        report.fault(line, f"close: expected a price > 0, received {shown(row.get('close'))}")
        return None
    told = [found[name] for name in ("open", "close") if found[name] is not None]
    if found["high"] is not None and found["high"] < max(told):
        report.fault(line, f"high: expected at least {max(told)}, received {found['high']}")
        return None
    if found["low"] is not None and found["low"] > min(told):
        report.fault(line, f"low: expected at most {min(told)}, received {found['low']}")
        return None
    text = row.get("volume")
    volume = None if text is None or str(text).strip() in ("", "nan", "NaN") else _number(text)
    if (volume is not None and (volume < 0 or volume != int(volume))) or (volume is None and _said(text)):
        report.fault(line, f"volume: expected a whole number >= 0, received {shown(text)}")
        return None
    return found | {"volume": None if volume is None else int(volume)}


def _said(text: object) -> bool:
    return text is not None and str(text).strip() not in ("", "nan", "NaN")


def _number(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if abs(value) < 1e12 and "_" not in str(text) else None  # nan and infinite are not smaller


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "as_tuple") else value  # a Decimal


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return f"{value.normalize():f}" if hasattr(value, "as_tuple") else str(value)


def _first_line(error: BaseException) -> str:
    return str(error).split("\n")[0]
