"""What requests for runs and review sessions carry. Read strictly: no unknown field, no text for a number."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from pydantic.json_schema import models_json_schema

from schemas.runs import FEE_PRESETS, Fees

Interval = Literal["auto", "ticks", "1m", "5m", "1h", "1d"]
Step = Literal["1m", "5m", "10m", "15m", "30m", "1h"]
Preset = Literal["standard", "discount", "none"]
Percent = Annotated[float, Field(ge=0, le=5)]


class Body(BaseModel):
    """Strict in all that has a type."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def _storable(text: str) -> str:
    if "\0" in text:  # PostgreSQL stores any character but this one
        raise ValueError("text without the character NUL")
    return text


Notes = Annotated[str, Field(max_length=10_000), AfterValidator(_storable)]


class SessionBody(Body):
    """A review of one trade date."""

    session_date: Annotated[date, Field(description="The trade date, a date in New York.")]
    notes: Notes = ""


class NotesBody(Body):
    """What is to stand in place of a session's notes."""

    notes: Notes


class ReplayBody(Body):
    """How to replay a trade date."""

    interval: Annotated[Interval, Field(description="auto: the finest there is.")] = "auto"
    step: Annotated[Step | None, Field(description="Market time between two snapshots; by default 5m, or a bar.")] = (
        None
    )
    session_id: Annotated[int | None, Field(ge=1, lt=2**63, description="Review session that keeps the snapshots.")] = (
        None
    )
    parameters: Annotated[dict[str, Any], Field(description="Over those in force.")] = {}
    speed: Annotated[
        float,
        Field(ge=0, le=100_000, description="Market seconds per second at which the stream tells it; 0: at once."),
    ] = 0.0


class FeesBody(Body):
    """Percent of the amount, a side; what is left out is as in `standard`."""

    commission_pct: Percent = Fees().commission_pct
    sec_fee_pct: Annotated[float, Field(ge=0, le=1, description="Of sales only.")] = Fees().sec_fee_pct
    fx_spread_pct: Percent = Fees().fx_spread_pct


FeesAsked = Annotated[
    Annotated[FeesBody, Tag("own")] | Annotated[Preset, Tag("preset")],
    Discriminator(lambda given: "own" if isinstance(given, dict | FeesBody) else "preset"),
]


class BacktestBody(Body):
    """What to run. Dates are trade dates in New York, both included."""

    start: date
    end: date
    interval: Annotated[Interval, Field(description="auto: the finest that has the whole span.")] = "auto"
    initial_capital_usd: Annotated[float, Field(gt=0, le=1e9)] = 1000.0
    fees: Annotated[FeesAsked, Field(description="A preset, or numbers.")] = "standard"
    model: Annotated[
        Literal["rule_text", "v1"] | None, Field(description="How fills and gates are simulated; by default rule_text.")
    ] = None
    gating: Annotated[Literal["rule_text", "v1_sim"] | None, Field(description="Another word for `model`.")] = None
    fill: Annotated[Literal["next_bar_open", "bar_close"] | None, Field(description="Goes with `model`.")] = None
    slippage_pct: Annotated[
        float | None, Field(ge=0, le=5, description="Of the price, against us, in rule_text; by default 0.02.")
    ] = None
    parameters: Annotated[dict[str, Any], Field(description="Over those in force.")] = {}
    keep_events: bool = True

    def fees_asked(self) -> Fees:
        return FEE_PRESETS[self.fees] if isinstance(self.fees, str) else Fees(**self.fees.model_dump())


class SweepBody(BacktestBody):
    """A backtest for every combination of the values of `grid`."""

    grid: Annotated[dict[str, list[Any]], Field(min_length=1, description="Values by parameter.")]
    walk_forward_days: Annotated[
        int | None, Field(ge=1, le=10_000, description="Choose on that many trade dates, judge on the next.")
    ] = None
    keep_events: bool = False


BODIES: tuple[type[Body], ...] = (SessionBody, NotesBody, ReplayBody, BacktestBody, SweepBody)


def body_components() -> dict[str, Any]:
    """JSON Schemas of the bodies and all that they contain, by name."""
    wanted = [(body, "validation") for body in BODIES]
    _, found = models_json_schema(wanted, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    return dict(found["$defs"])
