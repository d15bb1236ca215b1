"""A run as JSON, for programs: everything that is stored of it."""

from __future__ import annotations

from typing import Any

from runtime.report.stored import Report, Row
from schemas.base import encode


def told(report: Report) -> bytes:
    """A finished run with its result and its fills."""
    return encode(row(report.row, report.world, report.demo) | {"result": report.result, "trades": report.fills})


def row(of: Row, world: str, demo: bool) -> dict[str, Any]:
    """What a row says, without its result."""
    names = ("run_id", "kind", "status", "request", "progress", "attempt", "error", "summary", "created_at")
    told = {name: getattr(of, name) for name in (*names, "started_at", "finished_at")}
    return {"world": world, "demo": demo} | told
