"""A stage in a process: readiness, stopping, and exit codes that say what to do next."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from runtime.process import causes
from tests.support import eventually

STAGE = """
import asyncio, logging, sys
from runtime.logs import set_up
from runtime.process import serve
from schemas.errors import ConfigError, Unavailable
set_up("info", ["hunter2hunter2"])

async def run(stop, ready):
{body}

sys.exit(serve(run))
"""


def start(body: str, **env: str) -> subprocess.Popen[str]:
    program = STAGE.format(body=textwrap.indent(textwrap.dedent(body), "    "))
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, **env},
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )


@pytest.mark.parametrize(
    ("body", "code", "last"),
    [
        pytest.param("ready()", 0, "ready pid=", id="it may end by itself"),
        pytest.param("raise ConfigError('port: mend it')", 2, "port: mend it", id="a wrong setting"),
        pytest.param("raise Unavailable('Kafka is away')", 1, "Kafka is away", id="something is away"),
        pytest.param("raise KeyError('x')", 1, "KeyError: 'x'", id="anything else"),
        pytest.param(
            "raise ExceptionGroup('two', [Unavailable('a'), ConfigError('b: mend it')])",
            2,
            "b: mend it",
            id="in a group",
        ),
    ],
)
def test_the_exit_code_says_what_to_do_next(body, code, last):
    process = start(body)
    _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert last in said.splitlines()[-1]


async def test_readiness_is_a_file_with_the_pid_and_sigterm_is_a_request(tmp_path):
    file = tmp_path / "x.ready"
    process = start("ready(); await stop.wait()", PTJ_READY_FILE=str(file))
    try:
        await eventually(file.exists)
        assert int(file.read_text()) == process.pid
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()


async def test_a_stage_that_cannot_stop_is_ended_by_a_second_request(tmp_path):
    file = tmp_path / "x.ready"
    process = start("ready(); await asyncio.sleep(1000)", PTJ_READY_FILE=str(file))
    try:
        await eventually(file.exists)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 1
    finally:
        process.kill()
        process.communicate()


def test_a_stage_stops_when_its_supervisor_is_gone():
    process = start("ready(); await stop.wait(); await asyncio.sleep(1.5)", PTJ_SUPERVISOR_PID="1")  # not our parent
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "the supervisor is gone" in said


def test_no_log_line_holds_a_secret_not_even_in_a_traceback():
    process = start("logging.info('a=hunter2hunter2'); raise RuntimeError('b=hunter2hunter2')")
    _, said = process.communicate(timeout=30)
    assert "hunter2" not in said
    assert "a=***" in said
    assert "RuntimeError: b=***" in said


def test_the_causes_of_a_group_are_its_leaves():
    a, b = ValueError("a"), KeyError("b")
    assert list(causes(ExceptionGroup("x", [a, ExceptionGroup("y", [b])]))) == [a, b]
    assert list(causes(a)) == [a]
