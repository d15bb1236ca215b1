"""Days out of a file: which are served, what their bases are, when one gives way to the next."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from schemas.base import milliseconds
from schemas.book import load_book
from schemas.errors import ConfigError
from simulators.replay import Replay, load_days
from simulators.state_file import StateFile

BOOK = load_book("us")
NEW_YORK = ZoneInfo("America/New_York")


def closes(path, rows):
    """A file of closes: every symbol at 100 on three dates, changed by `rows` of (symbol, date, close or None)."""
    table = {(s, d): "100" for s in BOOK.symbols for d in ("2025-11-26", "2025-11-28", "2025-12-01")}
    for symbol, day, close in rows:
        table.pop((symbol, day), None)
        if close is not None:
            table[symbol, day] = close
    lines = [f"{symbol},{day},{close}" for (symbol, day), close in sorted(table.items())]
    path.write_text("\n".join(["symbol,date,close", *lines]))
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "closes.csv"


def test_begins_where_every_symbol_has_a_close(path):
    closes(path, [("XXRP", "2025-11-26", None), ("GLD", "2025-12-01", None), ("OTHER", "2025-11-20", "5")])
    days = load_days(path, BOOK)
    assert [day.date for day in days] == [date(2025, 11, 28), date(2025, 12, 1)]
    assert days[0].closes["XXRP"] == (100.0, None)  # its first row has nothing before it
    assert days[0].closes["GLD"] == (100.0, 100.0)
    assert "GLD" not in days[1].closes


def test_can_begin_earlier_or_later(path):
    closes(path, [("XXRP", "2025-11-26", None)])
    assert load_days(path, BOOK, date(2025, 11, 1))[0].date == date(2025, 11, 26)
    assert load_days(path, BOOK, date(2025, 12, 1))[0].date == date(2025, 12, 1)


def test_the_base_is_the_previous_row_however_long_ago(path):
    closes(
        path,
        [("GLD", "2025-11-26", "99.123449"), ("GLD", "2025-11-28", None), ("GLD", "2025-12-01", "100.00004")],
    )
    assert load_days(path, BOOK)[-1].closes["GLD"] == (100.0, 99.1234)  # 4 decimals


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("GLD", "2025-11-28", "abc"), "could not convert"),
        (("GLD", "2025-11-28", "-1"), "a number > 0"),
        (("GLD", "2025-11-28", "nan"), "a number > 0"),
        (("GLD", "28.11.2025", "1"), "isoformat"),
    ],
)
def test_a_row_that_is_none_is_an_error(path, row, says):
    with pytest.raises(ConfigError, match=says):
        load_days(closes(path, [row]), BOOK)


def test_a_file_without_a_complete_date_says_whom_it_lacks(path):
    closes(path, [("GLD", day, None) for day in ("2025-11-26", "2025-11-28", "2025-12-01")])
    with pytest.raises(ConfigError, match=r"\['GLD'\]"):
        load_days(path, BOOK)
    with pytest.raises(ConfigError, match="No such file"):
        load_days(path.with_name("absent.csv"), BOOK)


def read_all(replay, but=()):
    for symbol in BOOK.symbols:
        if symbol not in but:
            replay.was_read(symbol)


def test_steps_on_when_every_symbol_was_read(path):
    replay = Replay(load_days(closes(path, []), BOOK), BOOK, 1.0, StateFile(None))
    # 2025-11-28 closed at 13:00, and is served at 16:00 all the same: the file has no time of day
    for day in (date(2025, 11, 26), date(2025, 11, 28), date(2025, 12, 1)):
        at = datetime(day.year, day.month, day.day, 16, tzinfo=NEW_YORK)
        assert replay.clock.now_ms() == milliseconds(at)
        assert "X-Replay-Done" not in replay.headers()
        read_all(replay, but={"QQQ"})
        read_all(replay, but={"QQQ"})
        assert replay.quote("GLD").trade_date == day
        replay.was_read("QQQ")
    assert replay.headers() == {"X-Market-Frozen": "1", "X-Replay-Done": "1"}
    assert replay.quote("GLD").trade_date == date(2025, 12, 1)
    assert replay.clock.now_ms() == milliseconds(at)


def test_goes_on_at_the_date_where_it_was(path, tmp_path):
    days = load_days(closes(path, []), BOOK)
    read_all(Replay(days, BOOK, 1.0, StateFile(tmp_path / "state.json")))
    assert Replay(days, BOOK, 1.0, StateFile(tmp_path / "state.json")).state()["index"] == 1
    other = load_days(closes(path, [("GLD", "2025-11-28", "7")]), BOOK)
    assert Replay(other, BOOK, 1.0, StateFile(tmp_path / "state.json")).state()["index"] == 0
