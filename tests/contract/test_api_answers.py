"""What the API sends of the pictures that the real rules make is what its OpenAPI document describes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from api.app import create_app
from api.parts import Parts
from api.wire import EventId
from processors.fold import fold
from schemas.signals import DayView
from tests.builders import CATALOGUE, batch, frame, opening
from tests.described import DOCUMENT, fits, schema_of, shape
from tests.serving import DAY_VIEW, api_config, event, quote
from transport.kafka import Kafka


@pytest.fixture
async def client() -> AsyncIterator[tuple[httpx.AsyncClient, Parts]]:
    """An API that is fed by hand: no broker, no database, its tasks not started."""
    app = create_app(api_config(Kafka("nowhere:1"), "demo"))
    parts: Parts = app.state.parts
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
        yield client, parts


def feed(parts: Parts, day: DayView = DAY_VIEW) -> None:
    """The pictures of the real rules after a frame in which all have fired, or at the day's end."""
    live = parts.live
    live.start_from(day)
    for rule in CATALOGUE:
        state = rule.initial()
        for position, record in enumerate([opening(confirm_sec=0), batch(frame("10:00", {"GLD": 1.0}, rest=-4.0))]):
            state, _ = fold(rule, state, record, position)
        for view in rule.views(state):
            live.take_view(view)
    for symbol in live.book.symbols:
        live.take_quote(quote(symbol, -4.0))
    live.take_event(EventId(7, 0, "ab"), event(1))


PATHS = (
    "/api/health/live",
    "/api/prices",
    "/api/prices/GLD",
    "/api/config/tickers",
    "/api/config/parameters",
    "/api/signals",
    "/api/signals/gold",
    "/api/signals/twin_pairs",
    "/api/signals/conditional",
    "/api/signals/stop_loss",
    "/api/signals/bearish",
)


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_sent_is_what_is_described(client: tuple[httpx.AsyncClient, Parts], path: str) -> None:
    asked, parts = client
    feed(parts)
    answer = await asked.get(path)
    assert answer.status_code == 200, answer.text
    fits(schema_of(path), answer.json())


async def test_signals_without_a_view_are_described_too(client: tuple[httpx.AsyncClient, Parts]) -> None:
    asked, _ = client
    fits(schema_of("/api/signals"), (await asked.get("/api/signals")).json())


async def test_health_is_described_also_when_nothing_flows(client: tuple[httpx.AsyncClient, Parts]) -> None:
    asked, parts = client
    feed(parts)
    answer = await asked.get("/api/health")
    assert answer.status_code == 503
    fits(schema_of("/api/health", status=503), answer.json())


async def test_an_error_is_described(client: tuple[httpx.AsyncClient, Parts]) -> None:
    asked, _ = client
    fits(shape("ErrorAnswer"), (await asked.get("/api/prices/NOPE")).json())


@pytest.mark.parametrize("prices", [True, False])
def test_the_events_of_a_stream_are_described(prices: bool) -> None:
    app = create_app(api_config(Kafka("nowhere:1"), "demo"))
    parts: Parts = app.state.parts
    feed(parts)
    hub, told = parts.hub, DOCUMENT["components"]["schemas"]["StreamEvents"]["properties"]
    for chunk in (hub.snapshot_frame(prices=prices), hub.status_frame(), hub.config_frame()):
        fields = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if line)
        fits(told[fields["event"]], json.loads(fields["data"]))
        if fields["event"] == "snapshot":
            assert ("prices" in json.loads(fields["data"])) is prices
