"""An embedded part: how to execute it, where it answers, and a handle to start, kill and start it again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from runtime.children import Program, end, spawn
from schemas.errors import Unavailable

LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Child:
    """A part that is ready to be executed, or that runs already.

    `program`: for `runtime.children.spawn`. `address`: what clients are given, Kafka's bootstrap servers or a
    PostgreSQL URL; it may hold a password. `probe`: whether it answers; raises `ConfigError` where waiting is
    of no use. `pid`: of the process that serves these data now; None when there is none and it may be started.
    """

    name: str
    program: Program
    address: str = field(repr=False)
    probe: Callable[[], Awaitable[bool]]
    pid: int | None = None


def find(*arguments: str) -> int | None:
    """The pid of the process whose command line holds all of `arguments`, each a whole argument.

    The command line is the proof: unlike a pid file it cannot be stale, and no other process that was given
    the same pid can be taken for ours. Of a family (PostgreSQL's children start as copies) it is the eldest.
    """
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if set(arguments) <= set(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                found.append((process.create_time(), process.pid))
    return min(found)[1] if found else None


class Running:
    """One child in our hands, for tests and short errands; a supervisor watches its children by itself."""

    def __init__(self, child: Child, log: Path) -> None:
        self.child, self.log = child, log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        return self.child.address

    @property
    def pid(self) -> int | None:
        """Of the process that was started here and still runs, else of the one that was found running."""
        if self._process is not None and self._process.returncode is None:
            return self._process.pid
        return self.child.pid

    async def start(self, timeout_s: float = 60.0) -> None:
        """Return when it answers; one that runs already is used as it is. Raises `Unavailable` when it does not."""
        if self.pid is None:
            self._process = await spawn(self.child.program, self.log)
        deadline = asyncio.get_running_loop().time() + timeout_s
        while not await self.child.probe():
            if self._process is not None and self._process.returncode is not None:
                raise Unavailable(f"{self.child.name} ended with {self._process.returncode}: {last_lines(self.log)}")
            if asyncio.get_running_loop().time() > deadline:
                raise Unavailable(f"{self.child.name} did not answer for {timeout_s:g} s: {last_lines(self.log)}")
            await asyncio.sleep(LOOK_EVERY_S)

    async def stop(self) -> None:
        """End it as its supervisor would: ask, wait, kill. One that was found running is left alone."""
        if self._process is not None:
            await end(self._process, self.child.program)
            self._process = None

    async def kill(self) -> None:
        """Take it away at once with all that it started, like a power cut. Returns when nothing of it is left."""
        if self._process is None or self._process.returncode is not None:
            return
        family = psutil.Process(self._process.pid).children(recursive=True)
        os.kill(self._process.pid, signal.SIGKILL)
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        await self._process.wait()
        while any(_lives(member) for member in family):  # noqa: ASYNC110  no event tells of a stranger's end
            await asyncio.sleep(LOOK_EVERY_S)
        self._process = None

    async def restart(self) -> None:
        await self.stop()
        await self.start()


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    return False


def last_lines(log: Path, count: int = 3) -> str:
    """The end of a log on one line, for an error message."""
    try:
        return " | ".join(log.read_text(errors="replace").strip().splitlines()[-count:])
    except OSError:
        return ""
