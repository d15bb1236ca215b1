"""R5, falling market: when every index is down, gold or the defensives instead of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from processors.rules.days import Day
from processors.rules.engine import UNKNOWN, Judged, State, judged
from processors.rules.gates import market_down, suppressing
from processors.rules.words import on_hold, percent, plain
from schemas.book import Book
from schemas.signals import Verdict

MARKET = "MARKET"


@dataclass(frozen=True, slots=True)
class Bearish(Judged):
    """The regime: `normal`, `down_gold` (gold is up as well) or `down_defensive`.

    Gold is needed only in a falling market. The regime is never gated; the buys that it advises are, and their reasons
    stand in the data.
    """

    signal_type: ClassVar[str] = "bearish"
    thresholds: ClassVar[tuple[str, ...]] = ("bearish_index_threshold_pct", "gold_threshold_pct")

    def subjects(self, registry: Book) -> dict[str, tuple[str, ...]]:
        return {MARKET: (*registry.indices, registry.gold, *registry.defensives)}

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        down = market_down(day, now.quotes)
        if down is None:
            return {MARKET: UNKNOWN[now.quotes.worst(day.registry.indices)]}
        if not down:
            return {MARKET: judged("normal", False)}
        gold = now.quotes.change(day.registry.gold)
        if gold is None:
            return {MARKET: UNKNOWN[now.quotes.worst((day.registry.gold,))]}
        return {MARKET: judged("down_gold" if gold > day.parameters.gold_threshold_pct else "down_defensive", True)}

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        registry, change = day.registry, now.quotes.change
        gold = change(registry.gold)
        down = None if verdict.decision is None else verdict.decision != "normal"
        return {
            "market_down": down,
            "gold_up": None if gold is None else gold > day.parameters.gold_threshold_pct,
            **{f"{symbol.lower()}_pct": plain(change(symbol)) for symbol in registry.indices},
            "bearish_picks": [
                {
                    "ticker": symbol,
                    "name": registry.by_symbol[symbol].name_ko,
                    "change_pct": plain(change(symbol)),
                }
                for symbol in registry.defensives
            ],
            "regime": verdict.decision or verdict.state.value,
            "suppressed_by": list(_against(day, now)) if down else [],
        }

    def explain(self, day: Day, now: State, subject: str, verdict: Verdict) -> str:
        registry = day.registry
        indices = ", ".join(f"{symbol} {percent(now.quotes.change(symbol))}" for symbol in registry.indices)
        if verdict.decision == "normal":
            return f"정상 시장 ({indices})"
        if verdict.decision == "down_gold":
            advice = f"금 {percent(now.quotes.change(registry.gold))} 상승, 금 2배 ETF 검토"
        else:
            advice = f"방어주 검토 {', '.join(registry.defensives)}"
        return f"하락장 ({indices}): {advice}{on_hold(_against(day, now))}"


def _against(day: Day, now: State) -> tuple[str, ...]:
    return suppressing(day, now, falling_market=False)
