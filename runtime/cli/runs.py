"""Commands for the runs that there are: list, show, cancel, remove."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.run_output import FAILED, PANEL, AsJson, Html, Line, Sort, Top, check_file, check_sort, print_row, tell

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from runtime.report.stored import Row

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Its id, or enough of the beginning.")]


def register(app: typer.Typer) -> None:
    runs = typer.Typer(help="Runs: those there are, without a further word.", invoke_without_command=True)
    runs.callback()(_list_by_default)
    runs.command("list")(list_runs)
    runs.command("show")(show)
    runs.command("cancel")(cancel)
    runs.command("remove")(remove)
    app.add_typer(runs, name="runs", rich_help_panel=PANEL)


def _list_by_default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        list_runs()


def list_runs(
    kind: Annotated[str | None, typer.Option(help="Only backtest, replay or sweep.")] = None,
    status: Annotated[str | None, typer.Option(help="Only requested, running, finished, failed or cancelled.")] = None,
    count: Annotated[int, typer.Option("-n", min=1, max=10_000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    from runtime.backtests.asking import one_of
    from runtime.report import as_json as plain
    from runtime.report.listed import runs_table
    from runtime.report.stored import newest
    from schemas.base import encode
    from schemas.runs import RunKind, RunStatus

    one_of("--kind", kind, [each.value for each in RunKind if each is not RunKind.SHARD])
    one_of("--status", status, [each.value for each in RunStatus])
    line = Line()
    rows = line.ask(lambda connection: newest(connection, line.world, limit=count, kind=kind, status=status))
    if as_json:
        print(encode([plain.row(row, line.world, line.demo) for row in rows]).decode())
    elif not rows:
        typer.echo(f"No such runs of {line.world}; `ptj backtest --start … --end …` asks for one.")
    else:
        line.console().print(runs_table(rows))


def show(
    run: RunId, sort: Sort = "total_return_pct", top: Top = 20, as_json: AsJson = False, html: Html = None
) -> None:
    """Show what a run came to, or how far it is."""
    from runtime.report.stored import found

    check_file(html)
    check_sort(sort)
    line = Line()
    row = line.ask(lambda connection: found(connection, line.world, run))
    if row.is_over:
        tell(line, row, as_json=as_json, html=html, sort=sort, top=top)
        return
    if as_json:
        print_row(line, row)
        return
    how_far = f"{row.progress:.0%}" if row.status.value == "running" else "waiting"
    typer.echo(f"{row.kind.value.capitalize()} {row.run_id} is {row.status.value} ({how_far}).")


def cancel(run: RunId) -> None:
    """Cancel a run that has not ended. Its worker notices within seconds."""
    from runtime.report.stored import found
    from transport import runs as queue

    line = Line()

    async def ask(connection: AsyncConnection) -> tuple[Row, bool]:
        row = await found(connection, line.world, run)
        return row, await queue.cancel(connection, line.world, row.run_id)

    row, done = line.ask(ask)
    if not done:
        typer.echo(f"ptj: {row.run_id} had ended before: {row.status.value}.", err=True)
        sys.exit(FAILED)
    typer.echo(f"Cancelled {row.kind.value} {row.run_id}.")


def remove(
    run: Annotated[list[str], typer.Argument(metavar="RUN...", help="Their ids, or enough of the beginning.")],
) -> None:
    """Remove runs that have ended, with their results, trades and events."""
    from runtime.report.stored import found
    from transport import runs as queue

    line = Line()

    async def ask(connection: AsyncConnection) -> list[tuple[Row, bool]]:
        rows = {row.run_id: row for given in run for row in [await found(connection, line.world, given)]}
        async with connection.transaction():
            return [
                (row, row.is_over and await queue.remove(connection, line.world, row.run_id)) for row in rows.values()
            ]

    told = line.ask(ask)
    for row, done in told:
        if done:
            typer.echo(f"Removed {row.kind.value} {row.run_id}.")
        else:
            typer.echo(f"ptj: {row.run_id} has not ended; `ptj runs cancel {row.run_id}` comes first.", err=True)
    if not all(done for _, done in told):
        sys.exit(FAILED)
