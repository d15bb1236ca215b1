"""The application: routes, guards, and the tasks that keep it alive."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from api import (
    dead_letters,
    errors,
    health,
    history,
    page,
    parameter_history,
    parameters,
    prices,
    run_pages,
    run_report,
    runs,
    sessions,
    signals,
    streams,
    trading_days,
)
from api.answers import answer, components
from api.bodies import body_components
from api.config import ApiConfig
from api.database import Database
from api.dead_letters import Letters
from api.guard import Guard
from api.health_shapes import Alive, Health
from api.history import Candles, Events
from api.hub import Hub
from api.parameter_history import ParameterVersions
from api.parameters import ParametersAnswer
from api.parts import Parts
from api.progress import Board
from api.query import known_query
from api.registry import Registry
from api.run_pages import SHAPES as PAGE_SHAPES
from api.runs import SHAPES as RUN_SHAPES
from api.sessions import SHAPES as REVIEW_SHAPES
from api.shapes import Price, Prices
from api.signal_shapes import BearishNow, ConditionalNow, GoldNow, PairNow, Signals, StopLossNow
from api.state import Live
from api.stream_shapes import StreamEvents
from api.tail import Tail
from api.trading_days import TradingDates
from schemas.book import load_book

log = logging.getLogger(__name__)

SHAPES = (
    Alive,
    BearishNow,
    Candles,
    ConditionalNow,
    errors.ErrorAnswer,
    Events,
    GoldNow,
    Health,
    Letters,
    PairNow,
    ParameterVersions,
    ParametersAnswer,
    Price,
    Prices,
    Registry,
    Signals,
    StopLossNow,
    StreamEvents,
    TradingDates,
    *RUN_SHAPES,
    *PAGE_SHAPES,
    *REVIEW_SHAPES,
)

ROUTERS = (
    health.router,
    dead_letters.router,
    prices.router,
    signals.router,
    parameters.router,
    parameter_history.router,
    history.router,
    runs.router,
    run_pages.router,
    run_report.router,
    sessions.router,
    trading_days.router,
    streams.router,
)


def create_app(config: ApiConfig) -> FastAPI:
    """The API over `config.namespace`. Its tasks run while its lifespan does; `app.state.parts` holds what they keep.

    When one of the tasks fails, `app.state.broken` is set and `app.state.error` says why: the process should end then.
    Raises `ConfigError` when the book cannot be read.
    """
    live = Live(namespace=config.namespace, demo=config.demo, book=load_book(_named(config.book)))
    hub = Hub(config, live)
    board = Board()
    tail = Tail(config, live, hub, board)
    parts = Parts(config=config, live=live, hub=hub, board=board, tail=tail, database=Database(config.database_url))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        tasks = [loop.create_task(tail.run(), name="api.tail"), loop.create_task(hub.beat(), name="api.beat")]
        for task in tasks:
            task.add_done_callback(lambda done: _watch(done, app))
        await parts.database.open()
        try:
            yield
        finally:
            app.state.closing = True
            parts.close_streams()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await parts.database.close()

    app = FastAPI(
        title="PTJ Signals",
        version="1",
        summary="Live prices and trading signals, computed from a stream of quotes.",
        lifespan=lifespan,
        openapi_url=None,  # served below, with the shapes of our own structs
        docs_url=None,  # its page loads from elsewhere
        redoc_url=None,
    )
    app.state.parts, app.state.broken, app.state.error, app.state.closing = parts, asyncio.Event(), None, False
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Depends(known_query)], responses=errors.DOCUMENTED)
    _describe(app)
    app.include_router(page.router)  # the last, since it answers for every path that is left
    if config.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(config.allowed_origins),
            allow_methods=["GET", "PUT", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Changed-By", "Content-Type", "If-Match", "Last-Event-ID"],
            expose_headers=["Content-Disposition", "ETag", "Location", "Retry-After"],
        )
    app.add_middleware(Guard, config=config)
    return app


def _named(book: str) -> str | Path:
    return Path(book) if "/" in book or "." in book else book


def _watch(task: asyncio.Task[None], app: FastAPI) -> None:
    if app.state.closing:
        return
    error = RuntimeError(f"{task.get_name()} was cancelled") if task.cancelled() else task.exception()
    log.critical("task.failed name=%s", task.get_name(), exc_info=error)
    app.state.error = error or RuntimeError(f"{task.get_name()} ended")
    app.state.broken.set()


def _describe(app: FastAPI) -> None:
    """OpenAPI at `/api/openapi.json`, also without the ending."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            found = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            shapes = components(*SHAPES) | body_components()
            found.setdefault("components", {}).setdefault("schemas", {}).update(shapes)
            app.openapi_schema = found
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]

    @app.get("/api/openapi.json", include_in_schema=False)
    @app.get("/api/openapi", include_in_schema=False)
    async def openapi() -> Response:
        return answer(document())
