"""R4, stop loss: every symbol whose change on the day has reached the stop line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from processors.rules.days import Day
from processors.rules.engine import UNKNOWN, Judged, State, judged
from processors.rules.words import line, percent, plain
from schemas.book import Book
from schemas.signals import Verdict

ALERT, CLEAR = judged("alert", True), judged("clear", False)


@dataclass(frozen=True, slots=True)
class StopLoss(Judged):
    """One subject per symbol: `alert` at or below the line, else `clear`. Never waits, never gated."""

    signal_type: ClassVar[str] = "stop_loss"
    thresholds: ClassVar[tuple[str, ...]] = ("stop_loss_pct",)
    waits: ClassVar[bool] = False

    def subjects(self, registry: Book) -> dict[str, tuple[str, ...]]:
        return {symbol: (symbol,) for symbol in registry.symbols}

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        limit = day.parameters.stop_loss_pct
        stop = float("-inf") if limit is None else limit
        lacking = now.quotes.lacking
        newest: Mapping[str, Any] = now.quotes.newest  # a float for each symbol that is not lacking
        return {
            symbol: UNKNOWN[lacking[symbol]] if symbol in lacking else ALERT if newest[symbol] <= stop else CLEAR
            for symbol in day.registry.symbols
        }

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        return {
            "ticker": subject,
            "change_pct": plain(now.quotes.change(subject)),
            "stop_loss": None if verdict.decision is None else verdict.decision == "alert",
            "tradable": day.registry.by_symbol[subject].tradable,
        }

    def explain(self, day: Day, now: State, subject: str, verdict: Verdict) -> str:
        limit = day.parameters.stop_loss_pct
        change = f"{subject} {percent(now.quotes.change(subject))}"
        if limit is None:
            return f"{change}: 손절 꺼짐"
        return f"{change}: 손절선 {line(limit)} {'도달' if verdict.decision == 'alert' else '위'}"
