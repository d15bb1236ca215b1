"""The supervisor: starts the parts of the line in order, restarts what dies, stops all in the reverse order.

It decides by exit codes and readiness alone and knows nothing of what its parts do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from runtime.children import Program, end, kill_group, spawn, started_at
from runtime.line import Line, Part, State, now, save
from runtime.places import Home
from runtime.process import PARENT, READY_FILE
from schemas.errors import ConfigError, Unavailable

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.05
WRONG_SETTING = 2  # exit code of a process of ours that starting again cannot help


@dataclass(frozen=True, slots=True)
class Service:
    """A part of the line. It starts when all of `after` are ready and stops when all that come after it have."""

    name: str
    program: Program
    after: tuple[str, ...] = ()
    probe: Callable[[], Awaitable[bool]] | None = None  # is it ready? None: it writes the file PTJ_READY_FILE
    once: bool = False  # has done its part when it ends with 0
    final_codes: tuple[int, ...] = (WRONG_SETTING,)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before another start: longer each time, from the first again after a stable life."""

    first_s: float = 0.25
    factor: float = 2.0
    most_s: float = 5.0  # a broker that is back should not wait long for its workers
    stable_s: float = 60.0

    def wait_s(self, deaths: int) -> float:
        """`deaths` in a row, 1 or more."""
        return min(self.most_s, self.first_s * self.factor ** min(deaths - 1, 30))


@dataclass(slots=True)
class _Keeping:
    """What the supervisor holds of one service."""

    service: Service
    part: Part
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    renew: asyncio.Event = field(default_factory=asyncio.Event)
    process: asyncio.subprocess.Process | None = None
    task: asyncio.Task[None] | None = None


class Supervisor:
    """Keeps `services` alive until told to stop. `on_change` is called after every change of a part."""

    def __init__(
        self,
        services: Sequence[Service],
        line: Line,
        home: Home,
        on_change: Callable[[Part], None] = lambda part: None,
        backoff: Backoff = Backoff(),
    ) -> None:
        self._line, self._home, self._on_change, self._backoff = line, home, on_change, backoff
        self._kept: dict[str, _Keeping] = {}
        for service in services:
            unknown = [name for name in service.after if name not in self._kept]
            if unknown:
                raise ValueError(f"{service.name}: comes after {unknown}, which must stand before it")
            part = Part(
                name=service.name,
                since=now(),
                about=service.about,
                stop_signal=int(service.program.stop_signal),
                log=str(home.log_of(service.name)),
            )
            self._kept[service.name] = _Keeping(service, part)
        line.parts = [kept.part for kept in self._kept.values()]

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, keep it, and return when `stop` is set and nothing is left."""
        save(self._home, self._line)
        for kept in self._kept.values():
            kept.task = asyncio.create_task(self._keep(kept), name=kept.service.name)
        asked = asyncio.create_task(stop.wait())
        try:
            tasks = [kept.task for kept in self._kept.values() if kept.task]
            crashed = asyncio.gather(*tasks)  # ends only by an error of ours: then stop all and raise it
            either: set[asyncio.Future[Any]] = {asked, crashed}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if crashed.done() and not asked.done() and not crashed.cancelled() and crashed.exception() is None:
                await asked  # all were `once`
        finally:
            asked.cancel()
            self._line.is_stopping = True
            await self._stop_all()
            with contextlib.suppress(asyncio.CancelledError):
                await crashed
            save(self._home, self._line)

    def restart(self, names: Iterable[str]) -> None:
        """End these and start them again at once, as after a change of their code."""
        for name in names:
            if (kept := self._kept.get(name)) and kept.process is not None:
                kept.renew.set()

    def kill_all(self) -> None:
        """Do not wait any longer."""
        for kept in self._kept.values():
            if kept.process is not None:
                kill_group(kept.process.pid)

    async def _keep(self, kept: _Keeping) -> None:
        """The life of one service: wait, start, watch, start again. Cancelled to stop it."""
        deaths = 0
        try:
            for name in kept.service.after:
                await self._kept[name].is_ready.wait()
            while True:
                try:
                    lived_s, code = await self._live(kept)
                except ConfigError as error:  # said by a probe: waiting is of no use
                    if kept.process is not None:
                        await end(kept.process, kept.service.program)
                        self._gone(kept)
                    self._change(kept, State.FAILED, str(error))
                    return
                if kept.renew.is_set():
                    kept.renew.clear()
                    continue
                if kept.service.once and code == 0:
                    self._change(kept, State.DONE)
                    kept.is_ready.set()
                    return
                if code in kept.service.final_codes:
                    self._change(kept, State.FAILED, last_words(kept.part.log))
                    return
                deaths = 1 if lived_s >= self._backoff.stable_s else deaths + 1
                wait_s = self._backoff.wait_s(deaths)
                kept.part.restarts += 1
                self._change(kept, State.RESTARTING, f"in {wait_s:g} s; {ended(code)}: {last_words(kept.part.log)}")
                await asyncio.sleep(wait_s)
        finally:
            if kept.process is not None:
                self._change(kept, State.STOPPING)
                await end(kept.process, kept.service.program)
                self._gone(kept)
            if kept.part.state not in (State.DONE, State.FAILED):
                self._change(kept, State.STOPPED)

    async def _live(self, kept: _Keeping) -> tuple[float, int]:
        """Start the process and watch it to its end; return how long it was ready and its exit code."""
        ready_file = self._home.ready_file(kept.service.name)
        ready_file.unlink(missing_ok=True)
        env = {**kept.service.program.env, READY_FILE: str(ready_file), PARENT: str(os.getpid())}
        try:
            kept.process = await spawn(replace(kept.service.program, env=env), self._home.log_of(kept.service.name))
        except OSError as error:
            with self._home.log_of(kept.service.name).open("a") as output:
                output.write(f"{kept.service.program.argv[0]} could not be started: {error}\n")
            return 0.0, 1
        kept.part.pid, kept.part.started = kept.process.pid, started_at(kept.process.pid)
        self._change(kept, State.STARTING)
        over = asyncio.create_task(kept.process.wait())
        renew = asyncio.create_task(kept.renew.wait())
        ready_since = None
        try:
            while not over.done() and not renew.done():
                if ready_since is None and await self._is_ready(kept):
                    ready_since = time.monotonic()
                    kept.is_ready.set()
                    self._change(kept, State.READY)
                look_again_s = LOOK_EVERY_S if ready_since is None else None
                await asyncio.wait({over, renew}, timeout=look_again_s, return_when=asyncio.FIRST_COMPLETED)
            if renew.done():
                self._change(kept, State.STOPPING, "its code changed")
                await end(kept.process, kept.service.program)
            code = await over
        finally:
            over.cancel()
            renew.cancel()
        kill_group(kept.process.pid)  # what it may have started itself
        self._gone(kept)
        return (0.0 if ready_since is None else time.monotonic() - ready_since), code

    async def _is_ready(self, kept: _Keeping) -> bool:
        if kept.service.probe is None:
            return not kept.service.once and self._home.ready_file(kept.service.name).exists()
        try:
            return await kept.service.probe()
        except (OSError, TimeoutError, Unavailable):
            return False

    async def _stop_all(self) -> None:
        """Stop each part when all that come after it are gone; those that know nothing of each other at once."""
        stops: dict[str, asyncio.Task[None]] = {}
        for kept in reversed(self._kept.values()):
            name = kept.service.name
            later = [stops[other] for other in stops if name in self._kept[other].service.after]
            stops[name] = asyncio.create_task(self._stop(kept, later))
        await asyncio.gather(*stops.values())

    async def _stop(self, kept: _Keeping, later: list[asyncio.Task[None]]) -> None:
        if later:
            await asyncio.wait(later)
        if kept.task is not None:
            kept.task.cancel()
            await asyncio.wait({kept.task})

    def _gone(self, kept: _Keeping) -> None:
        self._home.ready_file(kept.service.name).unlink(missing_ok=True)
        kept.process, kept.part.pid, kept.part.started = None, 0, None

    def _change(self, kept: _Keeping, state: State, detail: str = "") -> None:
        part = kept.part
        part.state, part.detail, part.since = state, detail, now()
        if self._line.ready_at is None and self._line.is_ready:
            self._line.ready_at = part.since
        counts = f"pid={part.pid} restarts={part.restarts}"
        log.info("part name=%s state=%s %s %s", part.name, state.value, counts, detail)
        save(self._home, self._line)
        self._on_change(part)


def ended(code: int) -> str:
    """An exit code in words."""
    return f"killed by signal {-code}" if code < 0 else f"ended with code {code}"


_PREFIX = re.compile(r"^\S+Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) \S+ ")


def last_words(path: str, limit: int = 300) -> str:
    """The last line of a log, without time, level and name: mostly the reason why its process ended."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 8192))
            lines = file.read().decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return _PREFIX.sub("", lines[-1].strip())[:limit] if lines else ""
