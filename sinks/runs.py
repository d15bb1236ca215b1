"""The queue of runs and what they came to. A row is claimed by one worker at a time, for as long as its lease holds.

A worker that is killed lets its lease run out; the next one to claim the row counts the attempt up. Only the newest
attempt may finish it, in one transaction with the run's events and trades.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg import AsyncConnection

from schemas.base import encode
from schemas.runs import RunRequest, RunStatus
from schemas.signals import SignalEvent
from sinks.signal_events import copy_events
from transport.runs import rows_namespace

LEASE_S = 30

CLAIM = f"""
    update runs
       set status = 'running', attempt = attempt + 1, worker = %(worker)s, progress = 0, error = null,
           leased_until = now() + interval '{LEASE_S} s', started_at = coalesce(started_at, now())
     where (world, run_id) = (
           select world, run_id from runs
            where world = %(world)s and kind <> 'sweep'
              and (status = 'requested' or (status = 'running' and leased_until < now()))
            order by created_at
              for update skip locked
            limit 1)
 returning run_id, kind, request, attempt, parent"""

RENEW = f"""
    update runs set leased_until = now() + interval '{LEASE_S} s', progress = greatest(progress, %(progress)s)
     where world = %(world)s and run_id = %(run_id)s and attempt = %(attempt)s and status = 'running'
 returning run_id"""

END = """
    update runs
       set status = %(status)s, progress = %(progress)s, summary = %(summary)s::jsonb, result = %(result)s::jsonb,
           error = %(error)s, finished_at = now(), leased_until = null
     where world = %(world)s and run_id = %(run_id)s and attempt = %(attempt)s and status = 'running'
 returning run_id"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run in a worker's hands."""

    world: str
    run_id: str
    attempt: int
    request: RunRequest
    parent: str | None

    @property
    def namespace(self) -> str:
        """The prefix of this attempt's topics, groups and tables."""
        return f"{rows_namespace(self.run_id)}.{self.attempt}"


class Superseded(Exception):
    """Another attempt has the run now, or it was cancelled: what this one came to does not count."""


async def claim(connection: AsyncConnection, world: str, worker: str) -> Claim | None:
    """Take the oldest run that waits or whose worker is gone. The caller commits."""
    row = await (await connection.execute(CLAIM, {"world": world, "worker": worker})).fetchone()
    if row is None:
        return None
    run_id, _, asked, attempt, parent = row
    return Claim(world, run_id, attempt, msgspec.convert(asked, RunRequest), parent)


async def renew(connection: AsyncConnection, held: Claim, progress: float) -> None:
    """Keep the lease and tell how far the run is. Raises `Superseded`. The caller commits."""
    values = {"world": held.world, "run_id": held.run_id, "attempt": held.attempt, "progress": progress}
    if await (await connection.execute(RENEW, values)).fetchone() is None:
        raise Superseded(held.namespace)


async def finish(
    connection: AsyncConnection,
    held: Claim,
    *,
    summary: Mapping[str, Any],
    result: bytes,
    events: Sequence[SignalEvent] = (),
    trades: Sequence[Mapping[str, Any]] = (),
    lanes: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]] | None = None,
) -> None:
    """Store everything and mark the run finished, or, when it is no longer ours, nothing (`Superseded`).

    `trades` are rows of trade_log without namespace; `lanes` are parameters, metrics and the rest of the result
    by lane. The caller commits.
    """
    await _end(connection, held, RunStatus.FINISHED, summary=summary, result=result)
    namespace = rows_namespace(held.run_id)
    if events:
        await copy_events(connection, namespace, events)
    if trades:
        await _store_trades(connection, namespace, trades)
    for lane, (parameters, metrics, rest) in (lanes or {}).items():
        await connection.execute(
            "insert into run_lanes (world, run_id, lane, parameters, metrics, result)"
            " values (%s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb)"
            " on conflict (world, run_id, lane) do update"
            " set parameters = excluded.parameters, metrics = excluded.metrics, result = excluded.result",
            (
                held.world,
                held.parent or held.run_id,
                lane,
                *(encode(part).decode() for part in (parameters, metrics, rest)),
            ),
        )


async def give_back(connection: AsyncConnection, held: Claim) -> None:
    """Let another worker have the run at once. The caller commits."""
    await connection.execute(
        "update runs set leased_until = now() - interval '1 s'"
        " where world = %s and run_id = %s and attempt = %s and status = 'running'",
        (held.world, held.run_id, held.attempt),
    )


async def fail(connection: AsyncConnection, held: Claim, error: str) -> None:
    """Mark the run failed with a sentence for people. The caller commits."""
    await _end(connection, held, RunStatus.FAILED, error=error)


async def current_attempts(connection: AsyncConnection) -> set[str]:
    """Namespaces of attempts that somebody holds a lease on; all others are leftovers."""
    rows = await connection.execute(
        "select run_id, attempt from runs where status = 'running' and leased_until >= now()"
    )
    return {f"{rows_namespace(run_id)}.{attempt}" for run_id, attempt in await rows.fetchall()}


async def known(connection: AsyncConnection, run_ids: Iterable[str]) -> set[str]:
    """Those of `run_ids` that are runs of this database, over or not."""
    rows = await connection.execute("select run_id from runs where run_id = any(%s)", (list(run_ids),))
    return {run_id for (run_id,) in await rows.fetchall()}


async def _end(
    connection: AsyncConnection,
    held: Claim,
    status: RunStatus,
    *,
    summary: Mapping[str, Any] | None = None,
    result: bytes | None = None,
    error: str | None = None,
) -> None:
    values = {
        "world": held.world,
        "run_id": held.run_id,
        "attempt": held.attempt,
        "status": status.value,
        "progress": 1.0 if status is RunStatus.FINISHED else 0.0,
        "summary": None if summary is None else encode(summary).decode(),
        "result": None if result is None else result.decode(),
        "error": error,
    }
    if await (await connection.execute(END, values)).fetchone() is None:
        raise Superseded(held.namespace)


async def _store_trades(connection: AsyncConnection, namespace: str, trades: Sequence[Mapping[str, Any]]) -> None:
    columns = (
        "lane", "trade_id", "trade_time", "symbol", "action", "price", "quantity", "amount_usd", "fee_usd", "pnl_usd",
        "reason", "entry_event_id", "source",
    )  # fmt: skip
    marks = ", ".join(["%s"] * (len(columns) + 1))
    statement = f"insert into trade_log (namespace, {', '.join(columns)}) values ({marks}) on conflict do nothing"
    async with connection.cursor() as cursor:
        await cursor.executemany(
            statement, [(namespace, *(trade.get(column) for column in columns)) for trade in trades]
        )
