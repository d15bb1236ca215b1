"""What a reader should say or do about its own progress: history lost, a backlog gone, standing still."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.errors import Unavailable

log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 10.0
CHECK_AFTER_S = 15.0  # of silence: does the log grow while we read nothing?
BACKLOG = 500  # records behind, from which catching up is worth a line


def foreign_cancellation() -> bool:
    """Whether a `CancelledError` came out of a library: nobody has cancelled the task that meets it.

    A task group takes such a task for one that ended as it was told, and the process would go on without it.
    """
    task = asyncio.current_task()
    return task is not None and not task.cancelling()


class Watch:
    """Looks at one consumer; told of each batch and of each silence."""

    def __init__(self, group: str, consumer: AIOKafkaConsumer) -> None:
        self._group, self._consumer = group, consumer
        self._next: dict[TopicPartition, int] = {}  # where reading goes on
        self._behind_since: float | None = None
        self._caught_up = 0  # records since then
        self._heard_at = asyncio.get_running_loop().time()
        self._stood_at: dict[TopicPartition, int] = {}

    async def received(self, records: Sequence[Any]) -> None:
        """Before a batch is stored: a line where the log does not go on where reading ended.

        Retention was faster, or another log stands under the same name.
        """
        self._heard_at, self._stood_at = asyncio.get_running_loop().time(), {}
        first: dict[TopicPartition, int] = {}
        for record in records:
            first.setdefault(TopicPartition(record.topic, record.partition), record.offset)
        for at, offset in first.items():
            expected = self._next.get(at)
            if expected is None:
                try:
                    async with asyncio.timeout(ANSWER_TIMEOUT_S):
                        expected = await self._consumer.committed(at)
                except TimeoutError:
                    continue
            if expected is not None and offset > expected:
                log.warning("history lost place=%s expected=%d first=%d", _named(at), expected, offset)
            elif expected is not None and at in self._next and offset < expected:
                log.info("reading again place=%s from=%d", _named(at), offset)

    def stored(self, records: Sequence[Any]) -> None:
        """After a batch is stored: one line when a backlog is gone, none per batch."""
        for record in records:
            self._next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        clock = asyncio.get_running_loop()
        behind = 0
        for at in self._consumer.assignment():
            newest = self._consumer.highwater(at)
            if newest is not None and at in self._next:
                behind += newest - self._next[at]
        if self._behind_since is None:
            if behind < BACKLOG:
                return
            self._behind_since, self._caught_up = clock.time(), 0
        self._caught_up += len(records)
        if behind == 0:
            took_s = clock.time() - self._behind_since
            log.info("backlog gone group=%s records=%d took_s=%.1f", self._group, self._caught_up, took_s)
            self._behind_since = None

    async def silence(self) -> None:
        """After a silence ask the broker itself: a log that grew past a reader that heard nothing ends its life."""
        clock = asyncio.get_running_loop()
        if clock.time() - self._heard_at < CHECK_AFTER_S:
            return
        self._heard_at = clock.time()
        assigned = list(self._consumer.assignment())
        if not assigned:
            return
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                ends = await self._consumer.end_offsets(assigned)
                stands = {at: await self._consumer.position(at) for at in assigned}
        except TimeoutError:
            raise Unavailable("the broker does not tell the ends of its logs") from None
        behind = {at: stands[at] for at in assigned if ends[at] > stands[at]}
        stuck = [f"{_named(at)}@{offset}" for at, offset in behind.items() if self._stood_at.get(at) == offset]
        if stuck:
            raise Unavailable(f"the reader stands still at {', '.join(stuck)}")
        self._stood_at = behind


def _named(at: TopicPartition) -> str:
    return f"{at.topic}[{at.partition}]"
