"""`/api/runs/{run_id}/report.html`: a finished run as one file to keep and to pass on."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from api.errors import ApiError
from api.parts import PartsOf
from api.run_rows import RunWhole, known_run, unknown_run
from api.stored import away
from schemas.errors import Unavailable
from schemas.runs import RunKind, RunStatus

router = APIRouter(tags=["runs"])

ANSWERS: dict[int | str, dict[str, Any]] = {
    "200": {"description": "A page that fetches nothing from anywhere, named in `Content-Disposition`."},
    "404": {"description": "There is no such run."},
    "409": {"description": "It has not finished."},
    "503": {"description": "The archive is away."},
}


@router.get("/api/runs/{run_id}/report.html", response_class=HTMLResponse, responses=ANSWERS)
async def report(run_id: str, parts: PartsOf) -> Response:
    """The report of a finished run as a download: the file that `ptj runs show RUN --html FILE` writes."""
    run = await known_run(parts, run_id)
    render = parts.config.report
    if render is None:
        raise ApiError(404, "This server makes no reports.", code="no_reports")
    if run.kind is RunKind.SHARD or run.status is not RunStatus.FINISHED:
        raise _not_finished(run)
    try:
        async with parts.reporting:  # one at a time: the streams want the processor too
            page = await asyncio.to_thread(render, run_id)
    except Unavailable as error:
        raise away(error, "The archive is away") from None
    if page is None:  # removed in between
        raise unknown_run(run_id)
    name = f"ptj-{run.kind}-{run.request['start']}-{run.request['end']}-{run_id}.html"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HTMLResponse(page, headers=headers)


def _not_finished(run: RunWhole) -> ApiError:
    said = f"The run is {run.status}; only one that is finished has a report."
    if run.kind is RunKind.SHARD:
        said = f"{run.run_id} is a part of the sweep {run.parent}, which has the report."
    return ApiError(409, said, code="no_report", details={"status": run.status, "parent": run.parent})
