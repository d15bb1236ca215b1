"""What a person sees of the line: a live table on a terminal, a line per change elsewhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from runtime.children import resident_mb
from runtime.feed import feed_words
from runtime.line import Line, Part, State, now
from runtime.places import Home

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

COLOURS = {
    State.WAITING: "dim",
    State.STARTING: "yellow",
    State.READY: "green",
    State.DONE: "green",
    State.RESTARTING: "bold yellow",
    State.FAILED: "bold red",
    State.STOPPING: "yellow",
    State.STOPPED: "dim",
}


class Screen(Protocol):
    """Where the supervisor's changes are shown."""

    def changed(self, part: Part) -> None: ...
    def tick(self) -> None: ...
    def close(self) -> None: ...


class LiveTable:
    """The table, redrawn in place twice a second."""

    def __init__(self, console: Console, line: Line) -> None:
        from rich.live import Live

        self._line = line
        # No thread of its own: children are forked from this process.
        self._live = Live(picture(line), console=console, auto_refresh=False, transient=True)
        self._live.start()

    def changed(self, part: Part) -> None:
        self.tick()

    def tick(self) -> None:
        self._live.update(picture(self._line), refresh=True)

    def close(self) -> None:
        self._live.stop()


class Plain:
    """A line per change, for pipes and files; the address of the page when all is ready."""

    def __init__(self, console: Console, line: Line) -> None:
        self._console, self._line, self._told = console, line, False

    def changed(self, part: Part) -> None:
        reason = f"  {part.detail}" if part.detail else ""
        where = f"  {part.about}" if part.about and part.state is State.READY else ""
        self._print(f"{part.name:<12} {part.state.value}{where}{reason}")
        if self._line.is_ready and not self._told:
            self._told = True
            self._print(headline(self._line))

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def tick(self) -> None:
        pass

    def close(self) -> None:
        pass


class Silent:
    """For a line in the background: its log says the same."""

    def changed(self, part: Part) -> None:
        pass

    def tick(self) -> None:
        pass

    def close(self) -> None:
        pass


def headline(line: Line) -> str:
    """The one sentence that matters most about the line."""
    if line.is_stopping:
        return "Stopping; a second Ctrl-C does not wait"
    if line.failed:
        return f"{line.failed[0].name} failed: {line.failed[0].detail}"
    if line.is_ready and line.ready_at:
        took_s = (line.ready_at - line.since).total_seconds()
        return f"Ready after {took_s:.0f} s: open {line.page}  ({line.world.upper()})"
    waiting = [part.name for part in line.parts if part.is_awaited]
    return f"Waiting for {', '.join(waiting)}"


def picture(line: Line) -> RenderableType:
    """The line as a table, for `ptj up` and `ptj ps`."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, justify in (("part", "left"), ("state", "left"), ("for", "right"), ("pid", "right")):
        table.add_column(heading, justify=justify, header_style="dim", no_wrap=True)  # type: ignore[arg-type]
    table.add_column("MiB", justify="right", header_style="dim", no_wrap=True)
    table.add_column("restarts", justify="right", header_style="dim", no_wrap=True)
    table.add_column("", overflow="fold")
    for part in line.parts:
        memory = resident_mb(part.pid) if part.pid else None
        table.add_row(
            Text(part.name),
            Text(part.state.value, style=COLOURS[part.state]),
            lasted(part.since),
            str(part.pid or ""),
            "" if memory is None else f"{memory:.0f}",
            str(part.restarts or ""),
            Text(part.detail or _about(part, line), style="red" if part.state is State.FAILED else "dim"),
        )
    style = "bold red" if line.failed else "bold green" if line.is_ready else "yellow"
    return Group(Text(headline(line), style=style), Text(""), table)


def _about(part: Part, line: Line) -> str:
    told = feed_words(Home(Path(line.home)), part.pid) if part.name == "producer" and part.pid else ""
    return told or part.about


def lasted(since: datetime) -> str:
    """How long ago, short: `42 s`, `7 min`, `3 h`, `2 d`."""
    seconds = max(0.0, (now() - since).total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
