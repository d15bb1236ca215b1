"""Commands for what flows and what is kept: topics, dead letters, the database."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

PANEL = "Topics and data"


def register(app: typer.Typer) -> None:
    for command in (topics, tail):
        app.command(rich_help_panel=PANEL)(command)
    app.command("dead-letters", rich_help_panel=PANEL)(dead_letters)
    db = typer.Typer(help="The database.", no_args_is_help=True)
    db.command("migrate")(db_migrate)
    db.command("shell")(db_shell)
    app.add_typer(db, name="db", rich_help_panel=PANEL)


def topics(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only create what is missing.")] = False,
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Show what killed replays left behind, and remove it; nothing else.")
    ] = False,
) -> None:
    """Show the catalogue of topics and create those that are missing."""
    if sweep:
        _sweep()
        return
    from runtime.catalogue import describe
    from runtime.configs import kafka_of, namespace_of
    from runtime.settings import load_settings
    from schemas.topics import TOPICS
    from transport.kafka import ensure_topics

    settings = load_settings()
    kafka, namespace = kafka_of(settings), namespace_of(settings)
    created = asyncio.run(ensure_topics(kafka, namespace, replication=settings.kafka_replication))
    if not quiet:
        for topic in TOPICS:
            typer.echo(describe(topic, namespace))
    what = f"created {', '.join(created)}" if created else "all were there"
    typer.echo(f"{len(TOPICS)} topics of {namespace} at {kafka.bootstrap_servers}: {what}.")


def _sweep() -> None:
    """Remove topics, groups and directories of attempts that nobody works on."""
    from runtime.backtests.leftovers import sweep
    from runtime.configs import database_url_of, kafka_of
    from runtime.settings import load_settings

    settings = load_settings()
    kafka = kafka_of(settings)
    left = asyncio.run(sweep(kafka, database_url_of(settings), settings.home / "runs", foreign=True))
    for namespace, what in left.items():
        typer.echo(f"{namespace}  {', '.join(what)}")
    done = f"removed what {len(left)} killed attempt{'' if len(left) == 1 else 's'} left" if left else "nothing is left"
    typer.echo(f"{kafka.bootstrap_servers}: {done}.")


def tail(
    topic: Annotated[
        str, typer.Argument(help="`signals`, `ticks`, … of this namespace, or the full name of any topic.")
    ],
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", "-b", help="Start at the oldest record instead of now.")
    ] = False,
    count: Annotated[
        int | None, typer.Option("-n", min=1, help="Stop after so many records. Default: go on until Ctrl-C.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a record, for programs.")] = False,
) -> None:
    """Follow a topic, a line per record."""
    from runtime.configs import kafka_of, namespace_of
    from runtime.settings import load_settings
    from runtime.tail import as_json as json_line
    from runtime.tail import as_sentence, follow, topic_name

    settings = load_settings()
    kafka, name = kafka_of(settings), topic_name(topic, namespace_of(settings))
    show = json_line if as_json else as_sentence

    async def print_all() -> None:
        async for record in follow(kafka, name, from_beginning=from_beginning, count=count):
            print(show(record), flush=True)

    asyncio.run(print_all())


def dead_letters(
    reinject: Annotated[
        bool,
        typer.Option(
            "--reinject",
            help="Put signals, bars and parameters back onto their topics; a tick is refused with the reason.",
        ),
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="PLACE",
            help="Just these, like `live.signals[0]@17`; may be given several times.",
        ),
    ] = None,
) -> None:
    """List the records that could not be used, and put back those that may go back."""
    from runtime.configs import kafka_of, namespace_of
    from runtime.letters import judge, letters, noted, place, put_back
    from runtime.settings import load_settings
    from schemas.errors import ConfigError

    settings = load_settings()
    kafka, namespace = kafka_of(settings), namespace_of(settings)

    async def go_through() -> tuple[int, int]:
        listed = back = 0
        async for letter in letters(kafka, namespace):
            if only and place(letter) not in only:
                continue
            listed += 1
            size = "" if letter.value is None else f", {len(letter.value)} bytes"
            reported = f"{letter.reported_by}, {letter.reported_at:%Y-%m-%d %H:%M:%S}"
            print(f"{place(letter)}  {letter.reason}  ({reported}{size})")
            if not reinject:
                continue
            verdict = judge(letter, namespace)
            if verdict.partition is None:
                print(f"    stays: {verdict.reason}")
                continue
            offset = await put_back(kafka, letter, verdict.partition)
            print(f"    put back as {letter.topic}[{verdict.partition}]@{offset}: {verdict.reason}")
            if fault := await noted(settings, namespace, letter):
                print(f"    not noted in the database: {fault}")
            back += 1
        return listed, back

    listed, back = asyncio.run(go_through())
    if only and not listed:
        raise ConfigError(f"--only: expected the place of a dead letter of {namespace}, received {', '.join(only)}")
    done = f", {back} put back" if reinject else ""
    typer.echo(f"{listed} dead letter{'' if listed == 1 else 's'} of {namespace} at {kafka.bootstrap_servers}{done}.")


def db_migrate() -> None:
    """Bring the tables up to date. Safe to run twice and at once."""
    from runtime.configs import database_url_of
    from runtime.database import without_password
    from runtime.settings import load_settings
    from sinks.migrate import migrate

    url = database_url_of(load_settings())
    applied = asyncio.run(migrate(url))
    what = f"applied {', '.join(applied)}" if applied else "all migrations were there"
    typer.echo(f"{without_password(url)}: {what}.")


def db_shell() -> None:
    """Open psql on the database."""
    from runtime.configs import database_url_of
    from runtime.database import find_psql, shell_environment
    from runtime.settings import load_settings

    url = database_url_of(load_settings())
    program = find_psql()
    os.execve(program, [program], shell_environment(url))
