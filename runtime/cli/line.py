"""Commands for the whole line: start, stop, look, read its logs, find what is missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from runtime.line import Line

PANEL = "The whole line"


def register(app: typer.Typer) -> None:
    for command in (up, down, ps, logs, doctor, version):
        app.command(rich_help_panel=PANEL)(command)


def up(
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Return when the line is ready; it goes on by itself.")
    ] = False,
    speed: Annotated[
        float | None,
        typer.Option(min=0.01, help="Market seconds per second, demo world only. Default: PTJ_SPEED (1)."),
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start parts again when their code changes; for development.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show errors only.")] = False,
) -> None:
    """Start everything: Kafka, PostgreSQL, the KIS simulator unless there are keys, and all stages.

    Keeps them running until Ctrl-C. Data and logs live under PTJ_HOME (var/) and are there again next time.
    """
    from rich.console import Console

    from runtime.line import AlreadyRunning, held, running
    from runtime.places import Home
    from runtime.settings import load_settings
    from runtime.up import plan_with_progress, run_line, start_detached

    settings = load_settings(ptj_speed=speed)
    home = Home(settings.home)
    home.create()
    console = Console(quiet=quiet, highlight=False, soft_wrap=True)
    line = running(home)
    if line is not None:
        _tell_running(console, line, {"--speed": speed not in (None, line.speed), "--reload": reload})
        return
    try:
        with held(home.lock):
            if not detach:
                run_line(settings, home, console, reload=reload, quiet=quiet)
                console.print(f"Stopped. Data stay in {settings.home}, logs in {home.log}.")
                return
            plan_with_progress(settings, home, console)  # here, where a person sees the download
    except AlreadyRunning:
        console.print("PTJ Signals is being started in another terminal; `ptj ps` shows how far it is.", markup=False)
        return
    arguments = [f"--speed={speed:g}"] if speed is not None else []
    arguments += ["--reload"] if reload else []
    with console.status("Starting") as status:
        line = start_detached(arguments, home, lambda line: status.update(_headline(line)))
    console.print(_headline(line), markup=False)
    console.print(
        "It goes on in the background: `ptj ps` shows it, `ptj logs -f` follows it, `ptj down` ends it.",
        markup=False,
    )


def down() -> None:
    """Stop the line that runs in another terminal or in the background. Its data stay."""
    from rich.console import Console

    from runtime.line import load
    from runtime.places import Home
    from runtime.settings import load_settings
    from runtime.up import end_strays, stop_line, stopping

    home = Home(load_settings().home)
    console = Console(highlight=False, soft_wrap=True)
    line = load(home)
    if line is None or not line.is_running:
        ended = end_strays(home)
        what = f"ended what a killed line had left: {', '.join(ended)}." if ended else "nothing to stop."
        console.print(f"No line runs under {home.root}: {what}", markup=False)
        return
    with console.status("Stopping") as status:
        clean = stop_line(line, home, lambda line: status.update(f"Stopping {', '.join(stopping(line))}"))
    how = "" if clean else " It had to be killed."
    console.print(f"Stopped.{how} Data stay in {home.root}, logs in {home.log}.", markup=False)


def ps(
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON, for programs; without addresses that hold passwords.")
    ] = False,
) -> None:
    """Show the parts of the line. Exit code 0 when all are ready, 1 when not, 3 when none runs."""
    from rich.console import Console

    from runtime.line import load
    from runtime.places import Home
    from runtime.settings import load_settings

    home = Home(load_settings().home)
    line = load(home)
    if line is None or not line.is_running:
        left = line.strays() if line else []
        if as_json:
            print("null")
        elif left:
            typer.echo(f"The line was killed and left {', '.join(part.name for part in left)}; `ptj down` ends them.")
        else:
            typer.echo(f"No line runs under {home.root}; `ptj up` starts one.")
        sys.exit(3)
    if as_json:
        import msgspec

        told = msgspec.to_builtins(line)
        del told["database_url"]
        print(msgspec.json.encode(told | {"is_ready": line.is_ready}).decode())
    else:
        from runtime.screen import picture

        Console(highlight=False).print(picture(line))
    sys.exit(0 if line.is_ready else 1)


def logs(
    name: Annotated[str | None, typer.Argument(help="A part, like `producer`; all of them without one.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are written, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines of each.")] = 20,
) -> None:
    """Read the logs of the line, from any terminal, also after its end."""
    from runtime.places import Home
    from runtime.settings import load_settings
    from runtime.showlogs import follow_logs, last_lines, log_files

    files = log_files(Home(load_settings().home), name)
    for path in files:
        for text in last_lines(path, lines):
            typer.echo(text if name else f"{path.stem:<11} {text}")
    if follow:
        for stem, text in follow_logs(files):
            typer.echo(text if name else f"{stem:<11} {text}")


def doctor() -> None:
    """Check everything that the line needs; a line each, with a way out. Exit code 1 when something is missing."""
    import asyncio

    from rich.console import Console

    from runtime.doctor import Health, examine

    marks = {Health.GOOD: "[green]ok  [/]", Health.ODD: "[yellow]odd [/]", Health.BAD: "[red]bad [/]"}
    console = Console(highlight=False, soft_wrap=True)

    async def print_all() -> Health:
        worst = Health.GOOD
        async for finding in examine():
            worst = max(worst, finding.health)
            remedy = f" — {finding.remedy}" if finding.remedy else ""
            console.print(marks[finding.health], end="")
            console.print(f"{finding.what:<10} {finding.said}{remedy}", markup=False)
        return worst

    if asyncio.run(print_all()) is Health.BAD:
        sys.exit(1)


def version() -> None:
    """Show which version this is, and of what it is made."""
    import platform
    from importlib.metadata import version as version_of

    parts = ", ".join(f"{name} {version_of(name)}" for name in ("faust-streaming", "aiokafka", "psycopg", "fastapi"))
    typer.echo(f"ptj-signals {version_of('ptj-signals')} on Python {platform.python_version()} with {parts}")


def _tell_running(console: Console, line: Line, asked: dict[str, bool]) -> None:
    """`asked`: options, and whether the line does not run as they say."""
    console.print(f"PTJ Signals runs already as pid {line.pid}: {line.page}", markup=False)
    if ignored := [option for option, differs in asked.items() if differs]:
        named = " and ".join(ignored)
        console.print(f"It goes on as it was started: {named} would need `ptj down` first.", markup=False)
    console.print("`ptj ps` shows it, `ptj down` ends it.", markup=False)


def _headline(line: Line) -> str:
    from runtime.screen import headline

    return headline(line)
