"""Dead letters by hand: which of them may go back onto their topic, and why the others may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiokafka import TopicPartition
from psycopg import AsyncConnection, OperationalError
from psycopg.errors import UndefinedTable

from runtime.configs import database_url_of
from runtime.settings import Settings
from schemas.base import decoder, parse
from schemas.dead_letters import DeadLetter
from schemas.errors import ConfigError, Malformed
from schemas.quotes import Bar
from schemas.signals import SignalEvent
from schemas.ticks import ParametersChange, TickRecord
from schemas.topics import BARS, DEAD_LETTERS, SIGNALS, TICKS, partition_of
from sinks.dead_letters import note_reinjected
from transport.kafka import Kafka, make_producer, read_to_end, started

_LETTER = decoder(DeadLetter)
_READERS = {SIGNALS.suffix: decoder(SignalEvent), BARS.suffix: decoder(Bar)}
_TICK_RECORD = decoder(TickRecord)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`partition` to put it back on; None: it stays, for `reason`."""

    partition: int | None
    reason: str


def judge(letter: DeadLetter, namespace: str) -> Verdict:
    """Whether `letter` may go back. What still does not parse would only come back again."""
    suffix = letter.topic.removeprefix(f"{namespace}.")
    if letter.value is None:
        return Verdict(None, "it carries no value")
    if suffix == TICKS.suffix:
        return _judge_tick(letter.value)
    if suffix not in _READERS:
        return Verdict(None, f"only signals, bars and parameters go back; the next value on {suffix} replaces this one")
    try:
        parse(_READERS[suffix], letter.value, place(letter))
    except Malformed as error:
        return Verdict(None, f"it still does not parse: {error}")
    return Verdict(0, "its readers drop what they have already")


def _judge_tick(value: bytes) -> Verdict:
    try:
        record = _TICK_RECORD.decode(value)
    except Exception:  # whatever is wrong with it, it is no parameter change
        return Verdict(None, "a tick's place in the order is gone")
    if not isinstance(record, ParametersChange):
        return Verdict(None, "a tick's place in the order is gone")
    return Verdict(partition_of(record.book), f"it counts if version {record.replaces} is still in force")


def place(letter: DeadLetter) -> str:
    """Where a letter came from, like ``live.ticks[2]@1841``."""
    return f"{letter.topic}[{letter.partition}]@{letter.offset}"


async def letters(kafka: Kafka, namespace: str) -> AsyncIterator[DeadLetter]:
    """The dead letters of a namespace, each place once, oldest first."""
    seen: set[str] = set()
    async for record in read_to_end(kafka, TopicPartition(DEAD_LETTERS.name(namespace), 0)):
        try:
            letter: DeadLetter = parse(_LETTER, record.value, f"{record.topic}[{record.partition}]@{record.offset}")
        except Malformed:  # whoever wrote it is not one of ours
            continue
        if place(letter) not in seen:
            seen.add(place(letter))
            yield letter


async def put_back(kafka: Kafka, letter: DeadLetter, partition: int) -> int:
    """Send the bytes of `letter` again; return the new offset once the broker has it."""
    producer = make_producer(kafka)
    await started(producer, kafka)
    try:
        sent = await producer.send_and_wait(letter.topic, letter.value, key=letter.key, partition=partition)
        return int(sent.offset)
    finally:
        await producer.stop()


async def noted(settings: Settings, namespace: str, letter: DeadLetter) -> str | None:
    """Note in the database that `letter` was put back; None when that is done, else why it is not."""
    try:
        async with await AsyncConnection.connect(database_url_of(settings), connect_timeout=3) as connection:
            stored = await note_reinjected(connection, namespace, letter)
    except ConfigError as error:
        return str(error)
    except OperationalError as error:
        return f"it does not answer ({str(error).splitlines()[0]})"
    except UndefinedTable:
        stored = False
    return None if stored else "the sink has not stored this letter yet"
