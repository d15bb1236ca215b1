"""The registry of tickers: the one that ships is right, and one that is wrong says where."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from schemas.base import encode
from schemas.book import BOOKS, Book, load_book
from schemas.errors import ConfigError
from schemas.topics import BOOK_PARTITIONS

US = (BOOKS / "us.toml").read_text("utf-8")


def test_the_us_book_has_its_sixteen_tickers_in_order():
    """The registry order of the first version; it is the order of every list."""
    book = load_book("us")
    assert book.symbols == (
        *("GLD", "BITU", "MSTU", "ROBN", "CONL", "NVDL", "AMDL", "ETHU", "XXRP", "SOLT"),
        *("COIN", "HIMZ", "BRKU", "BABX", "SPY", "QQQ"),
    )
    assert [(pair.key, pair.lead, pair.follow) for pair in book.pairs] == [
        ("coin", "BITU", "MSTU"),
        ("bank", "ROBN", "CONL"),
        ("semi", "NVDL", "AMDL"),
    ]
    assert (book.gold, book.indices, book.target) == ("GLD", ("SPY", "QQQ"), "COIN")
    assert (book.triggers, book.defensives) == (("ETHU", "XXRP", "SOLT"), ("HIMZ", "BRKU", "BABX"))
    assert (book.calendar, book.timezone) == ("XNYS", "America/New_York")


def test_exchange_codes_are_the_corrected_ones():
    """Seven tickers of Nasdaq stood as AMS in the first version; with a wrong code the broker answers blanks."""
    codes = {ticker.symbol: ticker.exchange for ticker in load_book("us").tickers}
    nasdaq = {symbol for symbol, code in codes.items() if code == "NAS"}
    assert nasdaq == {"CONL", "NVDL", "AMDL", "SOLT", "COIN", "HIMZ", "BRKU", "BABX", "QQQ"}
    assert Counter(codes.values()) == {"NAS": 9, "AMS": 7}


def test_what_is_only_watched_is_not_tradable():
    assert [ticker.symbol for ticker in load_book("us").tickers if not ticker.tradable] == ["GLD", "SPY", "QQQ"]


def test_a_book_that_ships_has_a_partition_of_its_own():
    assert {path.stem for path in BOOKS.glob("*.toml")} == set(BOOK_PARTITIONS)
    assert len(set(BOOK_PARTITIONS.values())) == len(BOOK_PARTITIONS)


def test_lookups_are_not_part_of_the_wire():
    book = load_book("us")
    assert book.by_symbol["COIN"].leverage == 1
    assert b"by_symbol" not in encode(book)
    assert type(book) is Book


def edited(tmp_path: Path, pattern: str, replacement: str) -> Path:
    """The shipped book with one edit, as a user would make it."""
    text, times = re.subn(pattern, replacement, US, count=1, flags=re.MULTILINE)
    assert times == 1, pattern
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_file_of_ones_own_is_read_by_path(tmp_path):
    path = edited(tmp_path, '^target = "COIN"', 'target = "QQQ"')
    assert load_book(path).target == load_book(str(path)).target == "QQQ"


@pytest.mark.parametrize(
    ("pattern", "replacement", "said"),
    [
        ('^target = "COIN"', 'target = "DOGE"', "target: expected a symbol of tickers, received 'DOGE'"),
        ('^gold = "GLD"', 'gold = "IAU"', "gold: expected a symbol of tickers, received 'IAU'"),
        ('^follow = "MSTU"', 'follow = "MSTX"', "pairs: expected a symbol of tickers, received 'MSTX'"),
        ('"SOLT"\\]', '"SOLX"]', "triggers: expected a symbol of tickers, received 'SOLX'"),
        ('"BABX"\\]', '"BABY"]', "defensives: expected a symbol of tickers, received 'BABY'"),
        ('"QQQ"\\]', '"QQQM"]', "indices: expected a symbol of tickers, received 'QQQM'"),
        ('^symbol = "MSTU"', 'symbol = "BITU"', "tickers: expected each symbol once, received BITU twice"),
        ('^key = "bank"', 'key = "coin"', "pairs: expected distinct keys, received"),
        ('^exchange = "AMS"', 'exchange = "NYSE"', "exchange"),
        ('^symbol = "GLD"', 'symbol = "gold bars"', "symbol"),
        ("^leverage = 2", "leverage = 20", "leverage"),
        ('^calendar = "XNYS"', "", "calendar"),
        ('^name = "us"', "name = us", "expected TOML, received"),
    ],
)
def test_names_what_is_wrong_with_a_book(tmp_path, pattern, replacement, said):
    path = edited(tmp_path, pattern, replacement)
    with pytest.raises(ConfigError) as raised:
        load_book(path)
    assert str(raised.value).startswith(f"book {path}: ")
    assert said in str(raised.value)


def test_names_the_books_there_are():
    with pytest.raises(ConfigError, match=r"book: expected one of us or a TOML file, received 'kr'"):
        load_book("kr")
    with pytest.raises(ConfigError, match=r"received '/no/such/book\.toml'"):
        load_book("/no/such/book.toml")


def test_a_file_that_is_not_text_is_named(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="expected TOML"):
        load_book(path)
