"""Commands for runs over history: ask for one, follow it, read what it came to."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from rich.console import Console

    from runtime.report.stored import Report, Row
    from runtime.settings import Settings
    from schemas.runs import RunRequest

PANEL = "Runs over history"
FAILED, INTERRUPTED = 1, 130

Start = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first trade date, in New York.")]
End = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last trade date, included.")]
Interval = Annotated[str, typer.Option(help="ticks, 1m, 5m, 1h, 1d, or auto: the finest that has the whole span.")]
Capital = Annotated[float, typer.Option(help="What the portfolio begins with, in USD.")]
FeesGiven = Annotated[
    str, typer.Option(help="standard, discount, none, or commission[,FX spread[,SEC fee]] in percent a side.")
]
ModelGiven = Annotated[
    str, typer.Option(help="rule_text: filled at the next bar's open; v1: as the first engine did, to compare with it.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A parameter over the one in force; may be given several times."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a report into one file, for browsers.")
]
Sort = Annotated[
    str, typer.Option(help="Which figure the table goes by: total_return_pct, mdd_pct, sharpe, win_rate_pct, …")
]
Top = Annotated[int, typer.Option(min=1, help="How many combinations are printed.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Its id, or enough of the beginning.")]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(backtest)
    app.command(rich_help_panel=PANEL)(replay)
    app.command(rich_help_panel=PANEL)(sweep)
    runs = typer.Typer(help="Runs: those there are, without a further word.", invoke_without_command=True)
    runs.callback()(_list_by_default)
    runs.command("list")(list_runs)
    runs.command("show")(show)
    runs.command("cancel")(cancel)
    runs.command("remove")(remove)
    app.add_typer(runs, name="runs", rich_help_panel=PANEL)


def backtest(
    start: Start,
    end: End,
    interval: Interval = "auto",
    capital: Capital = 1000.0,
    fees: FeesGiven = "standard",
    model: ModelGiven = "rule_text",
    settings: Set = None,
    as_json: AsJson = False,
    html: Html = None,
) -> None:
    """Run the signals and a portfolio over a span of trade dates.

    Exit code 0 when it finished, 1 when it failed, 2 when something asked for cannot be.
    """
    from runtime.backtests import asking
    from schemas.runs import RunKind, RunRequest

    asked = RunRequest(
        kind=RunKind.BACKTEST,
        start=start.date(),
        end=end.date(),
        interval=interval,
        model=asking.model_of(model),
        fees=asking.fees_of(fees),
        initial_capital_usd=capital,
        parameters=asking.settings_of(settings or []),
    )

    _run(asked, as_json=as_json, html=html)


def replay(
    on: Annotated[datetime, typer.Argument(metavar="DATE", formats=["%Y-%m-%d"], help="A trade date, in New York.")],
    interval: Interval = "auto",
    step: Annotated[
        str | None, typer.Option(help="Market time between two snapshots, like 30s; by default 5m, or a bar.")
    ] = None,
    settings: Set = None,
    session: Annotated[int | None, typer.Option(min=1, help="The review session that keeps the snapshots.")] = None,
    as_json: AsJson = False,
    html: Html = None,
) -> None:
    """Replay a trade date through the same signals, with a snapshot at each step."""
    from runtime.backtests import asking
    from schemas.runs import RunKind, RunRequest
    from transport.asked import step_by_default

    asked = RunRequest(
        kind=RunKind.REPLAY,
        start=on.date(),
        end=on.date(),
        interval=interval,
        parameters=asking.settings_of(settings or []),
        step=step_by_default(interval) if step is None else step,
        session_id=session,
    )

    _run(asked, as_json=as_json, html=html)


def sweep(
    start: Start,
    end: End,
    grid: Annotated[
        list[str],
        typer.Option(metavar="NAME=FROM:TO:STEP", help="Values of a parameter, or NAME=A,B,C; one for each of them."),
    ],
    walk_forward: Annotated[
        int | None, typer.Option(min=1, metavar="DAYS", help="Choose on so many trade dates, judge on the next.")
    ] = None,
    interval: Interval = "auto",
    capital: Capital = 1000.0,
    fees: FeesGiven = "standard",
    model: ModelGiven = "rule_text",
    settings: Set = None,
    keep_events: Annotated[bool, typer.Option("--keep-events", help="Store signal events and trades too.")] = False,
    sort: Sort = "total_return_pct",
    top: Top = 20,
    as_json: AsJson = False,
    html: Html = None,
) -> None:
    """Run a backtest for every combination of parameter values, spread over the workers."""
    from runtime.backtests import asking
    from runtime.backtests.sweeps import steps
    from schemas.runs import RunKind, RunRequest

    _check_sort(sort)
    asked = RunRequest(
        kind=RunKind.SWEEP,
        start=start.date(),
        end=end.date(),
        interval=interval,
        model=asking.model_of(model),
        fees=asking.fees_of(fees),
        initial_capital_usd=capital,
        parameters=asking.settings_of(settings or []),
        grid=asking.grid_of([steps(given) for given in grid]),
        walk_forward_days=walk_forward,
        keep_events=keep_events,
    )

    _run(asked, as_json=as_json, html=html, sort=sort, top=top)


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
    line = _Line()
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

    _check_file(html)
    _check_sort(sort)
    line = _Line()
    row = line.ask(lambda connection: found(connection, line.world, run))
    if row.is_over:
        _tell(line, row, as_json=as_json, html=html, sort=sort, top=top)
        return
    if as_json:
        _print_row(line, row)
        return
    how_far = f"{row.progress:.0%}" if row.status.value == "running" else "waiting"
    typer.echo(f"{row.kind.value.capitalize()} {row.run_id} is {row.status.value} ({how_far}).")


def cancel(run: RunId) -> None:
    """Cancel a run that has not ended. Its worker notices within seconds."""
    from runtime.report.stored import found
    from transport import runs as queue

    line = _Line()

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

    line = _Line()

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


class _Line:
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


def _run(asked: RunRequest, *, as_json: bool, html: Path | None, sort: str = "total_return_pct", top: int = 20) -> None:
    """Check, ask, follow, tell. Ctrl-C cancels the run."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    _check_file(html)
    line = _Line()
    run_id = line.ask(lambda connection: _queue(connection, line, asked))
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("waiting for a worker", total=1.0)

        def told(share: float, phase: str) -> None:
            progress.update(task, completed=share, description=phase[:60])

        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            row = asyncio.run(_follow(line, run_id, told))
        except KeyboardInterrupt:
            progress.stop()
            from transport import runs as queue

            line.ask(lambda connection: queue.cancel(connection, line.world, run_id))
            typer.echo(f"ptj: cancelled {run_id}.", err=True)
            sys.exit(INTERRUPTED)
    _tell(line, row, as_json=as_json, html=html, sort=sort, top=top)


async def _queue(connection: AsyncConnection, line: _Line, asked: RunRequest) -> str:
    from msgspec.structs import replace

    from runtime.backtests.asking import checked, told
    from runtime.backtests.grounds import ground_of
    from transport import runs as queue
    from transport.asked import Refused

    ground = await ground_of(connection, line.world, line.settings)
    run = replace(asked, book=ground.book)
    checked(run, ground)
    # From here on Ctrl-C waits until the run can be cancelled by its id.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        async with connection.transaction():
            run_id, _ = await queue.admit(connection, line.world, run, ground.limits.waiting)
    except Refused as error:
        raise told(error) from None
    return run_id


async def _follow(line: _Line, run_id: str, told: Any) -> Row:
    from runtime.backtests.following import followed
    from runtime.configs import kafka_of
    from schemas.errors import ConfigError

    try:
        kafka = kafka_of(line.settings)
    except ConfigError:
        kafka = None  # progress is coarser without it
    return await followed(line.database_url, kafka, line.world, run_id, told)


def _tell(line: _Line, row: Row, *, as_json: bool, html: Path | None, sort: str, top: int) -> None:
    """Say what a run that ended came to; one that did not finish ends the command with exit code 1."""
    from schemas.runs import RunKind, RunStatus

    if row.status is not RunStatus.FINISHED:
        if as_json:
            _print_row(line, row)
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


def _tell_run(line: _Line, row: Row, as_json: bool) -> None:
    from runtime.report.stored import report_of

    report: Report = line.ask(lambda connection: report_of(connection, line.world, line.demo, row))
    if as_json:
        from runtime.report.as_json import told

        print(told(report).decode())
        return
    from runtime.report.terminal import summary

    summary(report, line.console())
    typer.echo("")


def _tell_sweep(line: _Line, row: Row, as_json: bool, sort: str, top: int) -> None:
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


def _check_sort(sort: str) -> None:
    from runtime.backtests.asking import one_of
    from runtime.report.swept import METRICS

    one_of("--sort", sort, list(METRICS))


def _check_file(file: Path | None) -> None:
    """Before the work, not after it."""
    from schemas.errors import ConfigError

    if file is not None and (file.is_dir() or not file.parent.is_dir()):
        raise ConfigError(f"--html: expected a file in a directory that is there, received {file}")


def _print_row(line: _Line, row: Row) -> None:
    from runtime.report.as_json import row as plain
    from schemas.base import encode

    print(encode(plain(row, line.world, line.demo)).decode())
