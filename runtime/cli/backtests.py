"""Commands that ask for a run over history and follow it: backtest, replay, sweep."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runtime.cli.run_output import PANEL, AsJson, Html, Line, Sort, Top, check_file, check_sort, tell

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from runtime.report.stored import Row
    from schemas.runs import RunRequest

INTERRUPTED = 130

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


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(backtest)
    app.command(rich_help_panel=PANEL)(replay)
    app.command(rich_help_panel=PANEL)(sweep)


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

    check_sort(sort)
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


def _run(asked: RunRequest, *, as_json: bool, html: Path | None, sort: str = "total_return_pct", top: int = 20) -> None:
    """Check, ask, follow, tell. Ctrl-C cancels the run."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    check_file(html)
    line = Line()
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
    tell(line, row, as_json=as_json, html=html, sort=sort, top=top)


async def _queue(connection: AsyncConnection, line: Line, asked: RunRequest) -> str:
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


async def _follow(line: Line, run_id: str, told: Any) -> Row:
    from runtime.backtests.following import followed
    from runtime.configs import kafka_of
    from schemas.errors import ConfigError

    try:
        kafka = kafka_of(line.settings)
    except ConfigError:
        kafka = None  # progress is coarser without it
    return await followed(line.database_url, kafka, line.world, run_id, told)
