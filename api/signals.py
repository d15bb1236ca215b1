"""`/api/signals`: the five signals in the shapes that people know, any further one as the list of its views."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import answer, documented
from api.errors import ApiError
from api.parts import Parts, PartsOf
from api.signal_shapes import BearishNow, ConditionalNow, GoldNow, PairNow, Signals, StopLossNow
from schemas.book import Book
from schemas.signals import SignalState, SignalView

router = APIRouter(tags=["signals"])

Found = Mapping[str, SignalView]  # the views of the trade date, by "<signal_type>:<subject>"


@router.get("/api/signals", responses=documented(Signals))
async def signals(parts: PartsOf) -> Response:
    """All signals of the trade date. `state` other than `ok` means that nothing can be said, and decisions are null."""
    return answer(picture(parts))


@router.get(
    "/api/signals/{signal_type}",
    responses=documented(GoldNow, list[PairNow], ConditionalNow, StopLossNow, BearishNow, list[SignalView]),
)
async def signal(signal_type: str, parts: PartsOf) -> Response:
    """One part of `/api/signals`."""
    names = [entry.type for entry in parts.config.catalogue]
    name = signal_type.lower()
    if name not in names:
        raise ApiError(404, f"{signal_type} is not a signal.", code="unknown_signal", details={"types": names})
    return answer(picture(parts)[name])


def picture(parts: Parts) -> dict[str, Any]:
    live = parts.live
    found = {f"{view.signal_type}:{view.subject}": view for view in live.current_views()}
    told: dict[str, Any] = {
        "as_of": max((view.event_time for view in found.values()), default=None),
        "trade_date": live.day.trade_date if live.day else None,
        "session": live.day.session if live.day else None,
        "param_version": max((view.parameter_version for view in found.values()), default=None),
        "stale": live.overdue(datetime.now(UTC)),
        "demo": live.demo,
    }
    for entry in parts.config.catalogue:
        known = KNOWN.get(entry.type)
        told[entry.type] = known(live.book, found) if known else _views(entry.type, found)
    told["gate"] = _gate(found)
    return told


def _part(found: Found, key: str, blank: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The data of one view, its verdict the confirmed one, and the decision. Without a view: `blank`, nothing decided.

    `pending` says that the newest numbers point elsewhere but have not held for `confirm_sec` yet.
    """
    view = found.get(key)
    if view is None:
        nothing = {"state": SignalState.INSUFFICIENT_DATA, "is_actionable": False, "suppressed_by": []}
        return {
            **blank,
            **nothing,
            "since": None,
            "pending": False,
            "param_version": None,
            "message": None,
        }, None
    verdict = view.verdict
    data = {**blank, **view.data}
    state = verdict.state if verdict else SignalState.INSUFFICIENT_DATA
    actionable = verdict.is_actionable if verdict else False
    pending = verdict is not None and (data.get("state"), data.get("is_actionable")) != (
        state.value,
        actionable,
    )
    data |= {
        "state": state,
        "is_actionable": actionable,
        "since": view.since,
        "pending": pending,
        "param_version": view.parameter_version,
        "event_time": view.event_time,
    }
    if verdict is not None and verdict.suppressed_by:
        data["suppressed_by"] = list(verdict.suppressed_by)
    data.setdefault("suppressed_by", [])
    return data, verdict.decision if verdict else None


def _gold(book: Book, found: Found) -> dict[str, Any]:
    blank = dict.fromkeys(("change_pct", "warning", "phase", "day_ban"))
    data, decision = _part(found, f"gold:{book.gold}", {"ticker": book.gold, **blank})
    data["warning"] = None if decision is None else decision.startswith("warning")
    return data


def _twin_pairs(book: Book, found: Found) -> list[dict[str, Any]]:
    told = []
    for pair in book.pairs:
        blank: dict[str, Any] = {"key": pair.key, "pair": pair.label, "lead": pair.lead, "follow": pair.follow}
        blank |= dict.fromkeys(("lead_pct", "follow_pct", "gap"))
        data, decision = _part(found, f"twin_pairs:{pair.key}", blank)
        signal, _, direction = (decision or "").partition(":")
        changed = signal != (data.get("signal") or "")
        data |= {
            "signal": signal or None,
            "direction": (direction or "flat") if signal else None,
            "pending": data["pending"] or (decision is not None and changed),
        }
        told.append(data)
    return told


def _conditional(book: Book, found: Found) -> dict[str, Any]:
    blank = {
        "triggers": {symbol: {"change_pct": None, "positive": None} for symbol in book.triggers},
        "target": book.target,
        "target_pct": None,
    }
    data, decision = _part(found, f"conditional:{book.target}", blank)
    data["all_positive"] = None if decision is None else decision == "met"
    return data


def _stop_loss(book: Book, found: Found) -> dict[str, Any]:
    alerts, unmonitored, states = [], [], []
    for ticker in book.tickers:
        data, decision = _part(found, f"stop_loss:{ticker.symbol}", {"ticker": ticker.symbol, "change_pct": None})
        states.append(data["state"])
        if data["state"] != SignalState.OK:
            unmonitored.append(ticker.symbol)
        elif decision == "alert":
            alerts.append({**data, "stop_loss": True, "tradable": ticker.tradable})
    if SignalState.MARKET_CLOSED in states:
        state = SignalState.MARKET_CLOSED
    else:
        state = SignalState.OK if SignalState.OK in states else SignalState.INSUFFICIENT_DATA
    return {"state": state, "alerts": alerts, "unmonitored": unmonitored}


def _bearish(book: Book, found: Found) -> dict[str, Any]:
    blank = {
        "gold_up": None,
        **{f"{symbol.lower()}_pct": None for symbol in book.indices},
        "bearish_picks": [
            {"ticker": symbol, "name": book.by_symbol[symbol].name_ko, "change_pct": None} for symbol in book.defensives
        ],
    }
    data, decision = _part(found, "bearish:MARKET", blank)
    data |= {
        "regime": decision or data["state"],
        "market_down": None if decision is None else decision != "normal",
    }
    return data


def _gate(found: Found) -> dict[str, Any]:
    view = found.get("gold:gate")
    blank: dict[str, Any] = {
        "new_buys_allowed": None,
        "reasons": ["data"],
        "trade_date": None,
        "latched_at": None,
    }
    return blank if view is None else {**blank, **view.data}


def _views(signal_type: str, found: Found) -> list[SignalView]:
    return [view for view in found.values() if view.signal_type == signal_type]


KNOWN = {
    "gold": _gold,
    "twin_pairs": _twin_pairs,
    "conditional": _conditional,
    "stop_loss": _stop_loss,
    "bearish": _bearish,
}
