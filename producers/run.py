"""The producer of one book: from the broker's quotes to `<namespace>.ticks`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from producers.clock import MarketClock
from producers.feeds import FeedMode, Feeds
from producers.kis.client import Credentials, KisClient
from producers.line import Line
from producers.log import Log
from producers.publisher import Publisher
from producers.sessions import Sessions
from producers.status import keep
from producers.tail import AWAY, Tail
from schemas.book import Book, load_book
from schemas.errors import ConfigError
from schemas.parameters import Parameters
from transport.kafka import Kafka, ensure_topics

log = logging.getLogger(__name__)

DRAIN_S = 3.0


@dataclass(frozen=True, slots=True)
class ProducerConfig:
    """Everything a producer is told. `book` as a name or path is read again at each opening."""

    kafka: Kafka
    namespace: str
    book: Book | Path | str
    base_url: str
    ws_url: str
    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)
    token_dir: Path
    feed: FeedMode = "auto"
    speed: float = 1.0  # of the market; replies tell it as well
    status: Path | None = None
    parameters: Parameters = field(default_factory=Parameters)  # version 1, where there is none yet

    def load(self) -> Book:
        return self.book if isinstance(self.book, Book) else load_book(self.book)


async def run(config: ProducerConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Publish until `stop`. Faults of the broker and of Kafka are waited out; raises `ConfigError` for the rest."""
    check(config)
    book = config.load()
    fold = Log(book.name)
    tail = Tail(config.kafka, config.namespace, fold)
    clock = MarketClock(config.speed)
    sessions = Sessions(book.calendar, book.timezone)
    await _begun(config, tail, stop)
    if stop.is_set():
        return
    publisher = Publisher(config.kafka, tail, config.parameters)
    line = Line(clock, sessions, fold, publisher, book, config.load)
    credentials = Credentials(config.app_key, config.app_secret)
    async with KisClient(config.base_url, credentials, config.token_dir, clock) as client:
        feeds = Feeds(client, line, config.ws_url, config.feed)
        work: list[Coroutine[Any, Any, None]] = [publisher.run(), tail.follow()]
        if config.status is not None:
            work.append(keep(config.status, client, line, publisher, feeds))
        writing = [asyncio.create_task(part) for part in work]
        feeding = asyncio.create_task(feeds.run())
        stopping = asyncio.create_task(stop.wait())
        log.info(
            "producing namespace=%s book=%s feed=%s trade_date=%s newest=%s",
            config.namespace, book.name, config.feed, fold.trade_date, fold.last_frame,
        )  # fmt: skip
        ready()
        try:
            done, _ = await asyncio.wait({*writing, feeding, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            await _ended(feeding)
            await publisher.drain(DRAIN_S)
        finally:
            await _ended(feeding, stopping, *writing)
    log.info("stopped frames=%s newest=%s", publisher.frames_sent, fold.last_frame)


def check(config: ProducerConfig) -> None:
    """Refuse what cannot work, before anything is asked of anyone."""
    if config.feed not in get_args(FeedMode):
        raise ConfigError(f"feed: expected one of {', '.join(get_args(FeedMode))}, received {config.feed!r}")
    if not (config.speed > 0):
        raise ConfigError(f"speed: expected a number > 0, received {config.speed!r}")
    if not (config.app_key and config.app_secret):
        raise ConfigError("KIS_APP_KEY, KIS_APP_SECRET: expected both, received none")
    if not config.base_url.startswith(("http://", "https://")):
        raise ConfigError(f"KIS_BASE_URL: expected http://… or https://…, received {config.base_url!r}")
    if not config.ws_url.startswith(("ws://", "wss://")):
        raise ConfigError(f"KIS_WS_URL: expected ws://… or wss://…, received {config.ws_url!r}")


async def _begun(config: ProducerConfig, tail: Tail, stop: asyncio.Event) -> None:
    """Make the topics and read what stands, as soon as Kafka answers."""
    while not stop.is_set():
        try:
            await ensure_topics(config.kafka, config.namespace)
            await tail.begin()
            return
        except AWAY as error:
            log.warning("kafka is awaited reason=%s", error)
            await asyncio.sleep(1)


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
