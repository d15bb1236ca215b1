"""Putting a run into the queue, as long as there is room."""

from __future__ import annotations

import logging

from api.errors import ApiError
from api.parts import Parts
from api.stored import transaction_of
from schemas.base import Frozen
from schemas.runs import RunKind, RunRequest
from transport import runs as stored_runs
from transport.runs import QueueFull

log = logging.getLogger(__name__)


class Accepted(Frozen):
    """A run that waits for a worker. `run` and `stream` are where to look."""

    run_id: str
    kind: RunKind
    status: str
    ahead: int  # runs before it in the queue
    run: str
    stream: str


async def queue(parts: Parts, asked: RunRequest) -> Accepted:
    """Raises `Refused` for its session, 429 when too many wait, 503 when the database is away."""
    world, most = parts.config.namespace, parts.config.limits.waiting
    async with transaction_of(parts) as connection:
        try:
            run_id, ahead = await stored_runs.admit(connection, world, asked, most)
        except QueueFull as full:
            raise ApiError(
                429,
                f"{full}.",
                code="too_many_runs",
                details={"waiting": full.waiting, "limit": full.most},
                headers={"Retry-After": f"{full.retry_after_s:.0f}"},
            ) from None
    log.info("run.requested run_id=%s kind=%s start=%s end=%s", run_id, asked.kind, asked.start, asked.end)
    where = f"/api/runs/{run_id}"
    return Accepted(
        run_id=run_id,
        kind=asked.kind,
        status="requested",
        ahead=ahead,
        run=where,
        stream=f"{where}/stream",
    )
