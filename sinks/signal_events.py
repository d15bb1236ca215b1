"""Edges become rows of `signal_events`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from msgspec import convert
from psycopg import AsyncConnection

from schemas.base import decoder, encode, parse
from schemas.signals import SignalEvent, Verdict
from schemas.ticks import Session
from schemas.topics import SIGNALS
from sinks.months import ensure_months
from sinks.sink import place

COLUMNS = """
        (namespace, lane, event_id, event_time, book, signal_type, subject, trade_date, session, state, decision,
         is_actionable, signal_data, param_version, position, ordinal, ingest_time)"""

INSERT = f"""
    insert into signal_events {COLUMNS}
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s)
    on conflict do nothing"""

OF_DATE = """
    select event_id, signal_type, subject, event_time, session, signal_data, param_version, position, ordinal,
           ingest_time
      from signal_events where namespace = %s and lane = '' and book = %s and trade_date = %s
     order by event_time, signal_type, subject, ordinal"""

TYPES = "insert into signal_types (signal_type) select unnest(%s::text[]) on conflict do nothing"

_decoder = decoder(SignalEvent)


class SignalEvents:
    """Keyed by namespace and lane, so that a replay repeats the ids of the live line beside them."""

    topic = SIGNALS

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace

    def decode(self, record: Any) -> SignalEvent:
        event: SignalEvent = parse(_decoder, record.value, place(record))
        return event

    async def write(self, connection: AsyncConnection, batch: Sequence[SignalEvent]) -> None:
        await write_events(connection, self.namespace, batch)


async def write_events(connection: AsyncConnection, namespace: str, events: Sequence[SignalEvent]) -> None:
    """Store every event of `events` in the caller's transaction; storing it twice changes nothing."""
    await ensure_months(connection, "signal_events", (event.event_time for event in events))
    await connection.execute(TYPES, (sorted({event.signal_type for event in events}),))
    async with connection.cursor() as cursor:
        await cursor.executemany(INSERT, [_row(namespace, event) for event in events])


async def events_of(connection: AsyncConnection, namespace: str, book: str, trade_date: date) -> list[SignalEvent]:
    """The stored events of a book's trade date outside of sweeps, in canonical order, as they were said."""
    rows = await connection.execute(OF_DATE, (namespace, book, trade_date))
    return [_event(book, trade_date, *row) for row in await rows.fetchall()]


def _event(
    book: str,
    trade_date: date,
    event_id: str,
    signal_type: str,
    subject: str,
    event_time: datetime,
    session: str,
    said: dict[str, Any],
    parameter_version: int,
    position: int,
    ordinal: int,
    ingest_time: datetime | None,
) -> SignalEvent:
    return SignalEvent(
        event_id=event_id,
        book=book,
        signal_type=signal_type,
        subject=subject,
        event_time=event_time.astimezone(UTC),
        trade_date=trade_date,
        session=Session(session),
        before=convert(said["before"], Verdict | None),
        after=convert(said["after"], Verdict),
        data=said["data"],
        parameter_version=parameter_version,
        position=position,
        ordinal=ordinal,
        ingest_time=ingest_time and ingest_time.astimezone(UTC),
    )


async def copy_events(connection: AsyncConnection, namespace: str, events: Sequence[SignalEvent]) -> None:
    """Store the events of a run, some ten times faster than `write_events`; what the run had stored before goes."""
    await connection.execute("delete from signal_events where namespace = %s", (namespace,))
    await ensure_months(connection, "signal_events", (event.event_time for event in events))
    await connection.execute(TYPES, (sorted({event.signal_type for event in events}),))
    async with connection.cursor() as cursor, cursor.copy(f"copy signal_events {COLUMNS} from stdin") as copy:
        for event in events:
            await copy.write_row(_row(namespace, event))


def _row(namespace: str, event: SignalEvent) -> tuple[Any, ...]:
    said = {
        "before": event.before,
        "after": event.after,
        "data": event.data,
        "param_version": event.parameter_version,
    }
    return (
        namespace,
        event.lane,
        event.event_id,
        event.event_time,
        event.book,
        event.signal_type,
        event.subject,
        event.trade_date,
        event.session.value,
        event.after.state.value,
        event.after.decision,
        event.after.is_actionable,
        encode(said).decode(),
        event.parameter_version,
        event.position,
        event.ordinal,
        event.ingest_time,
    )
