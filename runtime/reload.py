"""For development: notice changed code by its modification time, and start again what reads it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

PACKAGES = Path(__file__).resolve().parent.parent
WATCHED = ("api", "processors", "producers", "runtime", "schemas", "simulators", "sinks", "transport")
READ_BY_ALL = {"schemas", "transport", "runtime"}
STAGE_OF = {
    "api": "api",
    "processors": "processor",
    "producers": "producer",
    "sinks": "sink",
    "simulators": "simulator",
}
SUFFIXES = {".py", ".toml", ".sql", ".html", ".css", ".js"}
LOOK_EVERY_S = 1.0


def stamps(packages: Iterable[str], root: Path = PACKAGES) -> dict[Path, int]:
    """Modification times of the code in `packages`, in nanoseconds."""
    found = {}
    for package in packages:
        for path in (root / package).rglob("*"):
            if path.suffix in SUFFIXES:
                try:
                    found[path] = path.stat().st_mtime_ns
                except FileNotFoundError:  # an editor's draft
                    continue
    return found


def changed_packages(before: dict[Path, int], after: dict[Path, int], root: Path = PACKAGES) -> set[str]:
    """Packages with a file that is new, gone or written since."""
    differing = {path for path, _ in set(before.items()) ^ set(after.items())}
    return {path.relative_to(root).parts[0] for path in differing}


def parts_to_restart(packages: set[str], parts: Iterable[str]) -> list[str]:
    """Which parts of the line read the changed packages; `processor-1` is a processor."""
    stages = set(STAGE_OF.values()) if packages & READ_BY_ALL else {STAGE_OF[name] for name in packages}
    return [part for part in parts if part.rpartition("-")[0] in stages or part in stages]


async def changes(packages: Sequence[str] = WATCHED) -> AsyncIterator[set[str]]:
    """Yield the packages that changed, whenever some did and a second has passed without another change."""
    known = await asyncio.to_thread(stamps, packages)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        found = await asyncio.to_thread(stamps, packages)
        if found == known:
            continue
        while (settled := await asyncio.to_thread(stamps, packages)) != found:
            found = settled
            await asyncio.sleep(LOOK_EVERY_S)
        yield changed_packages(known, found)
        known = found


def keep_reloading(argv: Sequence[str], packages: Sequence[str]) -> int:
    """Run `argv`, and again whenever `packages` change, until Ctrl-C or SIGTERM; return 0."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    known = stamps(packages)
    child = subprocess.Popen(argv)
    try:
        while True:
            time.sleep(LOOK_EVERY_S)
            found = stamps(packages)
            if found != known:
                known = found
                child.terminate()
                child.wait()
                child = subprocess.Popen(argv)
    except KeyboardInterrupt:
        child.terminate()
        child.wait()
        return 0
