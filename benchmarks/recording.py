"""A stretch of the API's stream with the answers that its pages ask for, and streams made of it: laps and a rush.

A lap is the recording over again, later: each time in it is moved on, each event has an id of its own. So a minute of
a real line becomes an hour of one.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, NamedTuple

import httpx
import msgspec

from schemas.base import Frozen

TIMES = re.compile(rb'"(event_time|received_at|traded_at|since|market_time|server_time)":"([^"]+)"')
EVENT_ID = re.compile(rb'"event_id":"([0-9a-f]{8})')
PATHS = ("/api/config/tickers", "/api/config/parameters", "/api/health")  # what pages ask once
STEP_S = 0.02  # of a rush


class Message(Frozen):
    """One server-sent event, so many seconds after the first one."""

    at_s: float
    name: str
    id: str
    data: msgspec.Raw


class Recording(Frozen):
    """`answers` by path, of `/api/bars/` and `/api/events` for the trade date; the first message is the snapshot."""

    messages: list[Message]
    answers: dict[str, msgspec.Raw]
    seconds: float


class Due(NamedTuple):
    """Bytes for every client, at a second of the stream."""

    at_s: float
    chunk: bytes


async def record(api_url: str, seconds: float) -> Recording:
    """Listen to a running API for so long."""
    messages: list[Message] = []
    async with httpx.AsyncClient(base_url=api_url, timeout=30) as client:
        async with client.stream("GET", "/api/stream/prices") as response:
            response.raise_for_status()
            began, rest = time.perf_counter(), b""
            async with asyncio.timeout(seconds + 30):
                async for part in response.aiter_raw():
                    at_s = time.perf_counter() - began
                    *events, rest = (rest + part).split(b"\n\n")
                    messages += [message for event in events if (message := _message(at_s, event))]
                    if at_s >= seconds:
                        break
        answers = {path: await _answer(client, path) for path in PATHS}
        symbols = [ticker["symbol"] for ticker in msgspec.json.decode(answers["/api/config/tickers"])["tickers"]]
        for path in (*(f"/api/bars/{symbol}" for symbol in symbols), "/api/events?limit=100"):
            answers[path.partition("?")[0]] = await _answer(client, path)
    return Recording(messages=messages, answers=answers, seconds=seconds)


def _message(at_s: float, event: bytes) -> Message | None:
    fields = dict(line.split(b": ", 1) for line in event.splitlines() if b": " in line)
    if b"data" not in fields:
        return None
    named = (fields.get(b"event", b"message").decode(), fields.get(b"id", b"").decode())
    return Message(at_s, *named, msgspec.Raw(fields[b"data"]))


async def _answer(client: httpx.AsyncClient, path: str) -> msgspec.Raw:
    return msgspec.Raw((await client.get(path)).raise_for_status().content)


def snapshot(recording: Recording) -> bytes:
    """What a client gets first."""
    return _sse(next(one for one in recording.messages if one.name == "snapshot"))


def laps(recording: Recording, count: int, speed: float = 1.0) -> Iterator[Due]:
    """The stream behind its snapshot, `count` times in a row, `speed` times as fast."""
    for lap in range(count):
        for one in recording.messages:
            if one.name != "snapshot":
                at_s = lap * recording.seconds + one.at_s
                yield Due(at_s / speed, _sse(one, _later(bytes(one.data), lap * recording.seconds, lap)))


def rush(recording: Recording, seconds: float, changes: int, signals: int) -> Iterator[Due]:
    """`changes` a second of single prices and, among them, `signals` a second of signal events: none may be lost."""
    prices = _prices(recording)
    events = cycle([one for one in recording.messages if one.name == "signal"] or _snapshot_events(recording))
    symbols, told = cycle(prices), 0
    for step in range(round(seconds / STEP_S)):
        at_s, chunk = step * STEP_S, []
        for _ in range(round(changes * STEP_S)):
            symbol = next(symbols)
            price = prices[symbol]
            price["price"] = round(price["price"] * (1.0004 if step % 2 else 0.9997), 2)
            price["event_time"] = _moved(price["event_time"], STEP_S)
            data = msgspec.json.encode({"tickers": {symbol: price}})
            chunk.append(_sse(Message(at_s, "tick", "", msgspec.Raw(data))))
        while told < signals * (at_s + STEP_S):
            one, told = next(events), told + 1
            chunk.append(_sse(one, _later(bytes(one.data), recording.seconds + at_s, told)))
        yield Due(at_s, b"".join(chunk))


def event_ids(chunk: bytes) -> list[str]:
    """The ids of the signal events in some server-sent events, by their beginning."""
    return [match.decode() for match in EVENT_ID.findall(chunk)]


def _prices(recording: Recording) -> dict[str, dict[str, Any]]:
    """The last full price of each symbol."""
    found: dict[str, dict[str, Any]] = {}
    for one in recording.messages:
        if one.name == "tick":
            found |= msgspec.json.decode(one.data)["tickers"]
    return {symbol: price for symbol, price in found.items() if price["price"] is not None}


def _snapshot_events(recording: Recording) -> list[Message]:
    """Signal events of the snapshot as messages, for a recording in which nothing happened."""
    first = next(one for one in recording.messages if one.name == "snapshot")
    events = msgspec.json.decode(first.data)["events"]
    return [Message(0.0, "signal", f"{n}.0.aa", msgspec.Raw(msgspec.json.encode(one))) for n, one in enumerate(events)]


def _later(data: bytes, seconds: float, lap: int) -> bytes:
    """The same, `seconds` later, with event ids that no other lap has."""
    if seconds == 0:
        return data
    moved = TIMES.sub(lambda m: b'"%s":"%s"' % (m[1], _moved(m[2].decode(), seconds).encode()), data)
    return EVENT_ID.sub(lambda m: b'"event_id":"%08x' % ((int(m[1], 16) + 0x9E3779B1 * lap) % 2**32), moved)


def _moved(text: str, seconds: float) -> str:
    moved = datetime.fromisoformat(text) + timedelta(seconds=seconds)
    return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sse(one: Message, data: bytes | None = None) -> bytes:
    head = f"id: {one.id}\n" if one.id else ""
    return b"%sevent: %s\ndata: %s\n\n" % (head.encode(), one.name.encode(), bytes(one.data) if data is None else data)
