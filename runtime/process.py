"""One stage in one process: signals become `stop`, readiness becomes a file, errors become an exit code.

Exit codes: 0 stopped when asked; 2 a setting is wrong, starting again is of no use; 1 anything else, start again.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from schemas.errors import ConfigError, Unavailable

log = logging.getLogger(__name__)

READY_FILE = "PTJ_READY_FILE"
PARENT = "PTJ_SUPERVISOR_PID"
STOP_WITHIN_S = 12.0  # a stage that does not end by then is ended

Run = Callable[[asyncio.Event, Callable[[], None]], Awaitable[None]]


def serve(run: Run) -> int:
    """Run a stage until it ends or is told to by SIGTERM or SIGINT; return the exit code."""
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(_until_stopped(run))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return report(error)
    return 0


def report(error: Exception) -> int:
    """Log why a stage ended, as the last line of its log, and return the exit code for it."""
    for cause in causes(error):
        if isinstance(cause, ConfigError):
            log.error("%s", one_line(cause))
            return 2
    if all(isinstance(cause, Unavailable) for cause in causes(error)):
        log.error("%s", one_line(next(causes(error))))
        return 1
    log.error("ended by an error that was not expected", exc_info=error)
    log.error("%s: %s", type(error).__name__, one_line(error))
    return 1


def one_line(error: BaseException) -> str:
    """Its message without the line ends that libraries put into theirs."""
    return " ".join(str(error).split())


def causes(error: BaseException) -> Iterator[BaseException]:
    """The errors that a group of tasks raised, else the error itself."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from causes(inner)
    else:
        yield error


async def _until_stopped(run: Run) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stopping, stop)
    watch = asyncio.create_task(_end_with_parent(stop))
    try:
        await run(stop, _announce)
    finally:
        watch.cancel()


def _stopping(stop: asyncio.Event) -> None:
    if stop.is_set():
        os._exit(1)  # asked twice: whoever asks does not want to wait
    stop.set()
    deadline = threading.Timer(STOP_WITHIN_S, _give_up)
    deadline.daemon = True
    deadline.start()


def _give_up() -> None:
    log.error("did not end within %g s of being told to: ended", STOP_WITHIN_S)
    sys.stderr.flush()
    os._exit(1)


def _announce() -> None:
    """Tell the supervisor that this process works. Whole or not at all, so that a reader never sees half."""
    log.info("ready pid=%d", os.getpid())
    if named := os.environ.get(READY_FILE):
        path = Path(named)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(f"{os.getpid()}\n")
        draft.replace(path)


async def _end_with_parent(stop: asyncio.Event) -> None:
    """Stop when the supervisor is gone. Linux tells by itself (see `children`); elsewhere only a look does."""
    parent = int(os.environ.get(PARENT) or 0)
    while parent and not stop.is_set():
        if os.getppid() != parent:
            log.warning("the supervisor is gone: stopping supervisor=%d", parent)
            _stopping(stop)
            return
        await asyncio.sleep(1.0)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # no wheel for this platform; asyncio's own does the same more slowly
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory
