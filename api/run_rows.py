"""Runs as people and programs read them: rows of `runs` and what hangs on them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from api.errors import ApiError
from api.parts import Parts
from api.stored import rows_of
from schemas.base import Frozen
from schemas.runs import RunKind, RunStatus

ENDED = (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED)


class Run(Frozen):
    """A run. `request` is as the worker takes it, the lanes of a shard left out."""

    run_id: str
    kind: RunKind
    status: RunStatus
    progress: float  # 0 to 1
    phase: str  # queued, bars, streaming, portfolio, storing, done
    message: str
    attempt: int  # counted up by each worker that takes it
    parent: str | None  # the sweep that a shard belongs to
    ahead: int | None  # runs before it in the queue; None unless it waits
    request: dict[str, Any]
    summary: Any
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    namespace: str
    demo: bool


class RunWhole(Run):
    """A run with its result, and for a sweep how many shards stand where."""

    result: Any
    shards: dict[str, int]


class Runs(Frozen):
    """A page of runs, newest first."""

    items: list[Run]
    total: int


class Trade(Frozen):
    """One fill. Amounts in USD; of a BUY with its fee, of a SELL before it. `pnl_usd` is net, of a SELL."""

    lane: str
    trade_id: str
    trade_time: datetime
    trade_date: date
    symbol: str
    action: str
    price: float
    quantity: float
    amount_usd: float | None
    fx_rate: float | None
    amount_krw: float | None
    fee_usd: float | None
    pnl_usd: float | None
    reason: str | None
    entry_event_id: str | None


class Lane(Frozen):
    """One parameter set of a sweep and how it fared."""

    lane: str
    parameters: dict[str, Any]
    metrics: dict[str, Any]


COLUMNS = """
    run_id, kind, status, progress, attempt, parent, request - 'lanes' as request, summary, error, created_at,
    started_at, finished_at,
    case when status = 'requested' and kind <> 'sweep' then (
        select count(*) from runs as other
         where other.world = runs.world and other.status = 'requested' and other.kind <> 'sweep'
           and other.created_at < runs.created_at) end as ahead"""

ONE = f"""
    select {COLUMNS}, case when %(result)s then result end as result
      from runs where world = %(world)s and run_id = %(run_id)s"""

SHARDS = """
    select status, count(*)::int as count from runs where world = %(world)s and parent = %(run_id)s group by status"""

# A sweep's rows are stored by its shards, each under a namespace of its own.
NAMESPACES = """
    select 'replay.' || run_id as namespace from runs
     where world = %(world)s and (run_id = %(run_id)s or parent = %(run_id)s) order by 1"""


async def one_run(parts: Parts, run_id: str, *, result: bool = True) -> RunWhole | None:
    """The run, or None when there is none."""
    values = {"world": parts.config.namespace, "run_id": run_id, "result": result}
    rows = await rows_of(parts, ONE, values)
    if not rows:
        return None
    shards = await rows_of(parts, SHARDS, values) if rows[0]["kind"] == RunKind.SWEEP else []
    counted = {row["status"]: row["count"] for row in shards}
    return msgspec.convert({**_told(parts, rows[0]), "shards": counted}, RunWhole)


async def known_run(parts: Parts, run_id: str, *, result: bool = False) -> RunWhole:
    """The run. Raises 404."""
    found = await one_run(parts, run_id, result=result)
    if found is None:
        raise unknown_run(run_id)
    return found


def unknown_run(run_id: str) -> ApiError:
    return ApiError(404, f"There is no run {run_id[:40]}; GET /api/runs lists those there are.", code="unknown_run")


async def page_of_runs(parts: Parts, where: str, values: dict[str, Any], limit: int, offset: int) -> Runs:
    """Runs that meet `where`, newest first."""
    values = {**values, "world": parts.config.namespace, "limit": limit, "offset": offset}
    condition = f"from runs where world = %(world)s and {where}"
    (total,) = await rows_of(parts, f"select count(*)::int as total {condition}", values)
    rows = await rows_of(
        parts,
        f"select {COLUMNS} {condition} order by created_at desc, run_id desc limit %(limit)s offset %(offset)s",
        values,
    )
    return Runs(items=[msgspec.convert(_told(parts, row), Run) for row in rows], total=total["total"])


async def namespaces_of(parts: Parts, run_id: str) -> list[str]:
    """What the rows of a run and of its shards are keyed by."""
    rows = await rows_of(parts, NAMESPACES, {"world": parts.config.namespace, "run_id": run_id})
    return [row["namespace"] for row in rows]


def _told(parts: Parts, row: dict[str, Any]) -> dict[str, Any]:
    """`row` with what the topic knows better: between two renewals of its lease a run has gone on."""
    status, newest = RunStatus(row["status"]), parts.board.newest(row["run_id"])
    phase, message = {RunStatus.REQUESTED: "queued"}.get(status, "done" if status in ENDED else "bars"), ""
    if newest is not None and status is RunStatus.RUNNING and newest.attempt == row["attempt"]:
        phase, message = newest.phase, newest.message
        row = {**row, "progress": max(row["progress"], newest.progress)}
    return {
        **row,
        "phase": phase,
        "message": message,
        "namespace": parts.config.namespace,
        "demo": parts.config.demo,
    }
