"""`/api/prices`: the newest quote of every symbol, and `/api/config/tickers`: the registry."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import answer, documented
from api.errors import ApiError
from api.parts import Parts, PartsOf
from api.registry import Registry, registry_of
from api.shapes import Price, Prices

router = APIRouter(tags=["prices"])


@router.get("/api/prices", responses=documented(Prices))
async def prices(parts: PartsOf) -> Response:
    """All tickers of the book. `stale` is true when the market is open and nothing has come for a while."""
    if not parts.live.quotes:
        raise no_data_yet(parts)
    return answer(parts.live.prices(datetime.now(UTC)))


@router.get("/api/prices/{symbol}", responses=documented(Price))
async def price_of(symbol: str, parts: PartsOf) -> Response:
    """One ticker, in any case."""
    name = known_symbol(parts, symbol)
    if name not in parts.live.quotes:
        raise no_data_yet(parts, f"No quote of {name} has come yet.")
    return answer(parts.live.price_of(name, datetime.now(UTC)))


@router.get("/api/config/tickers", tags=["configuration"], responses=documented(Registry))
async def tickers(parts: PartsOf) -> Response:
    """The book of the trade date: tickers with the rules that read them, pairs, and the signals of the catalogue."""
    return answer(registry_of(parts.live.book, parts.config.catalogue))


def known_symbol(parts: Parts, symbol: str) -> str:
    """`symbol` as the book writes it. Raises 404 that names the nearest thing a caller can do."""
    name = symbol.upper()
    if name not in parts.live.book.by_symbol:
        known = list(parts.live.book.symbols)
        raise ApiError(
            404, f"{symbol} is not a ticker of this book.", code="unknown_symbol", details={"symbols": known}
        )
    return name


def no_data_yet(parts: Parts, message: str = "No quote has come yet.") -> ApiError:
    kafka = "up" if parts.live.kafka_up else "down"
    more = " Kafka does not answer." if kafka == "down" else ""
    return ApiError(503, message + more, code="no_data_yet", details={"kafka": kafka}, headers={"Retry-After": "2"})
