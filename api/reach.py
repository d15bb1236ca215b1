"""Whether there can be data for a run: what a vendor still gives, what is stored, which ticks are archived."""

from __future__ import annotations

from datetime import date, timedelta

from api.errors import refused
from api.parts import Parts
from api.stored import rows_of
from schemas.history import REACH_DAYS
from schemas.runs import RunRequest
from transport.asked import Ground

TICKS = """
    select count(*) filter (where trade_date between %(start)s and %(end)s) as found,
           min(trade_date) as first, max(trade_date) as last
      from trade_days where world = %(world)s and book = %(book)s and archive <> 'lost'"""

BARS = """
    select count(*) as found from bar_days
     where world = %(world)s and interval = any(%(intervals)s) and trade_date between %(start)s and %(end)s
       and bars > 0"""


async def check_reach(parts: Parts, run: RunRequest, ground: Ground) -> None:
    """Raise 422 where it is certain that nothing can be had; what is in doubt is left to the run."""
    values = {"world": parts.config.namespace, "book": run.book, "start": run.start, "end": run.end}
    if run.interval == "ticks":
        (row,) = await rows_of(parts, TICKS, values)
        if not row["found"]:
            there = f"there are those of {row['first']} to {row['last']}" if row["first"] else "there are none yet"
            said = f"one that reaches back so far: no ticks of these dates are archived ({there})"
            raise refused(("interval", f"{said}; would work: {_would_work(run, ground)}", run.interval))
    elif run.interval in REACH_DAYS:
        first = ground.today - timedelta(days=REACH_DAYS[run.interval])
        if run.start >= first:
            return
        finer = [name for name in REACH_DAYS if REACH_DAYS[name] <= REACH_DAYS[run.interval]]
        (row,) = await rows_of(parts, BARS, {**values, "intervals": finer, "end": min(run.end, first)})
        if not row["found"]:
            said = f"one that reaches back to {run.start}: {run.interval} bars can be had from {first} on"
            would = f"{_would_work(run, ground)}, or a start from {first} on, or bars of your own (`ptj bars import`)"
            raise refused(("interval", f"{said}, and none before are stored; would work: {would}", run.interval))


def _would_work(run: RunRequest, ground: Ground) -> str:
    return " or ".join(["auto", *(name for name in REACH_DAYS if _first(name, ground) <= run.start), "1d"])


def _first(interval: str, ground: Ground) -> date:
    return ground.today - timedelta(days=REACH_DAYS[interval])
