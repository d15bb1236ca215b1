"""A real Kafka and a real PostgreSQL for every test that asks: configured ones, else Docker's, else embedded ones."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from runtime.embedded import kafka as embedded_kafka
from runtime.embedded import postgres as embedded_postgres
from runtime.embedded.child import Running
from tests.support import free_port
from transport.kafka import Kafka, wait_until_ready

# The images of compose.yaml.
KAFKA_IMAGE = os.environ.get("PTJ_TEST_KAFKA_IMAGE", "apache/kafka:4.1.1")
POSTGRES_IMAGE = os.environ.get("PTJ_TEST_POSTGRES_IMAGE", "timescale/timescaledb:2.23.1-pg16")

# A broker looks for expired and superseded records every few minutes; a test of lost history cannot wait for that.
HASTY = {
    "log.initial.task.delay.ms": "1000",
    "log.retention.check.interval.ms": "1000",
    "log.cleaner.backoff.ms": "1000",
    "log.segment.delete.delay.ms": "1000",
    "group.min.session.timeout.ms": "1000",
    "group.initial.rebalance.delay.ms": "0",
}

# A script's background job ignores Ctrl-C, and so would every process that a test starts there to interrupt it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

OwnKafka = Callable[..., Awaitable[Running]]
OwnPostgres = Callable[..., Awaitable[Running]]


@pytest.fixture(scope="session")
def cache() -> Path:
    """Where downloads stay between runs, the same as for `make up`."""
    return Path(os.environ.get("PTJ_CACHE") or Path(__file__).parent.parent / "var" / "cache").resolve()


@pytest.fixture(scope="session")
def docker() -> bool:
    """Whether a Docker engine answers."""
    try:
        import docker as library

        client = library.from_env(timeout=5)
        try:
            return bool(client.ping())
        finally:
            client.close()
    except Exception:  # the library has no common error for an engine that is not there
        return False


@pytest.fixture(scope="session")
def parts_home() -> Iterator[Path]:
    """A directory for embedded parts: not below pytest's own, which root's PostgreSQL, another user, cannot enter."""
    with tempfile.TemporaryDirectory(prefix="ptj-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
async def kafka(request: pytest.FixtureRequest, docker: bool) -> AsyncIterator[Kafka]:
    """The broker of the session. Tests share it, so each uses topics of its own `namespace`."""
    if servers := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield Kafka(servers)
    elif docker:
        with ExitStack() as stack:
            yield await kafka_in_docker(stack)
    else:
        home, cache = request.getfixturevalue("parts_home"), request.getfixturevalue("cache")
        child = embedded_kafka.prepare(home, cache=cache, properties=HASTY)
        running = Running(child, home / "kafka.log")
        try:
            await running.start()
            yield Kafka(running.address)
        finally:
            await running.kill()  # the directory goes with it: nothing to put in order


@pytest.fixture(scope="session")
async def database_server(request: pytest.FixtureRequest, docker: bool) -> AsyncIterator[str]:
    """URL of the server of the session, whose user may create databases."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
    elif docker:
        with ExitStack() as stack:
            yield postgres_in_docker(stack)
    else:
        home = request.getfixturevalue("parts_home")
        running = Running(embedded_postgres.prepare(home, max_connections=300), home / "postgres.log")
        try:
            await running.start()
            yield running.address
        finally:
            await running.kill()


@pytest.fixture
def database_url(database_server: str) -> Iterator[str]:
    """A new, empty database of the test's own, dropped afterwards with whoever is still connected."""
    name = f"ptj_test_{uuid4().hex[:12]}"
    # From template0: the usual template cannot be copied while somebody looks at it.
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    try:
        yield url_of(database_server, name)
    finally:
        with psycopg.connect(database_server, autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session")
def yahoo_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where yfinance keeps time zones: one place a process, for it opens its files once."""
    return tmp_path_factory.mktemp("yahoo")


@pytest.fixture
def namespace() -> str:
    """A prefix for topics, groups and rows that no other test has; treated like a world, not like a replay."""
    return f"test{uuid4().hex[:10]}"


@pytest.fixture
async def own_kafka(parts_home: Path, cache: Path) -> AsyncIterator[OwnKafka]:
    """Start brokers that the test may stop, kill and start again: `broker = await own_kafka()`.

    `broker.address` are its bootstrap servers, the same after each start; keywords go to `kafka.prepare`.
    """
    started: list[Running] = []

    async def start(**options: Any) -> Running:
        home = Path(tempfile.mkdtemp(prefix="kafka-", dir=parts_home))
        home.chmod(0o755)
        properties = HASTY | options.pop("properties", {})
        child = embedded_kafka.prepare(home, cache=cache, properties=properties, **options)
        running = Running(child, home / "kafka.log")
        started.append(running)
        await running.start()
        return running

    yield start
    for running in started:
        await running.kill()


@pytest.fixture
async def own_kafka_cluster(parts_home: Path, cache: Path) -> AsyncIterator[Callable[..., Awaitable[list[Running]]]]:
    """Start clusters of brokers that replicate to each other: `nodes = await own_kafka_cluster(size=3)`."""
    started: list[Running] = []

    async def start(size: int = 3, **options: Any) -> list[Running]:
        home = Path(tempfile.mkdtemp(prefix="cluster-", dir=parts_home))
        properties = HASTY | options.pop("properties", {})
        children = embedded_kafka.prepare_cluster(home, size, cache=cache, properties=properties, **options)
        nodes = [Running(child, home / f"{child.name}.log") for child in children]
        started.extend(nodes)
        await start_together(nodes)
        return nodes

    yield start
    for running in started:
        await running.kill()


@pytest.fixture
async def own_postgres(parts_home: Path) -> AsyncIterator[OwnPostgres]:
    """Start servers that the test may stop, kill and start again: `server = await own_postgres()`.

    `server.address` is the URL of its database, the same after each start; keywords go to `postgres.prepare`.
    """
    started: list[Running] = []

    async def start(**options: Any) -> Running:
        home = Path(tempfile.mkdtemp(prefix="postgres-", dir=parts_home))
        home.chmod(0o755)
        running = Running(embedded_postgres.prepare(home, **options), home / "postgres.log")
        started.append(running)
        await running.start()
        return running

    yield start
    for running in started:
        await running.kill()


async def kafka_in_docker(stack: ExitStack) -> Kafka:
    """One KRaft node from the project's own image of Apache Kafka, on a port known before it starts."""
    from testcontainers.core.container import DockerContainer

    port = free_port()
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "1",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
    } | {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in HASTY.items()}
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    for key, value in settings.items():
        container = container.with_env(key, value)
    stack.enter_context(container)
    broker = Kafka(f"127.0.0.1:{port}")
    await wait_until_ready(broker)
    return broker


def postgres_in_docker(stack: ExitStack) -> str:
    """PostgreSQL with TimescaleDB, as in compose.yaml."""
    from testcontainers.postgres import PostgresContainer

    container = PostgresContainer(POSTGRES_IMAGE, username="ptj", password="ptj", dbname="ptj", driver=None)
    return str(stack.enter_context(container.with_command("postgres -c max_connections=300")).get_connection_url())


async def start_together(nodes: list[Running]) -> None:
    """A node answers only when a majority of its cluster is there, so all are started before any is waited for."""
    await asyncio.gather(*(node.start() for node in nodes))


def url_of(server: str, database: str) -> str:
    """`server` with another database, as a URL."""
    return urlsplit(server)._replace(path=f"/{database}").geturl()
