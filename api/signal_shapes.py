"""Shapes of `/api/signals`. A rule may tell more than is named here: its numbers pass through as its view has them."""

from __future__ import annotations

from datetime import date, datetime

from msgspec import UNSET, UnsetType

from schemas.base import Frozen
from schemas.signals import SignalState
from schemas.ticks import Session


class SignalNow(Frozen):
    """What every signal tells of a subject; what stands behind `UNSET` is not told before its first view.

    `pending`: the newest numbers point elsewhere but have not held for `confirm_sec` yet.
    """

    state: SignalState
    is_actionable: bool
    suppressed_by: list[str]  # of R1, R4, R5, data, session
    since: datetime | None  # of the verdict
    pending: bool
    param_version: int | None
    message: str | UnsetType | None = UNSET
    event_time: datetime | UnsetType = UNSET
    thresholds: dict[str, float | None] | UnsetType = UNSET  # parameters that decide
    missing: list[str] | UnsetType = UNSET  # symbols it is judged by that have no usable quote, by what ails them
    suspect: list[str] | UnsetType = UNSET
    stale: list[str] | UnsetType = UNSET


class GoldNow(SignalNow, kw_only=True):
    ticker: str
    change_pct: float | None
    warning: bool | None
    phase: str | None
    day_ban: bool | None  # null until the observation has ended
    late: bool | UnsetType = UNSET  # the observation began late


class PairNow(SignalNow, kw_only=True):
    """Twins. Changes in percent, `gap` in percentage points."""

    key: str
    pair: str
    lead: str
    follow: str
    lead_pct: float | None
    follow_pct: float | None
    gap: float | None
    signal: str | None
    direction: str | None


class Trigger(Frozen):
    change_pct: float | None
    positive: bool | None


class ConditionalNow(SignalNow, kw_only=True):
    triggers: dict[str, Trigger]
    target: str
    target_pct: float | None
    all_positive: bool | None


class StopAlert(SignalNow, kw_only=True):
    ticker: str
    change_pct: float | None
    stop_loss: bool
    tradable: bool


class StopLossNow(Frozen):
    """Symbols at or below the stop line, and those that cannot be judged."""

    state: SignalState
    alerts: list[StopAlert]
    unmonitored: list[str]


class Pick(Frozen):
    ticker: str
    name: str
    change_pct: float | None


class BearishNow(SignalNow, kw_only=True):
    """The market. It also carries the change of each index, `<symbol>_pct`, in lower case."""

    regime: str
    market_down: bool | None
    gold_up: bool | None
    bearish_picks: list[Pick]


class Gate(Frozen):
    """Whether new buys are allowed at all, and if not why."""

    new_buys_allowed: bool | None
    reasons: list[str]
    trade_date: date | None
    latched_at: datetime | None
    day_ban: bool | UnsetType | None = UNSET
    late: bool | UnsetType = UNSET
    market_down: bool | UnsetType | None = UNSET


class Signals(Frozen):
    """All signals of the catalogue; one that is not among these five is told as the list of its views."""

    as_of: datetime | None
    trade_date: date | None
    session: Session | None
    param_version: int | None
    stale: bool
    demo: bool
    gate: Gate
    gold: GoldNow | UnsetType = UNSET
    twin_pairs: list[PairNow] | UnsetType = UNSET
    conditional: ConditionalNow | UnsetType = UNSET
    stop_loss: StopLossNow | UnsetType = UNSET
    bearish: BearishNow | UnsetType = UNSET
