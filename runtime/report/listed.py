"""Runs as a list on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from runtime.report import words
from runtime.report.stored import Row

STYLES = {"finished": "green", "failed": "red", "running": "yellow", "requested": "yellow", "cancelled": "dim"}


def runs_table(rows: Sequence[Row]) -> Table:
    """A line each."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("run", "kind", "state", "dates"):
        table.add_column(name, no_wrap=True)
    table.add_column("return", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for row in rows:
        state = f"{row.progress:.0%}" if row.status.value == "running" else row.status.value
        summary: dict[str, Any] = row.summary or {}
        figures = (summary.get("best") or {}).get("metrics", {}) if "lanes" in summary else summary
        table.add_row(
            row.run_id,
            row.kind.value,
            Text(state, style=STYLES[row.status.value]),
            words.span(row.request.start, row.request.end),
            words.percent(figures.get("total_return_pct")) if figures.get("total_return_pct") is not None else "",
            Text(row.error or _about(summary), style="dim"),
        )
    return table


def _about(summary: dict[str, Any]) -> str:
    if "lanes" in summary:
        best = summary.get("best") or {}
        return f"{words.count(summary['lanes'], 'lane')}, best {best.get('lane', words.NOTHING)}"
    if not summary:
        return ""
    if "no_portfolio_because" in summary:
        return f"{summary.get('interval')}, signals only"
    return f"{summary.get('interval')}, {words.count(summary.get('sells') or 0, 'sale')}"
