"""A book: a registry of tickers and what the rules read of them. `schemas/books/us.toml` is the one that ships."""

from __future__ import annotations

import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from schemas.base import Frozen
from schemas.errors import ConfigError

Exchange = Literal["NAS", "NYS", "AMS"]
Symbol = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9./-]{1,16}$")]


class Ticker(Frozen):
    """One symbol of the book. `exchange` is the broker's three-letter code for quotes; start-up probes it."""

    symbol: Symbol
    name_ko: str
    name_en: str
    category: str
    exchange: Exchange
    leverage: Annotated[int, msgspec.Meta(ge=-5, le=5)] = 1
    tradable: bool = True  # False: watched (gold, indices), never bought by a rule


class Pair(Frozen):
    """Twins: when `follow` lags behind `lead`, it may catch up."""

    key: str
    label: str
    lead: Symbol
    follow: Symbol


class Book(Frozen, dict=True):
    """The registry. Order of `tickers` is the order of every list made from it."""

    name: str
    calendar: str  # exchange calendar, ISO 10383, like XNYS
    timezone: str  # IANA, like America/New_York; a trade date is a date there
    tickers: tuple[Ticker, ...]
    gold: Symbol
    indices: tuple[Symbol, ...]
    pairs: tuple[Pair, ...]
    triggers: tuple[Symbol, ...]
    target: Symbol
    defensives: tuple[Symbol, ...]

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        return tuple(ticker.symbol for ticker in self.tickers)

    @cached_property
    def by_symbol(self) -> dict[str, Ticker]:
        return {ticker.symbol: ticker for ticker in self.tickers}

    @cached_property
    def by_pair(self) -> dict[str, Pair]:
        return {pair.key: pair for pair in self.pairs}


BOOKS = Path(__file__).parent / "books"


def load_book(source: str | Path) -> Book:
    """Read a book by name (`us`) or from a TOML file. Raises `ConfigError` that names the field at fault."""
    path = (
        BOOKS / f"{source}.toml"
        if isinstance(source, str) and "/" not in source and "." not in source
        else Path(source)
    )
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in BOOKS.glob("*.toml")))
        raise ConfigError(f"book: expected one of {known} or a TOML file, received {str(source)!r}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"book {path}: expected TOML, received {error}") from None
    try:
        book = msgspec.convert(raw, Book)
    except msgspec.ValidationError as error:
        raise ConfigError(f"book {path}: {error}") from None
    _check(book, path)
    return book


def _check(book: Book, path: Path) -> None:
    seen: set[str] = set()
    for ticker in book.tickers:
        if ticker.symbol in seen:
            raise ConfigError(f"book {path}: tickers: expected each symbol once, received {ticker.symbol} twice")
        seen.add(ticker.symbol)
    keys = [pair.key for pair in book.pairs]
    if len(set(keys)) != len(keys):
        raise ConfigError(f"book {path}: pairs: expected distinct keys, received {keys}")
    used = {
        "gold": [book.gold],
        "indices": list(book.indices),
        "pairs": [leg for pair in book.pairs for leg in (pair.lead, pair.follow)],
        "triggers": list(book.triggers),
        "target": [book.target],
        "defensives": list(book.defensives),
    }
    for field, symbols in used.items():
        for symbol in symbols:
            if symbol not in seen:
                raise ConfigError(f"book {path}: {field}: expected a symbol of tickers, received {symbol!r}")
