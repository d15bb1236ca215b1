"""`/api/config/trading-days`: on which dates the exchange of the book trades, for calendars and forms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import answer, documented
from api.asked import ground_of
from api.errors import refused
from api.parts import PartsOf
from schemas.base import Frozen
from schemas.trading_days import trading_days

router = APIRouter(tags=["configuration"])

MOST_DAYS = 400


class TradingDates(Frozen):
    """The trading days of an exchange (ISO 10383 code) within a span, oldest first.

    `over`: the newest trading day whose bars change no more, the last one that a run can have.
    """

    calendar: str
    over: date
    items: list[date]


@router.get("/api/config/trading-days", responses=documented(TradingDates))
async def dates(
    parts: PartsOf,
    start: Annotated[date, Query(alias="from", description="The first date, included.")],
    end: Annotated[date, Query(alias="to", description="The last date, included.")],
) -> Response:
    """The trading days of a span of at most 400 days."""
    if not timedelta(0) <= end - start < timedelta(days=MOST_DAYS):
        raise refused(("to", f"a date within {MOST_DAYS} days from {start} on", end))
    days = trading_days(parts.live.book.calendar)
    span = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return answer(
        TradingDates(calendar=days.calendar, over=ground_of(parts).over, items=[day for day in span if day in days])
    )
