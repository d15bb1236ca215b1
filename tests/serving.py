"""An API on a port of its own, records for it to read, and a client that reads server-sent events as they come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from msgspec.structs import replace

from api.config import ApiConfig
from api.run import run
from schemas.base import encode
from schemas.catalogue import SignalType, load_catalogue
from schemas.parameters import Parameters
from schemas.quotes import Quote, quote_key
from schemas.signals import DayView, SignalEvent, SignalState, SignalView, Verdict, day_key, event_id, view_key
from schemas.ticks import Frame, FrameBatch, QuoteState, Session, Tick, TickRecord
from schemas.topics import QUOTES, SIGNALS, TICKS, VIEWS, partition_of
from tests.builders import BOOK, TRADE_DATE, at, opening, tick
from tests.support import eventually, free_port
from transport.kafka import Kafka, ensure_topics, make_producer

NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"  # nothing listens there


@dataclass
class Api:
    """A running API. `client` is bound to it."""

    url: str
    config: ApiConfig
    client: httpx.AsyncClient

    async def get(self, path: str, **options: Any) -> Any:
        response = await self.client.get(path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    async def loaded(self) -> None:
        await eventually(lambda: self.health("kafka", "status", "up"))

    async def health(self, part: str, name: str, wanted: Any) -> bool:
        return bool((await self.client.get("/api/health")).json()[part][name] == wanted)


def api_config(kafka: Kafka, namespace: str, **options: Any) -> ApiConfig:
    given = {"kafka": kafka, "namespace": namespace, "database_url": NO_DATABASE, "catalogue": load_catalogue()}
    return ApiConfig(**{**given, "port": free_port(), **options})


@asynccontextmanager
async def serving(config: ApiConfig) -> AsyncIterator[Api]:
    """Run the stage as a process would, until the block ends; then it must have ended within seconds."""
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(run(config, stop, ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        task.result()
    url = f"http://127.0.0.1:{config.port}"
    try:
        async with httpx.AsyncClient(base_url=url, timeout=15) as client:
            yield Api(url, config, client)
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)


class Line:
    """Writes what producers and agents would: records on the topics of a namespace."""

    def __init__(self, kafka: Kafka, namespace: str) -> None:
        self.kafka, self.namespace = kafka, namespace
        self._producer = make_producer(kafka)

    async def __aenter__(self) -> Line:
        await ensure_topics(self.kafka, self.namespace)
        await self._producer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def send(self, topic: Any, key: str, value: bytes | None, partition: int = 0) -> int:
        """Append one record; return its offset."""
        name = topic.name(self.namespace)
        sent = await self._producer.send_and_wait(name, value, key=key.encode(), partition=partition)
        return int(sent.offset)

    async def ticks(self, *records: TickRecord) -> list[int]:
        return [await self.send(TICKS, record.book, encode(record), partition_of(record.book)) for record in records]

    async def frame(self, moment: datetime | None = None, *, ingested: datetime | None = None) -> int:
        """A frame that was read just now."""
        one = Frame(book="us", event_time=moment or at("10:00"), ingest_time=ingested or datetime.now(UTC), ticks=())
        return (await self.ticks(FrameBatch(book="us", frames=(one,))))[0]

    async def open(self, session: Session = Session.REGULAR, **parameters: Any) -> None:
        """Open the trade date on ticks, as the producer does, and send a first frame."""
        await self.ticks(opening(session, **parameters))
        await self.frame()

    async def quote(self, symbol: str, change_pct: float, **options: Any) -> None:
        await self.quotes(quote(symbol, change_pct, **options))

    async def quotes(self, *quotes: Quote) -> None:
        for one in quotes:
            await self.send(QUOTES, quote_key(one.book, one.tick.symbol), encode(one))

    async def views(self, *views: SignalView) -> None:
        for view in views:
            await self.send(VIEWS, view_key(view.book, view.signal_type, view.subject), encode(view))

    async def day(self, **changes: Any) -> None:
        await self.send(VIEWS, day_key("us"), encode(replace(DAY_VIEW, **changes)))

    async def events(self, *messages: SignalEvent | list[SignalEvent]) -> list[str]:
        """Append to signals, a list as one message; return the id that each event gets on a stream."""
        ids = []
        for message in messages:
            events = message if isinstance(message, list) else [message]
            first = events[0]
            offset = await self.send(SIGNALS, view_key(first.book, first.signal_type, first.subject), encode(message))
            ids += [f"{offset}.{n}.{one.event_id[:12]}" for n, one in enumerate(events)]
        return ids


@asynccontextmanager
async def serving_a_day(kafka: Kafka, namespace: str, **options: Any) -> AsyncIterator[Api]:
    """A loaded API over a trade date that was opened just now."""
    async with Line(kafka, namespace) as line:
        await line.open()
    async with serving(api_config(kafka, namespace, **options)) as api:
        await api.loaded()
        yield api


DAY_VIEW = DayView(
    book="us",
    trade_date=TRADE_DATE,
    session=Session.REGULAR,
    opens_at=at("09:30"),
    closes_at=at("16:00"),
    opening_offset=0,
    parameters=Parameters(),
    version=1,
    event_time=at("10:00"),
    position=0,
)


def quote(symbol: str, change_pct: float, *, position: int = 1, at_clock: str = "10:00", **fields: Any) -> Quote:
    """A quote with a base of 100, read just now; `fields` go to its tick."""
    return Quote(
        book="us",
        tick=replace(tick(symbol, change_pct), **fields) if fields else tick(symbol, change_pct),
        event_time=at(at_clock),
        ingest_time=datetime.now(UTC),
        trade_date=TRADE_DATE,
        session=Session.REGULAR,
        position=position,
    )


def missing(symbol: str) -> Quote:
    return replace(quote(symbol, 0), tick=Tick(symbol=symbol, state=QuoteState.MISSING, reason="blank"))


def verdict(decision: str | None = "HOLD", *, actionable: bool = False, by: Iterable[str] = ()) -> Verdict:
    state = SignalState.OK if decision else SignalState.INSUFFICIENT_DATA
    return Verdict(state=state, decision=decision, is_actionable=actionable, suppressed_by=tuple(by))


def event(n: int, signal_type: str = "twin_pairs", subject: str = "coin", after: Verdict | None = None) -> SignalEvent:
    """The n-th edge of a day: each has an event time, hence an id, of its own."""
    moment, after = at("10:00") + timedelta(seconds=n), after or verdict()
    return SignalEvent(
        event_id=event_id("us", signal_type, subject, moment, after, 0),
        book="us",
        signal_type=signal_type,
        subject=subject,
        event_time=moment,
        trade_date=TRADE_DATE,
        session=Session.REGULAR,
        before=None,
        after=after,
        data={"gap": n / 100},
        parameter_version=1,
        position=n,
        ingest_time=moment,
    )


def view(
    signal_type: str, subject: str, said: Verdict | None, data: Mapping[str, Any] | None = None, *, position: int = 1
) -> SignalView:
    raw = {} if said is None else {"state": said.state.value, "is_actionable": said.is_actionable}
    return SignalView(
        book="us",
        signal_type=signal_type,
        subject=subject,
        event_time=at("10:00"),
        trade_date=TRADE_DATE,
        session=Session.REGULAR,
        verdict=said,
        since=at("09:59"),
        data={**raw, **(data or {})},
        parameter_version=1,
        position=position,
    )


@dataclass
class Sse:
    """One server-sent event."""

    event: str
    data: Any
    id: str | None = None


@dataclass
class Reader:
    """Reads a stream in the background; `seen` grows as events come."""

    seen: list[Sse] = field(default_factory=list)
    headers: httpx.Headers | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, *kinds: str) -> list[Sse]:
        return [one for one in self.seen if one.event in kinds]

    def ids(self) -> list[str]:
        return [one.id for one in self.of("signal") if one.id is not None]

    async def status(self, name: str, wanted: object) -> None:
        """Wait until the newest status says so."""
        await eventually(lambda: self.of("status") and self.of("status")[-1].data[name] == wanted, 30)

    async def until(self, kind: str, count: int = 1, timeout_s: float = 15.0) -> list[Sse]:
        await eventually(lambda: len(self.of(kind)) >= count, timeout_s, 0.01)
        return self.of(kind)


@asynccontextmanager
async def listening(
    api: Api, path: str = "/api/stream/prices", last_event_id: str | None = None
) -> AsyncIterator[Reader]:
    """A client of a stream for the length of the block."""
    reader = Reader()
    task = asyncio.create_task(_read(api, path, last_event_id, reader))
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _read(api: Api, path: str, last_event_id: str | None, reader: Reader) -> None:
    headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    try:
        async with (
            httpx.AsyncClient(base_url=api.url, timeout=httpx.Timeout(10, read=30)) as client,
            client.stream("GET", path, headers=headers) as response,
        ):
            assert response.status_code == 200, await response.aread()
            reader.headers = response.headers
            fields: dict[str, str] = {}
            async for line in response.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    if "event" in fields:
                        reader.seen.append(Sse(fields["event"], json.loads(fields["data"]), fields.get("id")))
                    fields = {}
    except httpx.HTTPError:
        pass  # the server went away, as some tests want
    finally:
        reader.ended.set()


def with_signal(*more: SignalType) -> tuple[SignalType, ...]:
    return (*load_catalogue(), *more)


__all__ = ["BOOK", "Api", "Line", "Reader", "Sse", "api_config", "event", "listening", "serving", "view"]
