"""Logging for every process: one line per change of state, `time level name message`, no secret ever."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from schemas.masking import masked

QUIET = {
    "aiokafka": logging.CRITICAL,  # a thousand errors a minute while a broker is away; the stages say so once
    "asyncio": logging.ERROR,
    "faust": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "kafka": logging.ERROR,
    "mode": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    "websockets": logging.WARNING,
}


class Line(logging.Formatter):
    """`2026-11-23T02:29:01.123Z INFO producers.run feed state=live`, with secrets masked, tracebacks included."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._secrets = tuple(secrets)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record), self._secrets)


def set_up(level: str = "info", secrets: Iterable[str] = (), file: Path | None = None) -> None:
    """Send every logger of this process to stderr, which the supervisor keeps in a file, or to `file`. Call once."""
    handler = logging.StreamHandler(sys.stderr) if file is None else logging.FileHandler(file)
    handler.setFormatter(Line(secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in QUIET.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(least, root.level))
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(True)


def rotate(log: Path, keep: int = 3, over_bytes: int = 5 * 1024 * 1024) -> None:
    """Before a process starts: set its log aside as `.1` … `.keep` once it is larger than `over_bytes`."""
    if not log.exists() or log.stat().st_size <= over_bytes:
        return
    for number in range(keep, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        newer = log if number == 1 else log.with_name(f"{log.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)
