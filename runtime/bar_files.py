"""Bars between files and the store: all of a file or nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from producers.history import files
from producers.history.files import BarFile, Report
from producers.sessions import Sessions
from runtime.backtests.bars import connected
from schemas.errors import ConfigError
from schemas.history import DAILY
from sinks import bar_store, history
from sinks.bar_store import Conflict, Stored


class NotImported(ConfigError):
    """A file that was left out as a whole; `details` are lines for people."""

    def __init__(self, sentence: str, details: list[str]) -> None:
        super().__init__(sentence)
        self.details = details


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file."""

    report: Report
    stored: Stored
    holes: tuple[str, ...]


async def import_bars(
    database_url: str, world: str, sessions: Sessions, path: Path, interval: str | None, *, replace: bool
) -> Imported:
    """Store the bars of `path` in one transaction.

    Raises `NotImported` for lines at fault, and for conflicts unless `replace`.
    """
    opened = BarFile(path, interval, sessions)
    report = opened.report()
    async with connected(database_url) as connection, connection.transaction():
        if opened.interval == DAILY:
            stored = await bar_store.store_daily(
                connection, world, opened.daily(report), {}, source=files.SOURCE, replace=replace
            )
        else:
            bars = opened.intraday(report)
            stored = await bar_store.store(
                connection, world, opened.interval, bars, {}, source=files.SOURCE, replace=replace
            )
        if report.faulty:
            raise NotImported(
                f"{path}: {_counted(report.faulty, 'line')} at fault, so nothing was imported",
                _shortened(report.faults, report.faulty),
            )
        if not report.held:
            raise NotImported(f"{path}: expected bars, received none", [])
        if stored.differing and not replace:
            raise NotImported(
                f"{path}: {_counted(stored.differing, 'bar')} stored with other values, so nothing was imported; "
                f"--replace overwrites them",
                _shortened([conflict_words(conflict) for conflict in stored.conflicts[:20]], stored.differing),
            )
        covered = files.covered(report, sessions)
        await bar_store.remember(connection, world, opened.interval, files.SOURCE, covered)
    return Imported(report, stored, tuple(files.holes(report, sessions)))


async def export_bars(
    database_url: str,
    world: str,
    path: Path,
    interval: str,
    symbols: list[str] | None,
    first: date | None,
    last: date | None,
) -> int:
    """Write the stored bars of a span to a file that `import_bars` reads. Raises `ConfigError` when there are none."""
    moment = "date" if interval == DAILY else "timestamp"
    async with connected(database_url) as connection, connection.transaction():
        rows = history.rows(connection, world, interval, symbols, first or date.min, last or date.max)
        found = [row async for row in rows]
    if not found:
        raise ConfigError(
            f"expected stored {interval} bars of that span and those symbols, found none; see ptj bars coverage"
        )
    try:
        return files.write(path, ["symbol", moment, "open", "high", "low", "close", "volume"], found)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None


def conflict_words(conflict: Conflict) -> str:
    """Both values of a bar, like `GLD 2026-02-10: close 385.1 stored (file), 385.2 received`."""
    apart = ", ".join(
        f"{name} {_shown(conflict.stored[name])} stored, {_shown(conflict.received[name])} received"
        for name in conflict.stored
    )
    return f"{conflict.symbol} {conflict.at}: {apart} (stored from {conflict.source})"


def _shown(value: float | None) -> str:
    """All the digits that are kept, and no more."""
    return "none" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def _counted(number: int, what: str) -> str:
    return f"{number} {what} is" if number == 1 else f"{number:,} {what}s are"


def _shortened(said: list[str], count: int) -> list[str]:
    return said if len(said) == count else [*said, f"and {count - len(said):,} more"]
