"""A run from the queue to its end, as whoever asked for it sees it.

The row is what counts; the topic `<world>.runs` tells what happens between two renewals of its lease, where it can be
read.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import msgspec
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from runtime.report.stored import Row, opened, queue_of, row_of
from schemas.errors import ConfigError, Unavailable
from schemas.runs import RunProgress, RunStatus
from schemas.topics import RUNS
from transport.kafka import Kafka, reading

POLL_S = 0.2
PATIENCE_S = 60.0  # with a database that is away: the run itself goes on
LONELY_S = 10.0  # without a worker until that is said

OnStep = Callable[[float, str], None]  # share done, phase in words

PHASES = {"bars": "fetching bars", "streaming": "streaming", "portfolio": "folding the portfolio", "storing": "storing"}
ALONE = "no worker has taken it yet; `ptj ps` shows whether one runs"


async def followed(database_url: str, kafka: Kafka | None, world: str, run_id: str, on_step: OnStep) -> Row:
    """Return the run's row when it has ended. Raises `Unavailable` when the database stays away."""
    clock = asyncio.get_running_loop().time
    newest: dict[str, RunProgress] = {}
    news = asyncio.Event()
    began = heard = clock()
    async with _listening(kafka, world, run_id, newest, news):
        while True:
            try:
                async with opened(database_url) as connection:
                    while True:
                        row = await row_of(connection, world, run_id)
                        heard = clock()
                        if row is None:
                            raise ConfigError(f"run {run_id}: expected it in the queue, somebody removed it")
                        if row.is_over:
                            return row
                        if row.status is RunStatus.REQUESTED:
                            ahead, busy = await queue_of(connection, world, run_id)
                            on_step(0.0, _waiting(ahead, busy, clock() - began))
                        else:
                            on_step(*_where(row, newest.get(run_id)))
                        news.clear()
                        with suppress(TimeoutError):
                            await asyncio.wait_for(news.wait(), POLL_S)
            except Unavailable as error:
                if clock() - heard > PATIENCE_S:
                    raise Unavailable(f"{error}; the run goes on: `ptj runs show {run_id}` when it is back") from None
                on_step(0.0, "the database is away, the run goes on")
                await asyncio.sleep(error.retry_after_s)


def _waiting(ahead: int, busy: int, waited_s: float) -> str:
    if ahead or busy:
        return f"waiting, {ahead + busy} before it"
    return ALONE if waited_s > LONELY_S else "waiting for a worker"


def _where(row: Row, told: RunProgress | None) -> tuple[float, str]:
    if told is None or told.attempt != row.attempt:
        return row.progress, "running" if row.attempt < 2 else f"running, attempt {row.attempt}"
    phase = PHASES.get(told.phase, told.phase)
    return max(told.progress, row.progress), f"{phase}: {told.message}" if told.message else phase


@asynccontextmanager
async def _listening(
    kafka: Kafka | None, world: str, run_id: str, newest: dict[str, RunProgress], news: asyncio.Event
) -> AsyncIterator[None]:
    """Keep the newest progress of the run as long as the body lasts; without Kafka nothing is lost but detail."""
    if kafka is None:
        yield
        return
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # the row is what counts
    task = asyncio.create_task(_listen(kafka, world, run_id, newest, news))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(kafka: Kafka, world: str, run_id: str, newest: dict[str, RunProgress], news: asyncio.Event) -> None:
    partition = TopicPartition(RUNS.name(world), 0)
    decoder = msgspec.json.Decoder(RunProgress)
    with suppress(KafkaError, OSError, Unavailable):
        async with reading(kafka, partition) as consumer:
            await consumer.seek_to_end(partition)
            while True:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        if record.key == run_id.encode():
                            with suppress(msgspec.MsgspecError):
                                newest[run_id] = told = decoder.decode(record.value)
                                if told.status is not RunStatus.RUNNING:
                                    news.set()  # the row says it by now
