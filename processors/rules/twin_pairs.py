"""R2, twins: the follower of a pair is bought while it lags behind and sold when the gap has closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from processors.rules.days import Day
from processors.rules.engine import UNKNOWN, Judged, State, judged
from processors.rules.gates import suppressing
from processors.rules.words import line, on_hold, percent, plain
from schemas.book import Book, Pair
from schemas.signals import Verdict

LAGS, LEADS = "follow_lags", "follow_leads"


@dataclass(frozen=True, slots=True)
class TwinPairs(Judged):
    """One subject per pair: `SELL`, else `ENTRY` or `HOLD`, each with whether the follower lags or leads.

    Only a follower that lags is a buy. A sale is never gated: whoever holds may always leave.
    """

    signal_type: ClassVar[str] = "twin_pairs"
    thresholds: ClassVar[tuple[str, ...]] = ("pair_gap_sell_threshold", "pair_gap_entry_threshold")

    def subjects(self, registry: Book) -> dict[str, tuple[str, ...]]:
        return {pair.key: (pair.lead, pair.follow) for pair in registry.pairs}

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        return {pair.key: self._verdict(day, now, pair) for pair in day.registry.pairs}

    def _verdict(self, day: Day, now: State, pair: Pair) -> Verdict:
        gap = _gap(now, pair)
        if gap is None:
            return UNKNOWN[now.quotes.worst((pair.lead, pair.follow))]
        if abs(gap) <= day.parameters.pair_gap_sell_threshold:
            return judged("SELL", True)
        if abs(gap) < day.parameters.pair_gap_entry_threshold:
            return judged("HOLD:follow_lags" if gap > 0 else "HOLD:follow_leads", False)
        if gap < 0:
            return judged("ENTRY:follow_leads", False)
        return judged("ENTRY:follow_lags", True, suppressing(day, now, symbol=pair.follow))

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        pair = day.registry.by_pair[subject]
        signal, _, direction = (verdict.decision or "").partition(":")
        return {
            "key": pair.key,
            "pair": pair.label,
            "lead": pair.lead,
            "follow": pair.follow,
            "lead_pct": plain(now.quotes.change(pair.lead)),
            "follow_pct": plain(now.quotes.change(pair.follow)),
            "gap": _gap(now, pair),
            "signal": signal or None,
            "direction": (direction or "flat") if signal else None,
        }

    def explain(self, day: Day, now: State, subject: str, verdict: Verdict) -> str:
        pair, asked = day.registry.by_pair[subject], day.parameters
        gap = f"갭 {percent(_gap(now, pair))}"
        match verdict.decision:
            case "SELL":
                return f"{gap}, ±{line(asked.pair_gap_sell_threshold)} 이내: {pair.follow} 매도"
            case "ENTRY:follow_lags":
                entry = line(asked.pair_gap_entry_threshold)
                return f"{gap}, {entry} 이상: {pair.follow} 매수 검토{on_hold(verdict.suppressed_by)}"
            case "ENTRY:follow_leads":
                return f"{gap}, -{line(asked.pair_gap_entry_threshold)} 이하: {pair.follow} 선행, 매수 아님"
            case _:
                return f"{gap}: {pair.follow} 관망"


def _gap(now: State, pair: Pair) -> float | None:
    """Lead minus follow in % points, rounded once more so that 1.8 - 0.3 is 1.5; None where a leg is unknown."""
    lead, follow = now.quotes.change(pair.lead), now.quotes.change(pair.follow)
    return None if lead is None or follow is None else round(lead - follow, 2) + 0.0
