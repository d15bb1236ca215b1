"""What commands for runs have in common: options, the line that is asked, and how a run that ended is told."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from runtime.report.stored import Report, Row
    from runtime.settings import Settings

PANEL = "Runs over history"
FAILED = 1

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a report into one file, for browsers.")
]
Sort = Annotated[
    str, typer.Option(help="Which figure the table goes by: total_return_pct, mdd_pct, sharpe, win_rate_pct, …")
]
Top = Annotated[int, typer.Option(min=1, help="How many combinations are printed.")]


class Line:
    """The line that runs are asked of: its world, its database, its Kafka where one is known."""

    def __init__(self) -> None:
        from runtime.configs import database_url_of, namespace_of
        from runtime.line import running
        from runtime.places import Home
        from runtime.settings import load_settings

        self.settings: Settings = load_settings()
        self.database_url, self.world = database_url_of(self.settings), namespace_of(self.settings)
        line = running(Home(self.settings.home))
        ours = line.world if line is not None and line.namespace == self.world else self.settings.world
        self.demo = ours == "demo"

    def ask(self, query: Any) -> Any:
        """The answer to a query on a connection of its own."""
        return asyncio.run(self._ask(query))

    async def _ask(self, query: Any) -> Any:
        from runtime.report.stored import opened

        async with opened(self.database_url) as connection:
            return await query(connection)

    def console(self, *, quiet: bool = False) -> Console:
        from rich.console import Console

        return Console(highlight=False, quiet=quiet)


def tell(line: Line, row: Row, *, as_json: bool, html: Path | None, sort: str, top: int) -> None:
    """Say what a run that ended came to; one that did not finish ends the command with exit code 1."""
    from schemas.runs import RunKind, RunStatus

    if row.status is not RunStatus.FINISHED:
        if as_json:
            print_row(line, row)
        said = row.error or "somebody cancelled it"
        typer.echo(f"ptj: {row.kind.value} {row.run_id} {row.status.value}: {' '.join(said.split())}", err=True)
        sys.exit(FAILED)
    if html is not None:
        from runtime.report.rendered import page_of

        _write(html, line.ask(lambda connection: page_of(connection, line.world, line.demo, row, sort)))
    if row.kind is RunKind.SWEEP:
        _tell_sweep(line, row, as_json, sort, top)
    else:
        _tell_run(line, row, as_json)
    if as_json:
        return
    if html is not None:
        typer.echo(f"The report is in {html}.")
    typer.echo(f"`ptj runs show {row.run_id}` shows this again.")


def _tell_run(line: Line, row: Row, as_json: bool) -> None:
    from runtime.report.stored import report_of

    report: Report = line.ask(lambda connection: report_of(connection, line.world, line.demo, row))
    if as_json:
        from runtime.report.as_json import told

        print(told(report).decode())
        return
    from runtime.report.terminal import summary

    summary(report, line.console())
    typer.echo("")


def _tell_sweep(line: Line, row: Row, as_json: bool, sort: str, top: int) -> None:
    from runtime.report import swept

    sweep: swept.Sweep = line.ask(lambda connection: swept.sweep_of(connection, line.world, line.demo, row, sort))
    if as_json:
        print(swept.told(sweep).decode())
        return
    swept.summary(sweep, line.console(), top)
    typer.echo("")


def _write(file: Path, page: str) -> None:
    from schemas.errors import ConfigError

    try:
        file.write_text(page, "utf-8")
    except OSError as error:
        raise ConfigError(f"--html: expected a file that can be written, received {file}: {error.strerror}") from None


def check_sort(sort: str) -> None:
    from runtime.backtests.asking import one_of
    from runtime.report.swept import METRICS

    one_of("--sort", sort, list(METRICS))


def check_file(file: Path | None) -> None:
    """Before the work, not after it."""
    from schemas.errors import ConfigError

    if file is not None and (file.is_dir() or not file.parent.is_dir()):
        raise ConfigError(f"--html: expected a file in a directory that is there, received {file}")


def print_row(line: Line, row: Row) -> None:
    from runtime.report.as_json import row as plain
    from schemas.base import encode

    print(encode(plain(row, line.world, line.demo)).decode())
