"""What the faults of values make of a quote, the same for REST and WebSocket."""

from __future__ import annotations

from dataclasses import replace

from schemas.book import Book
from simulators.kis.faults import Faults
from simulators.trading import Quote


def listing(book: Book, faults: Faults, symbol: str) -> str | None:
    """Where `symbol` is found; None: nowhere."""
    ticker = book.by_symbol.get(symbol)
    moved = faults.find("wrong_exchange", symbol)
    return moved.to if moved is not None else ticker.exchange if ticker is not None else None


def disturbed(quote: Quote, faults: Faults) -> tuple[Quote, float, bool]:
    """`quote` under the faults of values in force, what to add to its rate, whether to leave its numbers out."""
    if not faults.active:
        return quote, 0.0, False
    if quote.last is not None and faults.take("absurd_price", quote.symbol):
        quote = replace(quote, last=quote.last * 3)
    if faults.take("zero_price", quote.symbol):
        quote = replace(quote, last=0.0)
    rate_off = 1.0 if faults.take("rate_mismatch", quote.symbol) else 0.0
    return quote, rate_off, faults.take("blank_fields", quote.symbol) is not None
