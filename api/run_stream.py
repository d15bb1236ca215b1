"""`/api/runs/{run_id}/stream`: how a run goes on, then what it came to, as server-sent events.

Ids: `p.<offset>` of progress on the topic, `r.<events>.<trades>` for what was told of the result so far, `done`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, NamedTuple

from api.errors import ApiError
from api.parts import Parts
from api.progress import Step
from api.run_results import RunEvent, in_time
from api.run_rows import ENDED, RunWhole, Trade, namespaces_of, one_run
from api.stream_shapes import StreamReset
from api.wire import RETRY
from schemas.base import Frozen, encode
from schemas.runs import RunProgress, RunStatus

_ID = re.compile(r"p\.(\d{1,18})|r\.(\d{1,9})\.(\d{1,9})|done", re.ASCII)

CHUNK_BYTES = 16 * 1024
LONGEST_PAUSE_S = 2.0  # of the wall, in a stream that is told at a speed: nights are skipped


class Seen(NamedTuple):
    """How far a client has read: the offset of the newest step, and how many events and trades."""

    step: int = -1
    events: int = 0
    trades: int = 0
    done: bool = False


class RunBeat(Frozen):
    """Sent every few seconds while a run goes on: the heartbeat."""

    run_id: str
    status: RunStatus | None  # None while the database does not answer
    progress: float | None
    ahead: int | None  # runs before it in the queue
    kafka: str  # up, down
    postgres: str
    server_time: datetime


class RunDone(Frozen):
    """The last event of a stream. `result` is where all of it stands."""

    run_id: str
    status: RunStatus
    error: str | None
    summary: Any
    events: int  # that this stream told, here and before it was resumed
    trades: int
    result: str


class RunGone(Frozen):
    """The run was removed while its stream was open."""

    code: str
    message: str


class RunStreamEvents(Frozen):
    """The data of an event by the name of the event."""

    progress: RunProgress
    status: RunBeat
    signal: RunEvent
    trade: Trade
    done: RunDone
    error: RunGone
    reset: StreamReset


def seen_by(last_event_id: str | None) -> Seen | None:
    """How far the client has read; None for an id that is not ours."""
    if not last_event_id:
        return Seen()
    match = _ID.fullmatch(last_event_id.strip())
    if match is None:
        return None
    if match[0] == "done":
        return Seen(done=True)
    return Seen(step=int(match[1])) if match[1] else Seen(2**63, int(match[2]), int(match[3]))


async def stream(parts: Parts, run_id: str, seen: Seen | None, speed: float) -> AsyncGenerator[bytes, None]:
    """The bytes of one connection. Ends after `done`, or when the process does."""
    yield RETRY
    if seen is None:
        yield _frame("reset", StreamReset(reason="unknown id"))
        seen = Seen()
    with parts.board.news(run_id) as news:
        run: RunWhole | None = None
        async with aclosing(_going(parts, run_id, seen.step, news)) as going:
            async for chunk, found in going:
                run = found
                if chunk:
                    yield chunk
        if run is None:
            return
        newest = parts.board.newest(run_id)
        if not seen.events + seen.trades and (newest is None or newest.status is not run.status):
            yield _frame("progress", _last_step(run))  # nobody told the last step, or it is long ago
        while not parts.board.closed:
            try:
                async with aclosing(_result(parts, run_id, seen, speed, news)) as result:
                    async for chunk, told in result:
                        seen = told
                        yield chunk
            except ApiError:  # the database is away; what was told is not told again
                yield _beat(parts, run_id, None)
                await asyncio.sleep(1.0)
                continue
            break
        if not parts.board.closed:
            done = RunDone(
                run_id=run_id,
                status=run.status,
                error=run.error,
                summary=run.summary,
                events=seen.events,
                trades=seen.trades,
                result=f"/api/runs/{run_id}",
            )
            yield _frame("done", done, "done")


async def _going(
    parts: Parts, run_id: str, seen: int, news: asyncio.Event
) -> AsyncGenerator[tuple[bytes, RunWhole | None], None]:
    """Steps and heartbeats until the run has ended; the last item brings the ended run, or None when it is gone."""
    loop, look_at = asyncio.get_running_loop(), 0.0
    interval = parts.config.status_interval_s
    while not parts.board.closed:
        steps = parts.board.after(run_id, seen)
        ended = bool(steps) and steps[-1].progress.status in ENDED
        run: RunWhole | None = None
        beat = b""
        if loop.time() >= look_at or ended:
            look_at = loop.time() + interval
            try:
                run = await one_run(parts, run_id, result=False)
            except ApiError:
                beat = _beat(parts, run_id, None)
            else:
                if run is None:
                    gone = RunGone(code="not_found", message=f"The run {run_id} was removed.")
                    yield _frame("error", gone, "done"), None
                    return
                beat = _beat(parts, run_id, run)
        if steps:
            seen = steps[-1].offset
        chunk = b"".join(map(_step, steps))
        if run is not None and run.status in ENDED:
            yield chunk, run
            return
        if chunk or beat:
            yield chunk + beat, None
        # Its last step may come before its row says so; then the row is asked again soon.
        await _wait(news, 0.1 if ended else max(0.0, look_at - loop.time()))
        if ended:
            look_at = 0.0


async def _result(
    parts: Parts, run_id: str, seen: Seen, speed: float, news: asyncio.Event
) -> AsyncGenerator[tuple[bytes, Seen], None]:
    """Signal events and trades in market time, behind what was seen; at `speed`, or at once for 0."""
    waiting, before = b"", None
    async with aclosing(in_time(parts, await namespaces_of(parts, run_id), seen.events, seen.trades)) as told:
        async for at, one in told:
            if speed and before is not None and at > before:
                if waiting:
                    yield waiting, seen
                    waiting = b""
                news.clear()
                await _wait(news, min((at - before).total_seconds() / speed, LONGEST_PAUSE_S))
            if parts.board.closed:
                return
            before = at
            if isinstance(one, RunEvent):
                kind, seen = "signal", seen._replace(events=seen.events + 1)
            else:
                kind, seen = "trade", seen._replace(trades=seen.trades + 1)
            waiting += _frame(kind, one, f"r.{seen.events}.{seen.trades}")
            if len(waiting) >= CHUNK_BYTES:
                yield waiting, seen
                waiting = b""
    if waiting:
        yield waiting, seen


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
    news.clear()


def _step(step: Step) -> bytes:
    return _frame("progress", step.progress, f"p.{step.offset}")


def _last_step(run: RunWhole) -> RunProgress:
    return RunProgress(
        run_id=run.run_id,
        world=run.namespace,
        kind=run.kind,
        status=run.status,
        attempt=run.attempt,
        progress=run.progress,
        phase="done",
        at=run.finished_at or datetime.now(UTC),
        message=run.error or "",
    )


def _beat(parts: Parts, run_id: str, run: RunWhole | None) -> bytes:
    beat = RunBeat(
        run_id=run_id,
        status=run.status if run else None,
        progress=run.progress if run else None,
        ahead=run.ahead if run else None,
        kafka="up" if parts.live.kafka_up else "down",
        postgres="up" if run else "down",
        server_time=datetime.now(UTC),
    )
    return _frame("status", beat)


def _frame(event: str, data: object, event_id: str | None = None) -> bytes:
    head = f"event: {event}\n" if event_id is None else f"id: {event_id}\nevent: {event}\n"
    return b"%sdata: %s\n\n" % (head.encode(), encode(data))
