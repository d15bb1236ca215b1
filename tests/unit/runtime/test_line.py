"""Any terminal can ask for the line, and a killed one is not taken for a running one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from runtime.children import end_stray, is_running, started_at
from runtime.line import AlreadyRunning, Line, Part, State, held, load, now, running, save
from runtime.places import Home
from runtime.screen import headline, picture
from runtime.up import end_strays


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "var")
    home.create()
    return home


def line(pid: int, started: str | None, *parts: Part) -> Line:
    return Line(
        pid=pid, started=started, since=now(), ready_at=now(), world="demo", namespace="demo",
        page="http://127.0.0.1:8000/", home="-", database_url="postgresql://ptj:secret@h/ptj", parts=list(parts),
    )  # fmt: skip


def part(name: str, state: State, **more: object) -> Part:
    return Part(name=name, state=state, since=now(), **more)  # type: ignore[arg-type]


def test_a_saved_line_is_read_again_and_private(home):
    saved = line(os.getpid(), started_at(os.getpid()), part("api", State.READY))
    save(home, saved)
    assert running(home) == saved
    assert stat.S_IMODE(home.line.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.run.stat().st_mode) == 0o700


def test_the_same_pid_of_another_start_is_another_process(home):
    save(home, line(os.getpid(), "an earlier start"))
    assert load(home) is not None
    assert running(home) is None


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', "\xff"])
def test_a_damaged_file_is_as_good_as_none(home, text):
    home.line.write_text(text, "latin-1")
    assert load(home) is None


def test_only_one_supervisor_holds_a_home(home):
    with held(home.lock), pytest.raises(AlreadyRunning), held(home.lock):
        pass
    with held(home.lock):
        pass  # free again


def test_what_a_killed_line_left_is_ended(home):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], start_new_session=True)
    try:
        left = part("sink", State.READY, pid=child.pid, started=started_at(child.pid))
        other = part("api", State.READY, pid=os.getpid(), started="not us")  # our pid, another start: not touched
        save(home, line(2**22 + 1, "gone", left, other))
        home.ready_file("sink").write_text("1")
        assert end_strays(home) == ["sink"]
        assert child.wait(10) != 0
        assert not home.ready_file("sink").exists()
    finally:
        child.kill()
        child.wait()


def test_a_process_that_is_gone_is_not_ended():
    assert not end_stray(2**22 + 1, "x")
    assert not is_running(0, None)


def test_the_headline_says_what_matters_most():
    ready, waiting = part("api", State.READY), part("sink", State.RESTARTING)
    assert "open http://127.0.0.1:8000/  (DEMO)" in headline(line(1, "x", ready))
    assert headline(line(1, "x", ready, waiting)) == "Waiting for sink"
    assert (
        headline(line(1, "x", waiting, part("producer", State.FAILED, detail="KIS_APP_KEY: …")))
        == "producer failed: KIS_APP_KEY: …"
    )


def test_a_detail_is_shown_as_it_is_and_not_as_markup():
    from rich.console import Console

    console = Console(width=100, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(picture(line(1, "x", part("api", State.FAILED, detail="[red]not markup[/]"))))
    assert "[red]not markup[/]" in console.export_text()
