"""What hangs on a run, in pages: signal events, trades, equity, the lanes of a sweep, snapshots of a replay."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import answer, documented
from api.paging import Cursor, Limit, Offset, cursor_of, place_of
from api.parts import PartsOf
from api.run_results import EventPlace, RunEvent, TradePlace, event_place, events_page, trade_place, trades_page
from api.run_rows import Lane, RunWhole, Trade, known_run, namespaces_of
from api.snapshots import SnapshotPage, snapshots_of
from api.stored import rows_of
from schemas.base import Frozen
from schemas.runs import RunKind, RunStatus

router = APIRouter(tags=["runs"])


class RunEvents(Frozen):
    """A page of a run's signal events in canonical order. `next_cursor` is null on the last page."""

    run_id: str
    status: RunStatus
    items: list[RunEvent]
    next_cursor: str | None


class RunTrades(Frozen):
    """A page of a run's trades, oldest first. `next_cursor` is null on the last page."""

    run_id: str
    status: RunStatus
    items: list[Trade]
    next_cursor: str | None


class EquityPoint(Frozen):
    """The close of one trade date."""

    trade_date: date
    equity_usd: float
    return_pct: float | None = None
    drawdown_pct: float | None = None  # from the running peak, which begins at the initial capital; >= 0
    benchmark_usd: float | None = None  # the initial capital in the benchmark


class Equity(Frozen):
    """The equity curve, a point per trade date with data. `reason` says why there is none."""

    run_id: str
    status: RunStatus
    initial_capital_usd: float | None
    items: list[EquityPoint]
    reason: str | None


class Lanes(Frozen):
    """A page of a sweep's parameter sets."""

    run_id: str
    status: RunStatus
    items: list[Lane]
    total: int


@router.get("/api/runs/{run_id}/events", responses=documented(RunEvents))
async def events(
    run_id: str,
    parts: PartsOf,
    lane: Annotated[str | None, Query(max_length=200, description="A parameter set of a sweep.")] = None,
    type: Annotated[str | None, Query(max_length=60, description="A signal of the catalogue.")] = None,
    subject: Annotated[str | None, Query(max_length=40, description="Like GLD or coin.")] = None,
    actionable: bool | None = None,
    trade_date: date | None = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    cursor: Cursor = None,
) -> Response:
    """Signal events of a run, in canonical order."""
    after = place_of(cursor, EventPlace)
    known = await known_run(parts, run_id)
    filters = {
        "lane": lane,
        "type": type and type.lower(),
        "subject": subject,
        "actionable": actionable,
        "trade_date": trade_date,
    }
    found = await events_page(parts, await namespaces_of(parts, run_id), filters, limit + 1, after)
    more = cursor_of(event_place(found[limit - 1])) if len(found) > limit else None
    return answer(RunEvents(run_id=run_id, status=known.status, items=found[:limit], next_cursor=more))


@router.get("/api/runs/{run_id}/trades", responses=documented(RunTrades))
async def trades(
    run_id: str,
    parts: PartsOf,
    lane: Annotated[str | None, Query(max_length=200, description="A parameter set of a sweep.")] = None,
    symbol: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    cursor: Cursor = None,
) -> Response:
    """Trades of a run, oldest first; at one time sales before purchases."""
    after = place_of(cursor, TradePlace)
    known = await known_run(parts, run_id)
    filters = {"lane": lane, "symbol": symbol}
    found = await trades_page(parts, await namespaces_of(parts, run_id), filters, limit + 1, after)
    more = cursor_of(trade_place(found[limit - 1])) if len(found) > limit else None
    return answer(RunTrades(run_id=run_id, status=known.status, items=found[:limit], next_cursor=more))


DAYS = """
    select case when jsonb_typeof(result #> '{portfolio,days}') = 'array' then result #> '{portfolio,days}' end as days,
           result ->> 'no_portfolio_because' as reason,
           coalesce(result -> 'initial_capital_usd', request -> 'initial_capital_usd')::float8 as capital
      from runs where world = %(world)s and run_id = %(run_id)s"""


@router.get("/api/runs/{run_id}/equity", responses=documented(Equity))
async def equity(run_id: str, parts: PartsOf) -> Response:
    """The equity curve of a run by trade date."""
    known = await known_run(parts, run_id)
    rows = await rows_of(parts, DAYS, {"world": parts.config.namespace, "run_id": run_id})
    row = rows[0] if rows else {"days": None, "reason": None, "capital": None}
    points, peak = [], row["capital"] or 0.0
    for day in row["days"] or ():
        peak = max(peak, day["equity_usd"])
        drawdown = 100 * (1 - day["equity_usd"] / peak) if peak > 0 else 0.0
        points.append(msgspec.convert({**day, "drawdown_pct": drawdown}, EquityPoint))
    reason = None if points else row["reason"] or _no_equity(known)
    return answer(
        Equity(run_id=run_id, status=known.status, initial_capital_usd=row["capital"], items=points, reason=reason)
    )


LANES = """
    select lane, parameters, metrics from run_lanes where world = %(world)s and run_id = %(run_id)s
     order by case when jsonb_typeof(metrics -> %(sort)s) = 'number' then (metrics ->> %(sort)s)::float8 end {order}
              nulls last, lane
     limit %(limit)s offset %(offset)s"""


@router.get("/api/runs/{run_id}/lanes", responses=documented(Lanes))
async def lanes(
    run_id: str,
    parts: PartsOf,
    sort: Annotated[str, Query(max_length=60, description="A metric.")] = "total_return_pct",
    order: Literal["desc", "asc"] = "desc",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """The parameter sets of a sweep, sorted by a metric; those that lack it come last."""
    known = await known_run(parts, run_id)
    values = {"world": parts.config.namespace, "run_id": run_id, "sort": sort, "limit": limit, "offset": offset}
    count = "select count(*)::int as total from run_lanes where world = %(world)s and run_id = %(run_id)s"
    (total,) = await rows_of(parts, count, values)
    rows = await rows_of(parts, LANES.format(order=order), values)
    items = [msgspec.convert(row, Lane) for row in rows]
    return answer(Lanes(run_id=run_id, status=known.status, items=items, total=total["total"]))


@router.get("/api/runs/{run_id}/snapshots", responses=documented(SnapshotPage))
async def snapshots(run_id: str, parts: PartsOf, limit: Limit = 100, offset: Offset = 0) -> Response:
    """The snapshots that a replay took, oldest first."""
    await known_run(parts, run_id)
    values = {"world": parts.config.namespace, "run_id": run_id}
    return answer(await snapshots_of(parts, "world = %(world)s and run_id = %(run_id)s", values, limit, offset))


def _no_equity(run: RunWhole) -> str:
    if run.kind in (RunKind.SWEEP, RunKind.SHARD):
        return "A sweep keeps metrics by parameter set: see lanes."
    return {
        RunStatus.FINISHED: "The run has no portfolio.",
        RunStatus.FAILED: "The run failed.",
        RunStatus.CANCELLED: "The run was cancelled.",
    }.get(run.status, "The run has not finished.")


SHAPES = (RunEvents, RunTrades, Equity, Lanes, SnapshotPage)
