"""`/api/health`: whether data flows, and if not, where it stops."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import answer, documented
from api.health_shapes import (
    AgentProgress,
    Alive,
    Broker,
    Health,
    InForce,
    LogEnd,
    Producing,
    Store,
    TickerHealth,
)
from api.parts import Parts, PartsOf

router = APIRouter(tags=["health"])

BEHIND = 1000  # records on ticks that an agent may lag before that is worth a word


@router.get(
    "/api/health",
    responses={**documented(Health), **documented(Health, status=503, about="No data flows although it should.")},
)
async def health(parts: PartsOf) -> Response:
    """200 while the line works (a database that is away only degrades it), 503 when no data flows."""
    body, works = await report(parts)
    return answer(body, status=200 if works else 503)


@router.get("/api/health/live", responses=documented(Alive))
async def alive() -> Response:
    """200 as long as this process answers, whatever the line does: for supervisors."""
    return answer(Alive())


async def report(parts: Parts) -> tuple[Health, bool]:
    """The whole picture, and whether data flows."""
    now, live = datetime.now(UTC), parts.live
    status = live.status(now)
    fault = await parts.database.fault()
    agents = lags(parts)
    reasons = {
        "offline": "Kafka does not answer",
        "stale": f"the market is open and no frame has come for {(status.age_ms or 0) / 1000:.0f} s",
        "waiting": "no frame has come yet",
    }
    blocking = [reasons[status.feed]] if status.feed in reasons else []
    if not live.loaded and not blocking:
        blocking = ["the topics are still being read"]
    degrading = [f"PostgreSQL: {fault}"] if fault else []
    degrading += [
        f"agent {name} is {agent.lag} records behind" for name, agent in agents.items() if (agent.lag or 0) > BEHIND
    ]
    state: Literal["ok", "degraded", "starting"] = "ok" if not blocking and not degrading else "degraded"
    if blocking and (status.feed == "waiting" or not live.loaded) and live.kafka_up:
        state = "starting"
    body = Health(
        status=state,
        reasons=blocking + degrading,
        namespace=live.namespace,
        demo=live.demo,
        session=status.session,
        trade_date=status.trade_date,
        market_time=status.market_time,
        server_time=now,
        kafka=Broker(status=status.kafka),
        postgres=Store(status="down" if fault else "up", reason=fault),
        producer=Producing(
            feed=status.feed,
            last_tick_age_ms=status.age_ms,
            symbols_ok=status.symbols_ok,
            symbols_missing=status.symbols_missing,
        ),
        tickers={
            symbol: TickerHealth(state=price.state, age_ms=price.age_ms, reason=price.reason)
            for symbol, price in live.prices(now).tickers.items()
        },
        ticks=LogEnd(end=live.ticks_end),
        agents=agents,
        parameters=InForce(version=status.parameter_version),
        clients=parts.hub.listening,
    )
    return body, not blocking


def lags(parts: Parts) -> dict[str, AgentProgress]:
    """How far each agent is.

    Views and quotes are written at snapshot frames, so a lag of a few records is rest; bars once a minute.
    """
    live = parts.live
    positions: dict[str, int | None] = {entry.type: None for entry in parts.config.catalogue}
    for view in live.views.values():
        known = positions.get(view.signal_type)
        positions[view.signal_type] = view.position if known is None else max(known, view.position)
    quotes = [quote.position for quote in live.quotes.values()]
    day = parts.tail.day_position
    positions["quotes"] = max([*quotes, *([] if day is None else [day])], default=None)
    end = live.ticks_end
    lagging = {
        name: AgentProgress(position=at, lag=None if at is None or end is None else max(0, end - 1 - at))
        for name, at in positions.items()
    }
    return {**lagging, "bars": AgentProgress(position=live.bars_position, lag=None)}
