"""Migrations on a real PostgreSQL: once, twice, at once, changed, broken."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest

from schemas.errors import ConfigError, Unavailable
from sinks.migrate import SHIPPED, load, migrate
from sinks.months import ensure_months
from tests.storing import rows

NAMES = [migration.name for migration in load()]


async def test_a_second_run_applies_nothing(database_url):
    assert await migrate(database_url) == NAMES
    assert await migrate(database_url) == []


async def test_runs_at_once_share_the_work(database_url):
    applied = await asyncio.gather(*(migrate(database_url) for _ in range(4)))
    assert sorted(name for names in applied for name in names) == NAMES
    assert await rows(database_url, "select name from schema_migrations order by version") == [(n,) for n in NAMES]


async def test_a_changed_file_is_refused_by_name(database_url, tmp_path):
    (tmp_path / "0001_first.sql").write_text("create table a (x int)")
    await migrate(database_url, tmp_path)
    (tmp_path / "0001_first.sql").write_text("create table a (x bigint)")
    with pytest.raises(ConfigError, match="migration 0001_first"):
        await migrate(database_url, tmp_path)


async def test_a_file_that_fails_leaves_nothing_behind(database_url, tmp_path):
    (tmp_path / "0001_first.sql").write_text("create table a (x int)")
    (tmp_path / "0002_second.sql").write_text("create table b (x int); select 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        await migrate(database_url, tmp_path)
    assert await rows(database_url, "select to_regclass('a') is null, to_regclass('b') is null") == [(False, True)]
    (tmp_path / "0002_second.sql").write_text("create table b (x int)")
    assert await migrate(database_url, tmp_path) == ["0002_second.sql"]


@pytest.mark.parametrize("names", [["first.sql"], ["0001_a.sql", "0001_b.sql"]])
def test_names_that_have_no_order_are_refused(tmp_path, names):
    for name in names:
        (tmp_path / name).write_text("select 1")
    with pytest.raises(ConfigError):
        load(tmp_path)


async def test_no_server_is_told_apart_from_a_wrong_address():
    with pytest.raises(Unavailable):
        await migrate("postgresql://ptj:secret@127.0.0.1:1/ptj")
    with pytest.raises(ConfigError, match="DATABASE_URL") as told:
        await migrate("postgresql//ptj:secret@127.0.0.1:1/ptj")
    assert "secret" not in str(told.value)


async def test_rows_stay_where_a_partition_comes_late(database_url):
    """A row that fell into the default partition moves when its month is made, and is found all the while."""
    await migrate(database_url)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute("insert into signal_types values ('gold')")
        await connection.execute(
            """insert into signal_events (namespace, event_id, event_time, book, signal_type, subject, trade_date,
                   session, state, is_actionable, signal_data, param_version, position)
               select 'live', n::text, '2012-02-28'::timestamptz + n * interval '1 day', 'us', 'gold', 'GLD',
                   '2012-02-28', 'regular', 'ok', false, '{}', 1, n from generate_series(0, 3) as n"""
        )
        await ensure_months(connection, "signal_events", [datetime(2012, 2, 29, tzinfo=UTC)])
    partitioned = await rows(
        database_url, "select 1 from pg_partitioned_table where partrelid = 'signal_events'::regclass"
    )
    found = await rows(database_url, "select tableoid::regclass::text from signal_events order by event_time")
    assert len(found) == 4
    if partitioned:  # else they are hypertables, which look after themselves
        assert [name for (name,) in found] == ["signal_events_2012_02"] * 2 + ["signal_events_2012_03"] * 2


async def test_months_made_at_once_are_made_once(database_url):
    await migrate(database_url)
    times = [datetime(2001, month, 1, tzinfo=UTC) for month in range(1, 13)]

    async def make() -> None:
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            await ensure_months(connection, "bars", times)

    await asyncio.gather(make(), make(), make())
    made = await rows(database_url, "select count(*) from pg_class where relname ~ '^bars_200[12]_\\d\\d$'")
    if await rows(database_url, "select 1 from pg_partitioned_table where partrelid = 'bars'::regclass"):
        assert made == [(13,)]  # twelve, and the one after


async def test_a_declared_table_can_become_a_hypertable(database_url):
    """The switch itself, with a stand-in for TimescaleDB's function: shape, checks and foreign keys stay."""
    await migrate(database_url)
    if not await rows(database_url, "select 1 from pg_partitioned_table where partrelid = 'signal_events'::regclass"):
        return  # this server has the extension: the switch was made by the migration
    before = await rows(database_url, SHAPE)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            """create function create_hypertable(relation regclass, time_column_name name, chunk_time_interval interval,
                   create_default_indexes boolean) returns text language sql as $$ select 'made' $$"""
        )
    for table, column in (("signal_events", "event_time"), ("trade_log", "trade_time"), ("bars", "start_time")):
        await rows(database_url, "select to_hypertable(%s, %s)", table, column)
    assert await rows(database_url, SHAPE) == before
    assert not await rows(database_url, "select 1 from pg_partitioned_table")


SHAPE = """
    select conrelid::regclass::text, contype, pg_get_constraintdef(oid) from pg_constraint
     where conrelid in ('signal_events'::regclass, 'trade_log'::regclass, 'bars'::regclass) order by 1, 2, 3"""


def test_the_shipped_files_are_numbered_without_a_gap():
    assert [migration.version for migration in load(SHIPPED)] == list(range(1, len(NAMES) + 1))
