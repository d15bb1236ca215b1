"""One consumer per process, without a group: it reads what there is, then follows, and outlives Kafka's absence."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from api.config import ApiConfig
from api.hub import Hub
from api.progress import Board
from api.state import FrameTimes, Live, newest_frame
from api.wire import START, EventId, events_of, places
from api.writing import append
from schemas.base import encode
from schemas.dead_letters import DeadLetter
from schemas.errors import Unavailable
from schemas.quotes import Bar, Quote
from schemas.runs import RunProgress
from schemas.signals import DayView, SignalView, day_key
from schemas.ticks import ParametersChange, SessionRecord, TickRecord
from schemas.topics import BARS, DEAD_LETTERS, QUOTES, RUNS, SIGNALS, TICKS, VIEWS, partition_of
from transport.kafka import ensure_topics, reading

log = logging.getLogger(__name__)

BATCH = 1000  # records applied before clients get a turn
LOAD_SILENCE_S = 10.0  # nothing came for this long while loading: start over
STEPS_BACK = 5000  # steps of runs read back at the start
BACK = 200  # signal events read back at the start, so that a snapshot can show the newest
FRAMES = b'{"kind":"frames"'  # how such a record begins: only the newest of a batch is decoded

_ticks = msgspec.json.Decoder(TickRecord)
_quote = msgspec.json.Decoder(Quote)
_view = msgspec.json.Decoder(SignalView)
_day = msgspec.json.Decoder(DayView)
_bar = msgspec.json.Decoder(Bar)
_progress = msgspec.json.Decoder(RunProgress)


class Tail:
    """Keeps `live` true and tells `hub` what changed. `positions`: next offset by topic suffix."""

    def __init__(self, config: ApiConfig, live: Live, hub: Hub, board: Board) -> None:
        self._config, self._live, self._hub, self._board = config, live, hub, board
        self._book = live.book.name
        self._key = self._book.encode()
        self._tps = {
            topic.suffix: TopicPartition(
                topic.name(config.namespace), partition_of(self._book) if topic is TICKS else 0
            )
            for topic in (TICKS, SIGNALS, VIEWS, QUOTES, BARS, RUNS)
        }
        self._take: dict[str, Callable[[list[Any]], None]] = {
            "ticks": self._take_ticks,
            "signals": self._take_signals,
            "views": self._take_views,
            "quotes": self._take_quotes,
            "bars": self._take_bars,
            "runs": self._take_runs,
        }
        self.positions: dict[str, int] = {}
        self.day_position: int | None = None
        self.log_id = 0  # counted up when the log turns out to be another one
        self.outcomes: dict[str, asyncio.Future[bool]] = {}  # request_id of a parameter change: did it win?
        self.readers = asyncio.Semaphore(8)  # clients that read missed events at the same time
        self._reported: set[tuple[str, int]] = set()
        self._reports: set[asyncio.Task[None]] = set()

    @property
    def book(self) -> str:
        return self._book

    @property
    def signals(self) -> TopicPartition:
        return self._tps["signals"]

    async def run(self) -> None:
        """Follow the topics for ever. While Kafka is away the API answers with what it has and says so."""
        pause = 0.2
        while True:
            try:
                await ensure_topics(self._config.kafka, self._config.namespace)
                # Offsets that are gone raise instead of jumping: another log under the same name must not go unseen.
                async with reading(self._config.kafka, *self._tps.values(), auto_offset_reset="none") as consumer:
                    self._hold(consumer)
                    await self._load(consumer)
                    pause = 0.2
                    self._kafka(up=True)
                    await self._follow(consumer)
            except (Unavailable, KafkaError, OSError, TimeoutError) as error:
                self._kafka(up=False, why=error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)

    def _kafka(self, *, up: bool, why: Exception | None = None) -> None:
        if up != self._live.kafka_up:
            if up:
                log.info("kafka.up namespace=%s signals=%s", self._config.namespace, self.positions["signals"])
            else:
                log.warning("kafka.down namespace=%s reason=%s", self._config.namespace, why)
            self._live.kafka_up = up
            self._hub.status()

    # Loading.

    def _hold(self, consumer: AIOKafkaConsumer) -> None:
        """Nothing is fetched until asked for; a position of our own keeps aiokafka from looking for one."""
        for tp in self._tps.values():
            consumer.seek(tp, 0)
        consumer.pause(*self._tps.values())

    async def _load(self, consumer: AIOKafkaConsumer) -> None:
        live, tps = self._live, self._tps
        async with asyncio.timeout(LOAD_SILENCE_S):
            begins = await consumer.beginning_offsets(list(tps.values()))
            ends = await consumer.end_offsets(list(tps.values()))
        begin = {suffix: begins[tp] for suffix, tp in tps.items()}
        end = {suffix: ends[tp] for suffix, tp in tps.items()}
        again = live.loaded
        if not again:  # what an attempt before this one had read is not all there is
            live.forget()
            self.positions.clear()
        same = again and await self._same_log(consumer, begin, end)
        if again and not same:
            log.warning("log.replaced namespace=%s", self._config.namespace)
            live.forget()
            self.positions.clear()
            self.log_id += 1

        quotes = await self._newest(consumer, "quotes", begin["quotes"], end["quotes"])
        views = await self._newest(consumer, "views", begin["views"], end["views"])
        day = views.pop(day_key(self._book).encode(), None)
        if not same:
            if day is not None:
                await self._start_day(consumer, day, begin["ticks"], end["ticks"])
            # Without a view of the day the log is read from its start, so that no change of parameters is missed.
            start = begin["ticks"] if self.day_position is None else self.day_position + 1
            self.positions["ticks"] = min(max(start, begin["ticks"]), end["ticks"])
            await self._newest_events(consumer, begin["signals"], end["signals"])
            self.positions["bars"] = max(begin["bars"], end["bars"] - 1)
            await self._ticks_to_end(consumer, end["ticks"])
        if again and not same:
            self._hub.forget()
        self._take_quotes(list(quotes.values()))
        self._take_views(list(views.values()))
        live.loaded = True
        self._hub.loaded.set()
        if again and not same:
            self._hub.reset("the log was replaced")
        self._start_runs(begin["runs"], end["runs"])
        for suffix, tp in tps.items():
            consumer.seek(tp, self.positions[suffix])
        consumer.resume(*tps.values())

    def _start_runs(self, begin: int, end: int) -> None:
        at = self.positions.get("runs", end + 1)
        if at > end:  # nothing was read yet, or of another topic under the same name
            self._board.forget()
            at = end - STEPS_BACK
        self.positions["runs"] = max(at, begin)

    async def _same_log(self, consumer: AIOKafkaConsumer, begin: dict[str, int], end: dict[str, int]) -> bool:
        """Whether our positions still mean what they meant, so that reading may go on from them."""
        if any(
            not begin[suffix] <= at <= end[suffix]
            for suffix, at in self.positions.items()
            if suffix in ("ticks", "signals")
        ):
            return False
        newest = self._live.newest
        if newest == START or newest.offset < begin["signals"]:
            return newest == START
        found = await self._read(consumer, "signals", newest.offset, newest.offset + 1)
        return bool(found) and any(at == newest for at, _ in self._events(found[0]))

    async def _read(self, consumer: AIOKafkaConsumer, suffix: str, start: int, end: int) -> list[Any]:
        """The records of one topic in [start, end)."""
        return [record async for batch in self._batches(consumer, suffix, start, end) for record in batch]

    async def _batches(self, consumer: AIOKafkaConsumer, suffix: str, start: int, end: int) -> AsyncIterator[list[Any]]:
        tp = self._tps[suffix]
        consumer.seek(tp, start)
        consumer.resume(tp)
        try:
            while await consumer.position(tp) < end:
                fetched = await consumer.getmany(tp, timeout_ms=round(LOAD_SILENCE_S * 1000), max_records=BATCH)
                if not fetched:
                    raise Unavailable(f"{tp.topic}: nothing came for {LOAD_SILENCE_S:g} s while loading")
                yield [record for record in fetched[tp] if record.offset < end]
        finally:
            consumer.pause(tp)

    async def _newest(self, consumer: AIOKafkaConsumer, suffix: str, start: int, end: int) -> dict[bytes, Any]:
        """The newest record of each key of a compacted topic, tombstones left out."""
        newest: dict[bytes, Any] = {}
        for record in await self._read(consumer, suffix, start, end):
            newest[record.key] = record
        self.positions[suffix] = end
        return {key: record for key, record in newest.items() if record.value is not None}

    async def _start_day(self, consumer: AIOKafkaConsumer, record: Any, begin: int, end: int) -> None:
        day = self._decoded(_day, record)
        if day is None or day.position >= end:  # beyond the end: of another log under the same name
            self.day_position = None
            return
        self._live.start_from(day)
        self.day_position = day.position
        if begin <= day.opening_offset < end:
            for opening in await self._read(consumer, "ticks", day.opening_offset, day.opening_offset + 1):
                found = self._decoded(_ticks, opening)
                if isinstance(found, SessionRecord) and found.registry is not None:
                    self._live.book = found.registry

    async def _newest_events(self, consumer: AIOKafkaConsumer, begin: int, end: int) -> None:
        """The newest events of `signals`, further back when what stands at the end does not parse."""
        start, back = end, BACK
        while self._live.newest == START and start > begin:
            start, upto = max(begin, start - back), start
            for record in await self._read(consumer, "signals", start, upto):
                for at, event in self._events(record):
                    self._live.take_event(at, event)
            back *= 4
        self.positions["signals"] = end

    async def _ticks_to_end(self, consumer: AIOKafkaConsumer, end: int) -> None:
        start = self.positions["ticks"]
        if start >= end > 0:
            start = end - 1  # the newest frame tells the feed's age
        async for batch in self._batches(consumer, "ticks", start, end):
            self._take_ticks(batch)

    # Following.

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        suffixes = {tp: suffix for suffix, tp in self._tps.items()}
        order = list(suffixes)  # ticks, signals, views: an edge before its picture
        since = time.time() * 1000
        while True:
            fetched = await consumer.getmany(timeout_ms=1000, max_records=BATCH)
            for tp in sorted(fetched, key=order.index):
                self._take[suffixes[tp]](fetched[tp])
            self._live.ticks_end = consumer.highwater(self._tps["ticks"])
            self._check_pulse(consumer, since)
            if fetched:
                await asyncio.sleep(0)  # under load fetches never wait, and clients must get their turn

    def _check_pulse(self, consumer: AIOKafkaConsumer, since: float) -> None:
        """aiokafka retries for ever without a word; the time of the last answer tells that Kafka is away."""
        for suffix, tp in self._tps.items():
            heard = max(since, consumer.last_poll_timestamp(tp) or 0)
            if time.time() * 1000 - heard > self._config.kafka_silence_s * 1000:
                raise Unavailable(f"no answer from Kafka for {self._config.kafka_silence_s:g} s")
            end = consumer.highwater(tp)
            if end is not None and end < self.positions[suffix]:
                raise Unavailable(f"{tp.topic} ends at {end}, before our position {self.positions[suffix]}")

    def _take_ticks(self, records: list[Any]) -> None:
        if not records:
            return
        frame: FrameTimes | None = None
        for record in reversed(records):
            if record.key == self._key and record.value and record.value.startswith(FRAMES):
                frame = self._attempt(newest_frame, record)
                if frame is not None:
                    break
        changed = configured = False
        for record in records:
            if record.key != self._key or (record.value and record.value.startswith(FRAMES)):
                continue
            found = self._decoded(_ticks, record)
            if isinstance(found, ParametersChange):
                won = self._live.take_parameters(found)
                configured |= won
                waiting = self.outcomes.get(found.request_id)
                if waiting is not None and not waiting.done():
                    waiting.set_result(won)
            elif isinstance(found, SessionRecord):
                before = self._live.version
                changed |= self._live.take_session(found)
                configured |= self._live.version != before
        if frame is not None:
            self._live.take_frame(frame)
        self.positions["ticks"] = max(self.positions["ticks"], records[-1].offset + 1)
        if configured:
            self._hub.config()
        if changed:
            self._hub.status()

    def _take_signals(self, records: list[Any]) -> None:
        events: list[tuple[EventId, Any]] = []
        for record in records:
            events += self._events(record)
        for at, event in events:
            self._live.take_event(at, event)
        self.positions["signals"] = records[-1].offset + 1
        self._hub.events(events)

    def _take_quotes(self, records: list[Any]) -> None:
        newest = {record.key: record for record in records}
        quotes = [quote for record in newest.values() if (quote := self._mine(_quote, record)) is not None]
        for quote in quotes:
            self._live.take_quote(quote)
        self._moved("quotes", records)
        self._hub.show([quote.tick.symbol for quote in quotes], [])

    def _take_views(self, records: list[Any]) -> None:
        newest = {record.key: record for record in records}
        day = newest.pop(day_key(self._book).encode(), None)
        if day is not None and (found := self._decoded(_day, day)) is not None:
            self.day_position = found.position
        views = [view for record in newest.values() if (view := self._mine(_view, record)) is not None]
        for view in views:
            self._live.take_view(view)
        self._moved("views", records)
        self._hub.show([], [f"{view.signal_type}:{view.subject}" for view in views])

    def _take_bars(self, records: list[Any]) -> None:
        bar = self._mine(_bar, records[-1])
        if bar is not None:
            self._live.bars_position = bar.position
        self._moved("bars", records)

    def _take_runs(self, records: list[Any]) -> None:
        for record in records:
            progress = self._decoded(_progress, record)
            if progress is not None:
                self._board.take(record.offset, progress)
        self._moved("runs", records)

    def _moved(self, suffix: str, records: Iterable[Any]) -> None:
        self.positions[suffix] = max([self.positions[suffix], *(record.offset + 1 for record in records)])

    # Decoding.

    def _events(self, record: Any) -> list[tuple[EventId, Any]]:
        return places(record.offset, self._attempt(events_of, record) or [], self._book)

    def _mine(self, decoder: msgspec.json.Decoder[Any], record: Any) -> Any:
        """The decoded value when it is of our book, else None."""
        if record.value is None:
            return None
        found = self._decoded(decoder, record)
        return found if found is not None and found.book == self._book else None

    def _decoded(self, decoder: msgspec.json.Decoder[Any], record: Any) -> Any:
        return self._attempt(decoder.decode, record)

    def _attempt(self, decode: Callable[[bytes], Any], record: Any) -> Any:
        """`decode(value)`, or None when it does not parse: then it is reported and the stream goes on."""
        try:
            return decode(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError, TypeError, RecursionError) as error:
            self._report(record, str(error))
            return None

    def _report(self, record: Any, reason: str) -> None:
        place = (record.topic, record.offset)
        if place in self._reported or len(self._reported) > 10_000:
            return
        self._reported.add(place)
        log.warning("record.malformed at=%s[%d]@%d reason=%s", record.topic, record.partition, record.offset, reason)
        task = asyncio.get_running_loop().create_task(self._bury(record, reason))
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)

    async def _bury(self, record: Any, reason: str) -> None:
        letter = DeadLetter(
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=reason,
            reported_by="api",
            reported_at=datetime.now(UTC),
            key=record.key,
            value=record.value,
        )
        try:
            name = DEAD_LETTERS.name(self._config.namespace)
            await append(self._config.kafka, name, record.topic.encode(), encode(letter), 0)
        except Unavailable as error:
            log.warning("dead_letter.failed at=%s@%d reason=%s", record.topic, record.offset, error)
