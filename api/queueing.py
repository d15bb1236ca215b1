"""Putting a run into the queue, as long as there is room, and a review session with it."""

from __future__ import annotations

import logging

from psycopg import AsyncConnection

from api.errors import ApiError, refused
from api.parts import Parts
from api.stored import transaction_of
from schemas.base import Frozen
from schemas.runs import RunKind, RunRequest
from transport import runs as stored_runs

log = logging.getLogger(__name__)

RETRY_AFTER_S = 30

# Whoever queues takes turns, so that two requests at once cannot both take the last place.
TURN = "select pg_advisory_xact_lock(hashtextextended('ptj.runs.' || %s, 0))"
# A sweep waits until the last of its shards has ended.
WAITING = """
    select run_id from runs
     where world = %s and ((status = 'requested' and kind <> 'shard') or (status = 'running' and kind = 'sweep'))
     order by created_at"""
SESSION = "select session_date from review_sessions where world = %s and id = %s for update"
UNDER_WAY = """
    select run_id from runs
     where world = %s and kind = 'replay' and (request ->> 'session_id')::bigint = %s
       and status in ('requested', 'running')"""


class Accepted(Frozen):
    """A run that waits for a worker. `run` and `stream` are where to look."""

    run_id: str
    kind: RunKind
    status: str
    ahead: int  # runs before it in the queue
    run: str
    stream: str


async def queue(parts: Parts, asked: RunRequest) -> Accepted:
    """Raises 404 or 409 for its session, 429 when too many wait, 503 when the database is away."""
    world, most = parts.config.namespace, parts.config.max_waiting_runs
    async with transaction_of(parts) as connection:
        await connection.execute(TURN, (world,))
        waiting = [row[0] for row in await (await connection.execute(WAITING, (world,))).fetchall()]
        if len(waiting) >= most:
            raise ApiError(
                429,
                f"{len(waiting)} runs are waiting, and no more than {most} may; wait until one was taken, "
                f"start another `ptj backtest-worker`, or DELETE one of them.",
                code="too_many_runs",
                details={"waiting": waiting, "limit": most},
                headers={"Retry-After": str(RETRY_AFTER_S)},
            )
        if asked.session_id is not None:
            await _check_session(connection, world, asked)
        run_id = await stored_runs.request(connection, world, asked)
    log.info("run.requested run_id=%s kind=%s start=%s end=%s", run_id, asked.kind, asked.start, asked.end)
    where = f"/api/runs/{run_id}"
    return Accepted(
        run_id=run_id,
        kind=asked.kind,
        status="requested",
        ahead=len(waiting),
        run=where,
        stream=f"{where}/stream",
    )


async def _check_session(connection: AsyncConnection, world: str, asked: RunRequest) -> None:
    row = await (await connection.execute(SESSION, (world, asked.session_id))).fetchone()
    if row is None:
        raise ApiError(404, f"There is no review session {asked.session_id}.", code="unknown_session")
    if row[0] != asked.start:
        raise refused(("session_id", f"a session of {asked.start}; this one is of {row[0]}", asked.session_id))
    busy = await (await connection.execute(UNDER_WAY, (world, asked.session_id))).fetchone()
    if busy is not None:
        raise ApiError(
            409,
            f"The session {asked.session_id} is being replayed by the run {busy[0]}; wait for it or DELETE it.",
            code="session_busy",
            details={"run_id": busy[0]},
        )
