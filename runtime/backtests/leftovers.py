"""What attempts leave behind when their worker is killed: topics, changelogs, group and directory."""

from __future__ import annotations

import shutil
from pathlib import Path

from runtime.backtests.bars import connected
from schemas.topics import app_id
from sinks import runs
from transport.kafka import Kafka, admin, delete_namespace

PREFIX = "replay."


async def found(kafka: Kafka, database_url: str, directory: Path | None = None) -> list[str]:
    """Namespaces of attempts that nobody works on any more, and of which something is left."""
    async with admin(kafka) as client:
        names = {_attempt(topic) for topic in await client.list_topics() if topic.startswith(PREFIX)}
        names |= {_attempt(group) for group, *_ in await client.list_consumer_groups() if group.startswith(PREFIX)}
    if directory is not None and directory.exists():
        names |= {path.name for path in directory.iterdir() if path.name.startswith(PREFIX)}
    async with connected(database_url) as connection:
        held = await runs.current_attempts(connection)
    return sorted(names - held)


async def sweep(kafka: Kafka, database_url: str, directory: Path | None = None) -> list[str]:
    """Remove them; returns their namespaces."""
    gone = await found(kafka, database_url, directory)
    for namespace in gone:
        await delete_namespace(kafka, namespace, app_id(namespace))
        if directory is not None:
            shutil.rmtree(directory / namespace, ignore_errors=True)
    return gone


def _attempt(name: str) -> str:
    """``replay.<run_id>.<attempt>`` of a topic's or group's name."""
    return ".".join(name.split(".")[:3])
