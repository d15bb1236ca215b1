"""Reads a book's partition of `ticks` into its `Log`: at start from where `<book>:#day` stands, then as it grows."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from producers.log import Log
from schemas.base import decoder, parse
from schemas.errors import Malformed, Unavailable
from schemas.signals import DayView, day_key
from schemas.ticks import SessionRecord, TickRecord
from schemas.topics import TICKS, VIEWS, partition_of
from transport.kafka import Kafka, newest_by_key, reading

log = logging.getLogger(__name__)

AWAY = (Unavailable, KafkaError, OSError)  # what reading raises while the broker does not answer
_day = decoder(DayView)
_record = decoder(TickRecord)


class Tail:
    """The reading side of a producer. `replaced` is set when another stream stands under the topic's name."""

    def __init__(self, kafka: Kafka, namespace: str, fold: Log) -> None:
        self.partition = TopicPartition(TICKS.name(namespace), partition_of(fold.book))
        self.namespace, self.log = namespace, fold
        self.replaced = asyncio.Event()
        self._kafka, self._views = kafka, VIEWS.name(namespace)

    async def begin(self) -> None:
        """Read what stands: the trade date's view, then the log from its position on. Raises one of `AWAY`."""
        view = await self._view()
        async with reading(self._kafka, self.partition) as consumer:
            first, end = await self._bounds(consumer)
            if view is not None:
                opening = await self._one(consumer, view.opening_offset) if view.opening_offset >= first else None
                known = opening is None or (
                    isinstance(opening, SessionRecord) and opening.trade_date == view.trade_date
                )
                if view.position < end and known and (opening or view.opening_offset < first):
                    self.log.begin(view, opening.registry if isinstance(opening, SessionRecord) else None)
                else:
                    log.warning("log replaced topic=%s position=%s end=%s", self.partition.topic, view.position, end)
                    self.log.keep_parameters(view)
            await self._read(consumer, max(first, self.log.position + 1), end)

    async def catch_up(self) -> None:
        """Read to the end as of now. Raises one of `AWAY`."""
        async with reading(self._kafka, self.partition) as consumer:
            first, end = await self._bounds(consumer)
            if end <= self.log.position:
                self._replace()
            await self._read(consumer, max(first, self.log.position + 1), end)

    async def follow(self) -> None:
        """Fold in what is appended, by whom ever, for ever."""
        while True:
            try:
                async with reading(self._kafka, self.partition) as consumer:
                    consumer.seek(self.partition, self.log.position + 1)
                    while True:
                        for record in (await consumer.getmany(timeout_ms=1000)).get(self.partition, []):
                            self._fold(record)
            except AWAY as error:
                log.warning("log cannot be followed reason=%s", error)
                await asyncio.sleep(1)

    def _fold(self, record: Any) -> None:
        if record.offset <= self.log.position and record.timestamp > self.log.appended_ms:
            self._replace()
        self.log.apply(record)

    def _replace(self) -> None:
        parameters, version = self.log.parameters, self.log.version
        log.warning("log replaced topic=%s position=%s", self.partition.topic, self.log.position)
        self.log.reset()
        self.log.parameters, self.log.version = parameters, version
        self.replaced.set()

    async def _view(self) -> DayView | None:
        value = (await newest_by_key(self._kafka, self._views)).get(day_key(self.log.book).encode())
        try:
            return parse(_day, value, self._views) if value is not None else None
        except Malformed as error:
            log.warning("view of the day cannot be read reason=%s", error)
            return None

    async def _bounds(self, consumer: AIOKafkaConsumer) -> tuple[int, int]:
        first = (await consumer.beginning_offsets([self.partition]))[self.partition]
        end = (await consumer.end_offsets([self.partition]))[self.partition]
        return first, end

    async def _one(self, consumer: AIOKafkaConsumer, offset: int) -> Any:
        """The value at `offset`, or None when there is none that parses."""
        _, end = await self._bounds(consumer)
        if offset >= end:
            return None
        consumer.seek(self.partition, offset)
        while True:
            fetched = (await consumer.getmany(timeout_ms=500, max_records=1)).get(self.partition, [])
            for record in fetched:
                try:
                    return parse(_record, record.value, "")
                except Malformed:
                    return None

    async def _read(self, consumer: AIOKafkaConsumer, start: int, end: int) -> None:
        consumer.seek(self.partition, start)
        while await consumer.position(self.partition) < end:
            for record in (await consumer.getmany(timeout_ms=500)).get(self.partition, []):
                self._fold(record)
