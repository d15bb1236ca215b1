"""From what was typed to a run, or one sentence that names the option at fault. Pure.

What the parts of a run may be is `transport.asked`'s to say; here is how a command writes them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from schemas.errors import ConfigError, shown
from schemas.runs import FEE_PRESETS, Fees, Model, RunRequest
from transport.asked import Fault, Ground, Refused, check

# How a command is told the field of a request.
OPTIONS = {
    "date": "DATE",
    "start": "--start",
    "end": "--end",
    "interval": "--interval",
    "model": "--model",
    "fees": "--fees",
    "initial_capital_usd": "--capital",
    "parameters": "--set",
    "grid": "--grid",
    "walk_forward_days": "--walk-forward",
    "step": "--step",
    "session_id": "--session",
}


def checked(run: RunRequest, ground: Ground) -> None:
    """Raises `ConfigError` unless `run` can work."""
    try:
        check(run, ground)
    except Refused as error:
        raise told(error) from None


def told(error: Refused) -> ConfigError:
    """A refusal in the words of the command."""
    return ConfigError("; ".join(map(_sentence, error.faults)))


def _sentence(fault: Fault) -> str:
    field, _, name = fault.field.partition(".")
    received = str(fault.received) if isinstance(fault.received, date) else shown(fault.received)
    said = f"expected {fault.expected}, received {received}{fault.ways_out}"
    option = " ".join(filter(None, (OPTIONS.get(field, field), name)))
    return f"{option}: {re.sub('`([a-z_]+)`', lambda named: OPTIONS.get(named[1], named[0]), said)}"


def model_of(text: str) -> Model:
    if text not in list(Model):
        raise ConfigError(f"--model: expected {' or '.join(Model)}, received {shown(text)}")
    return Model(text)


def fees_of(text: str) -> Fees:
    """A preset, or numbers: ``commission[,fx spread[,SEC fee]]`` in percent a side."""
    if text in FEE_PRESETS:
        return FEE_PRESETS[text]
    try:
        commission, fx, sec = (*map(float, text.split(",", 2)), 0.0, 0.0)[:3]
    except ValueError:
        said = f"{', '.join(FEE_PRESETS)}, or commission[,FX spread[,SEC fee]] in percent, like 0.25,0.1"
        raise ConfigError(f"--fees: expected {said}, received {shown(text)}") from None
    return Fees(commission_pct=commission, fx_spread_pct=fx, sec_fee_pct=sec)


def settings_of(texts: Sequence[str]) -> dict[str, Any]:
    """``name=value`` as parameters, each given once."""
    changes: dict[str, Any] = {}
    for text in texts:
        name, equals, said = text.partition("=")
        name = name.strip()
        if not equals or not name:
            raise ConfigError(f"--set: expected name=value, like stop_loss_pct=-2.5, received {shown(text)}")
        if name in changes:
            raise ConfigError(f"--set: expected {name} once, received it twice")
        changes[name] = _value(said.strip())
    return changes


def grid_of(pairs: Sequence[tuple[str, list[float]]]) -> dict[str, list[float]]:
    """Values by parameter, each given once."""
    grid: dict[str, list[float]] = {}
    for name, values in pairs:
        if name in grid:
            raise ConfigError(f"--grid: expected {name} once, received it twice")
        grid[name] = values
    return grid


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text


def one_of(option: str, given: str | None, known: Sequence[str]) -> None:
    """Raises `ConfigError` for a word that is none of `known`."""
    if given is not None and given not in known:
        raise ConfigError(f"{option}: expected {', '.join(known)}, received {shown(given)}")
