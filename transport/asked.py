"""What may be asked of a run, and what would work where it may not. Pure: what stands is given.

Whoever takes requests builds a `RunRequest`, has it checked here, and tells a refusal in the words of its callers.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice, product
from math import prod
from typing import Any

from msgspec.structs import asdict

from schemas.base import Frozen
from schemas.errors import shown
from schemas.history import INTERVALS as BARS
from schemas.parameters import Parameters, merged
from schemas.runs import INTERVALS, RunKind, RunRequest, step_of
from schemas.trading_days import DAY, TradingDays

# Frames of a trade date by interval. Ticks: 16 hours at one a second.
FRAMES_A_DAY = {"ticks": 57_600, "1m": 390, "5m": 78, "1h": 7, "1d": 1, "auto": 78}
COARSE = ("5m", "1h", "1d")

# Parameters that a run takes elsewhere: silently ignoring them here would give another result than was meant.
ELSEWHERE = {
    "initial_capital_usd": "initial_capital_usd",
    "commission_pct": "fees",
    "sec_fee_pct": "fees",
    "fx_spread_pct": "fees",
    "use_fees": "fees",
}
PARAMETERS = tuple(name for name in Parameters.__struct_fields__ if name not in ELSEWHERE)
MOST_FAULTS = 20  # told at once

NOT_VALID, NOT_YET, NO_TRADING = "validation_failed", "date_in_future", "not_a_trading_day"
NO_SESSION, BUSY_SESSION = "unknown_session", "session_busy"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one line takes on."""

    waiting: int = 20  # runs in the queue
    frames: int = 200_000  # of a run: two years of minutes, ten of 5 minutes
    lanes: int = 1_000  # of a sweep
    lane_frames: int = 20_000_000  # of a sweep: 1,000 lanes over a year of 5 minutes


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a request is judged against."""

    book: str
    symbols: int
    days: TradingDays
    parameters: Parameters  # in force
    today: date = date.max  # at the exchange; where nobody can tell, no date is too late
    over: date = date.max  # the newest trading day whose bars change no more; as above
    limits: Limits = LIMITS

    @property
    def newest(self) -> date | None:
        """The last trading day that can be asked for."""
        come = self.today if self.today in self.days else self.days.before(self.today)
        return come and min(come, self.over)

    def around(self, first: date, last: date) -> tuple[str, ...]:
        """The trading days next to a span that holds none."""
        near = (self.days.before(first), self.days.after(last))
        return tuple(str(day) for day in near if day is not None and day <= min(self.today, self.over))


class Fault(Frozen):
    """What is wrong with a field of a request, like ``end`` or ``parameters.stop_loss_pct``; ``date`` of a replay.

    Where the words name a field of the request, it stands between backticks.
    """

    field: str
    expected: str
    received: object
    would_work: tuple[str, ...] = ()

    @property
    def ways_out(self) -> str:
        """As the end of a sentence; empty when none is known."""
        *others, last = self.would_work or ("",)
        return f"; would work: {' or '.join([', '.join(others), last] if others else [last])}" if last else ""


class Refused(Exception):
    """A request that cannot work. `code` and `details` are for programs."""

    def __init__(self, *faults: Fault, code: str = NOT_VALID, **details: object) -> None:
        super().__init__("; ".join(f"{fault.field}: expected {fault.expected}{fault.ways_out}" for fault in faults))
        self.faults, self.code, self.details = faults, code, details


def check(run: RunRequest, ground: Ground) -> None:
    """Raise `Refused` unless `run` can work as far as can be told before it is tried."""
    if run.interval not in ("auto", *INTERVALS):
        raise Refused(Fault(field="interval", expected=f"one of auto, {', '.join(INTERVALS)}", received=run.interval))
    if run.kind is RunKind.REPLAY:
        check_trade_date(run.start, ground)
        _check_step(run)
    else:
        _check_span(run, ground)
        _check_money(run)
    if faults := list(islice(_faults("parameters", run.parameters, ground), MOST_FAULTS)):
        raise Refused(*faults)
    if run.kind is RunKind.SWEEP:
        _check_grid(run, ground)
        _check_lanes(run, ground)


def check_trade_date(on: date, ground: Ground) -> None:
    """Raise `Refused` unless `on` is a trading day that is over."""
    if on > ground.today:
        wanted = f"a trade date up to today, {ground.today} at the exchange"
        fault = Fault(field="date", expected=wanted, received=on, would_work=(f"{ground.newest} and before",))
        raise Refused(fault, code=NOT_YET, today=ground.today, would_work=[ground.newest])
    if on not in ground.days:
        near = ground.around(on, on)
        fault = Fault(field="date", expected=f"a trade date ({ground.days.why_not(on)})", received=on, would_work=near)
        raise Refused(fault, code=NO_TRADING, would_work=list(near))
    if on > ground.over:
        fault = Fault(field="date", expected=_over(on), received=on, would_work=(f"{ground.newest} and before",))
        raise Refused(fault, code=NOT_YET, today=ground.today, would_work=[ground.newest])


def _over(on: date) -> str:
    return f"a trade date that is over; {on} is not, its bars still change"


def step_by_default(interval: str) -> str:
    """Market time between two snapshots: 5 minutes, or a bar where that is longer."""
    return interval if BARS.get(interval, BARS["5m"]) > BARS["5m"] else "5m"


def _check_step(run: RunRequest) -> None:
    step, bar = step_of(run.step), BARS.get(run.interval)
    if step is None:
        raise Refused(Fault(field="step", expected="a time like 5m, 30s or 1h", received=run.step))
    if bar is not None and step < bar:
        expected = f"at least a bar, which is {run.interval}"
        raise Refused(Fault(field="step", expected=expected, received=run.step, would_work=(run.interval,)))


def _check_span(run: RunRequest, ground: Ground) -> None:
    start, end, days = run.start, run.end, ground.days
    if end < start:
        raise Refused(Fault(field="end", expected=f"a date from {start} on, which is the start", received=end))
    if end > ground.today:
        field, asked = ("start", start) if start > ground.today else ("end", end)
        wanted = f"a date up to today, {ground.today} at the exchange"
        raise Refused(Fault(field=field, expected=wanted, received=asked, would_work=(f"{ground.newest} and before",)))
    count = days.count(start, end)
    if not count:
        wanted = f"a span with a trading day ({days.why_not(start)})"
        raise Refused(Fault(field="start", expected=wanted, received=start, would_work=ground.around(start, end)))
    if end > ground.over and (open_ := days.after(max(start - DAY, ground.over))) is not None and open_ <= end:
        field, asked = ("start", start) if start > ground.over else ("end", end)
        fault = Fault(field=field, expected=_over(open_), received=asked, would_work=(f"{ground.newest} and before",))
        raise Refused(fault)
    most = ground.limits.frames // FRAMES_A_DAY[run.interval]
    if count > most:
        wanted = f"a span of at most {most:,} trading days with the interval {run.interval}, not {count:,}"
        raise Refused(
            Fault(field="end", expected=wanted, received=end, would_work=_coarser(count, ground.limits.frames))
        )


def _coarser(days: int, most_frames: int) -> tuple[str, ...]:
    return tuple(f"`interval` {name}" for name in COARSE if days * FRAMES_A_DAY[name] <= most_frames)


def _check_money(run: RunRequest) -> None:
    """Capital and fees have the limits of the parameters of their names."""
    asked = {"initial_capital_usd": run.initial_capital_usd, **asdict(run.fees)}
    found = merged(Parameters(), asked, symbols=0, rest_only=False)
    if isinstance(found, list):
        where = {name: "" if name == "initial_capital_usd" else "fees." for name in asked}
        raise Refused(*(Fault(field=where[f.field] + f.field, expected=f.expected, received=f.received) for f in found))


def _faults(where: str, changes: Mapping[str, Any], ground: Ground) -> Iterator[Fault]:
    """All that is wrong with `changes` of the parameters in force."""
    for name, value in changes.items():
        if name not in PARAMETERS:
            yield _no_parameter(where, name, value)
    known = {name: value for name, value in changes.items() if name in PARAMETERS}
    found = merged(ground.parameters, known, symbols=ground.symbols, rest_only=False)
    for f in found if isinstance(found, list) else ():
        yield Fault(field=f"{where}.{f.field}", expected=f.expected, received=f.received)


def _no_parameter(where: str, name: str, received: object) -> Fault:
    if name in ELSEWHERE:
        return Fault(field=f"{where}.{name}", expected=f"it as `{ELSEWHERE[name]}`", received=received)
    near = difflib.get_close_matches(name, Parameters.__struct_fields__, n=1)
    wanted = "a known parameter"
    return Fault(field=f"{where}.{name}", expected=wanted, received=received, would_work=tuple(near) or PARAMETERS)


def _check_grid(run: RunRequest, ground: Ground) -> None:
    for name, values in run.grid.items():
        if name not in PARAMETERS:
            raise Refused(_no_parameter("grid", name, values))
        if wanted := _not_values(values):
            raise Refused(Fault(field=f"grid.{name}", expected=wanted, received=values))
        if name in run.parameters:
            wanted = "a parameter that `parameters` does not set as well"
            raise Refused(Fault(field=f"grid.{name}", expected=wanted, received=values))
    lanes = prod(map(len, run.grid.values()))
    if lanes > ground.limits.lanes:
        wanted = f"at most {ground.limits.lanes:,} combinations"
        raise Refused(Fault(field="grid", expected=wanted, received=lanes, would_work=("fewer values",)))
    for chosen in product(*run.grid.values()):
        lane = dict(zip(run.grid, chosen, strict=True))
        if faults := list(_faults("grid", {**run.parameters, **lane}, ground)):
            said = ", ".join(f"{name} {_plain(value)}" for name, value in lane.items())
            raise Refused(
                *(
                    Fault(field=f.field, expected=f"{f.expected} (in the combination {said})", received=f.received)
                    for f in faults
                )
            )


def _plain(value: float) -> str:
    return f"{value:g}" if isinstance(value, float) else shown(value, 20)  # a whole number may be too large for :g


def _not_values(values: Sequence[Any]) -> str:
    """What the values of a parameter in a grid should have been; empty when they are good."""
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return "a list of numbers"
    return "a list of distinct values" if not values or len(set(values)) < len(values) else ""


def _check_lanes(run: RunRequest, ground: Ground) -> None:
    days, lanes = ground.days.count(run.start, run.end), prod(map(len, run.grid.values()))
    frames, most = days * FRAMES_A_DAY[run.interval], ground.limits.lane_frames
    if lanes * frames > most:
        wanted = f"at most {max(1, most // frames):,} combinations over {days:,} trading days"
        ways = ("fewer values", "fewer days", *_coarser(days * lanes, most))
        raise Refused(Fault(field="grid", expected=wanted, received=lanes, would_work=ways))
    if run.walk_forward_days is not None and run.walk_forward_days >= days:
        wanted = f"fewer than the {days} trading days of the span"
        raise Refused(Fault(field="walk_forward_days", expected=wanted, received=run.walk_forward_days))
