"""R1, gold: up means a warning, and up at the end of the observation bans new buys for the day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from processors.rules.days import Day
from processors.rules.engine import UNKNOWN, Judged, State, judged
from processors.rules.gates import market_down, suppressing
from processors.rules.words import percent, plain
from schemas.book import Book
from schemas.signals import SignalView, Verdict
from schemas.ticks import Session

GATE = "gate"
BAN = {None: "pending", True: "banned", False: "allowed"}


@dataclass(frozen=True, slots=True)
class Gold(Judged):
    """`warning` or `clear` (change > threshold), then what the day's ban says: `pending`, `banned`, `allowed`."""

    signal_type: ClassVar[str] = "gold"
    thresholds: ClassVar[tuple[str, ...]] = ("gold_threshold_pct",)

    def subjects(self, registry: Book) -> dict[str, tuple[str, ...]]:
        return {registry.gold: (registry.gold,)}

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        gold = day.registry.gold
        change = now.quotes.change(gold)
        if change is None:
            return {gold: UNKNOWN[now.quotes.worst((gold,))]}
        warning = change > day.parameters.gold_threshold_pct
        banned = now.ban.banned
        decision = f"{'warning' if warning else 'clear'}:{BAN[banned]}"
        return {gold: judged(decision, warning or banned is True)}

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        return {
            "ticker": subject,
            "change_pct": plain(now.quotes.change(subject)),
            "warning": None if verdict.decision is None else verdict.decision.startswith("warning"),
            "phase": _phase(day, now),
            "day_ban": now.ban.banned,
            "late": now.ban.late,
        }

    def explain(self, day: Day, now: State, subject: str, verdict: Verdict) -> str:
        change = percent(now.quotes.change(subject))
        warning = verdict.decision is not None and verdict.decision.startswith("warning")
        if now.ban.banned:
            return f"금 {change}: 오늘 신규 매수 금지 ({'상승 중' if warning else '개장 관찰에서 상승'}), 매매 금지"
        if now.ban.banned is None:
            return f"금 {change}{' 상승' if warning else ''}: 관찰 중, 신규 매수 보류"
        return f"금 {change} 상승 중: 오늘 매매 가능 (개장 관찰 통과)" if warning else f"금 {change}: 매매 가능"

    def views(self, state: State) -> list[SignalView]:
        """The view of gold, and beside it `gate`: whether new buys are allowed at all, and if not why."""
        views = Judged.views(self, state)
        return [*views, *(_gate(state, state.day, view) for view in views if state.day is not None)]


def _gate(now: State, day: Day, gold: SignalView) -> SignalView:
    reasons = suppressing(day, now)
    data = {
        "new_buys_allowed": not reasons,
        "reasons": list(reasons),
        "day_ban": now.ban.banned,
        "late": now.ban.late,
        "market_down": market_down(day, now.quotes),
        "trade_date": day.trade_date.isoformat(),
        "latched_at": msgspec.to_builtins(now.ban.latched_at),
    }
    return msgspec.structs.replace(gold, subject=GATE, verdict=None, since=now.ban.latched_at, data=data)


def _phase(day: Day, now: State) -> str:
    if day.session is Session.CLOSED:
        return "closed"
    if now.ban.banned is not None:
        return "latched"
    return "premarket" if now.event_time is None or now.event_time <= day.opens_at else "observing"
