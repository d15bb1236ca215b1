"""A small JSON file that tells how the producer fares, for `ptj ps` and people; replaced in one step."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from producers.feeds import Feeds
from producers.kis.client import KisClient
from producers.line import Line
from producers.publisher import Publisher
from schemas.ticks import QuoteState

EVERY_S = 1.0


def report(client: KisClient, line: Line, publisher: Publisher, feeds: Feeds) -> dict[str, Any]:
    """The state in words and times. `broker`: ok, token, rate_limited, unreachable, bad_credentials, not_permitted …"""
    newest, executions = publisher.newest, feeds.executions
    return {
        "at": datetime.now(UTC),
        "pid": os.getpid(),
        "book": line.book.name,
        "feed": feeds.mode,
        "broker": feeds.condition if feeds.condition != "ok" else client.state,
        "reason": feeds.trouble or client.trouble,
        "websocket": executions.state if executions else None,
        "websocket_reason": executions.trouble if executions else None,
        "websocket_connections": executions.connections if executions else 0,
        "kafka": "away" if publisher.away else "ok",
        "market_time": client.clock.now() if client.clock.synced else None,
        "speed": client.clock.speed,
        "replay_done": client.clock.done,
        "trade_date": line.day.trade_date,
        "session": line.day.session,
        "parameter_version": line.version,
        "frames": publisher.frames_sent,
        "last_event_time": newest.event_time if newest else None,
        "last_ingest_time": newest.ingest_time if newest else None,
        "tickers": [ticker(symbol, line, feeds) for symbol in line.book.symbols],
    }


def ticker(symbol: str, line: Line, feeds: Feeds) -> dict[str, Any]:
    """One symbol: its state, the exchange code in use, and why it is not ok."""
    tick = line.latest.get(symbol)
    executions = feeds.executions
    refused = executions.troubles.get(symbol) if executions else None
    unknown = "found on no exchange" if symbol in feeds.listing.unknown else None
    state = tick.state if tick else QuoteState.MISSING
    reason = (tick.reason if tick else None) or unknown or feeds.troubles.get(symbol) or refused
    return {
        "symbol": symbol,
        "exchange": feeds.listing.exchanges.get(symbol, line.book.by_symbol[symbol].exchange),
        "state": state,
        "reason": feeds.troubles.get(symbol) if state is QuoteState.OK else reason,  # ok, yet its newest call failed
        "subscribed": executions is not None and symbol in executions.acknowledged,
    }


async def keep(path: Path, *parts: Any) -> None:
    """Write `report` of `parts` to `path` every second, for ever."""
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        write(path, report(*parts))
        await asyncio.sleep(EVERY_S)


def write(path: Path, content: dict[str, Any]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))
    os.replace(beside, path)
