"""The commands as people type them: help, errors in a sentence, and what they do to topics and tables."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from msgspec.structs import replace
from psycopg import AsyncConnection

from schemas.base import encode
from schemas.dead_letters import DeadLetter
from schemas.topics import DEAD_LETTERS, TICKS, TOPICS, partition_of
from sinks.dead_letters import DeadLetters
from sinks.migrate import migrate
from tests.builders import at, batch, change, frame
from transport.kafka import Kafka, admin, ensure_topics, make_producer, read_to_end

ROOT = Path(__file__).parents[2]
COMMANDS = [
    ["up"], ["down"], ["ps"], ["logs"], ["doctor"], ["version"], ["producer"], ["processor"], ["sink"], ["api"],
    ["simulate", "kis"], ["simulate", "yahoo"], ["bars", "import"], ["bars", "export"], ["bars", "fetch"],
    ["bars", "coverage"], ["topics"], ["tail"], ["dead-letters"], ["db", "migrate"], ["db", "shell"],
    ["archive"], ["parity"], ["check-signal"],
]  # fmt: skip
Ptj = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ptj(tmp_path: Path) -> Ptj:
    """Run a command in a home of its own that sees no setting but those given."""

    def run(*arguments: str, input: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        clean = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("PTJ_", "KIS_", "KAFKA_", "DATABASE_", "POSTGRES_"))
        }
        return subprocess.run(
            [sys.executable, "-m", "runtime.cli", *arguments],
            env={**clean, "PTJ_ENV_FILE": "", "PTJ_HOME": str(tmp_path / "var"), "COLUMNS": "120", **env},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            input=input,
            check=False,
        )

    return run


@pytest.fixture
def connected(ptj: Ptj, kafka: Kafka, namespace: str) -> Ptj:
    """The same, with the broker and the namespace of the test."""

    def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        return ptj(*arguments, KAFKA_BOOTSTRAP_SERVERS=kafka.bootstrap_servers, PTJ_NAMESPACE=namespace, **env)

    return run


@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
def test_every_command_explains_itself(ptj, command):
    told = ptj(*command, "--help")
    assert told.returncode == 0
    assert " ".join(["ptj", *command]) in told.stdout


def test_help_is_quick(ptj):
    def cpu_s() -> float:
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        return spent.ru_utime + spent.ru_stime

    costs = []
    for _ in range(3):
        before = cpu_s()
        assert ptj("--help").returncode == 0
        costs.append(cpu_s() - before)
    assert min(costs) < 0.4  # measured: 0.22 s; processor time, so that a busy machine does not count


@pytest.mark.parametrize(
    ("arguments", "env", "code", "sentence"),
    [
        (["up"], {"PTJ_API_PORT": "abc"}, 2, 'ptj: PTJ_API_PORT: expected a whole number, received "abc"'),
        (["up"], {"PTJ_WORLD": "live"}, 2, "ptj: KIS_APP_KEY, KIS_APP_SECRET: expected both with"),
        (["tail", "signals"], {}, 2, "ptj: KAFKA_BOOTSTRAP_SERVERS: expected an address or a running line"),
        (["db", "migrate"], {}, 2, "ptj: DATABASE_URL: expected an address or a running line, received neither"),
        (["topics"], {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, 1, "ptj: Kafka at 127.0.0.1:1 does not answer"),
        (["db", "migrate"], {"DATABASE_URL": "postgresql://u:hunter2@[::1]:1/d"}, 1, "ptj: PostgreSQL does not answer"),
        (["sink"], {}, 2, "ptj: KAFKA_BOOTSTRAP_SERVERS: expected an address or a running line"),
        (["logs", "apy"], {}, 2, "ptj: name: expected one of none, as nothing has run here yet, received 'apy'"),
        (["up"], {"PTJ_BOOK": "jp"}, 2, "ptj: book: expected one of us or a TOML file, received 'jp'"),
        (["up"], {"PTJ_SIGNALS": "/none.toml"}, 2, "ptj: signals: expected a TOML file, received '/none.toml'"),
        (["up"], {"PTJ_HOME": "/proc/none"}, 2, "ptj: PTJ_HOME: expected a directory that can be written, received"),
    ],
)  # fmt: skip
def test_an_error_is_one_sentence_and_no_traceback(ptj, arguments, env, code, sentence):
    told = ptj(*arguments, **env)
    assert told.returncode == code
    said = told.stderr.strip().splitlines()
    assert len(said) == 1
    assert said[0].startswith(sentence)
    assert "Traceback" not in told.stderr
    assert "hunter2" not in told.stderr + told.stdout


def test_debug_shows_where_an_error_came_from(ptj):
    told = ptj("--debug", "db", "migrate")
    assert "Traceback" in told.stderr


def test_a_mistyped_command_is_answered_with_the_right_one(ptj):
    told = ptj("tial")
    assert told.returncode == 2
    assert "tail" in told.stderr


def test_with_nothing_running_ps_and_down_say_so(ptj):
    assert ptj("ps").returncode == 3
    down = ptj("down")
    assert down.returncode == 0
    assert "nothing to stop" in down.stdout


def test_a_taken_port_is_refused_before_anything_is_started(ptj, tmp_path):
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        told = ptj("up", PTJ_API_PORT=str(port))
    assert told.returncode == 2
    assert told.stderr.startswith(f"ptj: PTJ_API_PORT: expected a free port, received {port}, which ")
    assert not (tmp_path / "var" / "kafka").exists()


async def test_topics_creates_what_is_missing_and_is_safe_to_repeat(connected, kafka, namespace):
    first = connected("topics")
    assert first.returncode == 0, first.stderr
    async with admin(kafka) as client:
        assert {topic.name(namespace) for topic in TOPICS} <= set(await client.list_topics())
    assert connected("topics").stdout.strip().endswith("all were there.")


def test_migrate_is_safe_to_repeat_and_hides_the_password(ptj, database_url):
    first = ptj("db", "migrate", DATABASE_URL=database_url)
    assert "applied 0001_" in first.stdout, first.stderr
    assert "all migrations were there" in ptj("db", "migrate", DATABASE_URL=database_url).stdout


def test_the_shell_opens_on_the_database(ptj, database_url):
    told = ptj("db", "shell", DATABASE_URL=database_url, input="select 6 * 7 as answer;")
    assert "42" in told.stdout, told.stderr


async def test_tail_shows_records_as_sentences_and_as_json(connected, kafka, namespace):
    await ensure_topics(kafka, namespace)
    await send(kafka, TICKS.name(namespace), encode(batch(frame(at("10:00"), {"GLD": 1.0}))), partition_of("us"))
    sentence = connected("tail", "ticks", "--from-beginning", "-n", "1")
    assert "GLD" in sentence.stdout, sentence.stderr
    record = json.loads(connected("tail", "ticks", "-b", "-n", "1", "--json").stdout)
    assert record["value"]["kind"] == "frames"
    unknown = connected("tail", "nope")
    assert unknown.returncode == 2
    assert unknown.stderr.startswith("ptj: topic: expected ticks, signals,")


async def test_dead_letters_are_listed_and_those_that_may_go_back_do(connected, kafka, namespace):
    await ensure_topics(kafka, namespace)
    put, tick = change(2, 1), batch(frame(at("10:00"), {"GLD": 1.0}))
    for offset, value in enumerate([encode(tick), encode(put), encode(put)]):
        letter = DeadLetter(
            topic=TICKS.name(namespace), partition=0, offset=min(offset, 1), reason="because", reported_by="test",
            reported_at=at("10:00"), key=b"us", value=value,
        )  # fmt: skip
        await send(kafka, DEAD_LETTERS.name(namespace), encode(letter), 0)
    listed = connected("dead-letters")
    assert listed.stdout.count("because") == 2  # the third is a repeat of a place
    assert f"2 dead letters of {namespace}" in listed.stdout
    told = connected("dead-letters", "--reinject")
    assert "stays: a tick's place in the order is gone" in told.stdout
    assert "1 put back" in told.stdout
    assert "not noted in the database: DATABASE_URL: expected an address or a running line" in told.stdout
    ticks = [r async for r in read_to_end(kafka, TopicPartition(TICKS.name(namespace), partition_of("us")))]
    assert [(record.key, record.value) for record in ticks] == [(b"us", encode(put))]
    unknown = connected("dead-letters", "--only", "x[0]@1")
    assert unknown.returncode == 2


async def test_what_was_put_back_is_noted_once_it_is_stored(connected, kafka, namespace, database_url):
    await ensure_topics(kafka, namespace)
    letter = DeadLetter(
        topic=TICKS.name(namespace), partition=0, offset=7, reason="because", reported_by="test",
        reported_at=at("10:00"), key=b"us", value=encode(change(2, 1)),
    )  # fmt: skip
    await send(kafka, DEAD_LETTERS.name(namespace), encode(letter), 0)
    behind = "not noted in the database: the sink has not stored this letter yet"
    assert behind in connected("dead-letters", "--reinject", DATABASE_URL=database_url).stdout
    await migrate(database_url)
    assert behind in connected("dead-letters", "--reinject", DATABASE_URL=database_url).stdout
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        await DeadLetters(namespace).write(connection, [(letter, 0), (replace(letter, offset=8), 1)])
        told = connected("dead-letters", "--reinject", DATABASE_URL=database_url)
        assert "1 put back" in told.stdout, told.stderr
        assert "not noted" not in told.stdout
        stored = await connection.execute(
            "select record_offset, reinjected_at is not null from dead_letters order by 1"
        )
        assert await stored.fetchall() == [(7, True), (8, False)]


async def send(kafka: Kafka, topic: str, value: bytes, partition: int) -> None:
    producer = make_producer(kafka)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=b"us", partition=partition)
    finally:
        await producer.stop()


def test_doctor_names_what_is_wrong_and_the_way_out(ptj, database_url):
    told = ptj("doctor", KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1", DATABASE_URL=database_url, PTJ_APIPORT="8000")
    assert told.returncode == 1
    lines = {line.split()[1]: line for line in told.stdout.splitlines()}
    assert lines["kafka"].startswith("bad")
    assert "mend KAFKA_BOOTSTRAP_SERVERS" in lines["kafka"]
    assert lines["database"].startswith("ok")
    assert "`ptj db migrate`" in lines["tables"]
    assert "PTJ_APIPORT" in lines["settings"]
