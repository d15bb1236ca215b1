"""A day in the log: archived by hand, replayed, compared; what is wrong is one sentence; what is left is swept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from processors.fold import load_rules
from runtime.backtests import leftovers
from runtime.backtests.bars import connected
from runtime.backtests.parity import Asked, parity
from schemas.catalogue import load_catalogue
from schemas.ticks import FrameBatch, Session
from schemas.topics import REPLAY_TOPICS, TICKS
from sinks.archive import path_of
from sinks.migrate import migrate
from sinks.signal_events import write_events
from tests.archives import altered
from tests.builders import TRADE_DATE, batch, change, frame, pure_fold, session
from tests.line import market
from tests.storing import append, rows, sink
from tests.support import eventually
from transport.kafka import Kafka, admin, delete_namespace, ensure_topics

Ptj = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ptj(kafka, database_url, namespace, tmp_path: Path) -> Ptj:
    """A command on the parts of the test, in a home of its own."""

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PTJ_", "KIS_"))}
        given = {
            "PTJ_ENV_FILE": "",
            "PTJ_HOME": str(tmp_path / "var"),
            "PTJ_NAMESPACE": namespace,
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "DATABASE_URL": database_url,
        }
        return subprocess.run(
            [sys.executable, "-m", "runtime.cli", *arguments],
            env=clean | given | env, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    return run


def a_day() -> list:
    """A lively day whose parameters change in the middle, with a record that does not parse."""
    whole = list(market(300))
    newest = whole[-1]
    assert isinstance(newest, FrameBatch)
    after = newest.frames[-1].event_time + timedelta(seconds=1)
    middle = [change(2, 1, stop_loss_pct=-0.5, confirm_sec=2), b'{"kind": "frames", "frames": "\xff"}']
    return [*whole[:150], *middle, *whole[150:], session(Session.CLOSED), batch(frame(after, rest=1.0))]


@pytest.fixture
async def archived(kafka, database_url, namespace, tmp_path):
    """The day as the line leaves it: in the log, in the archive, its events in the database."""
    day = a_day()
    home = tmp_path / "var"
    async with sink(kafka, namespace, database_url, home / "archive"):
        await append(kafka, TICKS, namespace, day, key=b"us")

        async def written() -> bool:
            return await rows(database_url, "select archive from trade_days") == [("written",)]

        await eventually(written)
    said = pure_fold([(n, record) for n, record in enumerate(day)], load_rules(load_catalogue()))
    async with connected(database_url) as connection, connection.transaction():
        await write_events(connection, namespace, said)
    return path_of(home / "archive", namespace, "us", TRADE_DATE), len(day), said


async def test_an_archived_day_has_parity_until_a_price_is_altered(
    archived, ptj, kafka, database_url, namespace, tmp_path
):
    path, count, said = archived
    whole = path.read_bytes()
    path.unlink()
    absent = ptj("parity", str(TRADE_DATE))
    assert (absent.returncode, absent.stdout) == (2, "")
    assert f"`ptj archive {TRADE_DATE}` makes one" in absent.stderr
    made = ptj("archive", str(TRADE_DATE))
    assert (made.returncode, made.stdout) == (0, f"{TRADE_DATE} of {namespace}: {count} rows in {path}.\n")
    assert path.read_bytes() == whole

    good = ptj("parity", str(TRADE_DATE), "--json")
    told = json.loads(good.stdout)
    assert (good.returncode, told["is_equal"], told["percent"]) == (0, True, 100.0)
    assert told["live"] == told["replayed"] == told["equal"] == len(said)

    copy = tmp_path / "copy.parquet"
    symbol = altered(path, copy)["symbol"]
    bad = ptj("parity", str(TRADE_DATE), "--file", str(copy))
    assert bad.returncode == 1
    assert f" stop_loss {symbol} at 2026-02-10 " in bad.stdout
    assert bad.stdout.splitlines()[-1].startswith(f"{TRADE_DATE} of {namespace}: parity 9")

    await rows(
        database_url,
        "update signal_events set param_version = 9, signal_data = jsonb_set(signal_data, '{data,message}', '\"x\"')"
        " where event_id = %s returning 1",
        said[0].event_id,
    )
    asked = Asked(kafka, database_url, namespace, "us", TRADE_DATE, path, load_catalogue(), tmp_path / "var" / "runs")
    compared = await parity(asked)
    assert [(pair.live.event_id, pair.fields) for pair in compared.changed] == [
        (said[0].event_id, ["data", "parameter_version"])
    ]
    assert list((tmp_path / "var" / "runs").iterdir()) == []


async def test_what_is_wrong_is_one_sentence(archived, ptj, kafka, namespace, tmp_path):
    path, *_ = archived
    other = tmp_path / "other.parquet"
    other.write_text("no parquet")
    for arguments, sentence in [
        (["archive", "2026-02-11"], f"DATE: expected a trade date of {namespace} 'us', one between {TRADE_DATE} and"),
        (["parity", "2026-02-11"], "DATE: expected an archived day, received 2026-02-11, of which nothing is at"),
        (["parity", str(TRADE_DATE), "--file", str(other)], f"{other}: expected an archived day as Parquet, received"),
        (["parity", "2026-02-11", "--file", str(path)], f"{path}: trade_date: expected '2026-02-11', received"),
    ]:
        told = ptj(*arguments)
        assert (told.returncode, told.stdout) == (2, "")
        assert told.stderr.startswith(f"ptj: {sentence}"), told.stderr
        assert len(told.stderr.splitlines()) == 1

    async with admin(kafka) as client:
        await client.delete_records({TopicPartition(TICKS.name(namespace), 0): RecordsToDelete(before_offset=5)})
    lost = ptj("archive", str(TRADE_DATE))
    assert lost.returncode == 2
    assert "the log no longer holds the whole day" in lost.stderr
    assert f"the archive made earlier stays at {path}" in lost.stderr
    assert path.exists()


async def test_a_day_that_runs_is_not_archived(kafka, database_url, namespace, ptj, tmp_path):
    async with sink(kafka, namespace, database_url, tmp_path / "var" / "archive"):
        await append(kafka, TICKS, namespace, a_day()[:20], key=b"us")
        await eventually(lambda: rows(database_url, "select 1 from trade_days"))
    told = ptj("archive", str(TRADE_DATE))
    assert told.returncode == 2
    assert f"expected a day that has ended, received {TRADE_DATE}, which still runs" in told.stderr


async def test_sweep_shows_and_removes_what_nobody_works_on(kafka, database_url, namespace, ptj, tmp_path):
    await migrate(database_url)
    left, alive = f"replay.{namespace}.1", f"replay.parity-{namespace}.1"
    for name in (left, alive):
        await ensure_topics(kafka, name, REPLAY_TOPICS)
    directory = tmp_path / "var" / "runs"
    (directory / left).mkdir(parents=True)
    try:
        async with connected(database_url) as connection, leftovers.guarded(connection, alive):
            assert set(await leftovers.found(kafka, database_url, directory)) == {left}
            there = await leftovers.found(kafka, database_url, directory, foreign=True)
            assert alive not in there
            assert there[left][-1] == "directory"
            assert {"topic ticks", "topic signals"} <= set(there[left])
        # Of a database that knows no run of it, and without a directory, only the command looks.
        assert alive not in await leftovers.found(kafka, database_url, directory)
        assert alive in await leftovers.found(kafka, database_url, directory, foreign=True)
        assert set(await leftovers.sweep(kafka, database_url, directory)) == {left}
        assert not (directory / left).exists()
        async with admin(kafka) as client:
            topics = await client.list_topics()
        assert not [topic for topic in topics if topic.startswith(left)]
    finally:
        await delete_namespace(kafka, alive, f"{alive}.processor")


async def test_topics_sweep_says_what_it_removed(own_kafka, database_url, namespace, ptj):
    """On brokers of its own: the command removes whatever nobody works on, and tests share theirs."""
    await migrate(database_url)
    broker = await own_kafka()
    kafka, left = Kafka(broker.address), f"replay.{namespace}.1"
    await ensure_topics(kafka, left, REPLAY_TOPICS)
    for said in (
        f"{left}  topic dead-letters, topic signals, topic ticks, topic views\n"
        f"{broker.address}: removed what 1 killed attempt left.\n",
        f"{broker.address}: nothing is left.\n",
    ):
        told = ptj("topics", "--sweep", KAFKA_BOOTSTRAP_SERVERS=broker.address)
        assert (told.returncode, told.stdout) == (0, said), told.stderr
