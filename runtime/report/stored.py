"""Runs as they stand in the database, for commands and reports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from runtime.backtests.bars import connected
from schemas.errors import ConfigError
from schemas.results import Result
from schemas.runs import RunKind, RunRequest, RunStatus
from transport.runs import rows_namespace

ENDED = (RunStatus.FINISHED, RunStatus.FAILED, RunStatus.CANCELLED)
COLUMNS = """
    run_id, kind, status, request - 'lanes' as request, progress, attempt, worker, error, summary,
    created_at, started_at, finished_at"""
NOT_A_SHARD = "world = %(world)s and kind <> 'shard'"
# Of two fills of a symbol at one time the sale came first: it is bought again, not sold at once.
FILLS = """
    select trade_id, trade_time, symbol, action, price::float8, quantity::float8, amount_usd::float8, fee_usd::float8,
           pnl_usd::float8, reason, entry_event_id
      from trade_log where namespace = %s and lane = %s order by trade_time, action desc, trade_id"""
AHEAD = """
    select count(*) filter (where status = 'requested' and created_at < (
               select created_at from runs where world = %(world)s and run_id = %(run_id)s)),
           count(*) filter (where status = 'running' and leased_until > now())
      from runs where world = %(world)s and kind <> 'sweep' and run_id <> %(run_id)s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A run as its row has it."""

    run_id: str
    kind: RunKind
    status: RunStatus
    request: RunRequest
    progress: float
    attempt: int
    worker: str | None
    error: str | None
    summary: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A row of trade_log. `amount_usd`: of a BUY fee included, of a SELL before it; `pnl_usd` net, of a SELL."""

    trade_id: str
    trade_time: datetime
    symbol: str
    action: str
    price: float
    quantity: float
    amount_usd: float
    fee_usd: float
    pnl_usd: float | None
    reason: str
    entry_event_id: str | None


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A buy and the sale that ended it."""

    buy: Fill
    sell: Fill

    @property
    def pnl_usd(self) -> float:
        return self.sell.pnl_usd or 0.0

    @property
    def pnl_pct(self) -> float:
        return 100 * self.pnl_usd / self.buy.amount_usd

    @property
    def minutes(self) -> float:
        return (self.sell.trade_time - self.buy.trade_time).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Report:
    """A run that finished. `demo`: of a simulated market."""

    world: str
    demo: bool
    row: Row
    result: Result
    fills: list[Fill]
    snapshots: int = 0  # of a replay
    trips: list[RoundTrip] = field(default_factory=list)


@asynccontextmanager
async def opened(database_url: str) -> AsyncIterator[AsyncConnection]:
    """A connection; a database without our tables is told as a setting to mend."""
    try:
        async with connected(database_url) as connection:
            yield connection
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        raise ConfigError("database: expected the tables of this version; `ptj db migrate` makes them") from None


async def row_of(connection: AsyncConnection, world: str, run_id: str) -> Row | None:
    """The run, or None when there is none."""
    rows = await _rows(
        connection, f"select {COLUMNS} from runs where world = %(world)s and run_id = %(run_id)s", world, run_id=run_id
    )
    return rows[0] if rows else None


async def found(connection: AsyncConnection, world: str, given: str) -> Row:
    """The run whose id begins with `given`. Raises `ConfigError`."""
    query = f"select {COLUMNS} from runs where {NOT_A_SHARD} and starts_with(run_id, %(given)s) order by run_id limit 5"
    rows = await _rows(connection, query, world, given=given)
    exact = [row for row in rows if row.run_id == given] or rows
    if not given or not exact:
        raise ConfigError(f"run: expected the id of one of {world}, received {given!r}; `ptj runs` lists them")
    if len(exact) > 1:
        raise ConfigError(
            f"run: expected enough of an id, received {given!r}; it may be {', '.join(row.run_id for row in exact)}"
        )
    return exact[0]


async def newest(
    connection: AsyncConnection, world: str, *, limit: int, kind: str | None = None, status: str | None = None
) -> list[Row]:
    """Runs of `world`, newest first; shards are parts of their sweeps."""
    query = (
        f"select {COLUMNS} from runs where {NOT_A_SHARD} and (%(kind)s::text is null or kind = %(kind)s)"
        " and (%(status)s::text is null or status = %(status)s) order by created_at desc, run_id limit %(limit)s"
    )
    return await _rows(connection, query, world, limit=limit, kind=kind, status=status)


async def queue_of(connection: AsyncConnection, world: str, run_id: str) -> tuple[int, int]:
    """How many runs wait before this one, and how many are being worked on."""
    row = await (await connection.execute(AHEAD, {"world": world, "run_id": run_id})).fetchone()
    return (row[0], row[1]) if row else (0, 0)


async def report_of(connection: AsyncConnection, world: str, demo: bool, row: Row) -> Report:
    """The whole of a finished run that is no sweep."""
    told = await (
        await connection.execute("select result from runs where world = %s and run_id = %s", (world, row.run_id))
    ).fetchone()
    if told is None or told[0] is None:
        raise ConfigError(f"run {row.run_id}: expected a finished run, received one that is {row.status.value}")
    fills = await fills_of(connection, row.run_id)
    kept = await (
        await connection.execute(
            "select count(*) from review_snapshots where world = %s and run_id = %s", (world, row.run_id)
        )
    ).fetchone()
    return Report(
        world, demo, row, msgspec.convert(told[0], Result), fills, kept[0] if kept else 0, list(trips_of(fills))
    )


async def fills_of(connection: AsyncConnection, run_id: str, lane: str = "") -> list[Fill]:
    """The trades of a run in the order of their fills."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(FILLS, (rows_namespace(run_id), lane))).fetchall()
    return [Fill(**row) for row in rows]


def trips_of(fills: Sequence[Fill]) -> list[RoundTrip]:
    """Buys with their sales: long only and one position a symbol, so a sale ends the last buy of its symbol."""
    bought: dict[str, Fill] = {}
    trips = []
    for fill in fills:
        if fill.action == "BUY":
            bought[fill.symbol] = fill
        elif buy := bought.pop(fill.symbol, None):
            trips.append(RoundTrip(buy, fill))
    return trips


async def _rows(connection: AsyncConnection, query: str, world: str, **values: Any) -> list[Row]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(query, {"world": world, **values})).fetchall()
    return [_row(row) for row in rows]


def _row(row: dict[str, Any]) -> Row:
    return Row(
        **{
            **row,
            "kind": RunKind(row["kind"]),
            "status": RunStatus(row["status"]),
            "request": msgspec.convert(row["request"], RunRequest),
        }
    )
