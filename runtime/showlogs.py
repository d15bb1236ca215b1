"""The logs of the line as a person reads them: the last lines, then what is added."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from runtime.places import Home
from schemas.errors import ConfigError

LOOK_EVERY_S = 0.25
TAIL_BYTES = 256 * 1024


def log_files(home: Home, name: str | None) -> list[Path]:
    """The logs of all parts, or of one. Raises `ConfigError` for a name without a log."""
    found = sorted(home.log.glob("*.log"))
    if name is None:
        return found
    chosen = [path for path in found if path.stem == name]
    if not chosen:
        names = ", ".join(path.stem for path in found)
        raise ConfigError(f"name: expected one of {names or 'none, as nothing has run here yet'}, received {name!r}")
    return chosen


def last_lines(path: Path, count: int) -> list[str]:
    """The last `count` lines, of the last 256 KiB at most."""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return lines[-count:] if count else []


def follow_logs(paths: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield (name, line) as lines are written, for ever; a log that was set aside is followed in its new file."""
    open_files = {path: _opened(path, at_end=True) for path in paths}
    while True:
        quiet = True
        for path, file in open_files.items():
            if file is not None:
                for line in _complete_lines(file):
                    quiet = False
                    yield path.stem, line
            if _was_replaced(path, file):
                if file is not None:
                    file.close()
                open_files[path] = _opened(path, at_end=False)
        if quiet:
            time.sleep(LOOK_EVERY_S)


def _opened(path: Path, at_end: bool) -> BinaryIO | None:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    if at_end:
        file.seek(0, os.SEEK_END)
    return file


def _complete_lines(file: BinaryIO) -> Iterator[str]:
    """Lines that end; half a line stays for the next look."""
    while True:
        place = file.tell()
        line = file.readline()
        if not line.endswith(b"\n"):
            file.seek(place)
            return
        yield line.decode(errors="replace").rstrip("\n")


def _was_replaced(path: Path, file: BinaryIO | None) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    return file is None or os.fstat(file.fileno()).st_ino != there.st_ino
