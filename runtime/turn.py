"""One process of a kind and slot: the second one is told who was first."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TextIO

from schemas.errors import ConfigError


def take(home: Path, name: str) -> TextIO:
    """Hold the turn of `name` under `home` until the file is closed or the process ends. Raises `ConfigError`."""
    directory = home / "run"
    directory.mkdir(parents=True, exist_ok=True)
    file = (directory / f"{re.sub(r'[^A-Za-z0-9._-]', '-', name)}.turn").open("a+")
    try:
        import fcntl
    except ImportError:  # where there is no such lock, nobody is told
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        pid = file.read().strip() or "another process"
        file.close()
        stage, _, slot = name.partition("-")
        another = "; start this one with another --slot" if slot and stage != "producer" else ""
        raise ConfigError(
            f"{stage}: expected to be the only {name} here, but pid {pid} is it already{another}"
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
