"""The stages as people run them: `ptj` processes on parts of their own, killed and started at will."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from processors.fold import load_rules
from schemas.catalogue import load_catalogue
from schemas.signals import SignalEvent
from tests.builders import canonical, pure_fold
from tests.line import events_of, ticks_of
from tests.support import eventually, free_port
from transport.kafka import Kafka, ensure_topics

SPEED = 60  # market seconds a second


@dataclass(slots=True)
class Stage:
    """One `ptj` command that can be killed and started again."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    log: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self, timeout_s: float = 60) -> None:
        """Return when it says that it is ready."""
        ready = self.log.with_suffix(".ready")
        ready.unlink(missing_ok=True)
        await self.spawn(ready)
        await eventually(lambda: ready.exists() or self._ended(), timeout_s=timeout_s)

    async def spawn(self, ready: Path | None = None) -> None:
        """Start without waiting."""
        environment = self.environment | ({"PTJ_READY_FILE": str(ready)} if ready else {})
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "runtime.cli", *self.arguments, env=environment, stdout=log, stderr=log
            )

    async def kill(self) -> None:
        """kill -9."""
        await self.end(signal.SIGKILL)

    async def end(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Send `by` and wait for the end."""
        process, self.process = self.process, None
        if process is not None and process.returncode is None:
            process.send_signal(by)
            await asyncio.wait_for(process.wait(), timeout=60)

    def _ended(self) -> bool:
        if self.process is not None and self.process.returncode is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
        return False


@dataclass(slots=True)
class Line:
    """A whole line at speed, and what it must have said in the end."""

    kafka: Kafka
    namespace: str
    database_url: str
    api_url: str
    stages: dict[str, Stage]
    home: Path
    keepers: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    environment: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Stage:
        return self.stages[name]

    def add(self, name: str, *arguments: str) -> None:
        """Declare one more stage."""
        self.stages[name] = Stage(name, list(arguments), dict(self.environment), self.home / f"{name}.log")

    async def run(self, *arguments: str) -> str:
        """Run a command to its end, which must be a good one; what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "runtime.cli", *arguments,
            env=dict(self.environment), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await asyncio.wait_for(process.communicate(), timeout=60)
        assert process.returncode == 0, said.decode()
        return said.decode()

    async def start(self, *names: str) -> None:
        for name in names:
            await self[name].start()

    def keep(self, *names: str) -> None:
        """Start a stage again whenever it has ended by itself, as the supervisor does."""
        for name in names:
            self.keepers[name] = asyncio.create_task(self._keep(self[name]))

    async def _keep(self, stage: Stage) -> None:
        while True:
            if stage.process is not None and stage.process.returncode is not None:
                await stage.spawn()
            await asyncio.sleep(0.5)

    async def stop(self) -> None:
        for keeper in self.keepers.values():
            keeper.cancel()
        for stage in reversed(self.stages.values()):
            await stage.end(signal.SIGKILL)

    async def ticks(self) -> int:
        """How many ticks are on the log, over all frames."""
        count = 0
        for _, value in await ticks_of(self.kafka, self.namespace):
            record = json.loads(value)
            count += sum(len(frame["ticks"]) for frame in record.get("frames", ()))
        return count

    async def end_of_log(self) -> int:
        """The offset of the newest record on ticks."""
        return (await ticks_of(self.kafka, self.namespace))[-1][0]

    async def run_until(self, ticks: int, timeout_s: float = 180) -> None:
        async def enough() -> bool:
            return await self.ticks() >= ticks

        await eventually(enough, timeout_s=timeout_s, every_s=2)

    async def wanted(self) -> list[SignalEvent]:
        """What the pure fold says over the records found on ticks, in canonical order."""
        return pure_fold(await ticks_of(self.kafka, self.namespace), load_rules(load_catalogue()))

    async def stored(self) -> list[str]:
        """Event ids in signal_events, in canonical order."""
        async with await psycopg.AsyncConnection.connect(self.database_url) as connection:
            rows = await connection.execute(
                "SELECT event_id FROM signal_events WHERE namespace = %s"
                " ORDER BY book, event_time, signal_type, subject",
                (self.namespace,),
            )
            return [row[0] for row in await rows.fetchall()]

    async def settle(self, timeout_s: float = 90) -> list[SignalEvent]:
        """Stop the producer and wait until signal_events is, id for id, what the pure fold says."""
        await self["producer"].end()
        wanted = await self.wanted()
        ids = [event.event_id for event in wanted]
        assert len(ids) == len(set(ids)) > 0

        async def complete() -> bool:
            return len(await self.stored()) >= len(ids)

        with suppress(TimeoutError, AssertionError):
            await eventually(complete, timeout_s=timeout_s, every_s=0.5)
        stored = await self.stored()
        missing, extra = set(ids) - set(stored), set(stored) - set(ids)
        assert not missing, f"{len(missing)} of {len(ids)} events are missing: {shown(wanted, missing)}"
        assert not extra, f"{len(extra)} events that the fold does not know: {sorted(extra)[:5]}"
        assert len(stored) == len(ids)
        said = {event.event_id: event for event in await events_of(self.kafka, self.namespace)}
        assert sorted(said.values(), key=canonical) == wanted, "contents are equal too, not only ids"
        return wanted


def shown(events: list[SignalEvent], ids: set[str]) -> list[tuple[str, str, int]]:
    """The first few of `ids`, readable."""
    return [(event.signal_type, event.subject, event.position) for event in events if event.event_id in ids][:8]


@asynccontextmanager
async def line_of(
    kafka: str,
    database_url: str,
    home: Path,
    *,
    namespace: str = "demo",
    speed: float = SPEED,
    slots: int = 1,
    simulate: Sequence[str] = (),
    extra: Mapping[str, str] | None = None,
) -> AsyncIterator[Line]:
    """A line whose stages are declared and not yet started, with topics and tables.

    `simulate` are further words of `ptj simulate kis`, `extra` further settings.
    """
    kis, api = free_port(), free_port()
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("PTJ_", "KIS_", "KAFKA_", "DATABASE_"))
    } | {
        "PTJ_HOME": str(home),
        "PTJ_WORLD": "demo",
        "PTJ_NAMESPACE": namespace,
        "PTJ_SPEED": str(speed),
        "PTJ_API_PORT": str(api),
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATABASE_URL": database_url,
        "KIS_BASE_URL": f"http://127.0.0.1:{kis}",
        "KIS_WS_URL": f"ws://127.0.0.1:{kis}",
        "KIS_APP_KEY": "demo",
        "KIS_APP_SECRET": "demo",
        **(extra or {}),
    }
    arguments = {
        "simulator": ["simulate", "kis", "--port", str(kis), "--speed", str(speed), *simulate],
        **{f"processor-{slot}": ["processor", "--slot", str(slot)] for slot in range(slots)},
        "sink": ["sink"],
        "api": ["api"],
        "producer": ["producer"],
    }
    home.mkdir(parents=True, exist_ok=True)
    line = Line(Kafka(kafka), namespace, database_url, f"http://127.0.0.1:{api}", {}, home, environment=environment)
    for name, words in arguments.items():
        line.add(name, *words)
    await ensure_topics(line.kafka, namespace)
    migration = Stage("migrate", ["db", "migrate"], environment, home / "migrate.log")
    await migration.spawn()
    assert migration.process is not None
    assert await migration.process.wait() == 0, migration.log.read_text()
    try:
        yield line
    finally:
        await line.stop()


@dataclass(slots=True)
class Reader:
    """A client of the signal stream that reconnects with the newest id it has seen, like a browser."""

    url: str
    ids: list[str] = field(default_factory=list)  # event ids in the order of arrival, repeats included
    last_id: str | None = None
    resets: int = 0
    connections: int = 0

    async def run(self) -> None:
        while True:
            with suppress(httpx.HTTPError, OSError):
                await self._connection()
            await asyncio.sleep(0.1)

    async def _connection(self) -> None:
        headers = {"Last-Event-ID": self.last_id} if self.last_id else {}
        timeout = httpx.Timeout(10, connect=2)
        async with (
            httpx.AsyncClient(timeout=timeout) as client,
            client.stream("GET", f"{self.url}/api/stream/signals", headers=headers) as response,
        ):
            response.raise_for_status()
            self.connections += 1
            kind, data, event_id = "message", [], None
            async for text in response.aiter_lines():
                name, _, value = text.partition(":")
                value = value.removeprefix(" ")
                if text == "":
                    self._dispatch(kind, "\n".join(data), event_id)
                    kind, data, event_id = "message", [], None
                elif name == "event":
                    kind = value
                elif name == "data":
                    data.append(value)
                elif name == "id":
                    event_id = value

    def _dispatch(self, kind: str, data: str, event_id: str | None) -> None:
        if event_id is not None:
            self.last_id = event_id
        if kind == "signal":
            self.ids.append(json.loads(data)["event_id"])
        elif kind == "reset":
            self.resets += 1
