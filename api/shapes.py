"""Shapes of the answers about prices, the feed and the day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from schemas.base import Frozen
from schemas.book import Ticker
from schemas.quotes import Quote
from schemas.ticks import QuoteState, Session


class Price(Frozen):
    """A quote as people read it. Prices in quote currency per share, `change_pct` in percent of `prev_close`."""

    symbol: str
    name: str  # Korean
    name_en: str
    category: str
    price: float | None
    prev_close: float | None
    change_pct: float | None
    open: float | None
    high: float | None
    low: float | None
    volume: int | None
    bid: float | None
    ask: float | None
    event_time: datetime | None  # market time
    received_at: datetime | None  # wall clock, when the producer had read it
    traded_at: datetime | None
    age_ms: int | None  # since received_at
    trade_date: date | None
    session: Session | None
    state: QuoteState
    reason: str | None
    source: str | None
    position: int | None


class Prices(Frozen):
    """All tickers of the book. `stale`: the market is open and nothing has come for a while."""

    as_of: datetime | None
    trade_date: date | None
    session: Session | None
    stale: bool
    demo: bool
    tickers: dict[str, Price]


class Status(Frozen):
    """How things stand: sent every 2 s, so it is the heartbeat too."""

    feed: str  # live, stale, closed, waiting (no frame yet), offline (Kafka is away)
    age_ms: int | None  # since the newest frame was read by the producer
    kafka: Literal["up", "down"]
    session: Session | None
    trade_date: date | None
    opens_at: datetime | None
    closes_at: datetime | None
    market_time: datetime | None  # now, on the market's clock
    market_speed: float  # market seconds per wall second
    server_time: datetime
    parameter_version: int | None
    symbols_ok: int
    symbols_missing: list[str]
    namespace: str
    demo: bool


def price(ticker: Ticker | None, quote: Quote | None, symbol: str, now: datetime, *, stale: bool = False) -> Price:
    """`quote` for people; every number is None while there is none. `stale` overrides a state of ok."""
    about: dict[str, Any] = {
        "symbol": symbol,
        "name": ticker.name_ko if ticker else symbol,
        "name_en": ticker.name_en if ticker else symbol,
        "category": ticker.category if ticker else "",
    }
    if quote is None:
        empty = dict.fromkeys(set(Price.__struct_fields__) - set(about))
        return Price(**{**empty, **about, "state": QuoteState.MISSING, "reason": "no quote yet"})
    tick = quote.tick
    overdue = stale and tick.state is QuoteState.OK
    return Price(
        **about,
        price=tick.last,
        prev_close=tick.base,
        change_pct=tick.change_pct,
        open=tick.open,
        high=tick.high,
        low=tick.low,
        volume=tick.volume,
        bid=tick.bid,
        ask=tick.ask,
        event_time=quote.event_time,
        received_at=quote.ingest_time,
        traded_at=tick.traded_at,
        age_ms=max(0, round((now - quote.ingest_time).total_seconds() * 1000)),
        trade_date=quote.trade_date,
        session=quote.session,
        state=QuoteState.STALE if overdue else tick.state,
        reason="no frames arrive" if overdue else tick.reason,
        source=tick.source,
        position=quote.position,
    )
