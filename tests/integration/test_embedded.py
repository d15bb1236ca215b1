"""The embedded Kafka and PostgreSQL: found when they run, whole after a stop, a kill and a lost parent."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import jgo.util.http
import psutil
import psycopg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import NewTopic

from runtime.embedded import account, jars, kafka, postgres
from runtime.embedded.child import Running, find
from schemas.errors import ConfigError
from tests.conftest import OwnKafka, OwnPostgres
from tests.support import eventually
from transport.kafka import Kafka, admin, make_producer, read_to_end

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="another user needs no second one")


def home_of(running: Running) -> Path:
    return running.log.parent


@pytest.fixture
def home() -> Iterator[Path]:
    with TemporaryDirectory(ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def write(address: str, *values: bytes, replicas: int = 1) -> None:
    """Append to topic `kept`, made when it is missing; returns when the broker has them."""
    async with admin(Kafka(address)) as client:
        if "kept" not in await client.list_topics():
            await client.create_topics([NewTopic("kept", 1, replicas)])
    producer = make_producer(Kafka(address))
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait("kept", value)
    finally:
        await producer.stop()


async def read(address: str) -> list[bytes]:
    return [record.value async for record in read_to_end(Kafka(address), TopicPartition("kept", 0))]


async def test_kafka_keeps_its_records_and_its_port_over_a_stop(own_kafka: OwnKafka, cache: Path) -> None:
    broker = await own_kafka()
    await write(broker.address, b"one", b"two")

    second = kafka.prepare(home_of(broker), cache=cache)
    assert (second.pid, second.address) == (broker.pid, broker.address)
    found = Running(second, broker.log)
    await found.start()  # uses the one that runs
    await found.stop()  # and leaves it to whoever started it
    assert await second.probe()

    await broker.stop()
    assert not await second.probe()
    third = kafka.prepare(home_of(broker), cache=cache)
    assert (third.pid, third.address) == (None, broker.address)
    await broker.start()
    assert await read(broker.address) == [b"one", b"two"]


async def test_kafka_comes_back_with_what_it_acknowledged_after_a_kill(own_kafka: OwnKafka) -> None:
    broker = await own_kafka()
    await write(broker.address, b"one")
    await broker.kill()
    await broker.start()
    await write(broker.address, b"two")
    assert await read(broker.address) == [b"one", b"two"]


async def test_kafka_moves_when_another_program_took_its_port(own_kafka: OwnKafka, cache: Path) -> None:
    broker = await own_kafka()
    await write(broker.address, b"one")
    await broker.stop()

    with socket.create_server(("127.0.0.1", int(broker.address.rpartition(":")[2]))):
        child = kafka.prepare(home_of(broker), cache=cache)
        assert child.address != broker.address
        moved = Running(child, broker.log)
        try:
            await moved.start()
            assert await read(moved.address) == [b"one"]
        finally:
            await moved.kill()


@pytest.mark.fault
async def test_a_cluster_keeps_taking_records_without_one_of_its_nodes(own_kafka_cluster) -> None:
    nodes = await own_kafka_cluster(3)
    servers = ",".join(node.address for node in nodes)
    await write(servers, b"one", replicas=3)
    await nodes[1].kill()
    await write(servers, b"two")
    await nodes[1].start()
    assert await read(servers) == [b"one", b"two"]


def test_cached_jars_need_no_network(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = jars.resolve(cache / "jars")

    def refuse(*request: object, **_: object) -> None:
        raise AssertionError(f"asked the network: {request}")

    monkeypatch.setattr(jgo.util.http, "request", refuse)
    assert jars.resolve(cache / "jars") == expected


def test_a_damaged_jar_is_refused_with_its_name(cache: Path, home: Path) -> None:
    jars.resolve(cache / "jars")
    shutil.copytree(cache / "jars", home / "cache" / "jars", copy_function=os.symlink)
    clients = home / "cache" / "jars" / f"kafka-clients-{jars.version()}.jar"
    content = bytearray(clients.read_bytes())
    content[len(content) // 2] ^= 1
    clients.unlink()
    clients.write_bytes(content)
    with pytest.raises(ConfigError, match=clients.name):
        kafka.prepare(home)


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY number")]


def insert(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number integer PRIMARY KEY)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


async def test_postgres_keeps_its_rows_and_its_port_over_a_stop(own_postgres: OwnPostgres) -> None:
    server = await own_postgres()
    insert(server.address, 1)

    second = postgres.prepare(home_of(server))
    assert (second.pid, second.address) == (server.pid, server.address)

    with psycopg.connect(server.address):  # a client that stays does not hold up the stop
        await server.stop()
    third = postgres.prepare(home_of(server))
    assert (third.pid, third.address) == (None, server.address)
    await server.start()
    assert rows(server.address) == [1]


async def test_postgres_comes_back_with_what_it_committed_after_a_kill(own_postgres: OwnPostgres) -> None:
    server = await own_postgres()
    insert(server.address, 1)
    await server.kill()
    await server.start()
    insert(server.address, 2)
    assert rows(server.address) == [1, 2]


async def test_a_lock_file_that_names_another_living_process_is_stale(own_postgres: OwnPostgres) -> None:
    server = await own_postgres()
    await server.kill()
    runner = account.account()
    groups = None if runner.user is None else []
    stranger = subprocess.Popen(  # noqa: ASYNC220  returns at once
        ["sleep", "60"], user=runner.user, group=runner.group, extra_groups=groups
    )
    try:  # as after a restart of the machine, when the old pid was given to another program of the same user
        lock = home_of(server) / "postgres" / "data" / "postmaster.pid"
        _, _, rest = lock.read_text().partition("\n")
        lock.write_text(f"{stranger.pid}\n{rest}")
        again = Running(postgres.prepare(home_of(server)), server.log)
        try:
            await again.start()
        finally:
            await again.kill()
    finally:
        stranger.kill()
        stranger.wait()


async def test_postgres_orders_text_alike_everywhere(own_postgres: OwnPostgres) -> None:
    server = await own_postgres()
    with psycopg.connect(server.address) as connection:
        told = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale, current_setting('fsync'), "
            "current_setting('TimeZone') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert told == ("UTF8", "b", "C.UTF-8", "on", "UTC")


async def test_a_password_of_another_time_is_a_wrong_setting(own_postgres: OwnPostgres) -> None:
    server = await own_postgres(password="first of its kind: @/?")
    assert await server.child.probe()
    other = postgres.prepare(home_of(server), password="second")
    with pytest.raises(ConfigError, match="POSTGRES_PASSWORD"):
        await other.probe()


def test_data_left_by_a_start_cut_short_are_made_anew(home: Path) -> None:
    prepared = postgres.prepare(home)
    data = Path(prepared.program.argv[prepared.program.argv.index("-D") + 1])
    data.rename(data.with_name("data.new"))  # where a start that was killed leaves them
    postgres.prepare(home)
    assert (data / "PG_VERSION").exists()
    assert not data.with_name("data.new").exists()


def test_data_of_another_version_are_left_alone(home: Path) -> None:
    prepared = postgres.prepare(home)
    data = Path(prepared.program.argv[prepared.program.argv.index("-D") + 1])
    (data / "PG_VERSION").write_text("15\n")
    with pytest.raises(ConfigError, match="those of a 15"):
        postgres.prepare(home)


@ROOT_ONLY
async def test_a_closed_home_stays_closed(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "OUTSIDE", (home,))
    closed = home / "root"
    closed.mkdir(mode=0o700)
    server = Running(postgres.prepare(closed / "ptj"), closed / "postgres.log")
    try:
        await server.start()
        insert(server.address, 1)
        assert closed.stat().st_mode & 0o777 == 0o700
        assert postgres.prepare(closed / "ptj").pid == server.pid
        await server.restart()
        assert rows(server.address) == [1]
    finally:
        await server.kill()


@ROOT_ONLY
async def test_programs_in_a_closed_place_are_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a virtual environment under a home directory that others cannot enter."""
    monkeypatch.setattr(postgres, "can_reach", lambda runner, path: path.is_relative_to(home))
    server = Running(postgres.prepare(home), home / "postgres.log")
    assert Path(server.child.program.argv[0]).is_relative_to(home)
    try:
        await server.start()
    finally:
        await server.kill()


PARENT = """
import asyncio, os, signal, sys
from pathlib import Path
from runtime.embedded import postgres
from runtime.embedded.child import Running

async def main():
    home = Path(sys.argv[1])
    server = Running(postgres.prepare(home), home / "postgres.log")
    await server.start()
    print(server.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
async def test_a_child_ends_with_its_parent(home: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(home)]
    parent = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=False)
    assert parent.returncode == -signal.SIGKILL, parent.stderr
    pid = int(parent.stdout)

    def is_gone() -> bool:
        return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE

    await eventually(is_gone)
    assert find("-D", str(home / "postgres" / "data")) is None
    assert postgres.prepare(home).pid is None
