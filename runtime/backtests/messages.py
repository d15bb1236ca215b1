"""A run's records as messages of ticks: many frames each, the last one an `End`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runtime.backtests.bars import Gathered
from runtime.backtests.judged import JudgedBy
from schemas.base import encode
from schemas.errors import ConfigError
from schemas.ticks import End, Frame, FrameBatch, ParametersChange, SessionRecord, TickRecord

MOST_FRAMES = 128
MOST_BYTES = 512 * 1024


async def messages_of(gathered: Gathered, judged: JudgedBy, book: str) -> list[bytes]:
    """All messages of a run, encoded. Raises `ConfigError` when there is not a single frame."""
    messages: list[bytes] = []
    frames = 0
    async for day in gathered.records():
        records = list(adapted(day.records, judged))
        frames += sum(len(record.frames) for record in records if isinstance(record, FrameBatch))
        messages.extend(encode(record) for record in packed(records))
    if not frames:
        first, last = gathered.days[0].trade_date, gathered.days[-1].trade_date
        raise ConfigError(
            f"no bars of {gathered.interval} between {first} and {last}; `ptj bars coverage` shows what is there"
        )
    return [*messages, encode(End(book=book))]


def adapted(records: Iterable[TickRecord], judged: JudgedBy) -> Iterator[TickRecord]:
    """`records` under the parameters of the run; where it asks for none, a day's own changes stay."""
    for record in records:
        if isinstance(record, SessionRecord) and record.registry is not None:
            yield judged.given(record)
        elif not (isinstance(record, ParametersChange) and (judged.asked or judged.lanes)):
            yield record


def packed(records: Iterable[TickRecord]) -> Iterator[TickRecord]:
    """`records` with neighbouring frames in one message; nothing that a rule says depends on it."""
    waiting: list[Frame] = []
    size = 0

    def flushed() -> Iterator[TickRecord]:
        nonlocal waiting, size
        if waiting:
            yield FrameBatch(book=waiting[0].book, frames=tuple(waiting))
        waiting, size = [], 0

    for record in records:
        if not isinstance(record, FrameBatch):
            yield from flushed()
            yield record
            continue
        if len(record.frames) >= MOST_FRAMES // 2:
            yield from flushed()
            yield record
            continue
        bytes_each = len(encode(record.frames[0])) if record.frames else 0
        for frame in record.frames:
            if len(waiting) >= MOST_FRAMES or size + bytes_each > MOST_BYTES:
                yield from flushed()
            waiting.append(frame)
            size += bytes_each
    yield from flushed()
