"""The supervisor with tiny children: shell scripts that announce themselves, die, hang or refuse to go."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from runtime.children import Program, started_at
from runtime.line import Line, Part, State, load, now
from runtime.places import Home
from runtime.supervisor import Backoff, Service, Supervisor, last_words
from schemas.errors import ConfigError
from tests.support import eventually

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX supervisor")

READY = 'echo $$ > "$PTJ_READY_FILE"'
STAYS = f"{READY}; exec sleep 1000"
QUICK = Backoff(first_s=0.01, most_s=0.02)


def script(text: str, **options: object) -> Program:
    return Program(("/bin/sh", "-c", text), **options)  # type: ignore[arg-type]


class Running:
    """A supervisor at work, with every change it made."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.changes: list[tuple[str, State]] = []
        self.stop = asyncio.Event()
        self.supervisor: Supervisor
        self.line: Line

    def part(self, name: str) -> Part:
        return next(part for part in self.line.parts if part.name == name)

    async def until(self, name: str, state: State) -> Part:
        await eventually(lambda: self.part(name).state is state, timeout_s=10)
        return self.part(name)

    def order(self, state: State) -> list[str]:
        return [name for name, entered in self.changes if entered is state]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "var")
    home.create()
    return home


@pytest.fixture
def running(home: Home) -> Callable:
    @asynccontextmanager
    async def start(*services: Service, backoff: Backoff = QUICK) -> AsyncIterator[Running]:
        it = Running(home)
        it.line = Line(
            pid=os.getpid(),
            started=started_at(os.getpid()),
            since=now(),
            world="demo",
            namespace="demo",
            page="-",
            home="-",
        )
        it.supervisor = Supervisor(
            services, it.line, home, lambda part: it.changes.append((part.name, part.state)), backoff
        )
        task = asyncio.create_task(it.supervisor.run(it.stop))
        try:
            yield it
        finally:
            it.stop.set()
            await asyncio.wait_for(task, 20)
            assert not it.line.strays()

    return start


async def test_parts_start_in_order_and_stop_in_reverse(running):
    async with running(
        Service("kafka", script(STAYS)),
        Service("topics", script("exit 0"), after=("kafka",), once=True),
        Service("processor", script(STAYS), after=("topics",)),
        Service("producer", script(STAYS), after=("topics", "processor")),
    ) as it:
        await it.until("producer", State.READY)
        assert it.line.is_ready
        assert it.order(State.STARTING) == ["kafka", "topics", "processor", "producer"]
        assert load(it.home).is_ready  # any terminal can read it
    assert it.order(State.STOPPED) == ["producer", "processor", "kafka"]


async def test_what_dies_is_started_again(running, tmp_path):
    count = tmp_path / "count"
    async with running(
        Service("sink", script(f"echo x >> {count}; [ $(wc -l < {count}) -lt 3 ] && exit 1; {STAYS}"))
    ) as it:
        part = await it.until("sink", State.READY)
        assert part.restarts == 2
        first = part.pid
        os.kill(first, signal.SIGKILL)
        await eventually(lambda: part.state is State.READY and part.pid not in (0, first))
        assert part.restarts == 3


async def test_the_reason_of_a_death_is_the_last_line_of_its_log(running):
    said = "2026-11-23T02:29:01.123Z ERROR runtime.process PostgreSQL does not answer"
    async with running(Service("sink", script(f"echo '{said}'; exit 1")), backoff=Backoff(first_s=30, most_s=30)) as it:
        part = await it.until("sink", State.RESTARTING)
        assert part.detail == "in 30 s; ended with code 1: PostgreSQL does not answer"


async def test_a_wrong_setting_is_not_tried_again(running, tmp_path):
    count = tmp_path / "count"
    async with running(
        Service("api", script(f"echo x >> {count}; echo 'PTJ_API_PORT: expected a free port'; exit 2")),
        Service("producer", script(STAYS), after=("api",)),
    ) as it:
        part = await it.until("api", State.FAILED)
        assert part.detail == "PTJ_API_PORT: expected a free port"
        assert it.line.failed == [part]
    assert count.read_text() == "x\n"
    assert part.state is State.FAILED  # it stays known after the stop
    assert ("producer", State.STARTING) not in it.changes


async def test_a_once_part_is_repeated_until_it_succeeds(running, tmp_path):
    count = tmp_path / "count"
    async with running(
        Service("topics", script(f"echo x >> {count}; [ $(wc -l < {count}) -ge 3 ]"), once=True),
        Service("sink", script(STAYS), after=("topics",)),
    ) as it:
        await it.until("sink", State.READY)
        assert it.part("topics").state is State.DONE
        assert it.part("topics").restarts == 2


async def test_a_probe_tells_readiness_where_the_process_does_not(running):
    answers = False

    async def probe() -> bool:
        return answers

    async with running(Service("kafka", script("exec sleep 1000"), probe=probe)) as it:
        await it.until("kafka", State.STARTING)
        answers = True
        await it.until("kafka", State.READY)


async def test_a_probe_that_finds_a_wrong_setting_fails_the_part(running):
    async def probe() -> bool:
        raise ConfigError("POSTGRES_PASSWORD: expected the one this database was made with")

    async with running(Service("postgres", script("exec sleep 1000"), probe=probe)) as it:
        part = await it.until("postgres", State.FAILED)
        assert part.detail.startswith("POSTGRES_PASSWORD")
        assert part.pid == 0


async def test_who_ignores_the_request_to_stop_is_killed_with_its_children(running, tmp_path):
    child = tmp_path / "child"
    stubborn = script(
        f"trap '' TERM; sleep 1000 & echo $! > {child}; {READY}; while :; do sleep 1000; done",
        stop_within_s=0.2,
    )
    async with running(Service("stubborn", stubborn)) as it:
        await it.until("stubborn", State.READY)
        grandchild = int(child.read_text())
        assert started_at(grandchild)
    await eventually(lambda: started_at(grandchild) is None)


async def test_what_a_dead_part_leaves_is_killed_before_it_starts_again(running, tmp_path):
    child = tmp_path / "child"
    async with running(Service("api", script(f"sleep 1000 & echo $! > {child}; exit 1")), backoff=Backoff(30)) as it:
        await it.until("api", State.RESTARTING)
        await eventually(lambda: started_at(int(child.read_text())) is None)


async def test_changed_code_is_started_again_without_counting_as_a_death(running):
    async with running(Service("api", script(STAYS)), backoff=Backoff(30)) as it:
        part = await it.until("api", State.READY)
        first = part.pid
        it.supervisor.restart(["api", "unknown"])
        await eventually(lambda: part.state is State.READY and part.pid not in (0, first))
        assert part.restarts == 0


async def test_a_program_that_does_not_exist_is_told_and_tried_again(running):
    async with running(Service("java", Program(("/nonexistent/java",))), backoff=Backoff(30)) as it:
        part = await it.until("java", State.RESTARTING)
        assert "/nonexistent/java could not be started" in part.detail


async def test_stopping_while_parts_still_wait_or_start_leaves_nothing(running):
    async with running(
        Service("kafka", script("exec sleep 1000")),
        Service("topics", script("exit 0"), after=("kafka",), once=True),
    ) as it:
        await it.until("kafka", State.STARTING)
    assert [part.state for part in it.line.parts] == [State.STOPPED, State.STOPPED]


def test_backoff_grows_to_its_most_and_begins_again():
    backoff = Backoff(first_s=0.25, factor=2, most_s=5)
    assert [backoff.wait_s(deaths) for deaths in (1, 2, 3, 5, 6, 1000)] == [0.25, 0.5, 1.0, 4.0, 5.0, 5.0]


async def test_a_stable_life_makes_the_backoff_begin_again(running):
    backoff = Backoff(first_s=0.01, factor=1000, most_s=60, stable_s=0)  # any life counts as stable
    async with running(Service("sink", script(STAYS)), backoff=backoff) as it:
        for restarts in (1, 2, 3):
            part = await it.until("sink", State.READY)
            os.kill(part.pid, signal.SIGKILL)
            await eventually(lambda part=part, n=restarts: part.restarts == n)  # the second would wait 10 s


def test_a_part_cannot_come_after_one_that_stands_later(home):
    line = Line(pid=1, started=None, since=now(), world="demo", namespace="demo", page="-", home="-")
    with pytest.raises(ValueError, match="api: comes after"):
        Supervisor([Service("api", script(""), after=("kafka",)), Service("kafka", script(""))], line, home)


def test_last_words_of_a_log_that_is_not_there_are_none(tmp_path):
    assert last_words(str(tmp_path / "none.log")) == ""


KILLED = """
import asyncio, os, sys
from pathlib import Path
from runtime.children import Program, started_at
from runtime.line import Line, now
from runtime.places import Home
from runtime.supervisor import Service, Supervisor

home = Home(Path(sys.argv[1])); home.create()
me = {"pid": os.getpid(), "started": started_at(os.getpid())}
line = Line(since=now(), world="demo", namespace="demo", page="-", home="-", **me)
stays = ("/bin/sh", "-c", 'echo $$ > "$PTJ_READY_FILE"; exec sleep 1000')
asyncio.run(Supervisor([Service(n, Program(stays)) for n in ("a", "b")], line, home).run(asyncio.Event()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of a death on Linux only")
async def test_kill_9_of_the_supervisor_leaves_no_child(home):
    supervisor = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(home.root))
    try:
        line = await eventually(lambda: (found := load(home)) and found.is_ready and found)
        assert len(line.strays()) == 2
    finally:
        supervisor.kill()
        await supervisor.wait()
    await eventually(lambda: not line.strays())
    assert not load(home).is_running  # its file is known to be stale
