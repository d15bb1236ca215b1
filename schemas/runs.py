"""Runs: history through the same agents. What is asked for, and how far it is."""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from schemas.base import Frozen, UtcTime
from schemas.parameters import Parameters


class RunKind(StrEnum):
    """What a run is for. A sweep is a row that its shards report to; only the others are taken by workers."""

    BACKTEST = "backtest"
    REPLAY = "replay"
    SWEEP = "sweep"
    SHARD = "shard"


class RunStatus(StrEnum):
    """requested → running → finished, failed or cancelled."""

    REQUESTED = "requested"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Model(StrEnum):
    """How fills and gates are simulated."""

    RULE_TEXT = "rule_text"  # gates as the rules say, fill at the next bar's open with slippage, real closes
    V1 = "v1"  # the first engine to the letter, for comparison with its figures


class Fees(Frozen):
    """Percent of the amount, per side; the SEC fee on sales only."""

    commission_pct: float = 0.25
    sec_fee_pct: float = 0.00278
    fx_spread_pct: float = 0.10


FEE_PRESETS = {
    "standard": Fees(),
    "discount": Fees(commission_pct=0.10, sec_fee_pct=0.0, fx_spread_pct=0.0),
    "none": Fees(commission_pct=0.0, sec_fee_pct=0.0, fx_spread_pct=0.0),
}

INTERVALS = ("ticks", "1m", "5m", "1h", "1d")  # the ladder: the first that has the whole span is taken


_STEP = re.compile(r"([1-9]\d{0,4})([smh])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def step_of(text: str) -> timedelta | None:
    """The time between two snapshots from `5m`, `30s` or `1h`; None from anything else."""
    match = _STEP.fullmatch(text)
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]]) if match else None


class RunRequest(Frozen):
    """What to run. Dates are trade dates, both included."""

    kind: RunKind
    start: date
    end: date
    book: str = "us"
    interval: str = "auto"  # or one of INTERVALS
    model: Model = Model.RULE_TEXT
    fees: Fees = Fees()
    initial_capital_usd: float = 1000.0
    slippage_pct: float = 0.02  # of the price, against us, in `rule_text`
    parameters: dict[str, Any] = {}  # over those in force
    lanes: dict[str, dict[str, Any]] = {}  # of a shard: further parameters by lane
    grid: dict[str, list[float]] = {}  # of a sweep
    walk_forward_days: int | None = None  # of a sweep: choose on that many trade dates, judge on the next
    keep_events: bool = True
    step: str = ""  # of a replay: time between two snapshots, like 5m
    session_id: int | None = None  # review session that keeps the snapshots
    parent: str | None = None  # the sweep that a shard belongs to
    in_force: Parameters | None = None  # of the book when a worker first took the run: a later attempt is judged alike
    in_force_version: int = 0


class RunProgress(Frozen):
    """One step of a run on the topic `runs`, key run_id."""

    run_id: str
    world: str
    kind: RunKind
    status: RunStatus
    attempt: int
    progress: float  # 0 to 1
    phase: str  # queued, bars, streaming, portfolio, storing, done
    at: UtcTime
    message: str = ""
    v: int = 1
