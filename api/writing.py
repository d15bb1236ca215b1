"""Single records to a topic: parameter changes and dead letters. Rare, so each brings a producer of its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiokafka.errors import KafkaError

from schemas.errors import Unavailable
from transport.kafka import Kafka, make_producer, started


async def append(kafka: Kafka, topic: str, key: bytes, value: bytes, partition: int, *, timeout_s: float = 5.0) -> int:
    """Write one record and return its offset. Raises `Unavailable` when Kafka does not take it in time.

    The producer lives for this record only, so nothing waits in a buffer to be written after the caller gave up.
    """
    producer = make_producer(kafka, request_timeout_ms=round(timeout_s * 1000))
    try:
        async with asyncio.timeout(timeout_s):
            await started(producer, kafka)
            sent = await producer.send_and_wait(topic, value, key=key, partition=partition)
            return int(sent.offset)
    except (TimeoutError, KafkaError) as error:
        raise Unavailable(f"Kafka did not take the record within {timeout_s:g} s: {error}") from None
    finally:
        with suppress(TimeoutError, KafkaError):
            async with asyncio.timeout(1.0):
                await producer.stop()
