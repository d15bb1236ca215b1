"""The backtest worker: takes runs one at a time through bars, agents and portfolio, and stores what they came to.

A worker that is killed lets its lease run out, and another begins the run anew under the next attempt, with the same
outcome. Nothing of a run is stored but in the transaction that finishes it.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from processors.portfolio.run import Outcome
from processors.portfolio.signals import Signals
from runtime.backtests import leftovers, snapshots, sweeps
from runtime.backtests.attempt import Attempt, agents, replayed
from runtime.backtests.bars import BarsConfig, Gathered, connected, gather
from runtime.backtests.judged import folded, frozen, judged_by, summary_of
from runtime.backtests.messages import messages_of
from schemas.base import encode
from schemas.book import Book
from schemas.catalogue import SignalType
from schemas.errors import ConfigError, Unavailable
from schemas.runs import RunKind, RunProgress, RunStatus
from schemas.signals import SignalEvent
from schemas.topics import RUNS
from sinks import runs
from sinks.runs import Claim, Superseded
from transport.kafka import Kafka, ensure_topics, make_producer, started, wait_until_ready

logger = logging.getLogger(__name__)

RENEW_EVERY_S = 5.0
POLL_S = 0.25
ATTEMPTS = 3  # that end by an error nobody can explain, before the run is given up


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """One worker. `name` tells people which; `directory` is where its attempts keep their files."""

    kafka: Kafka
    bars: BarsConfig
    book: Book
    catalogue: tuple[SignalType, ...]
    name: str
    directory: Path

    @property
    def world(self) -> str:
        return self.bars.world


class Teller:
    """Tells how far a run is: on the topic `<world>.runs` as it happens, in its row with each renewal of the lease."""

    def __init__(self, producer: AIOKafkaProducer, held: Claim) -> None:
        self._producer, self._held = producer, held
        self.share, self.phase = 0.0, ""
        self._sending: set[asyncio.Task[Any]] = set()

    def __call__(self, share: float, phase: str, message: str = "", status: RunStatus = RunStatus.RUNNING) -> None:
        self.share, self.phase = max(self.share, share), phase
        progress = RunProgress(
            run_id=self._held.run_id,
            world=self._held.world,
            kind=self._held.request.kind,
            status=status,
            attempt=self._held.attempt,
            progress=self.share,
            phase=phase,
            at=datetime.now(UTC),
            message=message,
        )
        topic = RUNS.name(self._held.world)
        task = asyncio.create_task(self._producer.send_and_wait(topic, encode(progress), self._held.run_id.encode(), 0))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def said(self) -> None:
        """Return when all that was told is on the topic, or cannot be."""
        await asyncio.gather(*self._sending, return_exceptions=True)


async def run(config: WorkerConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Take runs until `stop` is set. What other attempts left behind is removed at the start and between runs."""
    await wait_until_ready(config.kafka, timeout_s=120)
    await ensure_topics(config.kafka, config.world, (RUNS,))
    config.directory.mkdir(parents=True, exist_ok=True)
    producer = make_producer(config.kafka)
    await started(producer, config.kafka)
    try:
        await _sweep(config)
        gc.freeze()
        logger.info("ready world=%s worker=%s", config.world, config.name)
        ready()
        while not stop.is_set():
            try:
                async with connected(config.bars.database_url) as connection:
                    async with connection.transaction():
                        await sweeps.deal(connection, config.world)
                    held = await runs.claim(connection, config.world, config.name)
            except Unavailable as error:
                logger.warning("queue away error=%s", error)
                await _pause(stop, error.retry_after_s)
                continue
            if held is None:
                await _pause(stop, POLL_S)
                continue
            await _work(config, producer, held, stop)
            await _sweep(config)
    finally:
        await producer.stop()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


async def _sweep(config: WorkerConfig) -> None:
    try:
        for name in await leftovers.sweep(config.kafka, config.bars.database_url, config.directory):
            logger.info("removed leftovers of %s", name)
    except (Unavailable, KafkaError) as error:
        logger.warning("leftovers stay for now: %s", error)


async def _work(config: WorkerConfig, producer: AIOKafkaProducer, held: Claim, stop: asyncio.Event) -> None:
    """One attempt at a run, to whatever end."""
    tell = Teller(producer, held)
    logger.info("run=%s attempt=%d kind=%s", held.run_id, held.attempt, held.request.kind.value)
    try:
        async with _lease(config, held, tell, stop):
            await _execute(config, held, tell)
        tell(1.0, "done", status=RunStatus.FINISHED)
        logger.info("finished run=%s attempt=%d", held.run_id, held.attempt)
    except Superseded:
        logger.info("given up run=%s attempt=%d: cancelled, or another worker has it", held.run_id, held.attempt)
    except ConfigError as error:
        await _failed(config, held, tell, str(error))
    except asyncio.CancelledError:
        logger.info("stopped run=%s attempt=%d", held.run_id, held.attempt)
        await _returned(config, held)
    except Exception as error:
        logger.exception("broke off run=%s attempt=%d", held.run_id, held.attempt)
        if isinstance(error, Unavailable) and held.attempt < ATTEMPTS:
            await _pause(stop, error.retry_after_s)
        if held.attempt < ATTEMPTS:
            await _returned(config, held)
        else:
            unavailable = isinstance(error, Unavailable)
            await _failed(config, held, tell, str(error) if unavailable else "an error of ours; the log tells more")
    finally:
        await tell.said()


@asynccontextmanager
async def _lease(config: WorkerConfig, held: Claim, tell: Teller, stop: asyncio.Event) -> AsyncIterator[None]:
    """Hold the run while the body works. Losing it raises `Superseded` there; a stop cancels it."""
    task = asyncio.current_task()
    assert task is not None
    lost: list[BaseException] = []

    async def renew() -> None:
        while True:
            await _pause(stop, RENEW_EVERY_S)
            if stop.is_set():
                task.cancel()
                return
            try:
                async with connected(config.bars.database_url) as connection:
                    await runs.renew(connection, held, tell.share)
            except Superseded as error:
                lost.append(error)
                task.cancel()
                return
            except Unavailable as error:
                logger.warning("lease not renewed run=%s error=%s", held.run_id, error)

    renewing = asyncio.create_task(renew())
    try:
        yield
    except asyncio.CancelledError:
        if lost:
            task.uncancel()
            raise lost[0] from None
        raise
    finally:
        renewing.cancel()


async def _execute(config: WorkerConfig, held: Claim, tell: Teller) -> None:
    tell(0.0, "bars")
    async with connected(config.bars.database_url) as connection:
        request = await frozen(connection, config.world, held.run_id, held.request)
    opening = judged_by(config.book, request)
    attempt = Attempt(
        config.kafka, held.namespace, config.book.name, config.catalogue, config.directory / held.namespace
    )
    async with AsyncExitStack() as stack:
        # The agents need more than a second to start; the bars are gathered meanwhile.
        starting = asyncio.create_task(stack.enter_async_context(agents(attempt)))
        try:
            gathered = await gather(
                config.bars, request, config.book, opening.record, lambda share, what: tell(0.2 * share, "bars", what)
            )
            messages = await messages_of(gathered, opening, config.book.name)
        finally:
            worker = await starting
        tell(0.2, "streaming", f"{len(messages)} messages of {gathered.interval} bars")
        signals = Signals()
        events = await replayed(
            attempt,
            worker,
            messages,
            on_progress=lambda share: tell(0.2 + 0.6 * share, "streaming"),
            on_events=signals.extend,
            keep=request.keep_events,
        )
        steps = await snapshots.taken(attempt, messages) if request.step else []
    tell(0.85, "portfolio", f"{len(signals.times)} times with signal events")
    outcomes = await asyncio.to_thread(folded, request, messages, signals, gathered)
    tell(0.95, "storing")
    await _store(config, held, gathered, outcomes, events, steps)


async def _store(
    config: WorkerConfig,
    held: Claim,
    gathered: Gathered,
    outcomes: dict[str, Outcome],
    events: Sequence[SignalEvent],
    steps: list[snapshots.Snapshot],
) -> None:
    request = held.request
    first = next(iter(outcomes.values())).result
    swept = request.kind is RunKind.SHARD
    lanes = {
        lane: (
            request.lanes[lane],
            summary_of(outcome.result),
            {"days": sweeps.day_returns(outcome.result)},
        )
        for lane, outcome in outcomes.items()
        if swept
    }
    async with connected(config.bars.database_url) as connection, connection.transaction():
        await runs.finish(
            connection,
            held,
            summary={"lanes": len(outcomes)} if swept else summary_of(first),
            result=encode({"data_quality": gathered.data_quality()} if swept else first),
            events=events,
            trades=[msgspec.structs.asdict(trade) for outcome in outcomes.values() for trade in outcome.trades],
            lanes=lanes,
        )
        if steps:
            await snapshots.store(connection, held, steps)
        if held.parent is not None:
            await sweeps.settle(connection, config.world, held.parent)


async def _failed(config: WorkerConfig, held: Claim, tell: Teller, sentence: str) -> None:
    logger.warning("failed run=%s: %s", held.run_id, sentence)
    try:
        async with connected(config.bars.database_url) as connection, connection.transaction():
            await runs.fail(connection, held, sentence)
            if held.parent is not None:
                await sweeps.settle(connection, config.world, held.parent)
        tell(tell.share, "done", sentence, RunStatus.FAILED)
    except (Superseded, Unavailable) as error:
        logger.warning("not stored that run=%s failed: %r", held.run_id, error)


async def _returned(config: WorkerConfig, held: Claim) -> None:
    """Give the run back at once; without an answer its lease runs out by itself."""
    try:
        async with connected(config.bars.database_url) as connection:
            await runs.give_back(connection, held)
    except Unavailable:
        return
