"""What attempts leave behind when their worker is killed: topics, changelogs, group and directory."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from psycopg import AsyncConnection

from runtime.backtests.bars import connected
from schemas.topics import app_id
from sinks import runs
from transport.kafka import Kafka, admin, delete_namespace, with_members

PREFIX = "replay."
GROUP = "consumer group"
GUARD = 0x50_54_4A_02  # class of advisory locks: an attempt that is no run, as long as its process lives

GUARDED = """
    select objid::bigint from pg_locks
     where locktype = 'advisory' and classid = %s and objsubid = 2
       and database = (select oid from pg_database where datname = current_database())"""

HASHES = "select name, hashtext(name)::bigint & 4294967295 from unnest(%s::text[]) as name"


@asynccontextmanager
async def guarded(connection: AsyncConnection, namespace: str) -> AsyncIterator[None]:
    """Keep the attempt `namespace`, which has no row in `runs`, from being taken for a leftover.

    For as long as `connection` lives, which must do nothing else: its end, however it comes, is the end of the guard.
    """
    await connection.execute("select pg_advisory_lock(%s, hashtext(%s))", (GUARD, namespace))
    yield


async def found(
    kafka: Kafka, database_url: str, directory: Path | None = None, *, foreign: bool = False
) -> dict[str, list[str]]:
    """Attempts that nobody works on any more, by namespace, and what is left of each, in words.

    Only those of this database's runs and of `directory`, unless `foreign`: an attempt that another line has just
    begun on these brokers, before its agents have joined their group, cannot be told from one that was left.
    """
    left: dict[str, list[str]] = {}
    async with admin(kafka) as client:
        for topic in sorted(await client.list_topics()):
            if topic.startswith(PREFIX):
                left.setdefault(_attempt(topic), []).append(f"topic {topic.removeprefix(_attempt(topic) + '.')}")
        for group, *_ in await client.list_consumer_groups():
            if group.startswith(PREFIX):
                left.setdefault(_attempt(group), []).append(GROUP)
    ours = _directories(directory)
    for name in ours:
        left.setdefault(name, []).append("directory")
    async with connected(database_url) as connection:
        held = await runs.current_attempts(connection) | await _guarded(connection, left.keys())
        known = await runs.known(connection, {_run_id(name) for name in left})
    free = {name for name in left.keys() - held if foreign or name in ours or _run_id(name) in known}
    working = await with_members(kafka, [app_id(name) for name in free if GROUP in left[name]])
    return {name: left[name] for name in sorted(free) if app_id(name) not in working}


async def _guarded(connection: AsyncConnection, names: Iterable[str]) -> set[str]:
    locks = {lock for (lock,) in await (await connection.execute(GUARDED, (GUARD,))).fetchall()}
    hashes = await (await connection.execute(HASHES, (sorted(names),))).fetchall()
    return {name for name, hashed in hashes if hashed in locks}


async def sweep(
    kafka: Kafka, database_url: str, directory: Path | None = None, *, foreign: bool = False
) -> dict[str, list[str]]:
    """Remove them; returns what was there."""
    left = await found(kafka, database_url, directory, foreign=foreign)
    for namespace in left:
        await delete_namespace(kafka, namespace, app_id(namespace))
        if directory is not None:
            shutil.rmtree(directory / namespace, ignore_errors=True)
    return left


def _directories(directory: Path | None) -> set[str]:
    if directory is None or not directory.exists():
        return set()
    return {path.name for path in directory.iterdir() if path.name.startswith(PREFIX)}


def _attempt(name: str) -> str:
    """``replay.<run_id>.<attempt>`` of a topic's or group's name."""
    return ".".join(name.split(".")[:3])


def _run_id(attempt: str) -> str:
    return attempt.split(".")[1] if attempt.count(".") else attempt
