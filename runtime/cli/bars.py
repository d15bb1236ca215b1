"""Commands for bars of history: from files, from Yahoo, and what is there."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from runtime.bar_files import Imported
    from runtime.process import Run
    from runtime.settings import Settings

PANEL = "Topics and data"
INTERVAL = "1m, 5m, 1h or 1d"
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A trade date, included.")]


def register(app: typer.Typer) -> None:
    bars = typer.Typer(help="Bars of history, which backtests and replays run on.", no_args_is_help=True)
    bars.command("import")(import_file)
    bars.command("export")(export_file)
    bars.command("fetch")(fetch)
    bars.command("coverage")(coverage)
    app.add_typer(bars, name="bars", rich_help_panel=PANEL)


def register_simulator(simulate: typer.Typer) -> None:
    simulate.command("yahoo")(simulate_yahoo)


def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or Parquet with the columns symbol, timestamp (the bar's start, with a zone) or date, open, "
            "high, low, close, volume; for daily bars the close alone will do."
        ),
    ],
    interval: Annotated[
        str | None, typer.Option(help=f"{INTERVAL}. Default: 1d with a date, else the shortest step in the file.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite stored bars that have other values.")] = False,
) -> None:
    """Store the bars of a file, all of them or, when something is wrong with one, none."""
    from producers.sessions import Sessions
    from runtime.bar_files import NotImported, import_bars
    from runtime.configs import book_source, database_url_of, namespace_of
    from runtime.settings import load_settings
    from schemas.book import load_book

    settings = load_settings()
    book = load_book(book_source(settings))
    sessions, world = Sessions(book.calendar, book.timezone), namespace_of(settings)
    done = import_bars(database_url_of(settings), world, sessions, file, _interval(interval), replace=replace)
    try:
        imported = asyncio.run(done)
    except NotImported as error:
        for line in error.details:
            typer.echo(line, err=True)
        raise
    strange = sorted(set(imported.report.symbols) - set(book.symbols))
    for line in _notices(imported, strange):
        typer.echo(line)
    typer.echo(_summary(imported, world))


def export_file(
    file: Annotated[Path, typer.Argument(help="Where to; CSV, or Parquet when the name ends in .parquet.")],
    interval: Annotated[str, typer.Option(help=INTERVAL)] = "1d",
    symbol: Annotated[list[str] | None, typer.Option(help="Only this one; may be given several times.")] = None,
    start: Day = None,
    end: Day = None,
) -> None:
    """Write stored bars to a file that `ptj bars import` reads."""
    from runtime.bar_files import export_bars
    from runtime.configs import database_url_of, namespace_of
    from runtime.settings import load_settings

    settings = load_settings()
    world, wanted = namespace_of(settings), _interval(interval) or "1d"
    symbols = [name.upper() for name in symbol] if symbol else None
    written = export_bars(database_url_of(settings), world, file, wanted, symbols, _date(start), _date(end))
    count = asyncio.run(written)
    typer.echo(f"{file}: {count:,} {wanted} bars of {world}.")


def fetch(
    start: Day = None,
    end: Day = None,
    interval: Annotated[str, typer.Option(help=f"{INTERVAL}, or auto: the finest that has the whole span.")] = "auto",
) -> None:
    """Fetch what is not stored yet from Yahoo, and keep it: Yahoo has 1m bars for a month, 5m bars for two."""
    from rich.console import Console
    from rich.progress import Progress

    from runtime.backtests.bars import ensure
    from runtime.configs import bars_config, book_source
    from runtime.settings import load_settings
    from schemas.book import load_book

    settings = load_settings()
    book, config = load_book(book_source(settings)), bars_config(settings)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Bars", total=1.0)

        def told(share: float, message: str) -> None:
            progress.update(task, completed=share, description=message)

        said = asyncio.run(ensure(config, book, _date(start), _date(end), interval, told))
    typer.echo(said)


def coverage(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Show which bars are there: by interval and symbol the span, days with and without bars, and sources."""
    from runtime.backtests.bars import connected
    from runtime.configs import database_url_of, namespace_of
    from runtime.settings import load_settings
    from sinks.history import Coverage
    from sinks.history import coverage as covered

    settings = load_settings()
    world = namespace_of(settings)

    async def ask() -> list[Coverage]:
        async with connected(database_url_of(settings)) as connection:
            return await covered(connection, world)

    rows = asyncio.run(ask())
    if as_json:
        import msgspec

        print(msgspec.json.encode({"world": world, "coverage": rows}).decode())
        return
    if not rows:
        typer.echo(f"No bars of {world} are stored; `ptj bars fetch` and `ptj bars import FILE` bring some.")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold")
    for name in ("interval", "symbol", "first", "last"):
        table.add_column(name)
    for name in ("days", "without bars", "bars"):
        table.add_column(name, justify="right")
    table.add_column("from")
    for row in rows:
        numbers = (f"{row.days:,}", f"{row.empty:,}", f"{row.bars:,}")
        table.add_row(row.interval, row.symbol, str(row.first), str(row.last), *numbers, ", ".join(row.sources))
    console = Console(highlight=False)
    console.print(table)
    symbols, bars = len({row.symbol for row in rows}), sum(row.bars for row in rows)
    console.print(f"{bars:,} bars of {symbols} {'symbol' if symbols == 1 else 'symbols'} of {world}.")


def simulate_yahoo(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where it listens, on 127.0.0.1 unless --host says more.")
    ],
    host: Annotated[str, typer.Option(help="The address it listens on.")] = "127.0.0.1",
    today: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Its date, at 20:00 New York. Default: the time of the KIS simulator of this namespace.",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Makes the market repeatable. Default: PTJ_SEED (7).")] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="A file of bars to serve instead of the market model; repeatable.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="What goes wrong, like `429:3` or `timeout:GLD`; repeatable.")
    ] = None,
) -> None:
    """Stand in for Yahoo: the charts that yfinance reads, of the simulated market's past or of files."""
    from runtime.cli.stages import _serve
    from runtime.settings import load_settings

    settings = load_settings(ptj_seed=seed)

    def stage(settings: Settings) -> Run:
        from runtime.configs import yahoo_simulator_config
        from simulators.yahoo.server import run

        config = yahoo_simulator_config(
            settings, port=port, host=host, today=_date(today), files=tuple(file or ()), faults=tuple(fault or ())
        )
        return lambda stop, ready: run(config, stop, ready)

    _serve(stage, settings)


def _interval(text: str | None) -> str | None:
    from schemas.errors import ConfigError
    from schemas.history import DAILY, INTERVALS

    if text is not None and text not in (*INTERVALS, DAILY):
        raise ConfigError(f"--interval: expected {INTERVAL}, received {text!r}")
    return text


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _notices(imported: Imported, strange: list[str]) -> list[str]:
    report, stored, said = imported.report, imported.stored, []
    if report.ignored:
        said.append(f"Ignored columns: {', '.join(report.ignored)}.")
    if strange:
        said.append(f"Not in the book, kept all the same: {', '.join(strange)}.")
    if report.repeats:
        said += [f"Repeated, taken once: {line}." for line in report.repeated]
        if report.repeats > len(report.repeated):
            said.append(f"and {report.repeats - len(report.repeated):,} more.")
    said += [f"A hole: {hole}; counted as days without bars." for hole in imported.holes]
    if stored.replaced and stored.differing:
        from runtime.bar_files import conflict_words

        said += [f"Replaced: {conflict_words(conflict)}." for conflict in stored.conflicts[:10]]
        if stored.differing > 10:
            said.append(f"and {stored.differing - 10:,} more.")
    return said


def _summary(imported: Imported, world: str) -> str:
    report, stored = imported.report, imported.stored
    parts = [f"{stored.new:,} new", f"{stored.equal:,} there already"]
    parts += [f"{stored.filled:,} completed"] if stored.filled else []
    parts += [f"{stored.differing:,} replaced"] if stored.differing else []
    symbols = "1 symbol" if len(report.held) == 1 else f"{len(report.held)} symbols"
    return (
        f"{report.path}: {report.interval} bars of {symbols}, {report.first} to {report.last}, into {world}: "
        f"{', '.join(parts)}."
    )
