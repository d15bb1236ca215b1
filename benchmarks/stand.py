"""The built dashboard over a recording, without the line: one page that is looked at, one stream that is chosen.

`python -m benchmarks.stand RECORDING --port N`; `POST /__stand/<steady|hour|rush>` chooses what the next clients get.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import msgspec
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import Response, StreamingResponse

from api import page
from benchmarks.recording import Due, Recording, event_ids, laps, rush, snapshot
from schemas.base import encode

HOUR_S, RUSH_S, RUSH_AFTER_S = 60.0, 8.0, 4.0  # wall seconds; the last: for the page to be drawn first
CHANGES, SIGNALS = 500, 50  # a second of a rush
NOTHING = {"items": [], "total": 0, "next_cursor": None}


def streams(recording: Recording) -> dict[str, list[Due]]:
    """What can be chosen, made before anybody looks."""
    hour = round(3600 / recording.seconds)
    return {
        "steady": list(laps(recording, round(600 / recording.seconds))),
        "hour": list(laps(recording, hour, speed=3600 / HOUR_S)),
        "rush": [
            Due(at_s + RUSH_AFTER_S, chunk) for at_s, chunk in rush(recording, RUSH_S, CHANGES - SIGNALS, SIGNALS)
        ],
    }


async def paced(first: bytes, dues: Iterable[Due], status: bytes) -> AsyncIterator[bytes]:
    """`dues` at their times, then heartbeats for ever."""
    yield b"retry: 2000\n\n" + first
    began = time.perf_counter()
    for due in dues:
        wait = began + due.at_s - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        yield due.chunk
    while True:
        yield status
        await asyncio.sleep(2)


def application(recording: Recording) -> FastAPI:
    app = FastAPI(openapi_url=None)
    made = streams(recording)
    status = next(one for one in reversed(recording.messages) if one.name == "status")
    beat = b"event: status\ndata: %s\n\n" % bytes(status.data)
    chosen = {"name": "steady"}

    @app.post("/__stand/{name}")
    async def choose(name: str) -> Response:
        """Answers with the ids of the events that will come."""
        chosen["name"] = name
        ids = [one for due in made[name] if b"event: signal" in due.chunk for one in event_ids(due.chunk)]
        return Response(encode(ids), media_type="application/json")

    @app.get("/api/stream/prices")
    async def stream() -> Response:
        body = paced(snapshot(recording), made[chosen["name"]], beat)
        return StreamingResponse(body, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    @app.get("/api/{path:path}")
    async def answer(path: str, request: Request) -> Response:
        found = recording.answers.get(f"/api/{path}")
        if path == "events" and found is not None and (wanted := request.query_params.get("type")):
            items = [one for one in msgspec.json.decode(found)["items"] if one["signal_type"] == wanted]
            return Response(encode({**NOTHING, "items": items}), media_type="application/json")
        return Response(encode(NOTHING) if found is None else bytes(found), media_type="application/json")

    app.include_router(page.router)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", type=Path)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    recording = msgspec.json.decode(given.recording.read_bytes(), type=Recording)
    uvicorn.run(application(recording), host="127.0.0.1", port=given.port, log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
