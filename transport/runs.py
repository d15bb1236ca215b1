"""The queue of runs, as whoever asks for one sees it: put in, cancel, remove. Workers take from it (`sinks.runs`)."""

from __future__ import annotations

from uuid import uuid4

from psycopg import AsyncConnection

from schemas.base import encode
from schemas.runs import RunRequest

REQUEST = """
    insert into runs (world, run_id, kind, request, parent) values (%s, %s, %s, %s::jsonb, %s)"""


def rows_namespace(run_id: str) -> str:
    """What the rows of a run are keyed by, whichever attempt stored them."""
    return f"replay.{run_id}"


async def request(connection: AsyncConnection, world: str, run: RunRequest) -> str:
    """Put a run into the queue; returns its id. The caller commits."""
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
