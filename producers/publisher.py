"""The one writer of a book's partition: in order, one batch in flight, newest frame first when the broker was away.

Records of the day are kept in order. Frames wait behind them; while the broker does not answer a newer frame takes the
place of the one that waits, so an outage leaves a gap in time and never a frame out of order. After a failed send the
end of the log is read, since it alone tells whether that send arrived.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from producers.day import Enter, Open
from producers.tail import AWAY, Tail
from producers.waiting import Cut, Opening, Waiting, merged, remaining
from schemas.base import encode
from schemas.book import Book
from schemas.errors import Unavailable
from schemas.parameters import Parameters
from schemas.ticks import Frame, FrameBatch, ParametersChange, SessionRecord
from transport.kafka import Kafka, ensure_topics, make_producer, started

log = logging.getLogger(__name__)

MOST_FRAMES = 128  # in a message
MOST_BYTES = 512 * 1024
SNAPSHOT_EVERY_S = 0.25  # wall
AWAY_AFTER_S = 1.0  # a send without an ack for longer means that the broker is away
STUCK_AFTER_S = 20.0
FIRST_VERSION = 1


class Publisher:
    """Takes records with `open`, `enter` and `frame`, which never wait, and writes them in `run`."""

    def __init__(self, kafka: Kafka, tail: Tail, first_parameters: Parameters) -> None:
        self.newest: Frame | None = None  # the newest frame in the log
        self.frames_sent = 0
        self._kafka, self._tail, self.first_parameters = kafka, tail, first_parameters
        self._key = tail.log.book.encode()
        self._waiting: deque[Waiting] = deque()
        self._work, self._idle = asyncio.Event(), asyncio.Event()
        self._producer: AIOKafkaProducer | None = None
        self._sending_since: float | None = None
        self._snapshot_at = float("-inf")
        self._unread_opening = False  # written, and not yet looked for a change of parameters before it
        self.on_replaced: Callable[[], None] = lambda: None  # another stream stands under the topic's name

    @property
    def away(self) -> bool:
        """Whether the broker is taken to be away."""
        since = self._sending_since
        return since is not None and time.monotonic() - since > AWAY_AFTER_S

    @property
    def backlog(self) -> int:
        return len(self._waiting)

    def open(self, due: Open, registry: Book) -> None:
        self._add(Opening(due, registry))

    def enter(self, due: Enter) -> None:
        self._add(due)

    def frame(self, frame: Frame, *, full: bool) -> None:
        """Queue a frame. Its event time must be beyond every other's."""
        cut = Cut(frame, full)
        crowded = self.away or len(self._waiting) >= 2 * MOST_FRAMES
        if crowded and self._waiting and isinstance(self._waiting[-1], Cut):
            cut = merged(self._waiting.pop(), cut)  # type: ignore[arg-type]
        self._add(cut)

    async def run(self) -> None:
        """Write what comes, for ever."""
        try:
            while True:
                await self._work.wait()
                self._work.clear()
                while self._waiting or self._unread_opening:
                    await self._write()
                self._idle.set()
        finally:
            await self._close()

    async def drain(self, within_s: float | None) -> None:
        """Return when all that waits is written, or after `within_s`."""
        if self._waiting or self._sending_since:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), within_s)

    def _add(self, item: Waiting) -> None:
        self._waiting.append(item)
        self._idle.clear()
        self._work.set()

    async def _write(self) -> None:
        taken: list[Waiting] = []
        self._sending_since = time.monotonic()
        try:
            await self._settle_parameters()
            self._settle_stream()
            if not self._waiting:
                return
            taken = self._take()
            match taken[0]:
                case Opening() as opening:
                    await self._open(opening)
                case Enter(day, session, at):
                    await self._send(
                        SessionRecord(
                            book=self._tail.log.book,
                            trade_date=day.trade_date,
                            session=session,
                            at=at,
                            opens_at=day.opens_at,
                            closes_at=day.closes_at,
                        )
                    )
                    log.info("entered session=%s trade_date=%s", session, day.trade_date)
                case _:
                    await self._send_frames([cut.frame for cut in taken if isinstance(cut, Cut)])
        except AWAY as error:
            log.warning("ticks cannot be written reason=%s", error)
            self._waiting.extendleft(reversed(taken))
            await self._recover()
        finally:
            self._sending_since = None

    async def _settle_parameters(self) -> None:
        """Read an opening back; append again a change of parameters that stood before it and that it did not know."""
        fold = self._tail.log
        if self._unread_opening:
            await self._tail.catch_up()
            self._unread_opening = False
        if (change := fold.slipped) is not None:
            log.info("parameters appended again version=%s replaces=%s", change.version, fold.version)
            await self._send(msgspec.structs.replace(change, replaces=fold.version))
            await self._tail.catch_up()  # which clears `slipped`: this record, or one that came before it, counts

    def _settle_stream(self) -> None:
        """Begin anew when another stream stands under the topic's name: what waits belongs to the old one."""
        if self._tail.replaced.is_set():
            self._tail.replaced.clear()
            self._waiting.clear()
            self.on_replaced()

    def _take(self) -> list[Waiting]:
        """The next record, or the frames that stand next, as many as fit a message."""
        head = self._waiting.popleft()
        taken = [head]
        if not isinstance(head, Cut) or not self._waiting:
            return taken
        size = len(encode(head.frame))
        while self._waiting and isinstance(behind := self._waiting[0], Cut) and len(taken) < MOST_FRAMES:
            size += len(encode(behind.frame)) + 1
            if size > MOST_BYTES:
                break
            taken.append(self._waiting.popleft())
        return taken

    async def _send_frames(self, frames: list[Frame]) -> None:
        now = time.monotonic()
        if now - self._snapshot_at >= SNAPSHOT_EVERY_S or frames[-1].snapshot:
            frames[-1] = msgspec.structs.replace(frames[-1], snapshot=True)
            self._snapshot_at = now
        await self._send(FrameBatch(book=self._tail.log.book, frames=tuple(frames)))
        self.newest = frames[-1]
        self.frames_sent += len(frames)

    async def _open(self, opening: Opening) -> None:
        fold, due = self._tail.log, opening.due
        version = fold.version or FIRST_VERSION
        await self._send(
            SessionRecord(
                book=fold.book,
                trade_date=due.day.trade_date,
                session=due.session,
                at=due.at,
                opens_at=due.day.opens_at,
                closes_at=due.day.closes_at,
                registry=opening.registry,
                parameters=fold.parameters or self.first_parameters,
                version=version,
            )
        )
        self._unread_opening = True
        log.info("opened trade_date=%s session=%s version=%s", due.day.trade_date, due.session, version)

    async def _send(self, record: FrameBatch | SessionRecord | ParametersChange) -> int:
        """Append one record; return its offset when every replica has it."""
        if self._producer is None:
            producer = make_producer(self._kafka)
            await started(producer, self._kafka)
            self._producer = producer
        topic, partition = self._tail.partition
        ack = await self._producer.send(topic, encode(record), key=self._key, partition=partition)
        done, _ = await asyncio.wait({ack}, timeout=STUCK_AFTER_S)
        if not done:
            await self._tail.catch_up()  # returns only when a broker answers, and then an ack is a matter of moments
            done, _ = await asyncio.wait({ack}, timeout=STUCK_AFTER_S / 2)
        if not done:
            raise Unavailable("the broker answers, yet the record is not acknowledged")
        offset: int = ack.result().offset
        return offset

    async def _recover(self) -> None:
        """Wait for the broker, learn from the log what arrived, drop that, go on with a new producer."""
        await self._close()
        while True:
            try:
                await ensure_topics(self._kafka, self._tail.namespace)
                await self._tail.catch_up()
                break
            except AWAY:
                await asyncio.sleep(0.5)
        self._settle_stream()
        self._waiting = deque(remaining(self._waiting, self._tail.log))
        log.info("ticks can be written again newest=%s waiting=%s", self._tail.log.last_frame, len(self._waiting))

    async def _close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        with suppress(TimeoutError, KafkaError, OSError):
            await asyncio.wait_for(producer.stop(), 3)
            return
        with suppress(KafkaError, OSError):  # what it held unsent keeps it from stopping by itself
            await producer.client.close()
