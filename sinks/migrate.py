"""Ordered SQL files, each applied once: version and checksum stand in `schema_migrations`."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from schemas.errors import ConfigError, Unavailable

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent / "migrations"
FILE_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
LOCK = 0x50_54_4A_01  # one number that every migrating program of ours knows
CONNECT_TIMEOUT_S = 10

HISTORY = """
    create table if not exists schema_migrations (
        version    integer     primary key,
        name       text        not null,
        checksum   text        not null,
        applied_at timestamptz not null default now()
    )"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file, read."""

    version: int
    name: str
    text: str
    checksum: str


def load(directory: Path = SHIPPED) -> list[Migration]:
    """The migrations of `directory` in order. Raises `ConfigError` for a name or a number that does not fit."""
    migrations = []
    for path in sorted(directory.glob("*.sql")):
        matched = FILE_NAME.match(path.name)
        if not matched:
            raise ConfigError(f"migration {path.name}: expected a name like 0001_tables.sql")
        text = path.read_text("utf-8")
        checksum = hashlib.sha256(text.encode()).hexdigest()
        migrations.append(Migration(int(matched[1]), path.name, text, checksum))
    versions = [migration.version for migration in migrations]
    if len(set(versions)) != len(versions):
        raise ConfigError(f"migrations: expected each number once, received {versions}")
    return migrations


async def migrate(database_url: str, directory: Path = SHIPPED) -> list[str]:
    """Apply what is missing; return the names applied now. Safe to run twice and from several programs at once.

    Raises `Unavailable` when the database does not answer and `ConfigError` when an applied file has changed.
    """
    migrations = load(directory)
    applied: list[str] = []
    try:
        async with await psycopg.AsyncConnection.connect(
            database_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S
        ) as connection:
            # Locked anew in each transaction, which holds through a pooler that hands out connections by transaction.
            while (name := await _next(connection, migrations)) is not None:
                log.info("migrated name=%s", name)
                applied.append(name)
    except psycopg.ProgrammingError as error:
        if error.sqlstate is None:  # not said by a server: the address itself does not parse
            raise ConfigError("DATABASE_URL: expected postgresql://user:password@host:port/database") from None
        raise
    except (psycopg.OperationalError, OSError) as error:
        raise Unavailable(f"PostgreSQL does not answer: {error}") from error
    return applied


async def _next(connection: psycopg.AsyncConnection, migrations: list[Migration]) -> str | None:
    """Apply the first migration that is missing, in one transaction; None when there is none."""
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(%s)", (LOCK,))
        await connection.execute(HISTORY)
        rows = await (await connection.execute("select version, checksum from schema_migrations")).fetchall()
        known: dict[int, str] = dict(rows)
        for migration in migrations:
            if migration.version in known:
                if known[migration.version] != migration.checksum:
                    raise ConfigError(
                        f"migration {migration.name}: expected the file that was applied to this database, "
                        f"received one that has changed since; put it back and add a new file"
                    )
                continue
            await connection.execute(sql.SQL(migration.text))  # a file of ours, not input
            await connection.execute(
                "insert into schema_migrations (version, name, checksum) values (%s, %s, %s)",
                (migration.version, migration.name, migration.checksum),
            )
            return migration.name
    return None
