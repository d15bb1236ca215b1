"""Child processes: started so that they die with us, ended so that nothing of them stays."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.logs import rotate

PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Program:
    """What to execute. `user` is who runs it, when not we: PostgreSQL refuses root."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)  # added to ours; may hold passwords
    cwd: Path | None = None
    user: str | int | None = None
    group: str | int | None = None
    stop_signal: int = signal.SIGTERM
    stop_within_s: float = 15.0


async def spawn(program: Program, log: Path) -> asyncio.subprocess.Process:
    """Start `program` in a session of its own, its output appended to `log`.

    On Linux the kernel sends it `stop_signal` when we die, whatever killed us. Raises `OSError` when it cannot start.
    """
    rotate(log)
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *program.argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **program.env},
            cwd=program.cwd,
            user=program.user,
            group=program.group,
            extra_groups=None if program.user is None else [],
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), program.stop_signal),
        )


def _die_with(parent: int, number: int) -> Callable[[], None] | None:
    """What the child does before it executes: after a change of user, which would clear the wish."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl  # found here: between fork and exec is no time to load

    def bind() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:  # the parent died in between
            os._exit(1)

    return bind


async def end(process: asyncio.subprocess.Process, program: Program) -> None:
    """Ask it to stop, wait, then kill its whole group. Returns when it is gone."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(program.stop_signal)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), program.stop_within_s)
    kill_group(process.pid)
    await process.wait()


def kill_group(pid: int) -> None:
    """Kill what is left of the process group that `pid` led."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def started_at(pid: int) -> str | None:
    """When `pid` was started, in the system's own words; with the pid it names a process for good. None: not there."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except (OSError, ValueError):
            return None
        state, *fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
        return None if state in "ZX" else fields[18]
    told = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.strip() or None


def resident_mb(pid: int) -> float | None:
    """Memory that `pid` holds, in MiB; None where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def is_running(pid: int, started: str | None) -> bool:
    """Whether the very process that was `pid` when it `started` still lives."""
    return pid > 0 and started is not None and started_at(pid) == started


def end_stray(pid: int, started: str | None, number: int = signal.SIGTERM, within_s: float = 15.0) -> bool:
    """End a process that is not our child; True when there was one. Blocks up to `within_s`, then kills its group."""
    if not is_running(pid, started):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
    deadline = time.monotonic() + within_s
    while is_running(pid, started) and time.monotonic() < deadline:
        time.sleep(0.05)
    if is_running(pid, started):
        kill_group(pid)
    return True
