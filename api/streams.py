"""`/api/stream/prices` and `/api/stream/signals`: a snapshot or what was missed, then live, as server-sent events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

from aiokafka.errors import KafkaError
from fastapi import APIRouter, Header, Query
from sse_starlette.sse import EventSourceResponse, SendTimeoutError
from starlette.types import Receive, Scope, Send

from api.answers import documented_stream
from api.hub import Client, Hub, reset_frame
from api.parts import Parts, PartsOf
from api.resume import Resume, Unknown
from api.stream_shapes import StreamEvents
from api.wire import RETRY, parse_id
from schemas.errors import Unavailable

log = logging.getLogger(__name__)

router = APIRouter(tags=["streams"])

LastEventId = Annotated[
    str | None, Header(description="The id of the last event that was seen; it is sent by EventSource.")
]

DESCRIPTION = """Server-sent events. Without `Last-Event-ID`: `snapshot`, then live. With it: the `signal` events
that were missed, then the current values, then live. An id that names no event of the log: `reset`, then `snapshot`.
`status` comes every 2 s."""

STREAM: dict[str, Any] = {
    "description": DESCRIPTION,
    "response_class": EventSourceResponse,
    "responses": documented_stream(StreamEvents),
}


@router.get("/api/stream/prices", **STREAM)
async def stream_prices(
    parts: PartsOf,
    last_event_id: LastEventId = None,
    resume: Annotated[str | None, Query(alias="last_event_id")] = None,
) -> EventSourceResponse:
    """Quotes, views, signal events, parameters and status."""
    return respond(parts, last_event_id or resume, prices=True)


@router.get("/api/stream/signals", **STREAM)
async def stream_signals(
    parts: PartsOf,
    last_event_id: LastEventId = None,
    resume: Annotated[str | None, Query(alias="last_event_id")] = None,
) -> EventSourceResponse:
    """Signal events, views, parameters and status, without quotes."""
    return respond(parts, last_event_id or resume, prices=False)


class Stream(EventSourceResponse):
    """Ends quietly when the client takes nothing any more."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.warning("client.dropped reason=stalled")


def respond(parts: Parts, last_event_id: str | None, *, prices: bool) -> EventSourceResponse:
    return Stream(
        stream(parts, last_event_id, prices=prices),
        ping=0,  # the status is the heartbeat; a comment is invisible to EventSource
        send_timeout=parts.config.send_timeout_s,
    )


async def stream(parts: Parts, last_event_id: str | None, *, prices: bool) -> AsyncGenerator[bytes, None]:
    """The bytes of one connection, from the first to the last."""
    hub, live = parts.hub, parts.live
    client = hub.client(prices=prices)
    try:
        yield RETRY
        while not live.loaded and not client.closed:
            yield hub.status_frame()
            await _wait(hub, parts.config.status_interval_s)
        if last_event_id is None:
            yield _join(parts, client)
        else:
            async with aclosing(_resumed(parts, client, last_event_id)) as missed:
                async for chunk in missed:
                    yield chunk
        async for chunk in client.chunks():
            yield chunk
    finally:
        hub.leave(client)


def _join(parts: Parts, client: Client) -> bytes:
    """Join the hub and return the snapshot of this very moment: no await in between, so nothing falls between."""
    parts.hub.join(client, parts.tail.positions["signals"])
    return parts.hub.snapshot_frame(prices=client.prices)


async def _resumed(parts: Parts, client: Client, last_event_id: str) -> AsyncGenerator[bytes, None]:
    after = parse_id(last_event_id)
    if after is None:
        yield reset_frame("unknown id") + _join(parts, client)
        return
    resume = Resume(parts, client, after)
    while not client.closed:
        try:
            async with aclosing(resume.chunks()) as missed:
                async for chunk in missed:
                    yield chunk
        except Unknown:
            yield reset_frame("the id names no event of this log") + _join(parts, client)
            return
        except (Unavailable, KafkaError, OSError, TimeoutError):
            yield parts.hub.status_frame()
            await asyncio.sleep(1.0)
        else:
            # Quotes and views are not replayed: of them, the newest is what was missed.
            client.show(parts.hub.quote_parts(parts.live.quotes), parts.hub.view_parts(parts.live.views))
            client.tell(parts.hub.config_frame())
            client.tell_status(parts.hub.status_frame())
            return


async def _wait(hub: Hub, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await hub.loaded.wait()
    except TimeoutError:
        pass
