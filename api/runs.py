"""`/api/replay`, `/api/backtest`, `/api/sweep` and `/api/runs`: history through the same agents, asked for and read."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query
from sse_starlette.sse import EventSourceResponse
from starlette.responses import Response

from api.answers import answer, documented, documented_stream
from api.asked import backtest_asked, date_in_path, ground_of, replay_asked, sweep_asked
from api.bodies import BacktestBody, ReplayBody, SweepBody
from api.errors import ApiError
from api.paging import Limit, Offset
from api.parts import PartsOf
from api.queueing import Accepted, queue
from api.reach import check_reach
from api.received import Writer, body_of, documented_body
from api.run_rows import Run, Runs, RunWhole, known_run, page_of_runs, unknown_run
from api.run_stream import RunStreamEvents, seen_by, stream
from api.stored import transaction_of
from api.streams import LastEventId, Stream
from schemas.runs import RunKind, RunStatus
from transport import runs as stored_runs

router = APIRouter(tags=["runs"])

STREAM = """Server-sent events: `progress` as the run goes on, `status` every 2 s, and when it has ended its `signal`
and `trade` events in market time, then `done`. With `Last-Event-ID` it goes on behind that event. A run that has ended
tells all at once; with `speed`, at that many market seconds per second. A client that was told `done` gets 204."""


@router.post(
    "/api/replay/{date}",
    status_code=202,
    dependencies=[Writer],
    responses=documented(Accepted, status=202),
    openapi_extra=documented_body(ReplayBody, {"interval": "auto", "step": "5m"}, required=False),
)
async def replay(
    date: str, parts: PartsOf, body: Annotated[ReplayBody, Depends(body_of(ReplayBody, optional=True))]
) -> Response:
    """Replay a trade date: its prices as frames through the same agents, a snapshot at each step."""
    ground = ground_of(parts)
    asked = replay_asked(date_in_path(date), body, ground)
    await check_reach(parts, asked, ground)
    return accepted(await queue(parts, asked), speed=body.speed)


@router.post(
    "/api/backtest",
    status_code=202,
    dependencies=[Writer],
    responses=documented(Accepted, status=202),
    openapi_extra=documented_body(BacktestBody, {"start": "2026-01-05", "end": "2026-01-30", "fees": "standard"}),
)
async def backtest(parts: PartsOf, body: Annotated[BacktestBody, Depends(body_of(BacktestBody))]) -> Response:
    """Run the signals and a portfolio over a span of trade dates."""
    ground = ground_of(parts)
    asked = backtest_asked(body, ground)
    await check_reach(parts, asked, ground)
    return accepted(await queue(parts, asked))


@router.post(
    "/api/sweep",
    status_code=202,
    dependencies=[Writer],
    responses=documented(Accepted, status=202),
    openapi_extra=documented_body(
        SweepBody, {"start": "2026-01-05", "end": "2026-01-30", "grid": {"stop_loss_pct": [-2, -3, -4]}}
    ),
)
async def sweep(parts: PartsOf, body: Annotated[SweepBody, Depends(body_of(SweepBody))]) -> Response:
    """Run a backtest for every combination of parameter values."""
    ground = ground_of(parts)
    asked = sweep_asked(body, ground)
    await check_reach(parts, asked, ground)
    return accepted(await queue(parts, asked))


@router.get("/api/runs", responses=documented(Runs))
async def runs(
    parts: PartsOf,
    kind: Annotated[RunKind | None, Query(description="Shards of sweeps are listed only when asked for.")] = None,
    status: RunStatus | None = None,
    parent: Annotated[str | None, Query(max_length=40, description="The shards of this sweep.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Runs, newest first."""
    conditions = ["true"]
    if kind is not None:
        conditions.append("kind = %(kind)s")
    elif parent is None:
        conditions.append("kind <> 'shard'")
    if status is not None:
        conditions.append("status = %(status)s")
    if parent is not None:
        conditions.append("parent = %(parent)s")
    values = {"kind": kind, "status": status, "parent": parent}
    return answer(await page_of_runs(parts, " and ".join(conditions), values, limit, offset))


@router.get("/api/runs/{run_id}", responses=documented(RunWhole))
async def run(
    run_id: str, parts: PartsOf, result: Annotated[bool, Query(description="With the whole result.")] = True
) -> Response:
    """One run: where it stands, its summary, and when it has finished its result."""
    return answer(await known_run(parts, run_id, result=result))


@router.get(
    "/api/runs/{run_id}/stream",
    description=STREAM,
    response_class=EventSourceResponse,
    responses={**documented_stream(RunStreamEvents), "204": {"description": "All was told before."}},
)
async def run_stream(
    run_id: str,
    parts: PartsOf,
    last_event_id: LastEventId = None,
    resume: Annotated[str | None, Query(alias="last_event_id")] = None,
    speed: Annotated[float, Query(ge=0, le=100_000, description="Market seconds per second; 0: at once.")] = 0.0,
) -> Response:
    """How a run goes on, then what it came to."""
    seen = seen_by(last_event_id or resume)
    if seen is not None and seen.done:
        return Response(status_code=204)  # EventSource stops for good
    try:
        await known_run(parts, run_id)
    except ApiError as error:
        if error.status == 404:
            raise
        # The database is away: the stream says so and goes on when it is back. A 503 would end EventSource for good.
    return Stream(stream(parts, run_id, seen, speed), ping=0, send_timeout=parts.config.send_timeout_s)


@router.delete(
    "/api/runs/{run_id}",
    dependencies=[Writer],
    status_code=204,
    responses={**documented(Run, status=202), "204": {"description": "It had ended and is removed with all it left."}},
)
async def delete(run_id: str, parts: PartsOf) -> Response:
    """Cancel a run that waits or is under way (202), or remove one that has ended (204)."""
    world = parts.config.namespace
    known = await known_run(parts, run_id)
    if known.kind is RunKind.SHARD:
        said = f"{run_id} is a part of the sweep {known.parent}; cancel or remove that."
        raise ApiError(409, said, details={"parent": known.parent})
    async with transaction_of(parts) as connection:
        cancelled = await stored_runs.cancel(connection, world, run_id)
        if not cancelled and not await stored_runs.remove(connection, world, run_id):
            raise unknown_run(run_id)
    if not cancelled:
        return Response(status_code=204)
    return answer(await known_run(parts, run_id), status=202)


def accepted(run: Accepted, *, speed: float = 0.0) -> Response:
    """202: the run waits in the queue."""
    if speed:
        run = msgspec.structs.replace(run, stream=f"{run.stream}?speed={speed:g}")
    return answer(run, status=202, headers={"Location": run.run})


SHAPES = (Accepted, Run, Runs, RunStreamEvents, RunWhole)
