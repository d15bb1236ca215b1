"""The parameters that people may change while the line runs: types, units, ranges and cross rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from schemas.base import Frozen
from schemas.wording import expected


def _about(unit: str, step: float, note: str) -> dict[str, Any]:
    return {"unit": unit, "step": step, "note": note}


class Parameters(Frozen):
    """One set. Percentages are in percent, times in market seconds unless the name says minutes."""

    pair_gap_sell_threshold: Annotated[
        float,
        Meta(ge=0, le=5, extra=_about("% points", 0.1, "twin gap without its sign: at or below, the follower is sold")),
    ] = 0.3
    pair_gap_entry_threshold: Annotated[
        float,
        Meta(
            ge=0.1,
            le=20,
            extra=_about("% points", 0.1, "twin gap at or above which a lagging follower may be bought"),
        ),
    ] = 1.5
    stop_loss_pct: Annotated[
        Annotated[float, Meta(ge=-50, le=-0.1)] | None,
        Meta(extra=_about("%", 0.5, "day change at or below which a ticker is on the stop list; null turns it off")),
    ] = -3.0
    max_trade_amount_krw: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000_000,
            extra=_about("KRW", 1_000_000, "cap per ticker and day; shown, read by no signal"),
        ),
    ] = 20_000_000
    split_buy_interval_min: Annotated[
        int,
        Meta(
            ge=1,
            le=120,
            extra=_about("minutes", 1, "least time between two buys of a ticker; shown, read by no signal"),
        ),
    ] = 5
    refresh_interval_sec: Annotated[
        float, Meta(ge=0.5, le=60, extra=_about("s", 0.5, "time between two full frames"))
    ] = 1.0
    gold_threshold_pct: Annotated[
        float,
        Meta(
            ge=-5,
            le=5,
            extra=_about("%", 0.1, "gold above this warns, and at the end of the observation bans buys"),
        ),
    ] = 0.0
    conditional_trigger_pct: Annotated[
        float, Meta(ge=-5, le=20, extra=_about("%", 0.1, "each trigger must be above this"))
    ] = 0.0
    bearish_index_threshold_pct: Annotated[
        float,
        Meta(ge=-10, le=5, extra=_about("%", 0.1, "the market is down when both indices are below this")),
    ] = 0.0
    gold_observe_minutes: Annotated[
        int, Meta(ge=0, le=390, extra=_about("minutes", 5, "from the open until gold decides the day"))
    ] = 30
    alloc_twin: Annotated[float, Meta(ge=0, le=1, extra=_about("share of cash", 0.05, "simulation only"))] = 0.20
    alloc_cond: Annotated[float, Meta(ge=0, le=1, extra=_about("share of cash", 0.05, "simulation only"))] = 0.20
    alloc_bear: Annotated[float, Meta(ge=0, le=1, extra=_about("share of cash", 0.05, "simulation only"))] = 0.10
    initial_capital_usd: Annotated[float, Meta(gt=0, le=1e9, extra=_about("USD", 100, "simulation only"))] = 1000.0
    commission_pct: Annotated[float, Meta(ge=0, le=5, extra=_about("% a side", 0.01, "simulation only"))] = 0.25
    sec_fee_pct: Annotated[float, Meta(ge=0, le=1, extra=_about("% of sale", 0.00001, "simulation only"))] = 0.00278
    fx_spread_pct: Annotated[float, Meta(ge=0, le=5, extra=_about("% a side", 0.01, "simulation only"))] = 0.10
    use_fees: Annotated[bool, Meta(extra=_about("", 1, "simulation only"))] = True
    max_quote_age_sec: Annotated[
        float,
        Meta(ge=1, le=600, extra=_about("s", 1, "regular session: a symbol not seen for longer is stale")),
    ] = 10.0
    max_quote_age_extended_sec: Annotated[
        float, Meta(ge=1, le=3600, extra=_about("s", 1, "the same before the open and after the close"))
    ] = 120.0
    confirm_sec: Annotated[
        float,
        Meta(
            ge=0,
            le=600,
            extra=_about("s", 1, "a change must hold this long before its event; stop loss never waits"),
        ),
    ] = 3.0


class Fault(Frozen):
    """What is wrong with one parameter."""

    field: str
    expected: str
    received: object


REST_CALLS_PER_SECOND = 18  # two below the broker's limit of 20


def merged(
    current: Parameters, changes: Mapping[str, object], *, symbols: int, rest_only: bool
) -> Parameters | list[Fault]:
    """`current` with `changes`, or everything that is wrong with them; never half of it.

    `symbols` is the size of the book; `rest_only` says that quotes come by polling, which bounds the interval.
    """
    known = set(Parameters.__struct_fields__)
    faults = [
        Fault(field=name, expected="a known parameter", received=value)
        for name, value in changes.items()
        if name not in known
    ]
    accepted: dict[str, Any] = {}
    for name, value in changes.items():
        if name in known:
            try:
                if isinstance(value, float) and not math.isfinite(value):  # NaN passes every limit
                    raise msgspec.ValidationError
                # 30.0 is a whole number: grids hold floats.
                whole = int(value) if isinstance(value, float) and value.is_integer() else value
                accepted[name] = getattr(msgspec.convert({name: whole}, Parameters), name)
            except msgspec.ValidationError:
                faults.append(Fault(field=name, expected=expected(Parameters, name) or "", received=value))
    if faults:
        return faults
    candidate = msgspec.structs.replace(current, **accepted)
    return cross_faults(candidate, symbols=symbols, rest_only=rest_only) or candidate


def cross_faults(candidate: Parameters, *, symbols: int, rest_only: bool) -> list[Fault]:
    """The rules between parameters that `candidate` breaks."""
    faults = []
    if candidate.pair_gap_sell_threshold >= candidate.pair_gap_entry_threshold:
        faults.append(
            Fault(
                field="pair_gap_sell_threshold",
                expected=f"less than pair_gap_entry_threshold ({candidate.pair_gap_entry_threshold})",
                received=candidate.pair_gap_sell_threshold,
            )
        )
    least = symbols / REST_CALLS_PER_SECOND
    if rest_only and candidate.refresh_interval_sec < least:
        faults.append(
            Fault(
                field="refresh_interval_sec",
                expected=f"at least {least:.2f} s, for {symbols} symbols at {REST_CALLS_PER_SECOND} calls a second",
                received=candidate.refresh_interval_sec,
            )
        )
    return faults


def limits() -> dict[str, dict[str, Any]]:
    """Per parameter its `min`, `max`, `step`, `unit`, `default` and a `note`, as people and forms need them."""
    schema = msgspec.json.schema(Parameters)["$defs"]["Parameters"]["properties"]
    told = {}
    for info in msgspec.inspect.type_info(Parameters).fields:  # type: ignore[attr-defined]
        extra = getattr(info.type, "extra", None) or {}
        shape = schema[info.name]
        shape = next((part for part in shape.get("anyOf", []) if part.get("type") == "number"), shape)
        told[info.name] = {
            "min": shape.get("minimum", shape.get("exclusiveMinimum")),
            "max": shape.get("maximum"),
            "nullable": "anyOf" in schema[info.name],
            "default": info.default,
            **extra,
        }
    return told
