"""Agents: emit and await the acks, write the table once and await its changelog, then acknowledge the batch.

A crash in between repeats work and loses nothing; the repeat has the same event ids.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import faust
from faust.streams import _current_event
from faust.types.tuples import Message

from processors.consumer import Arrival, by_partition, event_of
from processors.folders import Folder, Said
from processors.outputs import ConfirmedTable, Outputs
from processors.positions import Held, Place, Positions, append_time, kept
from schemas.base import decoder, parse
from schemas.errors import Malformed
from schemas.ticks import End, TickRecord

logger = logging.getLogger(__name__)

TICK_RECORD = decoder(TickRecord)
Take = Callable[[Any], AsyncIterator[list[Arrival]]]


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be folded, and why."""

    message: Message
    reason: str


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch came to."""

    state: Any
    outputs: list[Said]
    bad: list[Bad]
    ended: bool  # the last record of a replay is among them


def make_agent(
    app: faust.App,
    folder: Folder,
    source: faust.Topic,
    take: Take,
    table: ConfirmedTable,
    positions: Positions,
    outputs: Outputs,
    reports_bad: bool,
) -> Any:
    """Give `folder` its own agent and table. Of the agents that see a bad record, the one with `reports_bad` tells."""
    positions.register(folder.name, Held(table, decoder(folder.state_type).decode, folder.initial))

    async def run(stream: Any) -> None:
        async for batch in take(stream):
            for tp, arrivals in by_partition(batch).items():
                place = await positions.place(folder.name, tp)
                fresh = await positions.fresh(place, arrivals)
                if not fresh:
                    continue
                folded = fold(folder, place, fresh)
                if reports_bad:
                    for bad in folded.bad:
                        logger.warning("dead letter %s[%d]@%d %s", *bad.message.tp, bad.message.offset, bad.reason)
                        await outputs.report(
                            folder.name,
                            tp,
                            bad.message.offset,
                            bad.reason,
                            bad.message.key,
                            bad.message.value,
                        )
                await outputs.delivered(folded.outputs)
                newest = fresh[-1].message
                if place.book is not None:
                    if folded.ended:
                        await outputs.ended(folder.name, place.book.decode())
                    with writing_as(event_of(app, newest)):
                        for key, row in folder.rows(folded.state, place.book, folded.ended).items():
                            table[key] = kept(place, row, newest)
                    await table.confirmed()
                place.state, place.position, place.appended_ms = (
                    folded.state,
                    newest.offset,
                    append_time(newest),
                )
            for arrival in batch:
                arrival.message.ack(app.consumer)

    return app.agent(source, name=folder.name)(run)


def fold(folder: Folder, place: Place, arrivals: list[Arrival]) -> Folded:
    """Fold `arrivals` into the state of `place`, setting aside what does not parse. Only `place.book` may be set."""
    state, bad, ended = place.state, [], False
    outputs: list[Said] = []
    for arrival in arrivals:
        if arrival.parsed is None:
            arrival.parsed = parsed(arrival.message)
        record = arrival.parsed
        if not isinstance(record, Malformed) and place.book != record.book.encode():
            record = own_book(place, record, arrival.message)
        if isinstance(record, Malformed):
            bad.append(Bad(arrival.message, str(record)))
            continue
        state, said = folder.fold(state, record, arrival.offset)
        outputs.extend(said)
        ended = ended or type(record) is End
    return Folded(state, outputs, bad, ended)


def parsed(message: Message) -> TickRecord | Malformed:
    """The record in `message`, or what is wrong with it."""
    where = f"{message.topic}[{message.partition}]@{message.offset}"
    try:
        record: TickRecord = parse(TICK_RECORD, message.value, where)
    except Malformed as error:
        return error
    if message.key != record.book.encode():
        return Malformed("key", f"the record's book {record.book!r}", message.key, where)
    return record


def own_book(place: Place, record: TickRecord, message: Message) -> TickRecord | Malformed:
    """A partition carries one book; a second one would have no order of its own."""
    if place.book is None:
        place.book = record.book.encode()
        return record
    where = f"{message.topic}[{message.partition}]@{message.offset}"
    return Malformed("book", f"{place.book.decode()!r}, the partition's book", record.book, where)


@contextmanager
def writing_as(event: faust.Event) -> Iterator[None]:
    """Make `event` the current one: a table write takes its partition from it, and a batch has none."""
    token = _current_event.set(weakref.ref(event))
    try:
        yield
    finally:
        _current_event.reset(token)
