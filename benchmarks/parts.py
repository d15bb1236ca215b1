"""Kafka and PostgreSQL for one run, embedded as `make up` has them, in a directory that goes away with them."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from runtime.children import Program
from runtime.embedded import kafka as embedded_kafka
from runtime.embedded import postgres as embedded_postgres
from runtime.embedded.child import Running
from transport.kafka import Kafka

ROOT = Path(__file__).parent.parent
FOREIGN = ("PTJ_", "KIS_", "KAFKA_", "DATABASE_", "POSTGRES_")  # settings of the line that the user may have


@dataclass(frozen=True, slots=True)
class Parts:
    """Where they answer, and a directory for whatever else the run keeps."""

    kafka: Kafka
    database_url: str = field(repr=False)
    home: Path


@asynccontextmanager
async def parts() -> AsyncIterator[Parts]:
    """Start both; end and remove them afterwards."""
    cache = Path(os.environ.get("PTJ_CACHE") or ROOT / "var" / "cache").resolve()
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="ptj-benchmark-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        home.chmod(0o755)  # root runs PostgreSQL as another user, who must get in
        children = await asyncio.to_thread(
            lambda: (embedded_kafka.prepare(home, cache=cache), embedded_postgres.prepare(home))
        )
        async with AsyncExitStack() as stack:
            running = [Running(child, home / f"{child.name}.log") for child in children]
            for one in running:
                stack.push_async_callback(one.kill)  # the directory goes too: nothing to put in order
            await asyncio.gather(*(one.start() for one in running))
            yield Parts(Kafka(running[0].address), running[1].address, home)


def ours(module: str, *words: str) -> Program:
    """A module of the benchmark as a process of its own."""
    return Program((sys.executable, "-u", "-m", f"benchmarks.{module}", *words), cwd=ROOT)
