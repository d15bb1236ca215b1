"""The book as `/api/config/tickers` tells it: tickers with the rules that read them, and the catalogue of signals."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.base import Frozen
from schemas.book import Book, Pair
from schemas.catalogue import SignalType


class TickerInfo(Frozen):
    """One symbol of the book. `rules`: the signals that read it."""

    symbol: str
    name_ko: str
    name_en: str
    category: str
    exchange: str
    leverage: int
    tradable: bool  # false: watched, never bought by a rule
    rules: list[str]


class Triggers(Frozen):
    """What the conditional signal reads: buy `target` when all `triggers` are up."""

    triggers: tuple[str, ...]
    target: str


class CatalogueEntry(Frozen):
    """A signal that is computed. `type` is its name everywhere, the titles are for people."""

    type: str
    title_en: str
    title_ko: str


class Registry(Frozen):
    """The book of the trade date. Lists are in its order."""

    book: str
    timezone: str
    tickers: list[TickerInfo]
    pairs: tuple[Pair, ...]
    conditional: Triggers
    bearish: tuple[str, ...]  # what is held in a falling market
    indices: tuple[str, ...]
    gold: str
    signals: list[CatalogueEntry]


def registry_of(book: Book, catalogue: Iterable[SignalType]) -> Registry:
    return Registry(
        book=book.name,
        timezone=book.timezone,
        tickers=_tickers(book),
        pairs=book.pairs,
        conditional=Triggers(triggers=book.triggers, target=book.target),
        bearish=book.defensives,
        indices=book.indices,
        gold=book.gold,
        signals=entries_of(catalogue),
    )


def entries_of(catalogue: Iterable[SignalType]) -> list[CatalogueEntry]:
    return [CatalogueEntry(type=one.type, title_en=one.title_en, title_ko=one.title_ko) for one in catalogue]


def _tickers(book: Book) -> list[TickerInfo]:
    legs = {leg for pair in book.pairs for leg in (pair.lead, pair.follow)}
    roles = {
        "gold": {book.gold},
        "twin_pairs": legs,
        "conditional": {*book.triggers, book.target},
        "stop_loss": set(book.symbols),
        "bearish": {*book.indices, book.gold, *book.defensives},
    }
    return [
        TickerInfo(
            symbol=ticker.symbol,
            name_ko=ticker.name_ko,
            name_en=ticker.name_en,
            category=ticker.category,
            exchange=ticker.exchange,
            leverage=ticker.leverage,
            tradable=ticker.tradable,
            rules=[rule for rule, symbols in roles.items() if ticker.symbol in symbols],
        )
        for ticker in book.tickers
    ]
