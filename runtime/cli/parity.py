"""Commands that prove what a replay says: archived days, parity with the live line, and the properties of a rule."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from processors.checks.run import Finding
    from runtime.backtests.parity import Asked, Compared
    from runtime.settings import Settings
    from schemas.signals import SignalEvent

PANEL = "Replays and proofs"
SHOWN = 8  # differences of a kind
TradeDate = Annotated[
    datetime, typer.Argument(metavar="DATE", formats=["%Y-%m-%d"], help="A trade date, like 2026-11-23.")
]


def register(app: typer.Typer) -> None:
    app.command(rich_help_panel=PANEL)(archive)
    app.command(rich_help_panel=PANEL)(parity)
    app.command("check-signal", rich_help_panel=PANEL)(check_signal)


def archive(day: TradeDate) -> None:
    """Write a day's ticks to Parquet, by hand: the sink does it by itself after the close."""
    from runtime.backtests.bars import connected
    from runtime.configs import book_source, database_url_of, kafka_of, namespace_of
    from runtime.settings import load_settings
    from schemas.book import load_book
    from sinks.archivist import archive_day, span_of

    settings = load_settings()
    kafka, world, url = kafka_of(settings), namespace_of(settings), database_url_of(settings)
    book = load_book(book_source(settings)).name

    async def write() -> tuple[Path, int]:
        async with connected(url) as connection:
            span = await span_of(connection, world, book, day.date())
            return await archive_day(connection, kafka, settings.home / "archive", span)

    path, rows = asyncio.run(write())
    typer.echo(f"{day.date()} of {world}: {rows:,} rows in {path}.")


def parity(
    day: TradeDate,
    file: Annotated[
        Path | None, typer.Option(help="Replay this file instead of the archived one, like a copy of it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Only JSON, with every difference.")] = False,
) -> None:
    """Replay an archived day and compare its signal events with those of the live line.

    Exit code 0 when all are equal, id for id and in what they say; 1 on any difference.
    """
    from rich.console import Console

    from runtime.backtests.parity import as_json as json_of
    from runtime.settings import load_settings
    from schemas.base import encode

    asked = _asked(load_settings(), day, file)
    console = Console(stderr=True)
    console.quiet = as_json or not console.is_terminal
    compared = asyncio.run(_compared(asked, console))
    if as_json:
        print(encode(json_of(asked, compared)).decode())
    else:
        for line in _told(asked, compared):
            typer.echo(line)
    if not compared.is_equal:
        sys.exit(1)


def check_signal(
    name: Annotated[str, typer.Argument(help="A signal of the catalogue, or the rule itself as `module:Class`.")],
    seed: Annotated[int, typer.Option(help="Of the market that the rule is shown.")] = 7,
) -> None:
    """Hold a rule to what every rule must keep, over a made-up market, in seconds and without Kafka.

    A line per property: `ok`, or `failed` with the first counterexample. Exit code 1 when one failed.
    """
    from processors.checks.run import check, entry_of
    from runtime.configs import book_source
    from runtime.settings import load_settings
    from schemas.book import load_book
    from schemas.catalogue import load_catalogue

    settings = load_settings()
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)  # where the author's file is
    entry = entry_of(name, load_catalogue(settings.ptj_signals))
    report = check(entry, load_book(book_source(settings)), seed)
    typer.echo(f"{entry.type} ({entry.rule}): {report.market}")
    for finding in report.findings:
        typer.echo(_line(finding))
    typer.echo(f"        {report.cost}")
    if not report.is_good:
        sys.exit(1)


def _line(finding: Finding) -> str:
    if finding.counterexample is None:
        return f"ok      {finding.title}"
    return f"failed  {finding.title}: {finding.counterexample}"


def _asked(settings: Settings, day: datetime, file: Path | None) -> Asked:
    from runtime.backtests.parity import Asked
    from runtime.configs import book_source, database_url_of, kafka_of, namespace_of
    from schemas.book import load_book
    from schemas.catalogue import load_catalogue
    from sinks.archive import path_of

    world, book = namespace_of(settings), load_book(book_source(settings)).name
    return Asked(
        kafka=kafka_of(settings),
        database_url=database_url_of(settings),
        world=world,
        book=book,
        trade_date=day.date(),
        file=file or path_of(settings.home / "archive", world, book, day.date()),
        catalogue=load_catalogue(settings.ptj_signals),
        directory=settings.home / "runs",
    )


async def _compared(asked: Asked, console: object) -> Compared:
    from rich.console import Console
    from rich.progress import Progress

    from runtime.backtests.parity import parity as compared_with_live

    assert isinstance(console, Console)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(f"replaying {asked.trade_date}", total=1.0)
        return await compared_with_live(asked, lambda share: progress.update(task, completed=share))


def _told(asked: Asked, compared: Compared) -> Iterator[str]:
    yield from _listed("missing from the replay", compared.missing)
    yield from _listed("extra in the replay", compared.extra)
    for pair in compared.changed[:SHOWN]:
        yield f"  {_named(pair.live)} says another thing: {', '.join(pair.fields)}"
    if len(compared.changed) > SHOWN:
        yield f"  and {len(compared.changed) - SHOWN:,} more that say another thing"
    counts = f"{compared.live:,} live, {compared.replayed:,} replayed, {compared.equal:,} equal"
    if compared.is_equal:
        yield f"{asked.trade_date} of {asked.world}: parity 100 % ({counts})."
        return
    differing = f"{len(compared.missing):,} missing, {len(compared.extra):,} extra, {len(compared.changed):,} changed"
    share = min(compared.percent, 99.99)
    yield f"{asked.trade_date} of {asked.world}: parity {share:.2f} % ({counts}; {differing})."


def _listed(what: str, events: list[SignalEvent]) -> Iterator[str]:
    for event in events[:SHOWN]:
        yield f"  {what}: {_named(event)}"
    if len(events) > SHOWN:
        yield f"  {what}: and {len(events) - SHOWN:,} more"


def _named(event: SignalEvent) -> str:
    before = event.before.decision or event.before.state.value if event.before else "nothing"
    after = event.after.decision or event.after.state.value
    moment = event.event_time.isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    return f"{event.event_id} {event.signal_type} {event.subject} at {moment} UTC, {before} → {after}"
