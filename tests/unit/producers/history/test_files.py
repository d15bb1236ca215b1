"""Files of bars, line by line. Lines are numbered as an editor numbers them; 2026-02-10 is a Tuesday."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from producers.history.files import BarFile, Report, covered, holes, write
from schemas.errors import ConfigError
from schemas.history import DailyBar, HistoryBar
from schemas.ticks import Session
from tests.yahoo import SESSIONS, day


def read(path: Path, interval: str | None = None) -> tuple[list[Any], Report]:
    opened = BarFile(path, interval, SESSIONS)
    report = opened.report()
    bars = list(opened.daily(report) if opened.interval == "1d" else opened.intraday(report))
    return bars, report


def file(path: Path, text: str) -> Path:
    target = path / "bars.csv"
    target.write_text("\n".join(line.strip() for line in text.strip().splitlines()) + "\n", "utf-8")
    return target


def test_a_close_alone_will_do_for_days(tmp_path):
    bars, report = read(file(tmp_path, "symbol,date,close\nGLD,2026-02-10,385.12\nSPY,2026-02-10,690"))
    assert bars == [
        DailyBar(symbol="GLD", trade_date=day("2026-02-10"), close=385.12, source="file"),
        DailyBar(symbol="SPY", trade_date=day("2026-02-10"), close=690.0, source="file"),
    ]
    assert (report.interval, report.lines, report.faults, report.ignored) == ("1d", 2, [], ())


def test_columns_may_stand_in_any_order_and_case_and_strange_ones_are_told(tmp_path):
    text = "Date,adj_close,Volume,Close,Low,High,Open,Symbol\n2026-02-10,1,5,100,99,101,100,gld"
    (bar,), report = read(file(tmp_path, text))
    assert (bar.symbol, bar.open, bar.high, bar.low, bar.close, bar.volume) == ("GLD", 100, 101, 99, 100, 5)
    assert report.ignored == ("adj_close",)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("2026-02-10", "2026-02-10"),
        ("2026-02-10 05:00:00+00:00", "2026-02-10"),  # midnight in New York in winter
        ("2026-06-30T04:00:00+00:00", "2026-06-30"),  # in summer
        ("2026-02-10T00:00:00-05:00", "2026-02-10"),
        ("2026-02-10T00:00:00", "2026-02-10"),
    ],
)
def test_a_date_is_a_date_or_new_yorks_midnight(tmp_path, text, on):
    (bar,), _ = read(file(tmp_path, f"symbol,date,close\nGLD,{text},100"))
    assert bar.trade_date == day(on)


def test_bars_within_a_day_bear_their_start_and_session(tmp_path):
    bars, report = read(
        file(
            tmp_path,
            """symbol,timestamp,open,high,low,close,volume
            GLD,2026-02-10T09:30:00-05:00,100,101,99,100.5,10
            GLD,2026-02-10T14:35:00Z,100.5,101,99,100,
            GLD,2026-02-10T09:25:00-05:00,100,101,99,100.5,10""",
        )
    )
    assert report.interval == "5m"
    assert bars[0] == HistoryBar(
        symbol="GLD", interval="5m", start=datetime(2026, 2, 10, 14, 30, tzinfo=UTC), trade_date=day("2026-02-10"),
        session=Session.REGULAR, open=100.0, high=101.0, low=99.0, close=100.5, volume=10, source="file",
    )  # fmt: skip
    assert (bars[1].volume, bars[2].session) == (None, Session.PRE)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("GLD,2026-02-10,", "line 3: close: expected a price > 0, received"),
        ("GLD,2026-02-10,abc", 'line 3: close: expected a price > 0, received "abc"'),
        ("GLD,2026-02-10,0", 'line 3: close: expected a price > 0, received "0"'),
        ("GLD,2026-02-10,-1", "line 3: close: expected a price > 0"),
        ("GLD,2026-02-10,inf", "line 3: close: expected a price > 0"),
        ("GLD,2026-02-10,nan", "line 3: close: expected a price > 0"),
        ("GLD,10.02.2026,1", 'line 3: date: expected a date like 2026-02-10 or a time with a zone, received "10.02'),
        ("GLD,,1", "line 3: date: expected a date like 2026-02-10"),
        ("GLD,2026-02-14,1", "line 3: date: expected a trade date; the exchange was closed on 2026-02-14, received"),
        ("GLD,2026-02-10T09:30:00-05:00,1", "line 3: date: expected a date, or midnight in America/New_York, received"),
        ("GL D,2026-02-10,1", 'line 3: symbol: expected letters and digits, received "GL D"'),
        (",2026-02-10,1", "line 3: symbol: expected letters and digits"),
        ("GLD,2026-02-10", "line 3: expected 3 fields, received 2"),
        ("SPY,2026-02-10,2", "line 3: SPY 2026-02-10 stands in line 2 already, with other values"),
    ],
)
def test_a_line_at_fault_is_named_with_what_it_should_be(tmp_path, line, said):
    bars, report = read(file(tmp_path, f"symbol,date,close\nSPY,2026-02-10,1\n{line}\nQQQ,2026-02-10,3"))
    assert report.faulty == 1
    assert report.faults[0].startswith(said)
    assert [bar.symbol for bar in bars] == ["SPY", "QQQ"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("GLD,2026-02-10T09:30:00,1,1,1,1,1", "timestamp: expected a time with a zone, like 2026-02-10T09:30:00-05:00"),
        ("GLD,2026-02-10,1,1,1,1,1", "timestamp: expected a time with a zone"),
        ("GLD,2026-02-10T09:32:00-05:00,1,1,1,1,1", "timestamp: expected the start of a 5m bar"),
        ("GLD,2026-02-10T09:35:00-05:00,2,1,1,1,1", "high: expected at least 2.0, received 1.0"),
        ("GLD,2026-02-10T09:35:00-05:00,2,3,2.5,3,1", "low: expected at most 2.0, received 2.5"),
        ("GLD,2026-02-10T09:35:00-05:00,,,,1,1", "open, high, low: expected prices, received a close alone"),
        ("GLD,2026-02-10T09:35:00-05:00,1,1,1,1,-5", "volume: expected a whole number >= 0"),
        ("GLD,2026-02-10T09:35:00-05:00,1,1,1,1,2.5", "volume: expected a whole number >= 0"),
        ("GLD,2026-02-10T09:35:00-05:00,1,1,1,1,many", 'volume: expected a whole number >= 0, received "many"'),
    ],
)
def test_a_bar_at_fault_is_named(tmp_path, line, said):
    head = "symbol,timestamp,open,high,low,close,volume\nSPY,2026-02-10T09:30:00-05:00,1,1,1,1,1"
    _, report = read(file(tmp_path, f"{head}\n{line}"), "5m")
    assert report.faulty == 1
    assert report.faults[0].startswith(f"line 3: {said}")


def test_the_same_line_twice_is_taken_once_and_told(tmp_path):
    bars, report = read(file(tmp_path, "symbol,date,close\nGLD,2026-02-10,1\nGLD,2026-02-10,1"))
    assert (len(bars), report.faulty) == (1, 0)
    assert report.repeated == ["line 3: GLD 2026-02-10 repeats line 2"]


def test_of_many_faults_twenty_are_named_and_all_counted(tmp_path):
    _, report = read(file(tmp_path, "symbol,date,close\n" + "\n".join(f"S{n},2026-02-10,x" for n in range(30))))
    assert (report.faulty, len(report.faults)) == (30, 20)


def test_holes_are_dates_that_a_symbol_lacks_within_its_own_span(tmp_path):
    lines = ["symbol,date,close"]
    lines += [f"GLD,2026-02-{n:02},1" for n in (2, 3, 6, 9, 10)]
    lines += [f"SPY,2026-02-{n:02},1" for n in (9, 10)]
    lines += [f"QQQ,2026-02-{n:02},1" for n in (2, 10)]
    _, report = read(file(tmp_path, "\n".join(lines)))
    assert holes(report, SESSIONS) == [
        "GLD has no bar on 2026-02-04, 2026-02-05",
        "QQQ has no bar on 2026-02-03, 2026-02-04, 2026-02-05 and 2 more",
    ]
    known = covered(report, SESSIONS)
    assert known["SPY"] == known["GLD"] == [date(2026, 2, n) for n in (2, 3, 4, 5, 6, 9, 10)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected the columns symbol, timestamp or date, and close, received none"),
        ("a,b,c\n1,2,3", "expected the columns symbol, timestamp or date, and close, received a, b, c"),
        ("symbol,date,close,Close\n", "expected each column once, received close twice"),
        (
            "symbol,timestamp,close\nGLD,2026-02-10T14:30:00Z,1",
            "expected bars of 1m, 5m, 1h, received steps of nothing",
        ),
    ],
)
def test_a_file_that_is_no_table_of_bars_is_refused(tmp_path, text, sentence):
    target = tmp_path / "bars.csv"
    target.write_text(text)
    with pytest.raises(ConfigError) as told:
        read(target)
    assert sentence in str(told.value)


def test_bars_within_a_day_need_all_prices(tmp_path):
    path = file(tmp_path, "symbol,timestamp,close\nGLD,2026-02-10T14:30:00Z,1\nGLD,2026-02-10T14:35:00Z,1")
    with pytest.raises(ConfigError, match="expected the columns open, high, low for bars within a day"):
        read(path)


def test_a_missing_a_foreign_and_a_torn_file_are_a_sentence_each(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.csv: No such file or directory"):
        read(tmp_path / "none.csv")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)))
    with pytest.raises(ConfigError, match=r"expected CSV in UTF-8 or a \.parquet file"):
        read(tmp_path / "binary.csv")
    (tmp_path / "torn.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(ConfigError, match="expected a Parquet file"):
        read(tmp_path / "torn.parquet")
    late = tmp_path / "late.csv"
    late.write_bytes(b"symbol,date,close\n" + b"GLD,2026-02-10,1\n" * 3 + b"GLD,\xff\xfe,1\n")
    with pytest.raises(ConfigError, match=r"late\.csv: .*expected CSV"):
        read(late)


def test_parquet_with_types_of_its_own(tmp_path):
    path = tmp_path / "bars.parquet"
    table = pyarrow.table(
        {
            "symbol": ["GLD", "SPY"],
            "date": pyarrow.array([date(2026, 2, 10)] * 2),
            "close": pyarrow.array([Decimal("385.12"), Decimal("690.00")]),
            "volume": pyarrow.array([5, None], pyarrow.int32()),
        }
    )
    pyarrow.parquet.write_table(table, path)
    bars, report = read(path)
    assert [(bar.symbol, bar.close, bar.volume) for bar in bars] == [("GLD", 385.12, 5), ("SPY", 690.0, None)]
    assert report.faults == []


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet"])
def test_a_write_that_fails_leaves_nothing_behind(tmp_path, name):
    (tmp_path / name).write_text("as it was")

    def rows() -> Any:
        yield {"symbol": "GLD"}
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / name, ["symbol"], rows())
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "as it was"


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet"])
def test_what_is_written_reads_back(tmp_path, name):
    rows = [
        {
            "symbol": "GLD", "timestamp": datetime(2026, 2, 10, 14, 30 + n, tzinfo=UTC), "open": Decimal("1.500000"),
            "high": Decimal("2"), "low": Decimal("1"), "close": Decimal("1.25"), "volume": 100 if n else None,
        }
        for n in (0, 1, 2)
    ]  # fmt: skip
    assert write(tmp_path / name, list(rows[0]), rows) == 3
    bars, report = read(tmp_path / name)
    assert report.faults == []
    assert [(bar.start, bar.open, bar.volume) for bar in bars] == [
        (row["timestamp"], 1.5, row["volume"]) for row in rows
    ]
    assert report.interval == "1m"
