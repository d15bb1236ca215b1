"""PostgreSQL or Kafka away for a while: the sink lives, keeps its place, and loses and doubles nothing."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from schemas.signals import SignalEvent
from schemas.topics import SIGNALS
from tests.storing import append, edge, sink, stored_ids
from tests.support import eventually, free_port
from transport.kafka import Kafka


class Gate:
    """A TCP port before a server, which can be shut: connections are cut and new ones refused."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = free_port()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(*self.target)
        self._open |= {writer, inner_writer}
        try:
            await asyncio.gather(self._pump(reader, inner_writer), self._pump(inner_reader, writer))
        finally:
            self._open -= {writer, inner_writer}

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.close()


@pytest.fixture
async def gate(database_url: str) -> AsyncIterator[Gate]:
    at = urlsplit(database_url)
    gate = Gate(at.hostname or "127.0.0.1", at.port or 5432)
    await gate.open()
    yield gate
    await gate.shut()


def through(gate: Gate, database_url: str) -> str:
    """`database_url` with the gate's port."""
    at = urlsplit(database_url)
    login = at.netloc.rpartition("@")[0]
    return at._replace(netloc=f"{login}@127.0.0.1:{gate.port}" if login else f"127.0.0.1:{gate.port}").geturl()


def ids(events: list[SignalEvent]) -> list[str]:
    return sorted(event.event_id for event in events)


async def stored(database_url: str, events: list[SignalEvent]) -> bool:
    assert await stored_ids(database_url) == ids(events)
    return True


async def test_a_database_that_comes_and_goes(kafka, namespace, database_url, tmp_path, gate):
    events = [edge(number) for number in range(200)]
    async with sink(kafka, namespace, through(gate, database_url), tmp_path, batch_max=20) as task:
        await append(kafka, SIGNALS, namespace, events[:50])
        await eventually(lambda: stored(database_url, events[:50]))
        for first in (50, 100, 150):
            await gate.shut()
            await append(kafka, SIGNALS, namespace, events[first : first + 50])
            done, _ = await asyncio.wait([task], timeout=1.5)  # long enough for several attempts
            assert not done
            assert await stored_ids(database_url) == ids(events[:first])
            await gate.open()
            await eventually(lambda until=first + 50: stored(database_url, events[:until]), timeout_s=40)


async def test_a_connection_cut_in_the_middle_of_batches(kafka, namespace, database_url, tmp_path, gate):
    events = [edge(number) for number in range(3000)]
    await append(kafka, SIGNALS, namespace, events)
    async with sink(kafka, namespace, through(gate, database_url), tmp_path, batch_max=100):
        for enough in (1, 800, 1600):
            await eventually(lambda least=enough: _at_least(database_url, least), timeout_s=40)
            await gate.shut()
            await gate.open()
        await eventually(lambda: stored(database_url, events), timeout_s=60)


async def _at_least(database_url: str, count: int) -> bool:
    return len(await stored_ids(database_url)) >= count


async def test_a_database_that_is_late_at_the_start(kafka, namespace, database_url, tmp_path, gate):
    await append(kafka, SIGNALS, namespace, [edge(1)])
    await gate.shut()
    opening = asyncio.get_running_loop().create_task(_open_later(gate))
    async with sink(kafka, namespace, through(gate, database_url), tmp_path):
        await eventually(lambda: stored(database_url, [edge(1)]))
    await opening


async def _open_later(gate: Gate) -> None:
    await asyncio.sleep(1.5)  # the outage itself
    await gate.open()


async def test_it_stops_at_once_while_the_database_is_away(kafka, namespace, database_url, tmp_path, gate):
    await append(kafka, SIGNALS, namespace, [edge(1)])
    async with sink(kafka, namespace, through(gate, database_url), tmp_path):
        await eventually(lambda: stored(database_url, [edge(1)]))
        await gate.shut()
        await append(kafka, SIGNALS, namespace, [edge(2)])
        clock = asyncio.get_running_loop()
        before = clock.time()
    assert clock.time() - before < 10
    async with sink(kafka, namespace, database_url, tmp_path):
        await eventually(lambda: stored(database_url, [edge(1), edge(2)]))


PROGRAM = """
import asyncio, sys
from pathlib import Path
from sinks.config import SinkConfig
from sinks.run import run
from transport.kafka import Kafka
servers, namespace, url, archive = sys.argv[1:]
config = SinkConfig(Kafka(servers), namespace, url, Path(archive), batch_max=50, instance="a")
asyncio.run(run(config, asyncio.Event(), lambda: None))
"""


@pytest.mark.fault
async def test_a_sink_that_is_killed_under_load(kafka, namespace, database_url, tmp_path):
    events = [edge(number) for number in range(4000)]
    await append(kafka, SIGNALS, namespace, events)
    for enough in (1, 500, 1500, 2500, len(events)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROGRAM, kafka.bootstrap_servers, namespace, database_url, str(tmp_path)
        )
        try:
            # Its place in the group is held by name, so that a new one need not wait for the old one's time-out.
            await eventually(lambda least=enough: _at_least(database_url, least), timeout_s=30)
        finally:
            process.kill()
            await process.wait()
    assert await stored(database_url, events)


@pytest.mark.fault
async def test_a_broker_that_comes_and_goes(own_kafka, namespace, database_url, tmp_path):
    broker = await own_kafka()
    kafka = Kafka(broker.address)
    events = [edge(number) for number in range(100)]
    async with sink(kafka, namespace, database_url, tmp_path) as task:
        await append(kafka, SIGNALS, namespace, events[:40])
        await eventually(lambda: stored(database_url, events[:40]))
        await broker.kill()
        done, _ = await asyncio.wait([task], timeout=35)  # long enough for the reader to be given up
        assert not done
        await broker.start()
        await append(kafka, SIGNALS, namespace, events[40:])
        await eventually(lambda: stored(database_url, events), timeout_s=60)
