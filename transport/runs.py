"""The queue of runs, as whoever asks for one sees it: put in, cancel, remove. Workers take from it (`sinks.runs`)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from psycopg import AsyncConnection

from schemas.base import encode
from schemas.errors import Unavailable
from schemas.runs import RunRequest
from transport.asked import BUSY_SESSION, NO_SESSION, Fault, Refused

REQUEST = """
    insert into runs (world, run_id, kind, request, parent) values (%s, %s, %s, %s::jsonb, %s)"""
RETRY_AFTER_S = 30

# Whoever asks takes turns, so that two at once cannot both take the last place.
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


class QueueFull(Unavailable):
    """As many runs wait as may. `waiting`: their ids, oldest first."""

    def __init__(self, waiting: Sequence[str], most: int) -> None:
        super().__init__(
            f"{len(waiting)} runs are waiting, and no more than {most} may; wait until one was taken, start another "
            "`ptj backtest-worker`, or cancel one of them (`ptj runs cancel ID`, or DELETE /api/runs/ID)",
            RETRY_AFTER_S,
        )
        self.waiting, self.most = tuple(waiting), most


def rows_namespace(run_id: str) -> str:
    """What the rows of a run are keyed by, whichever attempt stored them."""
    return f"replay.{run_id}"


async def admit(connection: AsyncConnection, world: str, run: RunRequest, most: int) -> tuple[str, int]:
    """Put a run that somebody asks for into the queue; returns its id and how many wait before it.

    In the caller's transaction. Raises `QueueFull` when `most` runs wait, and `Refused` for its review session.
    """
    await connection.execute(TURN, (world,))
    waiting = [row[0] for row in await (await connection.execute(WAITING, (world,))).fetchall()]
    if len(waiting) >= most:
        raise QueueFull(waiting, most)
    if run.session_id is not None:
        await _check_session(connection, world, run)
    return await request(connection, world, run), len(waiting)


async def _check_session(connection: AsyncConnection, world: str, run: RunRequest) -> None:
    def fault(expected: str) -> Fault:
        return Fault(field="session_id", expected=expected, received=run.session_id)

    row = await (await connection.execute(SESSION, (world, run.session_id))).fetchone()
    if row is None:
        raise Refused(fault(f"a review session of {world}"), code=NO_SESSION)
    if row[0] != run.start:
        raise Refused(fault(f"a session of {run.start}; this one is of {row[0]}"))
    busy = await (await connection.execute(UNDER_WAY, (world, run.session_id))).fetchone()
    if busy is not None:
        wanted = f"a session that no run replays for; {busy[0]} does: wait for it, or cancel it"
        raise Refused(fault(wanted), code=BUSY_SESSION, run_id=busy[0])


async def request(connection: AsyncConnection, world: str, run: RunRequest) -> str:
    """Put a run into the queue, however many wait; returns its id. The caller commits."""
    run_id = uuid4().hex[:12]
    await connection.execute(REQUEST, (world, run_id, run.kind.value, encode(run).decode(), run.parent))
    return run_id


async def cancel(connection: AsyncConnection, world: str, run_id: str) -> bool:
    """Cancel a run and its shards; False when it had ended already. Its worker notices at its next renewal."""
    rows = await connection.execute(
        "update runs set status = 'cancelled', finished_at = now(), leased_until = null"
        " where world = %s and (run_id = %s or parent = %s) and status in ('requested', 'running') returning run_id",
        (world, run_id, run_id),
    )
    return await rows.fetchone() is not None


async def remove(connection: AsyncConnection, world: str, run_id: str) -> bool:
    """Delete an ended run with its shards, lanes, events and trades; False when there is none or it has not ended."""
    rows = await connection.execute(
        "delete from runs where world = %s and (run_id = %s or parent = %s)"
        " and status in ('finished', 'failed', 'cancelled') returning run_id",
        (world, run_id, run_id),
    )
    gone = [rows_namespace(row[0]) for row in await rows.fetchall()]
    await connection.execute(
        "delete from review_snapshots where world = %s and run_id = any(%s) and session_id is null",
        (world, [namespace.removeprefix("replay.") for namespace in gone]),
    )
    await connection.execute("delete from signal_events where namespace = any(%s)", (gone,))
    await connection.execute("delete from trade_log where namespace = any(%s)", (gone,))
    return bool(gone)
