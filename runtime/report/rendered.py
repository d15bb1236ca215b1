"""A finished run as one HTML file: what `--html` writes and the API offers for download."""

from __future__ import annotations

import asyncio

from psycopg import AsyncConnection

from runtime.report import swept
from runtime.report.page import page
from runtime.report.prices import prices_of
from runtime.report.stored import Row, opened, report_of, row_of
from schemas.runs import RunKind, RunStatus


async def page_of(connection: AsyncConnection, world: str, demo: bool, row: Row, sort: str = "total_return_pct") -> str:
    """The whole file. `sort`: the figure that a sweep goes by."""
    if row.kind is RunKind.SWEEP:
        return swept.page(await swept.sweep_of(connection, world, demo, row, sort))
    report = await report_of(connection, world, demo, row)
    return page(report, await prices_of(connection, report))


def rendered(database_url: str, world: str, demo: bool, run_id: str) -> str | None:
    """The file of a run, None where none of that id has finished. It takes a second: call it in a thread.

    Raises `Unavailable` when the database does not answer.
    """

    async def read() -> str | None:
        async with opened(database_url) as connection:
            row = await row_of(connection, world, run_id)
            if row is None or row.status is not RunStatus.FINISHED:
                return None
            return await page_of(connection, world, demo, row)

    return asyncio.run(read())
