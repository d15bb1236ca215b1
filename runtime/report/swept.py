"""A finished sweep: its table on the terminal, its heat maps and its walk forward on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from psycopg import AsyncConnection
from rich.console import Console
from rich.table import Table
from rich.text import Text

from runtime.backtests.sweeps import table_of
from runtime.report import words
from runtime.report.as_json import row as plain_row
from runtime.report.html import Cell, definitions, direction, document, prose, section, table, text
from runtime.report.stored import Row
from runtime.report.terminal import DEMO, DEMO_SAID, facts
from runtime.report.words import number, percent, share, signed
from schemas.base import encode

# Metric: head, whether less is better.
METRICS = {
    "total_return_pct": ("return %", False),
    "final_equity_usd": ("final USD", False),
    "mdd_pct": ("drawdown %", True),
    "sharpe": ("Sharpe", False),
    "sells": ("sales", False),
    "win_rate_pct": ("win rate %", False),
    "profit_factor": ("profit factor", False),
    "exposure_pct": ("exposure %", False),
    "stop_loss_count": ("stops", True),
    "fees_usd": ("fees USD", True),
}
WHOLE = ("sells", "stop_loss_count")
MOST_MAPS = 12
MOST_ROWS = 500  # of the page's table
MISLEADS = "The best of a grid looks better than it is: it was chosen on the days that it is judged on."


@dataclass(frozen=True, slots=True)
class Sweep:
    """`lanes`: lane, parameters and metrics, the best by `sort` first."""

    world: str
    demo: bool
    row: Row
    sort: str
    lanes: list[dict[str, Any]]
    walk_forward: dict[str, Any] | None
    quality: dict[str, Any]


async def sweep_of(connection: AsyncConnection, world: str, demo: bool, row: Row, sort: str) -> Sweep:
    """The whole of a finished sweep."""
    told = await connection.execute(
        "select (select result -> 'walk_forward' from runs where world = %(world)s and run_id = %(run_id)s),"
        " (select result -> 'data_quality' from runs where world = %(world)s and parent = %(run_id)s"
        " and result is not null order by created_at limit 1)",
        {"world": world, "run_id": row.run_id},
    )
    walked, quality = await told.fetchone() or (None, None)
    lanes = await table_of(connection, world, row.run_id)
    return Sweep(world, demo, row, sort, ranked(lanes, sort), walked, quality or {})


def ranked(lanes: Sequence[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """The best by `sort` first, lanes without it last; what costs or hurts is best when it is least."""
    sign = 1 if METRICS[sort][1] else -1

    def place(lane: dict[str, Any]) -> tuple[bool, float]:
        value = lane["metrics"].get(sort)
        return value is None, sign * (value or 0.0)

    return sorted(lanes, key=place)


def told(sweep: Sweep) -> bytes:
    """As JSON."""
    about = {"sort": sweep.sort, "lanes": sweep.lanes, "walk_forward": sweep.walk_forward}
    return encode(plain_row(sweep.row, sweep.world, sweep.demo) | about | {"data_quality": sweep.quality})


def summary(sweep: Sweep, console: Console, most: int) -> None:
    """The head and the first `most` lanes."""
    head = Text(f"Sweep {sweep.row.run_id}", style="bold")
    if sweep.demo:
        head.append("  ")
        head.append(DEMO, style="bold black on yellow")
        head.append(f" {DEMO_SAID}", style="yellow")
    console.print(head)
    console.print(facts(rows_of(sweep)))
    console.print(lanes_table(sweep, most))
    if walked := sweep.walk_forward:
        console.print(walked_table(walked))
    elif len(sweep.lanes) > 1:
        console.print(Text(f"\n{MISLEADS} `--walk-forward DAYS` shows by how much.", style="dim"))


def rows_of(sweep: Sweep) -> list[tuple[str, str]]:
    request = sweep.row.request
    grid = ", ".join(f"{name} ({words.count(len(values), 'value')})" for name, values in request.grid.items())
    rows = [
        ("Asked for", words.span(request.start, request.end)),
        ("Grid", f"{grid}: {words.count(len(sweep.lanes), 'combination')}"),
        ("Bars", f"{sweep.quality.get('interval', words.NOTHING)}, {sweep.quality.get('frames', 0):,} frames"),
        ("Model", words.MODELS[request.model.value]),
        ("Fees", words.fees(request.fees)),
    ]
    if request.parameters:
        rows.append(("Parameters", ", ".join(f"{name} = {value}" for name, value in request.parameters.items())))
    if walked := sweep.walk_forward:
        rows.append(("Walk forward", _walked(walked)))
    return rows


def _walked(walked: Mapping[str, Any]) -> str:
    return (
        f"{percent(walked['out_of_sample_pct'])} on the days after each choice, {percent(walked['in_sample_pct'])}"
        f" on the days of the choice ({words.count(len(walked['windows']), 'window')} of {walked['days']} trade dates)"
    )


def lanes_table(sweep: Sweep, most: int) -> Table:
    shown = sweep.lanes[:most]
    first = f"the first {most} of {len(sweep.lanes):,}" if len(sweep.lanes) > most else f"{len(sweep.lanes)}"
    title = f"\nCombinations by {METRICS[sweep.sort][0]}, {first}"
    found = Table(box=None, title=title, title_justify="left", title_style="bold", header_style="dim")
    for name in sweep.row.request.grid:
        found.add_column(name, justify="right", overflow="fold")
    for name in METRICS:
        found.add_column(METRICS[name][0], justify="right", no_wrap=True)
    for lane in shown:
        said = [_value(lane["parameters"].get(name)) for name in sweep.row.request.grid]
        found.add_row(*said, *(_metric(name, lane["metrics"].get(name)) for name in METRICS))
    return found


def walked_table(walked: Mapping[str, Any]) -> Table:
    found = Table(box=None, title="\nWalk forward", title_justify="left", title_style="bold", header_style="dim")
    for name in ("chosen on", "combination", "judged on"):
        found.add_column(name)
    for name in ("chosen %", "judged %"):
        found.add_column(name, justify="right", no_wrap=True)
    for window in walked["windows"]:
        found.add_row(*_window(window))
    return found


def page(sweep: Sweep) -> str:
    """The whole sweep as one HTML file."""
    request = sweep.row.request
    title = f"Sweep {words.span(request.start, request.end)}"
    about = f"Run {sweep.row.run_id} · {words.count(len(sweep.lanes), 'combination')} · by {METRICS[sweep.sort][0]}"
    maps = section(f"Heat map: {METRICS[sweep.sort][0]}", heat_maps(sweep), about="The outlined one is the best.")
    body = [f'<div class="pair">{maps}{_walk_section(sweep)}</div>', _lanes_section(sweep)]
    body.append(section("The sweep", definitions(rows_of(sweep))))
    return document(
        title,
        demo=sweep.demo,
        head=f"<h1>{prose(title)}</h1><p>{text(about)}</p>",
        body=body,
        foot=text(f"World: {sweep.world}."),
    )


def heat_maps(sweep: Sweep) -> str:
    """Two parameters to a map; every combination of further ones has a map of its own, that of the best one first."""
    grid = sweep.row.request.grid
    names = sorted(grid, key=lambda name: -len(grid[name]))
    across, down, rest = names[0], names[1] if len(names) > 1 else None, names[2:]
    values = {tuple(_key(lane["parameters"][name]) for name in names): lane["metrics"] for lane in sweep.lanes}
    best = tuple(_key(sweep.lanes[0]["parameters"][name]) for name in names) if sweep.lanes else ()
    numbers = [m[sweep.sort] for m in values.values() if m.get(sweep.sort) is not None]
    scale = _scale(numbers, METRICS[sweep.sort][1])
    found = []
    slices = list(product(*(grid[name] for name in rest)))
    slices.sort(key=lambda fixed: tuple(map(_key, fixed)) != best[2:])
    if len(slices) > MOST_MAPS:
        said = f"{MOST_MAPS} of {len(slices):,} maps, one for each setting of {', '.join(rest)}; --json has them all."
        found.append(f"<p class=about>{text(said)}</p>")
    for fixed in slices[:MOST_MAPS]:
        axes = [f"{across} from left to right", *([f"{down} from top to bottom"] if down else [])]
        axes += [f"{name} = {_value(value)}" for name, value in zip(rest, fixed, strict=True)]
        head = "".join(f'<th class="n">{text(_value(value))}</th>' for value in grid[across])
        rows = []
        for value in grid[down] if down else [None]:
            cells = []
            for column in grid[across]:
                key = tuple(_key(v) for v in (column, *([value] if down else []), *fixed))
                cells.append(_cell(values.get(key, {}).get(sweep.sort), sweep.sort, scale, key == best))
            label = f"<th>{text(_value(value))}</th>" if down else "<th></th>"
            rows.append(f"<tr>{label}{''.join(cells)}</tr>")
        caption = f"<p class=about>{text(', '.join(axes))}</p>"
        whole = f"<thead><tr><th></th>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
        found.append(f'{caption}<div class="scroll"><table class="heat">{whole}</table></div>')
    return "".join(found)


def _scale(numbers: Sequence[float], less_is_better: bool) -> tuple[float, float, float]:
    """The value without colour, the greatest distance from it, and which way is warm."""
    if not numbers:
        return 0.0, 1.0, 1.0
    low, high = min(numbers), max(numbers)
    middle = 0.0 if low < 0 < high else (low + high) / 2
    return middle, max(high - middle, middle - low) or 1.0, -1.0 if less_is_better else 1.0


def _cell(value: float | None, sort: str, scale: tuple[float, float, float], best: bool) -> str:
    kind = ' class="best"' if best else ""
    if value is None:
        return f'<td{kind}><span class="muted">{words.NOTHING}</span></td>'
    middle, most, sign = scale
    strength = sign * (value - middle) / most
    colour = "--heat" if strength > 0 else "--cold"
    return (
        f'<td{kind} style="background:rgba(var({colour}),{abs(strength) * 0.45:.2f})">{text(_metric(sort, value))}</td>'
    )


def _walk_section(sweep: Sweep) -> str:
    if not sweep.walk_forward:
        return section("Walk forward", "", about=f"{MISLEADS} No walk forward was asked for (--walk-forward DAYS).")
    rows: list[Sequence[Cell]] = [
        (*_window(w)[:3], (signed(w["in_sample_pct"]), direction(w["in_sample_pct"])),
         (signed(w["out_of_sample_pct"]), direction(w["out_of_sample_pct"])))
        for w in sweep.walk_forward["windows"]
    ]  # fmt: skip
    inner = table(("chosen on", "combination", "judged on", "chosen %", "judged %"), rows, left=3, name="windows")
    return section("Walk forward", inner, about=f"{MISLEADS} Here: {_walked(sweep.walk_forward)}.")


def _lanes_section(sweep: Sweep) -> str:
    names = list(sweep.row.request.grid)
    rows: list[Sequence[Cell]] = [
        (
            *(_value(lane["parameters"].get(name)) for name in names),
            *(_metric(name, lane["metrics"].get(name)) for name in METRICS),
        )
        for lane in sweep.lanes[:MOST_ROWS]
    ]
    more = f"The first {MOST_ROWS} of {len(sweep.lanes):,}." if len(sweep.lanes) > MOST_ROWS else ""
    heads = (*names, *(METRICS[name][0] for name in METRICS))
    return section(f"Combinations by {METRICS[sweep.sort][0]}", table(heads, rows, left=0), about=more)


def _window(window: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    return (
        f"{window['chosen_from']} to {window['chosen_to']}",
        str(window["lane"]).replace(",", ", "),
        f"{window['judged_from']} to {window['judged_to']}",
        signed(window["in_sample_pct"]),
        signed(window["out_of_sample_pct"]),
    )


def _metric(name: str, value: float | None) -> str:
    if name == "total_return_pct":
        return signed(value)
    return share(value, 2).removesuffix(" %") if name.endswith("_pct") else number(value, 0 if name in WHOLE else 2)


def _value(value: Any) -> str:
    return f"{value:g}".replace("-", words.MINUS) if isinstance(value, int | float) else str(value)


def _key(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) else value
