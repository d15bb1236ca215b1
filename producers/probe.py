"""Finds the exchange code under which the broker knows a ticker: a wrong one gives blanks, not an error."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import get_args

from producers.kis.client import KisClient
from producers.kis.errors import ClientFault, NoData, NotPermitted
from producers.kis.parse import Reading, from_detail, from_price
from schemas.book import Exchange, Ticker

log = logging.getLogger(__name__)

EXCHANGES: tuple[str, ...] = get_args(Exchange)
ORDER = ("NAS", "AMS", "NYS")


@dataclass(slots=True)
class Listing:
    """Where the tickers of a book trade. `unknown`: found under no code; they keep the registry's."""

    exchanges: dict[str, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    details: dict[str, Reading] = field(default_factory=dict)  # prices of the day, where the probe read them


async def probe(client: KisClient, tickers: Iterable[Ticker]) -> Listing:
    """Ask for every ticker under its registry code, then under the others. Raises what the calls raise."""
    listing = Listing()
    async with asyncio.TaskGroup() as group:
        for ticker in tickers:
            listing.exchanges[ticker.symbol] = ticker.exchange
            group.create_task(_find(client, ticker, listing))
    return listing


async def _find(client: KisClient, ticker: Ticker, listing: Listing) -> None:
    symbol = ticker.symbol
    for exchange in dict.fromkeys((ticker.exchange, *ORDER)):
        reading = await _read(client, exchange, symbol)
        if reading is not None and reading.last is not None and reading.base is not None:
            listing.exchanges[symbol] = exchange
            listing.details[symbol] = reading
            if exchange != ticker.exchange:
                log.warning("exchange corrected symbol=%s registry=%s found=%s", symbol, ticker.exchange, exchange)
            return
    listing.unknown.add(symbol)
    log.error("symbol found on no exchange symbol=%s kept=%s", symbol, ticker.exchange)


async def _read(client: KisClient, exchange: str, symbol: str) -> Reading | None:
    try:
        if not client.paper:
            try:
                return from_detail((await client.price_detail(exchange, symbol)).output)
            except NotPermitted:
                pass  # a host without this call
        return from_price((await client.price(exchange, symbol)).output)
    except (NoData, ClientFault):
        return None
