"""Snapshots of a replay: all quotes and all signals as they stood at one time of the day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from api.parts import Parts
from api.stored import rows_of
from schemas.base import Frozen


class Snapshot(Frozen):
    """All tickers' quotes and all signals at `snapshot_time`."""

    id: int
    session_id: int | None
    run_id: str | None
    snapshot_time: datetime
    tickers: Any
    signals: Any


class SnapshotPage(Frozen):
    """A page of snapshots, oldest first."""

    items: list[Snapshot]
    total: int


async def snapshots_of(parts: Parts, condition: str, values: dict[str, Any], limit: int, offset: int) -> SnapshotPage:
    """Those that meet `condition`, which is ours and not input."""
    source = f"from review_snapshots where {condition}"
    (total,) = await rows_of(parts, f"select count(*)::int as total {source}", values)
    rows = await rows_of(
        parts,
        f"""select id, session_id, run_id, snapshot_time, tickers_json as tickers, signals_json as signals {source}
             order by snapshot_time, id limit %(limit)s offset %(offset)s""",
        {**values, "limit": limit, "offset": offset},
    )
    return SnapshotPage(items=[msgspec.convert(row, Snapshot) for row in rows], total=total["total"])
