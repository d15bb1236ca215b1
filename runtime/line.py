"""What is known of the running line, kept in `PTJ_HOME/run` so that any terminal can ask for it or end it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from runtime.children import is_running, started_at
from runtime.places import Home
from schemas.errors import ConfigError


class State(StrEnum):
    """Of one part of the line."""

    WAITING = "waiting"  # for those it comes after
    STARTING = "starting"
    READY = "ready"
    DONE = "done"  # did its part and ended
    RESTARTING = "restarting"  # died; waits to be started again
    FAILED = "failed"  # a setting is wrong: starting again is of no use
    STOPPING = "stopping"
    STOPPED = "stopped"


class Part(msgspec.Struct, kw_only=True):
    """One part of the line as it stands. The supervisor changes it in place; everyone else reads a copy."""

    name: str
    state: State = State.WAITING
    pid: int = 0
    started: str | None = None  # the system's word for when; with `pid` it names the process
    stop_signal: int = 15
    since: datetime  # of the state
    restarts: int = 0
    about: str = ""  # where it is reached, or what it is for
    detail: str = ""  # why it stands as it stands, when that is not plain
    log: str = ""

    @property
    def is_awaited(self) -> bool:
        """Whether the line is not ready because of it."""
        return self.state not in (State.READY, State.DONE)


class Line(msgspec.Struct, kw_only=True):
    """The whole line: its supervisor, its addresses, its parts. Holds passwords: mode 0600."""

    pid: int
    started: str | None
    since: datetime
    world: str
    namespace: str
    page: str
    home: str
    ready_at: datetime | None = None  # when all parts were ready for the first time
    is_stopping: bool = False
    speed: float = 1.0
    kafka: str = ""  # bootstrap servers
    database_url: str = ""
    kis_base_url: str = ""
    kis_ws_url: str = ""
    yahoo_url: str = ""  # of the simulator that stands in for it
    parts: list[Part] = msgspec.field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        return bool(self.parts) and not any(part.is_awaited for part in self.parts)

    @property
    def failed(self) -> list[Part]:
        return [part for part in self.parts if part.state is State.FAILED]

    @property
    def is_running(self) -> bool:
        """Whether its supervisor, that very process, lives."""
        return is_running(self.pid, self.started)

    def strays(self) -> list[Part]:
        """Parts whose process still lives."""
        return [part for part in self.parts if is_running(part.pid, part.started)]


def now() -> datetime:
    return datetime.now(UTC)


def myself() -> tuple[int, str | None]:
    return os.getpid(), started_at(os.getpid())


def save(home: Home, line: Line) -> None:
    """Replace the file at once: a reader sees the line before or after, never half of it."""
    draft = home.line.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(line))
    draft.replace(home.line)


def load(home: Home) -> Line | None:
    """The line that last ran under `home`, running or not; None when there is none or its file is not to be read."""
    try:
        return msgspec.json.decode(home.line.read_bytes(), type=Line)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def running(home: Home) -> Line | None:
    """The line that runs now."""
    line = load(home)
    return line if line and line.is_running else None


class AlreadyRunning(Exception):
    """Another supervisor holds the lock."""


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Be the only supervisor of this home. The kernel lets go of the lock however we die."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        except OSError as error:
            raise ConfigError(
                f"PTJ_HOME: expected a directory that can be locked, received {lock.parent}: {error}"
            ) from None
        yield
