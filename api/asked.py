"""From what was asked to a run that can work, or a refusal that says what would. Pure: the ground is given."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from math import prod
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from api.bodies import BacktestBody, ReplayBody, SweepBody
from api.errors import ApiError, refused
from api.parts import Parts
from schemas.parameters import Parameters, merged
from schemas.runs import Model, RunKind, RunRequest
from schemas.trading_days import TradingDays, trading_days

# Frames of a trade date by interval. Ticks: 16 hours at one a second.
FRAMES_A_DAY = {"ticks": 57_600, "1m": 390, "5m": 78, "1h": 7, "1d": 1, "auto": 78}
MINUTES = {"1m": 1, "5m": 5, "10m": 10, "15m": 15, "30m": 30, "1h": 60}

# Declared models: (gating, fill).
MODELS = {Model.RULE_TEXT: ("rule_text", "next_bar_open"), Model.V1: ("v1_sim", "bar_close")}

# Parameters that a run takes elsewhere: silently ignoring them here would give another result than was meant.
ELSEWHERE = {
    "initial_capital_usd": "initial_capital_usd",
    "commission_pct": "fees",
    "sec_fee_pct": "fees",
    "fx_spread_pct": "fees",
    "use_fees": "fees",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a request is judged against."""

    book: str
    symbols: int
    days: TradingDays
    today: date  # at the exchange
    parameters: Parameters  # in force
    max_frames: int
    max_lanes: int
    max_lane_frames: int


def ground_of(parts: Parts, now: datetime | None = None) -> Ground:
    """As things stand. In the demo the market's date may be ahead of the wall's, or behind; the later one counts."""
    live, config, now = parts.live, parts.config, now or datetime.now(UTC)
    zone = ZoneInfo(live.book.timezone)
    clocks = [now, *([market] if live.demo and (market := live.market_time(now)) else [])]
    return Ground(
        book=live.book.name,
        symbols=len(live.book.symbols),
        days=trading_days(live.book.calendar),
        today=max(clock.astimezone(zone).date() for clock in clocks),
        parameters=live.parameters or Parameters(),
        max_frames=config.max_frames,
        max_lanes=config.max_lanes,
        max_lane_frames=config.max_lane_frames,
    )


def date_in_path(text: str) -> date:
    """The date that a path names. Raises 400."""
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    raise ApiError(400, f"{text[:40]!r} is not a date; expected one like 2026-02-13.", code="bad_date")


def trade_date(on: date, ground: Ground) -> None:
    """Raise 400 unless `on` is a trading day that has come."""
    if on > ground.today:
        newest = _newest(ground)
        raise ApiError(
            400,
            f"{on} lies in the future; today is {ground.today} at the exchange. Would work: {newest} and before.",
            code="date_in_future",
            details={"today": ground.today, "would_work": [newest]},
        )
    if on not in ground.days:
        near = [day for day in (ground.days.before(on), ground.days.after(on)) if day and day <= ground.today]
        raise ApiError(
            400,
            f"There was no trading: {ground.days.why_not(on)}. Would work: {' or '.join(map(str, near))}.",
            code="not_a_trading_day",
            details={"would_work": near},
        )


def replay_asked(on: date, body: ReplayBody, ground: Ground) -> RunRequest:
    """Raises 400 for the date, 422 for the rest."""
    trade_date(on, ground)
    bar = MINUTES.get(body.interval, 0)
    step = body.step or ("1h" if bar > MINUTES["5m"] else "5m")
    if MINUTES[step] < bar:
        raise refused(("step", f"at least a bar, which is {body.interval}", step))
    return RunRequest(
        kind=RunKind.REPLAY,
        start=on,
        end=on,
        book=ground.book,
        interval=body.interval,
        parameters=_parameters(body.parameters, ground),
        step=step,
        session_id=body.session_id,
    )


def backtest_asked(body: BacktestBody, ground: Ground) -> RunRequest:
    """Raises 422."""
    _span(body, ground)
    model = _model(body)
    asked = RunRequest(
        kind=RunKind.BACKTEST,
        start=body.start,
        end=body.end,
        book=ground.book,
        interval=body.interval,
        model=model,
        fees=body.fees_asked(),
        initial_capital_usd=body.initial_capital_usd,
        parameters=_parameters(body.parameters, ground),
        keep_events=body.keep_events,
    )
    return asked if body.slippage_pct is None else replace(asked, slippage_pct=body.slippage_pct)


def sweep_asked(body: SweepBody, ground: Ground) -> RunRequest:
    """Raises 422."""
    base = backtest_asked(body, ground)
    _grid(body, base.parameters, ground)
    days = ground.days.count(body.start, body.end)
    lanes, frames = prod(map(len, body.grid.values())), days * FRAMES_A_DAY[body.interval]
    if lanes * frames > ground.max_lane_frames:
        most = max(1, ground.max_lane_frames // frames)
        raise refused(("grid", f"at most {most:,} combinations over {days:,} trading days, or fewer days", lanes))
    if body.walk_forward_days is not None and body.walk_forward_days >= days:
        raise refused(("walk_forward_days", f"fewer than the {days} trading days of the span", body.walk_forward_days))
    return replace(base, kind=RunKind.SWEEP, grid=body.grid, walk_forward_days=body.walk_forward_days)


def _newest(ground: Ground) -> date | None:
    return ground.today if ground.today in ground.days else ground.days.before(ground.today)


def _span(body: BacktestBody, ground: Ground) -> None:
    start, end, days = body.start, body.end, ground.days
    if end < start:
        raise refused(("end", f"a date from {start} on, which is the start", end))
    if end > ground.today:
        field = "start" if start > ground.today else "end"
        asked = start if field == "start" else end
        raise refused((field, f"a date up to {_newest(ground)}, since {asked} lies in the future", asked))
    count = days.count(start, end)
    if not count:
        near = [day for day in (days.before(start), days.after(end)) if day and day <= ground.today]
        said = f"a span with a trading day ({days.why_not(start)}); would work: {' or '.join(map(str, near))}"
        raise refused(("start", said, start))
    if count * FRAMES_A_DAY[body.interval] > ground.max_frames:
        most = ground.max_frames // FRAMES_A_DAY[body.interval]
        coarser = [name for name in ("5m", "1h", "1d") if count * FRAMES_A_DAY[name] <= ground.max_frames]
        other = f"; over {count:,} trading days would work: interval {' or '.join(coarser)}" if coarser else ""
        raise refused(("end", f"a span of at most {most:,} trading days with the interval {body.interval}{other}", end))


def _model(body: BacktestBody) -> Model:
    told = {"model": body.model, "gating": body.gating, "fill": body.fill}
    fits = [
        model
        for model, (gating, fill) in MODELS.items()
        if body.model in (None, model.value) and body.gating in (None, gating) and body.fill in (None, fill)
    ]
    if not fits:
        would = " or ".join(f"model {m.value} (gating {gating}, fill {fill})" for m, (gating, fill) in MODELS.items())
        field = next(name for name in ("fill", "gating") if told[name] is not None)
        raise refused((field, f"what goes together: {would}", told[field]))
    if fits[0] is Model.V1 and body.slippage_pct:
        raise refused(("slippage_pct", "nothing, since the model v1 fills at the bar's close", body.slippage_pct))
    return fits[0]


def _parameters(changes: Mapping[str, Any], ground: Ground) -> dict[str, Any]:
    """`changes`, found good over the parameters in force."""
    _check(changes, "parameters", ground)
    return dict(changes)


def _check(changes: Mapping[str, Any], where: str, ground: Ground) -> None:
    elsewhere = [
        (f"{where}.{name}", f"it as the field {field} of the request", changes[name])
        for name, field in ELSEWHERE.items()
        if name in changes
    ]
    found = merged(ground.parameters, changes, symbols=ground.symbols, rest_only=False)
    faults = [(f"{where}.{f.field}", f.expected, f.received) for f in found] if isinstance(found, list) else []
    if elsewhere or faults:
        raise refused(*elsewhere, *faults)


def _grid(body: SweepBody, parameters: Mapping[str, Any], ground: Ground) -> None:
    for name, values in body.grid.items():
        field = f"grid.{name}"
        if not values or len(set(map(repr, values))) < len(values):
            raise refused((field, "a list of distinct values", values))
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            raise refused((field, "a list of numbers", values))
        if name in body.parameters:
            raise refused((field, "a parameter that `parameters` does not set as well", values))
        if name in ELSEWHERE:
            raise refused((field, f"another parameter; this one is the field {ELSEWHERE[name]} of the request", values))
    lanes = prod(map(len, body.grid.values()))
    if lanes > ground.max_lanes:
        raise refused(("grid", f"at most {ground.max_lanes:,} combinations", lanes))
    for chosen in product(*body.grid.values()):
        lane = dict(zip(body.grid, chosen, strict=True))
        found = merged(ground.parameters, {**parameters, **lane}, symbols=ground.symbols, rest_only=False)
        if isinstance(found, list):
            said = ", ".join(f"{name} {value:g}" for name, value in lane.items())
            raise refused(
                *((f"grid.{f.field}", f"{f.expected} (in the combination {said})", f.received) for f in found)
            )
