"""The streams: a snapshot or exactly what was missed, then live, without a gap, a repeat or a change of order."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from msgspec.structs import replace

from schemas.signals import SignalEvent
from schemas.ticks import Session
from schemas.topics import SIGNALS
from tests.builders import BOOK, session
from tests.conftest import OwnKafka
from tests.serving import Api, Line, Reader, api_config, event, listening, quote, serving, verdict, view
from tests.support import eventually
from transport.kafka import Kafka, admin

SIGNALS_PATH = "/api/stream/signals"


@pytest.fixture
async def line(kafka: Kafka, namespace: str) -> AsyncIterator[Line]:
    async with Line(kafka, namespace) as line:
        await line.open()
        yield line


@pytest.fixture
async def api(line: Line) -> AsyncIterator[Api]:
    async with serving(api_config(line.kafka, line.namespace, status_interval_s=0.3)) as api:
        await api.loaded()
        yield api


async def test_a_new_client_gets_a_snapshot_and_then_what_happens(api: Api, line: Line) -> None:
    await line.quotes(*(quote(symbol, 1.0) for symbol in BOOK.symbols))
    await line.views(view("gold", "GLD", verdict("clear:pending"), {"change_pct": 1.0}))
    (first,) = await line.events(event(1))
    await eventually(lambda: _clean(api))
    async with listening(api) as reader:
        (snapshot,) = await reader.until("snapshot")
        assert reader.headers is not None
        assert reader.headers["content-type"].startswith("text/event-stream")
        assert reader.headers["x-accel-buffering"] == "no"
        assert reader.headers["cache-control"] == "no-store"
        assert snapshot.id == first == snapshot.data["id"]
        assert list(snapshot.data["prices"]["tickers"]) == list(BOOK.symbols)
        assert [one["subject"] for one in snapshot.data["views"]] == ["GLD"]
        assert [one["event_id"] for one in snapshot.data["events"]] == [event(1).event_id]
        assert snapshot.data["config"]["version"] == 1
        assert snapshot.data["status"]["session"] == "regular"
        assert snapshot.data["signals"][0]["type"] == "gold"

        await line.quote("GLD", 0.5)
        (tick,) = await reader.until("tick")
        assert tick.data["tickers"]["GLD"]["change_pct"] == 0.5
        assert tick.id is None
        (second,) = await line.events(event(2, after=verdict("ENTRY:follow_lags", actionable=True)))
        (signal,) = await reader.until("signal")
        assert signal.id == second
        assert signal.data["is_actionable"] is True
        assert signal.data["after"]["decision"] == "ENTRY:follow_lags"
        await line.views(view("gold", "GLD", verdict("warning:pending"), {"change_pct": 0.5}))
        (shown,) = await reader.until("view")
        assert shown.data["views"][0]["verdict"]["decision"] == "warning:pending"
        await line.ticks(session(Session.AFTER, "16:00"))
        await reader.status("session", "after")
        assert len(await reader.until("status", 3)) >= 3  # the heartbeat


async def test_signals_without_prices(api: Api, line: Line) -> None:
    async with listening(api, SIGNALS_PATH) as reader:
        (snapshot,) = await reader.until("snapshot")
        assert "prices" not in snapshot.data
        assert snapshot.id == "start"
        await line.quote("GLD", 0.5)
        (placed,) = await line.events(event(1))
        (signal,) = await reader.until("signal")
        assert signal.id == placed
        assert reader.of("tick") == []


@pytest.mark.parametrize("path", ["/api/stream/prices", SIGNALS_PATH])
async def test_resuming_at_every_cut_gives_exactly_the_rest(api: Api, line: Line, path: str) -> None:
    """Whatever the cut: single events, inside a message of several, at the start, at the end."""
    numbers = iter(range(100))
    messages = [
        event(next(numbers)) if size == 1 else [event(next(numbers)) for _ in range(size)]
        for size in (1, 1, 3, 1, 2, 1, 1, 4, 1)
    ]
    ids = await line.events(*messages)
    assert len(ids) == 15
    await eventually(lambda: _knows(api, ids[-1]))
    for cut in range(len(ids) + 1):
        after = ids[cut - 1] if cut else "start"
        async with listening(api, path, after) as reader:
            await reader.until("config")  # what comes after the missed events
            assert reader.ids() == ids[cut:], f"after {after}"
            assert reader.of("snapshot", "reset") == []


async def test_what_happens_while_resuming_follows_in_order(api: Api, line: Line) -> None:
    ids = await line.events(*(event(n) for n in range(300)))
    writing = asyncio.create_task(line.events(*(event(n) for n in range(300, 700))))
    readers: list[Reader] = []

    async def read(after: str) -> None:
        async with listening(api, SIGNALS_PATH, after) as reader:
            readers.append(reader)
            await eventually(lambda: len(reader.ids()) >= 700 - ids.index(after) - 1, 30)

    await asyncio.gather(*(read(ids[n]) for n in (0, 7, 99, 250, 299)))
    every = ids + await writing
    for reader in readers:
        assert reader.ids() == every[-len(reader.ids()) :]


async def test_a_client_that_resumes_gets_the_newest_of_everything_else(api: Api, line: Line) -> None:
    (placed,) = await line.events(event(1))
    await line.quote("GLD", 0.7)
    await line.views(view("gold", "GLD", verdict("clear:pending")))
    await eventually(lambda: _clean(api))
    async with listening(api, last_event_id=placed) as reader:
        (tick,) = await reader.until("tick")
        assert tick.data["tickers"]["GLD"]["change_pct"] == 0.7
        (shown,) = await reader.until("view")
        assert shown.data["views"][0]["subject"] == "GLD"


@pytest.mark.parametrize("after", ["nonsense", "99999.0.abcdef", "0.5.abcdef", "-1.0.ab", "0.0.ffffffffffff", "1.0"])
async def test_an_id_that_names_no_event_starts_over(api: Api, line: Line, after: str) -> None:
    await line.events(event(1), event(2))
    async with listening(api, last_event_id=after) as reader:
        (snapshot,) = await reader.until("snapshot")
        assert [one.event for one in reader.seen[: reader.seen.index(snapshot)]] in (["reset"], ["status", "reset"])
        (placed,) = await line.events(event(3))
        await eventually(lambda: reader.ids()[-1:] == [placed])


async def test_the_id_may_come_as_a_query(api: Api, line: Line) -> None:
    ids = await line.events(event(1), event(2), event(3))
    async with listening(api, f"{SIGNALS_PATH}?last_event_id={ids[0]}") as reader:
        await reader.until("signal", 2)
        assert reader.ids() == ids[1:]


async def test_an_expired_id_starts_over(api: Api, line: Line) -> None:
    ids = await line.events(*(event(n) for n in range(10)))
    await _delete_before(line, 5)
    async with listening(api, SIGNALS_PATH, ids[2]) as reader:
        await reader.until("snapshot")
        assert len(reader.of("reset")) == 1
    async with listening(api, SIGNALS_PATH, ids[6]) as reader:
        await reader.until("signal", 3)
        assert reader.ids() == ids[7:]


async def test_a_message_that_does_not_parse_is_passed_over(api: Api, line: Line) -> None:
    (before,) = await line.events(event(1))
    await line.send(SIGNALS, "us:x:y", b"{")
    (after,) = await line.events(event(2))
    async with listening(api, SIGNALS_PATH, before) as reader:
        await reader.until("signal")
        assert reader.ids() == [after]
    async with listening(api, SIGNALS_PATH) as reader:
        (snapshot,) = await reader.until("snapshot")
        assert snapshot.id == after


async def test_a_symbol_goes_out_at_once_and_then_its_newest_value(line: Line) -> None:
    config = api_config(line.kafka, line.namespace, tick_interval_s=0.5)
    async with serving(config) as api, listening(api) as reader:
        await reader.until("snapshot")
        for change in range(1, 9):
            await line.quote("GLD", change)
        await line.quote("SPY", 0.1)
        await eventually(lambda: reader.of("tick") and _last(reader, "GLD") == 8)
        told = [one.data["tickers"]["GLD"]["change_pct"] for one in reader.of("tick") if "GLD" in one.data["tickers"]]
        assert (told[0], told[-1]) == (1, 8)
        assert len(told) <= 4
        assert _last(reader, "SPY") == 0.1


async def test_a_slow_client_is_dropped_and_can_resume_while_others_go_on(line: Line) -> None:
    config = api_config(line.kafka, line.namespace, signal_queue=200, send_timeout_s=1.0)
    async with serving(config) as api, listening(api, SIGNALS_PATH) as quick:
        await quick.until("snapshot")
        slow = socket.create_connection(("127.0.0.1", config.port))
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(b"GET /api/stream/signals HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await eventually(lambda: _clients(api, 2))
        heavy = [_heavy(n) for n in range(1500)]
        ids: list[str] = []
        for start in range(0, len(heavy), 50):
            ids += await line.events(*heavy[start : start + 50])
        await eventually(lambda: len(quick.ids()) == len(ids), 90)
        assert quick.ids() == ids
        await eventually(lambda: _clients(api, 1))
        slow.close()
        async with listening(api, SIGNALS_PATH, ids[3]) as again:
            await eventually(lambda: len(again.ids()) == len(ids) - 4, 90)
            assert again.ids() == ids[4:]


async def test_a_client_keeps_its_place_across_restarts_of_the_api(line: Line) -> None:
    """Three lives of the API; the client comes back with the last id it saw, as EventSource does."""
    config = api_config(line.kafka, line.namespace)
    seen: list[str] = []
    every: list[str] = []

    async def write() -> None:
        for n in range(240):
            every.extend(await line.events(event(n)))
            await asyncio.sleep(0.005)

    async with serving(config) as api, listening(api, SIGNALS_PATH) as reader:
        await reader.until("snapshot")
        task = asyncio.create_task(write())
        await eventually(lambda: len(reader.ids()) >= 20)
    seen += reader.ids()
    for target in (90, 240):
        missing = target - len(seen)
        async with serving(config) as api, listening(api, SIGNALS_PATH, seen[-1]) as reader:
            await eventually(lambda reader=reader, missing=missing: len(reader.ids()) >= missing, 30)
        seen += reader.ids()
        assert reader.of("reset", "snapshot") == []
    await task
    assert seen == every


async def test_streams_end_when_the_server_stops(line: Line) -> None:
    async with serving(api_config(line.kafka, line.namespace)) as api, listening(api) as reader:
        await reader.until("snapshot")
        ended = reader.ended
    assert ended.is_set() or await asyncio.wait_for(ended.wait(), 5)


async def test_disconnected_clients_leave_nothing_behind(api: Api, line: Line) -> None:
    ids = await line.events(*(event(n) for n in range(20)))
    async with listening(api) as reader:
        await reader.until("snapshot")
    await eventually(lambda: _clients(api, 0))
    before = _tasks()
    for after in (None, ids[0], "start", "nonsense", None):
        async with listening(api, last_event_id=after) as reader:
            await reader.until("status")
        async with listening(api, SIGNALS_PATH, after):
            pass  # gone before anything was read
    await eventually(lambda: _clients(api, 0))
    gc.collect()
    await eventually(lambda: _tasks() <= before or _raise(f"left behind: {sorted(_tasks() - before)}"))


async def test_kafka_away_and_back(own_kafka: OwnKafka, namespace: str) -> None:
    """While the broker is gone the stream goes on with statuses; afterwards nothing that was written is missing."""
    broker = await own_kafka()
    kafka = Kafka(broker.address)
    async with Line(kafka, namespace) as line:
        await line.open()
        await line.quote("GLD", 1.0)
        first = await line.events(event(1), event(2))
    config = api_config(kafka, namespace, status_interval_s=0.5, kafka_silence_s=1.5)
    async with serving(config) as api, listening(api) as reader:
        await api.loaded()
        await reader.until("snapshot")
        await broker.kill()
        await reader.status("feed", "offline")
        prices = await api.get("/api/prices")
        assert prices["stale"] is True
        assert (await api.client.get("/api/health")).status_code == 503
        async with listening(api, SIGNALS_PATH, first[0]) as resuming:
            await resuming.until("status", 2)  # it waits for the broker, and says how things stand
            assert resuming.of("reset") == []
            await broker.start()
            async with Line(kafka, namespace) as line:
                more = await line.events(event(3))
                await line.quote("GLD", 2.0)
            await reader.status("kafka", "up")
            await reader.until("signal", 1, 30)
            assert reader.ids() == more
            await eventually(lambda: _last(reader, "GLD") == 2.0)
            await resuming.until("signal", 2, 30)
            assert resuming.ids() == [first[1], *more]


async def test_a_replaced_log_starts_everyone_over(api: Api, line: Line) -> None:
    ids = await line.events(*(event(n) for n in range(5)))
    await line.quote("GLD", 1.0)
    async with listening(api) as reader:
        await reader.until("snapshot")
        async with admin(line.kafka) as client:
            await _recreate(client, line)
        async with Line(line.kafka, line.namespace) as again:
            await again.open()
            fresh = await again.events(event(100))
            await reader.until("reset", 1, 60)
            await eventually(lambda: reader.of("snapshot")[-1].id == fresh[0], 30)
            async with listening(api, SIGNALS_PATH, ids[0]) as old:
                await old.until("reset")


async def _recreate(client: AIOKafkaAdminClient, line: Line) -> None:
    names = [name for name in await client.list_topics() if name.startswith(f"{line.namespace}.")]
    await client.delete_topics(names)
    await asyncio.sleep(1)


async def _delete_before(line: Line, offset: int) -> None:
    tp = TopicPartition(SIGNALS.name(line.namespace), 0)
    async with admin(line.kafka) as client:
        await client.delete_records({tp: RecordsToDelete(before_offset=offset)})


def _heavy(n: int) -> SignalEvent:
    return replace(event(n), data={"padding": "x" * 4000})


def _last(reader: Reader, symbol: str) -> float | None:
    told = [one.data["tickers"][symbol] for one in reader.of("tick") if symbol in one.data["tickers"]]
    return told[-1]["change_pct"] if told else None


def _tasks() -> set[str]:
    """What runs besides the test; names of short-lived ones differ, so coroutines are named instead."""
    named: dict[str, int] = {}
    for task in asyncio.all_tasks():
        name = getattr(task.get_coro(), "__qualname__", "?")
        named[name] = named.get(name, 0) + 1
    return {f"{name} x{count}" for name, count in named.items()}


def _raise(message: str) -> bool:
    raise AssertionError(message)


async def _clients(api: Api, count: int) -> bool:
    return bool((await api.client.get("/api/health")).json()["clients"] == count)


async def _knows(api: Api, last: str) -> bool:
    async with listening(api, SIGNALS_PATH) as reader:
        (snapshot,) = await reader.until("snapshot")
        return snapshot.id == last


async def _clean(api: Api) -> bool:
    """What was written so far has been read."""
    told = (await api.client.get("/api/health")).json()
    return bool(told["agents"]["quotes"]["position"] is not None)
