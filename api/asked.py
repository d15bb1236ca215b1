"""From the body of a request to a run that can work. Raises `Refused`, which `api.errors` tells."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from api.bodies import BacktestBody, ReplayBody, SweepBody
from api.errors import ApiError
from api.parts import Parts
from schemas.parameters import Parameters
from schemas.runs import Model, RunKind, RunRequest
from schemas.trading_days import trading_days
from transport.asked import Fault, Ground, Refused, check, step_by_default

# Declared models: (gating, fill).
MODELS = {Model.RULE_TEXT: ("rule_text", "next_bar_open"), Model.V1: ("v1_sim", "bar_close")}


def ground_of(parts: Parts, now: datetime | None = None) -> Ground:
    """As things stand. In the demo the market's date may be ahead of the wall's, or behind: no date up to the later one
    is in the future, but days are over by the market's clock, which is the worker's.
    """
    live, now = parts.live, now or datetime.now(UTC)
    zone, days = ZoneInfo(live.book.timezone), trading_days(live.book.calendar)
    market = (live.market_time(now) or now).astimezone(zone)
    closes_at = live.day.closes_at if live.day and live.day.trade_date == market.date() else None
    return Ground(
        book=live.book.name,
        symbols=len(live.book.symbols),
        days=days,
        today=max(market, now.astimezone(zone)).date(),
        over=days.last_over(market, closes_at) or market.date(),
        parameters=live.parameters or Parameters(),
        limits=parts.config.limits,
    )


def date_in_path(text: str) -> date:
    """The date that a path names. Raises 400."""
    with suppress(ValueError):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    raise ApiError(400, f"{text[:40]!r} is not a date; expected one like 2026-02-13.", code="bad_date")


def replay_asked(on: date, body: ReplayBody, ground: Ground) -> RunRequest:
    asked = RunRequest(
        kind=RunKind.REPLAY,
        start=on,
        end=on,
        book=ground.book,
        interval=body.interval,
        parameters=body.parameters,
        step=body.step or step_by_default(body.interval),
        session_id=body.session_id,
    )
    check(asked, ground)
    return asked


def backtest_asked(body: BacktestBody, ground: Ground) -> RunRequest:
    asked = _backtest(body, ground)
    check(asked, ground)
    return asked


def sweep_asked(body: SweepBody, ground: Ground) -> RunRequest:
    base = _backtest(body, ground)
    asked = replace(base, kind=RunKind.SWEEP, grid=body.grid, walk_forward_days=body.walk_forward_days)
    check(asked, ground)
    return asked


def _backtest(body: BacktestBody, ground: Ground) -> RunRequest:
    asked = RunRequest(
        kind=RunKind.BACKTEST,
        start=body.start,
        end=body.end,
        book=ground.book,
        interval=body.interval,
        model=_model(body),
        fees=body.fees_asked(),
        initial_capital_usd=body.initial_capital_usd,
        parameters=body.parameters,
        keep_events=body.keep_events,
    )
    return asked if body.slippage_pct is None else replace(asked, slippage_pct=body.slippage_pct)


def _model(body: BacktestBody) -> Model:
    told = {"model": body.model, "gating": body.gating, "fill": body.fill}
    fits = [
        model
        for model, (gating, fill) in MODELS.items()
        if body.model in (None, model.value) and body.gating in (None, gating) and body.fill in (None, fill)
    ]
    if not fits:
        field = next(name for name in ("fill", "gating") if told[name] is not None)
        ways = tuple(f"model {m.value} (gating {gating}, fill {fill})" for m, (gating, fill) in MODELS.items())
        raise Refused(Fault(field=field, expected="what goes together", received=told[field], would_work=ways))
    if fits[0] is Model.V1 and body.slippage_pct:
        expected = "nothing, since the model v1 fills at the bar's close"
        raise Refused(Fault(field="slippage_pct", expected=expected, received=body.slippage_pct))
    return fits[0]
