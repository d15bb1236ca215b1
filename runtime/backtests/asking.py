"""From what was typed to a run that can work, or one sentence that names the option at fault. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from math import isfinite
from typing import Any

import msgspec

from schemas.errors import ConfigError
from schemas.parameters import Fault, Parameters, merged
from schemas.runs import FEE_PRESETS, INTERVALS, Fees, Model
from schemas.trading_days import TradingDays

# Parameters that a run takes from another option: ignoring them silently would give another result than was meant.
ELSEWHERE = {
    "initial_capital_usd": "--capital",
    "commission_pct": "--fees",
    "sec_fee_pct": "--fees",
    "fx_spread_pct": "--fees",
    "use_fees": "--fees",
}
MOST_LANES = 10_000


@dataclass(frozen=True, slots=True)
class Ground:
    """What a request is judged against. `today`: at the exchange, None where nobody can tell."""

    days: TradingDays
    symbols: int
    parameters: Parameters  # in force
    today: date | None = None


def check_span(start: date, end: date, ground: Ground) -> None:
    """Raises `ConfigError` for dates that no market can serve."""
    days, today = ground.days, ground.today
    if end < start:
        raise ConfigError(f"--end: expected a date on or after the start, {start}, received {end}")
    if today is not None and end > today:
        name, asked = ("--start", start) if start > today else ("--end", end)
        raise ConfigError(f"{name}: expected a date up to today, {today} at the exchange, received {asked}")
    if not days.count(start, end):
        near = [day for day in (days.before(start), days.after(end)) if day and (today is None or day <= today)]
        would = f"; what works: {' or '.join(map(str, near))}" if near else ""
        said = f"{start}" if start == end else f"{start} to {end}"
        raise ConfigError(f"--start, --end: expected a trade date, received {said}: {days.why_not(start)}{would}")


def check_trade_date(on: date, ground: Ground) -> None:
    """Raises `ConfigError` unless `on` is a trading day that has come."""
    days, today = ground.days, ground.today
    if today is not None and on > today:
        raise ConfigError(f"DATE: expected a date up to today, {today} at the exchange, received {on}")
    if on not in days:
        near = [day for day in (days.before(on), days.after(on)) if day and (today is None or day <= today)]
        would = f"; what works: {' or '.join(map(str, near))}" if near else ""
        raise ConfigError(f"DATE: expected a trade date, received {on}: {days.why_not(on)}{would}")


def interval_of(text: str) -> str:
    if text not in ("auto", *INTERVALS):
        raise ConfigError(f"--interval: expected auto, {', '.join(INTERVALS)}, received {text!r}")
    return text


def model_of(text: str) -> Model:
    if text not in list(Model):
        raise ConfigError(f"--model: expected {' or '.join(Model)}, received {text!r}")
    return Model(text)


def fees_of(text: str) -> Fees:
    """A preset, or numbers: ``commission[,fx spread[,SEC fee]]`` in percent a side."""
    if text in FEE_PRESETS:
        return FEE_PRESETS[text]
    try:
        numbers = [float(part) for part in text.split(",")]
        commission, fx, sec = (*numbers, 0.0, 0.0)[:3] if len(numbers) <= 3 else ()
    except ValueError:
        numbers = []
    if not numbers or not all(0 <= value <= 5 for value in numbers):
        said = f"{', '.join(FEE_PRESETS)}, or commission[,FX spread[,SEC fee]] in percent from 0 to 5, like 0.25,0.1"
        raise ConfigError(f"--fees: expected {said}, received {text!r}")
    return Fees(commission_pct=commission, fx_spread_pct=fx, sec_fee_pct=sec)


def capital_of(value: float) -> float:
    if not isfinite(value) or not 0 < value <= 1e9:
        raise ConfigError(f"--capital: expected an amount above 0, at most 1,000,000,000 USD, received {value:g}")
    return value


def settings_of(texts: Sequence[str], ground: Ground) -> dict[str, Any]:
    """``name=value`` as parameters, found good over those in force."""
    changes: dict[str, Any] = {}
    for text in texts:
        name, equals, said = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise ConfigError(f"--set: expected name=value, like stop_loss_pct=-2.5, received {text!r}")
        if name in changes:
            raise ConfigError(f"--set: expected {name} once, received it twice")
        changes[name] = _value(said.strip())
    _check("--set", changes, changes, ground)
    return changes


def grid_of(pairs: Sequence[tuple[str, list[float]]]) -> dict[str, list[float]]:
    """Values by parameter, each given once."""
    grid: dict[str, list[float]] = {}
    for name, values in pairs:
        if name in grid:
            raise ConfigError(f"--grid: expected {name} once, received it twice")
        if not name or not all(isfinite(value) for value in values):
            raise ConfigError(f"--grid: expected name=from:to:step with numbers, received {name}={_listed(values)}")
        grid[name] = values
    return grid


def check_walk_forward(days: int | None, start: date, end: date, ground: Ground) -> None:
    """Raises `ConfigError` where no two windows fit."""
    there = ground.days.count(start, end)
    if days is not None and days >= there:
        raise ConfigError(f"--walk-forward: expected fewer than the {there} trade dates of the span, received {days}")


def check_grid(grid: Mapping[str, Sequence[float]], parameters: Mapping[str, Any], ground: Ground) -> None:
    """Raises `ConfigError` for the first combination that the rules between parameters forbid."""
    lanes = 1
    for name, values in grid.items():
        lanes *= len(values)
        if name in parameters:
            raise ConfigError(f"--grid: expected a parameter that --set does not set as well, received {name}")
        if len(set(values)) < len(values):
            raise ConfigError(f"--grid {name}: expected distinct values, received {_listed(values)}")
    if lanes > MOST_LANES:
        raise ConfigError(
            f"--grid: expected at most {MOST_LANES:,} combinations, received {lanes:,}; take larger steps"
        )
    for chosen in product(*grid.values()):
        lane = dict(zip(grid, chosen, strict=True))
        _check("--grid", lane, {**parameters, **lane}, ground)


def _check(option: str, asked: Mapping[str, Any], changes: Mapping[str, Any], ground: Ground) -> None:
    for name in asked:
        if name in ELSEWHERE:
            raise ConfigError(f"{option} {name}: expected it as {ELSEWHERE[name]}, received {asked[name]!r}")
    told = merged(ground.parameters, changes, symbols=ground.symbols, rest_only=False)
    if isinstance(told, list):
        raise ConfigError("; ".join(f"{option} {_sentence(fault)}" for fault in told))


def _sentence(fault: Fault) -> str:
    known, wanted = Parameters.__struct_fields__, fault.expected
    if fault.field not in known:
        near = difflib.get_close_matches(fault.field, known, n=1)
        wanted = near[0] if near else f"one of {', '.join(name for name in known if name not in ELSEWHERE)}"
        return f"{fault.field}: expected a known parameter ({wanted}{'?' if near else ''}), received {fault.field}"
    return f"{fault.field}: expected {wanted}, received {fault.received!r}"


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def _listed(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def one_of(option: str, given: str | None, known: Sequence[str]) -> None:
    """Raises `ConfigError` for a word that is none of `known`."""
    if given is not None and given not in known:
        raise ConfigError(f"{option}: expected {', '.join(known)}, received {given!r}")
