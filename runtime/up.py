"""`ptj up`: one line per home. Prepares what is missing, clears away what a killed line left, supervises."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from runtime.children import end_stray
from runtime.configs import book_source
from runtime.line import Line, load, myself, now, running
from runtime.logs import rotate, set_up
from runtime.places import Home
from runtime.plan import Plan, make_plan, prepare_embedded
from runtime.ports import check_free
from runtime.screen import LiveTable, Plain, Screen, Silent
from runtime.settings import Settings
from runtime.supervisor import Supervisor, last_words
from schemas.book import load_book
from schemas.catalogue import load_catalogue
from schemas.errors import ConfigError, Unavailable

if TYPE_CHECKING:
    from rich.console import Console

log = logging.getLogger(__name__)

REDRAW_EVERY_S = 0.5
READY_WITHIN_S = 180.0  # what `--detach` waits for


def plan_line(settings: Settings, home: Home, report: Callable[[int, int, int], None] | None = None) -> Plan:
    """Get ready to start: settings hold, nothing of a former line is left, Kafka and PostgreSQL are at hand."""
    load_book(book_source(settings))
    load_catalogue(settings.ptj_signals)
    end_strays(home)
    check_free(settings.ptj_api_host, settings.ptj_api_port)
    kafka, postgres = prepare_embedded(settings, home, report)
    for child in (kafka, postgres):
        if child is not None and child.pid is not None:
            raise ConfigError(
                f"PTJ_HOME: {child.name} of {home.root} runs already as pid {child.pid}, started by another program"
            )
    return make_plan(settings, home, kafka, postgres)


def end_strays(home: Home) -> list[str]:
    """End what a line left that was killed where the kernel does not clear up. The last started first."""
    former = load(home)
    if former is None or former.is_running:
        return []
    ended = [part.name for part in reversed(former.parts) if end_stray(part.pid, part.started, part.stop_signal)]
    if ended:
        log.warning("ended what a killed line had left parts=%s", ",".join(ended))
    for file in home.run.glob("*.ready"):
        file.unlink(missing_ok=True)
    return ended


def describe(settings: Settings, plan: Plan) -> Line:
    """The line before its start."""
    pid, started = myself()
    return Line(
        pid=pid,
        started=started,
        since=now(),
        world=settings.world,
        namespace=settings.namespace,
        page=settings.page,
        home=str(settings.home),
        speed=settings.ptj_speed,
        kafka=plan.kafka,
        database_url=plan.database_url,
        kis_base_url=plan.kis_base_url,
        yahoo_url=plan.yahoo_url,
        kis_ws_url=plan.kis_ws_url,
    )


def run_line(settings: Settings, home: Home, console: Console, *, reload: bool, quiet: bool) -> None:
    """Prepare, start, keep and stop the line; returns when it is stopped. The caller holds the lock."""
    output = home.log_of("line")
    if not quiet:  # else stderr is that file already
        rotate(output)
    set_up(settings.ptj_log_level, settings.secrets(), None if quiet else output)
    plan = plan_with_progress(settings, home, console)
    line = describe(settings, plan)
    asyncio.run(supervise(plan, line, home, screen_for(console, line, quiet), reload))


def plan_with_progress(settings: Settings, home: Home, console: Console) -> Plan:
    """`plan_line`, with a bar while Kafka is downloaded."""
    if settings.kafka_bootstrap_servers is not None:
        return plan_line(settings, home)
    from runtime.embedded.jars import progress_bar

    with progress_bar(console) as report:
        return plan_line(settings, home, report)


def screen_for(console: Console, line: Line, quiet: bool) -> Screen:
    if quiet:
        return Silent()
    return LiveTable(console, line) if console.is_terminal else Plain(console, line)


async def supervise(plan: Plan, line: Line, home: Home, screen: Screen, reload: bool = False) -> None:
    """Keep the line until Ctrl-C, SIGTERM or the terminal's end; a second one kills what is still there."""
    stop = asyncio.Event()
    supervisor = Supervisor(plan.services, line, home, screen.changed)

    def asked() -> None:
        if stop.is_set():
            supervisor.kill_all()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, asked)
    others = [asyncio.create_task(_redraw(screen))]
    if reload:
        others.append(asyncio.create_task(_reload(supervisor, line)))
    try:
        await supervisor.run(stop)
    finally:
        for task in others:
            task.cancel()
        screen.close()


async def _redraw(screen: Screen) -> None:
    while True:
        screen.tick()
        await asyncio.sleep(REDRAW_EVERY_S)


async def _reload(supervisor: Supervisor, line: Line) -> None:
    from runtime.reload import changes, parts_to_restart

    async for packages in changes():
        names = parts_to_restart(packages, [part.name for part in line.parts])
        log.info("code changed packages=%s parts=%s", ",".join(sorted(packages)), ",".join(names))
        supervisor.restart(names)


def start_detached(arguments: list[str], home: Home, told: Callable[[Line], None]) -> Line:
    """Start `ptj up` in the background and return the line once it is ready.

    `told` is called with each look at it. Raises `ConfigError` when a part failed, `Unavailable` when it ended or
    is not ready within `READY_WITHIN_S`.
    """
    deadline = time.monotonic() + READY_WITHIN_S
    output = home.log_of("line")
    with output.open("ab") as file:
        child = subprocess.Popen(
            [sys.executable, "-u", "-m", "runtime.cli", "up", "--quiet", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    while True:
        line = running(home)
        if line is not None and line.pid == child.pid:
            told(line)
            if line.failed:
                part = line.failed[0]
                raise ConfigError(f"{part.name}: {part.detail} (its log: {part.log}); `ptj down` stops the others")
            if line.is_ready:
                return line
            if time.monotonic() > deadline:
                late = [f"{part.name} ({part.detail or part.state.value})" for part in line.parts if part.is_awaited]
                raise Unavailable(
                    f"not ready after {READY_WITHIN_S:g} s: {', '.join(late)}; it goes on trying: `ptj ps`"
                )
        if child.poll() is not None:
            said = last_words(str(output)).removeprefix("ptj: ")
            error = ConfigError if child.returncode == 2 else Unavailable
            raise error(said or f"the line ended with code {child.returncode}; its log: {output}")
        time.sleep(0.1)


def stop_line(line: Line, home: Home, told: Callable[[Line], None], within_s: float = 90.0) -> bool:
    """Stop a running line from another terminal; True when it went by itself, False when it had to be killed."""
    if line.is_running:
        os.kill(line.pid, signal.SIGTERM)
    deadline = time.monotonic() + within_s
    while line.is_running and time.monotonic() < deadline:
        told(load(home) or line)
        time.sleep(0.1)
    clean = not line.is_running
    if not clean:
        end_stray(line.pid, line.started, signal.SIGKILL)
    end_strays(home)
    return clean


def stopping(line: Line) -> list[str]:
    """Names of parts that have still to end."""
    return [part.name for part in line.parts if part.pid]
