"""The programs in docs/topics.md, run as they stand against a broker with an event on it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from msgspec.structs import replace

from schemas.base import decoder, encode, parse
from schemas.signals import SignalEvent, view_key
from schemas.topics import SIGNALS
from tests.contract.test_docs import DOCS, blocks
from transport.kafka import Kafka, ensure_topics, make_producer

SAMPLE = Path(__file__).parents[1] / "contract" / "samples" / "signals.edge.v1.2026-11-23.json"
EVENT: SignalEvent = parse(decoder(SignalEvent), SAMPLE.read_bytes(), "sample")
SAID = "2026-02-13T15:00:03.250000Z twin_pairs coin ENTRY:follow_lags (R1/session)"


async def say(kafka: Kafka, namespace: str, *events: SignalEvent) -> None:
    producer = make_producer(kafka)
    await producer.start()
    try:
        for event in events:
            key = view_key(event.book, event.signal_type, event.subject)
            await producer.send_and_wait(SIGNALS.name(namespace), encode(event), key=key.encode())
    finally:
        await producer.stop()


class Follower:
    """The program of the docs in a process of its own; Ctrl-C ends it, as it would in a terminal."""

    def __init__(self, program: Path, kafka: Kafka, namespace: str) -> None:
        self.program = program
        self.environment = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "PTJ_NAMESPACE": namespace,
            "PYTHONUNBUFFERED": "1",  # a terminal shows each line at once, a pipe does not
        }

    async def __aenter__(self) -> Follower:
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(self.program), env=self.environment, stdout=pipe, stderr=pipe
        )
        return self

    async def line(self) -> str:
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode().rstrip("\n")

    async def __aexit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.rest, self.errors = await asyncio.wait_for(self.process.communicate(), 30)


async def test_the_follower_prints_each_event_once_and_goes_on_where_it_stopped(
    kafka: Kafka, namespace: str, tmp_path: Path
) -> None:
    await ensure_topics(kafka, namespace, [SIGNALS])
    program = tmp_path / "follow_signals.py"
    program.write_text(blocks("topics.md", "python")["follow_signals.py"], "utf-8")
    second, third = replace(EVENT, event_id="b", subject="bank"), replace(EVENT, event_id="c", subject="semi")

    await say(kafka, namespace, EVENT, EVENT, second)  # a crash behind the second record would repeat it so
    async with Follower(program, kafka, namespace) as follower:
        assert await follower.line() == SAID
        assert await follower.line() == SAID.replace("coin", "bank")
        await say(kafka, namespace, third)
        assert await follower.line() == SAID.replace("coin", "semi")
    assert b"KeyboardInterrupt" in follower.errors  # ended by us, not by an error of its own

    await say(kafka, namespace, EVENT)
    async with Follower(program, kafka, namespace) as follower:
        assert await follower.line() == SAID  # what came since; not what it had read before
    assert follower.rest == b""


def test_the_docs_show_what_it_prints() -> None:
    assert f"```\n{SAID}\n```" in (DOCS / "topics.md").read_text("utf-8")


def test_the_typed_reader_reads() -> None:
    scope: dict[str, object] = {}
    exec(compile(blocks("topics.md", "python")["read_typed.py"], "read_typed.py", "exec"), scope)
    read = scope["read"]
    assert callable(read)
    assert read(SAMPLE.read_bytes(), "demo.signals[0]@17") == EVENT
