"""R3, conditional: when every trigger is up, consider the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from processors.rules.days import Day
from processors.rules.engine import UNKNOWN, Judged, State, judged
from processors.rules.gates import suppressing
from processors.rules.words import NO_DATA, on_hold, percent, plain
from schemas.book import Book
from schemas.signals import Verdict


@dataclass(frozen=True, slots=True)
class Conditional(Judged):
    """`met` when each trigger's change is above the threshold, else `unmet`. One that is known not to be settles it.

    The target's own change is shown and never tested, but a buy of what has no price is not advised.
    """

    signal_type: ClassVar[str] = "conditional"
    thresholds: ClassVar[tuple[str, ...]] = ("conditional_trigger_pct",)

    def subjects(self, registry: Book) -> dict[str, tuple[str, ...]]:
        return {registry.target: (*registry.triggers, registry.target)}

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        target = day.registry.target
        threshold = day.parameters.conditional_trigger_pct
        known = now.quotes.change(target) is not None
        for symbol in day.registry.triggers:
            change = now.quotes.change(symbol)
            if change is None:
                known = False
            elif change <= threshold:
                return {target: judged("unmet", False)}
        if not known:
            return {target: UNKNOWN[now.quotes.worst((*day.registry.triggers, target))]}
        return {target: judged("met", True, suppressing(day, now, symbol=target))}

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        threshold = day.parameters.conditional_trigger_pct
        changes = {symbol: plain(now.quotes.change(symbol)) for symbol in day.registry.triggers}
        return {
            "triggers": {
                symbol: {"change_pct": change, "positive": None if change is None else change > threshold}
                for symbol, change in changes.items()
            },
            "all_positive": None if verdict.decision is None else verdict.decision == "met",
            "target": subject,
            "target_pct": plain(now.quotes.change(subject)),
        }

    def explain(self, day: Day, now: State, subject: str, verdict: Verdict) -> str:
        change = percent(now.quotes.change(subject))
        if verdict.decision == "met":
            triggers = ", ".join(day.registry.triggers)
            return f"{triggers} 모두 상승: {subject} 매수 신호 ({change}){on_hold(verdict.suppressed_by)}"
        changes = {symbol: now.quotes.change(symbol) for symbol in day.registry.triggers}
        threshold = day.parameters.conditional_trigger_pct
        held = [symbol for symbol, change in changes.items() if change is not None and change <= threshold]
        unknown = [symbol for symbol, change in changes.items() if change is None]
        more = f" ({NO_DATA}: {', '.join(unknown)})" if unknown else ""
        return f"조건 미충족: {', '.join(held)} 상승 아님{more}"
