"""Sending what agents say, and knowing that the broker has it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import faust
from aiokafka import AIOKafkaProducer
from faust.types import TP

from processors.folders import Output, Picture, Said
from schemas.base import Frozen, encode
from schemas.dead_letters import DeadLetter
from schemas.signals import SignalBatch, SignalEvent, SignalView
from schemas.topics import DEAD_LETTERS, SIGNALS

EVENTS_A_MESSAGE = 250  # about 250 KiB with their data
VIEWS_AFTER_S = 0.005  # by then the edges and quotes of every agent are on their way, and nothing waits for views


@dataclass(slots=True)
class Outputs:
    """The topics of a namespace, seen by agents. One idempotent producer for all of them.

    `packed` sends the edges of a batch in few messages: edges, not ticks, are the cost of a replay.
    """

    producer: AIOKafkaProducer
    namespace: str
    packed: bool = False
    said: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)  # of views, to leave out repeats

    async def delivered(self, outputs: Iterable[Said]) -> None:
        """Send all of `outputs` and return when the broker has them; of current ones only the newest of a key."""
        every: list[Output] = []
        newest: dict[tuple[str, str], Output] = {}
        pictures: dict[int | str, Picture] = {}
        for output in outputs:
            if isinstance(output, Picture):
                # Live the newest picture is enough; a replay shows each step.
                pictures[len(pictures) if self.packed else output.rule.signal_type] = output
            elif output.current:
                newest[output.topic.suffix, output.key] = output
            else:
                every.append(output)
        if self.packed:
            every = list(packed(every))
        sent = await self._sent([*every, *self._news(newest.values())])
        if pictures and not self.packed:
            await asyncio.sleep(VIEWS_AFTER_S)
        for picture in pictures.values():
            views = picture.views()
            sent += await self._sent(views if self.packed else self._news(views))
        if sent:
            await asyncio.gather(*sent)

    async def _sent(self, outputs: Iterable[Output]) -> list[Any]:
        return [
            await self.producer.send(output.topic.name(self.namespace), encode(output.value), output.key.encode(), 0)
            for output in outputs
        ]

    async def ended(self, agent: str, book: str) -> None:
        """Tell that an agent has said all it had to say of a replay; its events are on the log already."""
        end = SignalBatch(book=book, signal_type=agent, end=True)
        await self.delivered([Output(SIGNALS, f"{book}:{agent}", end)])

    def _news(self, outputs: Iterable[Output]) -> Iterator[Output]:
        return (output for output in outputs if self._is_news((output.topic.suffix, output.key), output.value))

    def _is_news(self, place: tuple[str, str], value: Frozen) -> bool:
        """Whether a view says something else than it did; its time and position alone are no news."""
        content: tuple[Any, ...] = (value,)
        if isinstance(value, SignalView):
            content = (value.verdict, value.data, value.parameter_version, value.session, value.trade_date)
        if self.said.get(place) == content:
            return False
        self.said[place] = content
        return True

    async def report(
        self,
        agent: str,
        tp: TP,
        offset: int,
        reason: str,
        key: bytes | None = None,
        value: bytes | None = None,
    ) -> None:
        """Put a record that cannot be used, or the news that some are gone, on the dead letters."""
        letter = DeadLetter(
            topic=tp.topic,
            partition=tp.partition,
            offset=offset,
            reason=reason,
            reported_by=f"processor:{agent}",
            reported_at=datetime.now(UTC),
            key=key,
            value=value,
        )
        topic = DEAD_LETTERS.name(self.namespace)
        await (await self.producer.send(topic, encode(letter), tp.topic.encode(), 0))


def packed(outputs: Iterable[Output]) -> Iterator[Output]:
    """`outputs` with neighbouring events of a book and type in one `SignalBatch`, at most `EVENTS_A_MESSAGE` each."""
    for _, group in groupby(outputs, lambda output: (output.topic.suffix, getattr(output.value, "signal_type", None))):
        members = list(group)
        if not isinstance(members[0].value, SignalEvent):
            yield from members
            continue
        events = [output.value for output in members if isinstance(output.value, SignalEvent)]
        for start in range(0, len(events), EVENTS_A_MESSAGE):
            few = tuple(events[start : start + EVENTS_A_MESSAGE])
            batch = SignalBatch(book=few[0].book, signal_type=few[0].signal_type, events=few)
            yield Output(SIGNALS, f"{batch.book}:{batch.signal_type}", batch)


class ConfirmedTable(faust.Table):  # type: ignore[misc]
    """A Faust table that can tell when its changelog has what was written.

    Stock sends changelog records in the background and gives up waiting for them after 100 ms at a commit.
    """

    logger = logging.getLogger("faust.tables")
    changelog_producer: AIOKafkaProducer
    unconfirmed: list[asyncio.Future[Any]]

    def send_changelog(
        self,
        partition: int | None,
        key: Any,
        value: Any,
        key_serializer: Any = None,
        value_serializer: Any = None,
    ) -> Any:
        """Send one record; `confirmed` returns when the broker has it."""
        sending = asyncio.ensure_future(
            self.changelog_producer.send_and_wait(self.changelog_topic.get_topic_name(), value, key, partition)
        )
        self.unconfirmed.append(sending)
        return _Sent(partition)

    async def confirmed(self) -> None:
        """Return when every write so far is on the changelog."""
        waiting, self.unconfirmed = self.unconfirmed, []
        await asyncio.gather(*waiting)


class _Sent:
    """What `Table.on_key_set` reads of the future that stock returns."""

    def __init__(self, partition: int | None) -> None:
        self.message = self
        self.partition = partition
