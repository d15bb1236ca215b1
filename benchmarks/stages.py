"""The stages of a line as people run them: `ptj` processes in a namespace of their own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts import Parts
from runtime.children import Program, end, spawn
from runtime.embedded.child import last_lines
from runtime.embedded.ports import free_port
from transport.kafka import ensure_topics

READY_WITHIN_S = 60.0


@dataclass(slots=True)
class Stage:
    """One `ptj` command."""

    name: str
    program: Program
    home: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when it says that it works."""
        ready = self.home / f"{self.name}.ready"
        self.process = await spawn(self.program, self.home / f"{self.name}.log")
        async with asyncio.timeout(READY_WITHIN_S):
            while not ready.exists():
                if self.process.returncode is not None:
                    raise RuntimeError(f"{self.name} ended: {last_lines(self.home / f'{self.name}.log', 8)}")
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self.process is not None:
            await end(self.process, self.program)
            self.process = None


@dataclass(frozen=True, slots=True)
class Line:
    """Addresses of a running line, and its producer, which may be stopped."""

    namespace: str
    api_url: str
    simulator_url: str
    producer: Stage


@asynccontextmanager
async def line(parts: Parts, namespace: str = "demo", *, feed: str = "rest") -> AsyncIterator[Line]:
    """Simulator, producer, processor, sink and API, all of them ready.

    `feed`: `rest` polls a full frame a second and nothing in between, `auto` is as people have it, the WebSocket.
    """
    home = parts.home / "line"
    home.mkdir()
    kis, api = free_port(), free_port()
    environment = {
        "PTJ_HOME": str(home),
        "PTJ_WORLD": "demo",
        "PTJ_NAMESPACE": namespace,
        "PTJ_FEED": feed,
        "PTJ_API_PORT": str(api),
        "KAFKA_BOOTSTRAP_SERVERS": parts.kafka.bootstrap_servers,
        "DATABASE_URL": parts.database_url,
        "KIS_BASE_URL": f"http://127.0.0.1:{kis}",
        "KIS_WS_URL": f"ws://127.0.0.1:{kis}",
        "KIS_APP_KEY": "demo",
        "KIS_APP_SECRET": "demo",
    }

    def stage(name: str, *words: str) -> Stage:
        return Stage(name, command(environment | {"PTJ_READY_FILE": str(home / f"{name}.ready")}, *words), home)

    await ensure_topics(parts.kafka, namespace)
    await migrate(command(environment, "db", "migrate"), home)
    stages = [stage("simulator", "simulate", "kis", "--port", str(kis)), stage("processor", "processor")]
    stages += [stage("sink", "sink"), stage("api", "api")]
    producer = stage("producer", "producer")
    try:
        await asyncio.gather(*(one.start() for one in stages))
        await producer.start()
        yield Line(namespace, f"http://127.0.0.1:{api}", f"http://127.0.0.1:{kis}", producer)
    finally:
        await asyncio.gather(*(one.stop() for one in (producer, *stages)))


def command(environment: Mapping[str, str], *words: str) -> Program:
    return Program((sys.executable, "-u", "-m", "runtime.cli", *words), env=environment)


async def migrate(program: Program, home: Path) -> None:
    process = await spawn(program, home / "migrate.log")
    if await process.wait() != 0:
        raise RuntimeError(f"the tables could not be made: {last_lines(home / 'migrate.log', 8)}")
