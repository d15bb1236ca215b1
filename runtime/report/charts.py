"""Charts as SVG that stretches with the page; labels and markers are HTML over it, so that they do not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import floor, log10

from runtime.report.html import text
from runtime.report.words import number

WIDTH, HEIGHT = 1000, 100
LABELS = 6  # on the axis of days, at most


def place(value: float, low: float, high: float) -> float:
    """Percent from the top."""
    return round(100 * (high - value) / (high - low), 2)


def line(points: Sequence[tuple[float, float]], low: float, high: float, kind: str) -> str:
    """`points`: place from 0 to 1, value."""
    return f'<path class="line {kind}" d="{_path(points, low, high)}"/>'


def area(points: Sequence[tuple[float, float]], low: float, high: float, kind: str, base: float) -> str:
    """The same, filled down (or up) to `base`."""
    ground = place(base, low, high)
    first, last = points[0][0] * WIDTH, points[-1][0] * WIDTH
    return (
        f'<path class="area {kind}" d="{_path(points, low, high)}L{last:.1f} {ground:.2f}L{first:.1f} {ground:.2f}Z"/>'
    )


def bars(values: Sequence[float], low: float, high: float) -> str:
    """One per day from zero up or down."""
    ground, wide = place(0.0, low, high), WIDTH / len(values)
    found = []
    for number_, value in enumerate(values):
        top = place(value, low, high)
        kind = "up" if value > 0 else "down"
        found.append(
            f'<rect class="{kind}" x="{number_ * wide + wide * 0.15:.2f}" y="{min(top, ground):.2f}"'
            f' width="{wide * 0.7:.2f}" height="{max(abs(top - ground), 0.4):.2f}"/>'
        )
    return "".join(found)


def level(value: float, low: float, high: float) -> str:
    y = place(value, low, high)
    return f'<path class="level" d="M0 {y}H{WIDTH}"/>'


def plot(
    layers: str, low: float, high: float, *, days: Sequence[date] = (), tall: int, label: str, marks: str = "",
    digits: int | None = None, last: tuple[float, str] | None = None,
) -> str:  # fmt: skip
    """A chart of `tall` pixels. `layers`: SVG in 1000 x 100; `marks`: HTML in percent; `last`: a value to tag."""
    ticks = nice(low, high, 4 if tall > 150 else 2)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else 1.0
    shown = max(0, -floor(log10(step) + 1e-9)) if digits is None else digits
    grid = "".join(f'<path class="grid" d="M0 {place(tick, low, high)}H{WIDTH}"/>' for tick in ticks)
    tag = place(last[0], low, high) if last else -100.0
    near = 100 * 14 / tall
    labels = "".join(
        f'<span class="y" style="top:{place(tick, low, high)}%">{text(number(tick, shown))}</span>'
        for tick in ticks
        if abs(place(tick, low, high) - tag) > near
    )
    if last:
        labels += f'<span class="y tag" style="top:{tag}%">{text(last[1])}</span>'
    return (
        f'<figure class="plot"><figcaption>{text(label)}</figcaption>'
        f'<div class="canvas" style="height:{tall}px"><div class="field"><svg viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' preserveAspectRatio="none" role="img" aria-label="{text(label)}">{grid}{layers}</svg>{marks}'
        f'<i class="cross"></i></div>{labels}</div>{_days(days)}</figure>'
    )


def nice(low: float, high: float, about: int) -> list[float]:
    """Round values between `low` and `high`, roughly `about` of them."""
    rough = (high - low) / max(about, 1)
    power = 10 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    first, last = -floor(-low / step + 1e-9), floor(high / step + 1e-9)
    return [round(step * n, 12) for n in range(first, last + 1)] or [(low + high) / 2]


def _path(points: Sequence[tuple[float, float]], low: float, high: float) -> str:
    return "M" + "L".join(f"{x * WIDTH:.1f} {place(value, low, high):.2f}" for x, value in points)


def _days(days: Sequence[date]) -> str:
    if not days:
        return ""
    every = max(1, -(-len(days) // LABELS))
    same_year = days[0].year == days[-1].year
    said = "".join(
        f'<span style="left:{100 * (n + 0.5) / len(days):.2f}%">{day:{"%m-%d" if same_year else "%Y-%m-%d"}}</span>'
        for n, day in enumerate(days)
        if n % every == every // 2
    )
    return f'<div class="x">{said}</div>'
