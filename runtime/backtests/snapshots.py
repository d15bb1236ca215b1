"""The steps of a replayed date: every ticker's quote and every signal's picture at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition
from psycopg import AsyncConnection

from runtime.backtests.attempt import Attempt
from runtime.backtests.judged import RECORD
from schemas.base import decoder, encode
from schemas.signals import SignalView
from schemas.ticks import FrameBatch, Tick
from schemas.topics import VIEWS
from sinks.runs import Claim
from transport.kafka import read_to_end

VIEW = decoder(SignalView)

INSERT = """
    insert into review_snapshots (session_id, world, run_id, snapshot_time, tickers_json, signals_json)
    values (%s, %s, %s, %s, %s::jsonb, %s::jsonb)
    on conflict (session_id, snapshot_time) do update
       set tickers_json = excluded.tickers_json, signals_json = excluded.signals_json, run_id = excluded.run_id"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All quotes and all pictures at one time of the replayed date."""

    at: datetime
    tickers: dict[str, Tick]
    signals: dict[str, Any]


async def taken(attempt: Attempt, messages: Sequence[bytes]) -> list[Snapshot]:
    """The snapshots of a replay, oldest first; read while the attempt's topics are still there."""
    views = await _views(attempt)
    return [Snapshot(at, tickers, views.get(at, {})) for at, tickers in _tickers(messages)]


async def store(connection: AsyncConnection, held: Claim, snapshots: Sequence[Snapshot]) -> None:
    """Keep them for the run, and in the review session that it names. In the caller's transaction."""
    session_id = held.request.session_id
    await connection.execute(
        "delete from review_snapshots where (world = %s and run_id = %s) or session_id = %s",
        (held.world, held.run_id, session_id),
    )
    # The session may have been deleted meanwhile; the run keeps its snapshots then.
    found = await connection.execute("select id from review_sessions where id = %s", (session_id,))
    kept_in = session_id if await found.fetchone() else None
    rows = [
        (
            kept_in,
            held.world,
            held.run_id,
            snapshot.at,
            encode(snapshot.tickers).decode(),
            encode(snapshot.signals).decode(),
        )
        for snapshot in snapshots
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(INSERT, rows)


async def _views(attempt: Attempt) -> dict[datetime, dict[str, Any]]:
    """By time of the step the picture of each signal, `signal_type:subject`."""
    told: dict[datetime, dict[str, Any]] = {}
    async for record in read_to_end(attempt.kafka, TopicPartition(VIEWS.name(attempt.namespace), 0)):
        view: SignalView = VIEW.decode(record.value)
        told.setdefault(view.event_time, {})[f"{view.signal_type}:{view.subject}"] = view
    return told


def _tickers(messages: Sequence[bytes]) -> list[tuple[datetime, dict[str, Tick]]]:
    """By time of the step the newest quote of each symbol."""
    newest: dict[str, Tick] = {}
    steps = []
    for record in map(RECORD.decode, messages):
        if not isinstance(record, FrameBatch):
            continue
        for frame in record.frames:
            newest |= {tick.symbol: tick for tick in frame.ticks}
            if frame.snapshot:
                steps.append((frame.event_time, dict(newest)))
    return steps
