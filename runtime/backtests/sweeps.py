"""Sweeps: lanes in shards, spread over the workers; and the walk-forward test, since a best-of-grid figure misleads.

A shard is a run like any other: its ticks are published once and every agent folds all of its lanes. Nothing is held
overnight and sizes are shares of cash, so a lane's return on a date does not depend on the dates before: a walk forward
needs no runs of its own.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from psycopg import AsyncConnection

from runtime.backtests.judged import frozen
from schemas.base import encode
from schemas.errors import ConfigError
from schemas.results import Result
from schemas.runs import RunKind, RunRequest
from transport import runs as queue

LANES_A_SHARD = 25
LEAST_SHARDS = 2  # where there are two lanes: a second worker should have something to do
BEST = 5
MOST_VALUES = 10_000  # of one parameter

WAITING = """
    select run_id, request from runs
     where world = %s and kind = 'sweep' and status = 'requested'
     order by created_at for update skip locked limit 1"""

SHARDS = "select status, error from runs where world = %s and parent = %s"


def lanes_of(grid: Mapping[str, Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Every combination of the grid's values, by a name that tells them."""
    names = list(grid)
    return {
        ",".join(f"{name}={_shown(value)}" for name, value in zip(names, chosen, strict=True)): dict(
            zip(names, chosen, strict=True)
        )
        for chosen in itertools.product(*(grid[name] for name in names))
    }


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def steps(text: str) -> tuple[str, list[float]]:
    """Name and values of ``name=from:to:step``, both ends included, or ``name=a,b,c``. Raises `ConfigError`."""
    name, _, said = text.partition("=")
    expected = "name=from:to:step or name=a,b,c"
    try:
        if ":" not in said:
            return name, [float(value) for value in said.split(",")]
        first, last, step = (float(part) for part in said.split(":"))
        count = round((last - first) / abs(step) if last > first else (first - last) / abs(step))
        if count > MOST_VALUES:
            raise ConfigError(f"--grid {name}: expected at most {MOST_VALUES:,} values, received {count + 1:,}")
        sign = 1 if last >= first else -1
        values = [round(first + sign * abs(step) * number, 10) for number in range(count + 1)]
        return name, [value for value in values if sign * value <= sign * last + 1e-9]
    except (ValueError, OverflowError, ZeroDivisionError):
        raise ConfigError(f"--grid: expected {expected}, received {text!r}") from None


def shards_of(request: RunRequest, sweep_id: str) -> Iterator[RunRequest]:
    """The runs that a sweep is made of."""
    lanes = list(lanes_of(request.grid).items())
    count = max(min(LEAST_SHARDS, len(lanes)), math.ceil(len(lanes) / LANES_A_SHARD))
    for number in range(count):
        few = dict(lanes[number::count])  # neighbours are alike: dealt out, the shards take equally long
        yield msgspec.structs.replace(request, kind=RunKind.SHARD, grid={}, lanes=few, parent=sweep_id)


async def deal(connection: AsyncConnection, world: str) -> str | None:
    """Split the oldest sweep that waits into shards; returns its id. In the caller's transaction."""
    row = await (await connection.execute(WAITING, (world,))).fetchone()
    if row is None:
        return None
    sweep_id, asked = str(row[0]), row[1]
    request = await frozen(connection, world, sweep_id, msgspec.convert(asked, RunRequest))
    for shard in shards_of(request, sweep_id):
        await queue.request(connection, world, shard)
    await connection.execute(
        "update runs set status = 'running', started_at = now() where world = %s and run_id = %s", (world, sweep_id)
    )
    return sweep_id


async def settle(connection: AsyncConnection, world: str, sweep_id: str, progress: float = 0.0) -> bool:
    """Bring a sweep's row up to its shards: progress, failure, or the result. True when it ended just now.

    In the transaction that ends a shard, so that the last one to end cannot be missed.
    """
    locked = await connection.execute(
        "select request from runs where world = %s and run_id = %s and status = 'running' for update", (world, sweep_id)
    )
    row = await locked.fetchone()
    if row is None:
        return False
    shards = await (await connection.execute(SHARDS, (world, sweep_id))).fetchall()
    ended = [status for status, _ in shards if status in ("finished", "failed", "cancelled")]
    if failed := [error for status, error in shards if status == "failed"]:
        await _end(connection, world, sweep_id, "failed", None, None, failed[0])
        await connection.execute(
            "update runs set status = 'cancelled', finished_at = now(), leased_until = null"
            " where world = %s and parent = %s and status in ('requested', 'running')",
            (world, sweep_id),
        )
        return True
    if len(ended) < len(shards):
        await connection.execute(
            "update runs set progress = %s where world = %s and run_id = %s",
            (min(1.0, (len(ended) + progress) / len(shards)), world, sweep_id),
        )
        return False
    request = msgspec.convert(row[0], RunRequest)
    table = await table_of(connection, world, sweep_id)
    result = {
        "best": table[:BEST],
        "lanes": len(table),
        "walk_forward": walk_forward(await _days(connection, world, sweep_id), request.walk_forward_days),
    }
    summary = {"lanes": len(table), "best": table[0] if table else None}
    await _end(connection, world, sweep_id, "finished", summary, result, None)
    return True


async def table_of(
    connection: AsyncConnection, world: str, sweep_id: str, sort: str = "total_return_pct"
) -> list[dict[str, Any]]:
    """Lane, parameters and metrics of a sweep, the best by `sort` first; those without it last."""
    rows = await connection.execute(
        "select lane, parameters, metrics from run_lanes where world = %s and run_id = %s order by lane",
        (world, sweep_id),
    )
    lanes = [
        {"lane": lane, "parameters": parameters, "metrics": metrics}
        for lane, parameters, metrics in await rows.fetchall()
    ]
    return sorted(lanes, key=lambda lane: (lane["metrics"].get(sort) is None, -(lane["metrics"].get(sort) or 0.0)))


def day_returns(result: Result) -> list[tuple[str, float]]:
    """Date and return in percent of every trade date of a lane."""
    if result.portfolio is None:
        return []
    return [(day.trade_date.isoformat(), day.return_pct) for day in result.portfolio.days]


def walk_forward(lanes: Mapping[str, Sequence[tuple[str, float]]], days: int | None) -> dict[str, Any] | None:
    """Choose the lane with the best return on a window of `days` dates, judge it on the next; window after window.

    None where it was not asked for, or the span holds no two windows.
    """
    if days is None or not lanes:
        return None
    returns = {lane: dict(of_lane) for lane, of_lane in lanes.items()}
    dates = sorted(set().union(*returns.values()))
    windows: list[dict[str, Any]] = []
    for begin in range(0, len(dates) - days, days):
        chosen_on, judged_on = dates[begin : begin + days], dates[begin + days : begin + 2 * days]
        inside = {lane: compounded(of_lane.get(day, 0.0) for day in chosen_on) for lane, of_lane in returns.items()}
        best = max(sorted(inside), key=lambda lane: inside[lane])
        windows.append(
            {
                "chosen_from": chosen_on[0],
                "chosen_to": chosen_on[-1],
                "lane": best,
                "in_sample_pct": inside[best],
                "judged_from": judged_on[0],
                "judged_to": judged_on[-1],
                "out_of_sample_pct": compounded(returns[best].get(day, 0.0) for day in judged_on),
            }
        )
    if not windows:
        return None
    return {
        "days": days,
        "windows": windows,
        "in_sample_pct": compounded(window["in_sample_pct"] for window in windows),
        "out_of_sample_pct": compounded(window["out_of_sample_pct"] for window in windows),
    }


def compounded(returns_pct: Iterable[float]) -> float:
    """Percent from percents, one after the other."""
    return 100 * (math.prod(1 + value / 100 for value in returns_pct) - 1)


async def _days(connection: AsyncConnection, world: str, sweep_id: str) -> dict[str, list[tuple[str, float]]]:
    rows = await connection.execute(
        "select lane, result -> 'days' from run_lanes where world = %s and run_id = %s", (world, sweep_id)
    )
    return {lane: [(day, value) for day, value in days or ()] for lane, days in await rows.fetchall()}


async def _end(
    connection: AsyncConnection,
    world: str,
    sweep_id: str,
    status: str,
    summary: dict[str, Any] | None,
    result: dict[str, Any] | None,
    error: str | None,
) -> None:
    await connection.execute(
        "update runs set status = %s, progress = %s, summary = %s::jsonb, result = %s::jsonb, error = %s,"
        " finished_at = now() where world = %s and run_id = %s",
        (
            status,
            1.0 if status == "finished" else 0.0,
            None if summary is None else encode(summary).decode(),
            None if result is None else encode(result).decode(),
            error,
            world,
            sweep_id,
        ),
    )
