"""Numbers and reasons as the messages of signals print them."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.signals import SignalState

NO_DATA = "데이터 없음"
REASONS = {
    "R1": "금 상승(R1)",
    "R4": "손절선(R4)",
    "R5": "하락장(R5)",
    "data": "데이터 부족",
    "session": "매수 시간 아님",
}


def plain(change: float | None) -> float | None:
    """`change` without a negative zero, which would print as -0.00."""
    return None if change is None else change + 0.0


def percent(change: float | None) -> str:
    """A change, its sign always shown: +0.30%."""
    return NO_DATA if change is None else f"{change + 0.0:+.2f}%"


def line(threshold: float) -> str:
    """A threshold as it is stored: 0.3%, -3.0%."""
    return f"{float(threshold)}%"


def on_hold(reasons: Iterable[str]) -> str:
    """What follows a message that advises a buy which the gates suppress; empty where they do not."""
    named = ", ".join(REASONS.get(reason, reason) for reason in reasons)
    return f" (보류: {named})" if named else ""


def unjudged(state: SignalState, lacking: dict[str, list[str]]) -> str:
    """The message of a signal that cannot be judged; `lacking` names the symbols by `missing`, `suspect`, `stale`."""
    if state is SignalState.MARKET_CLOSED:
        return "장 마감"
    titles = {"missing": "데이터 부족", "suspect": "의심스러운 시세", "stale": "오래된 시세"}
    return " · ".join(f"{title}: {', '.join(lacking[kind])}" for kind, title in titles.items() if lacking[kind])
