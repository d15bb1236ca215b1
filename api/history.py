"""`/api/events` and `/api/bars`: the archive in PostgreSQL, newest events first, bars oldest first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from api.answers import answer, documented
from api.errors import refused
from api.paging import Cursor, cursor_of, place_of
from api.parts import PartsOf
from api.prices import known_symbol
from api.stored import rows_of
from api.wire import Told
from schemas.base import Frozen

router = APIRouter(tags=["history"])

MINUTES = {"1m": 1, "5m": 5, "15m": 15, "1h": 60}


class Events(Frozen):
    """A page of signal events, newest first. `next_cursor` is null on the last page."""

    items: list[Told]
    next_cursor: str | None


class Candle(Frozen):
    """One bar. It covers (start, end]; prices in quote currency per share, volume in shares."""

    start: datetime | None
    end: datetime | None
    trade_date: date
    session: str | None
    open: float
    high: float
    low: float
    close: float
    volume: int | None
    source: str  # line: folded from our own quotes; else the vendor
    provisional: bool = False  # the day has not ended


class Candles(Frozen):
    """Bars of one symbol, oldest first."""

    symbol: str
    interval: str
    trade_date: date | None
    items: list[Candle]


class _After(Frozen):
    """Where the next page begins: behind this event."""

    t: datetime
    e: str


@router.get("/api/events", responses=documented(Events))
async def events(
    parts: PartsOf,
    type: Annotated[str | None, Query(description="A signal of the catalogue.")] = None,
    subject: Annotated[str | None, Query(max_length=40, description="Like GLD or coin.")] = None,
    actionable: Annotated[
        bool | None, Query(description="Only events on which a person should act, or only others.")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="Event time, inclusive.")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Event time, exclusive.")] = None,
    trade_date: Annotated[date | None, Query(description="The date in New York.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Cursor = None,
) -> Response:
    """Signal events from the archive, newest first."""
    types = [signal.type for signal in parts.config.catalogue]
    if type is not None and type.lower() not in types:
        raise refused(("type", f"one of {', '.join(types)}", type))
    after = place_of(cursor, _After)
    conditions = ["namespace = %(namespace)s", "lane = ''", "book = %(book)s"]
    values: dict[str, Any] = {
        "namespace": parts.config.namespace,
        "book": parts.tail.book,
        "limit": limit + 1,
    }
    filters: list[tuple[str, Any, str]] = [
        ("type", type and type.lower(), "signal_type = %(type)s"),
        ("subject", subject, "lower(subject) = lower(%(subject)s)"),
        ("actionable", actionable, "is_actionable = %(actionable)s"),
        ("since", since, "event_time >= %(since)s"),
        ("until", until, "event_time < %(until)s"),
        ("trade_date", trade_date, "trade_date = %(trade_date)s"),
        ("after_t", after and after.t, "(event_time, event_id) < (%(after_t)s, %(after_e)s)"),
    ]
    for name, value, condition in filters:
        if value is not None:
            conditions.append(condition)
            values[name] = value
    if after is not None:
        values["after_e"] = after.e
    rows = await rows_of(
        parts,
        f"""select event_id, event_time, trade_date, session, signal_type, subject, is_actionable, signal_data,
                   param_version, position
              from signal_events where {" and ".join(conditions)}
             order by event_time desc, event_id desc limit %(limit)s""",
        values,
    )
    items = [told_row(row, parts.config.namespace) for row in rows[:limit]]
    last = _After(t=items[-1].event_time, e=items[-1].event_id) if len(rows) > limit else None
    return answer(Events(items=items, next_cursor=cursor_of(last) if last else None))


@router.get("/api/bars/{symbol:path}", responses=documented(Candles))
async def bars(
    symbol: str,
    parts: PartsOf,
    interval: Literal["1m", "5m", "15m", "1h", "1d"] = "1m",
    date: Annotated[
        date | None, Query(description="Trade date in New York; by default the newest one with bars.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=5000, description="Most bars; the newest are kept.")] = 1500,
) -> Response:
    """Bars of one symbol: minutes of one trade date, added up to the interval on clock time, or days."""
    name = known_symbol(parts, symbol)
    values = {
        "world": parts.config.namespace,
        "book": parts.tail.book,
        "symbol": name,
        "date": date,
        "limit": limit,
        "interval": interval,
        "minutes": MINUTES.get(interval),
        "stored": [name for name, minutes in MINUTES.items() if MINUTES.get(interval, 0) % minutes == 0],
    }
    rows = await rows_of(parts, DAYS if interval == "1d" else MINUTE_BARS, values)
    items = [msgspec.convert(row, Candle) for row in reversed(rows)]
    shown = date or (items[-1].trade_date if items and interval != "1d" else None)
    return answer(Candles(symbol=name, interval=interval, trade_date=shown, items=items))


# Our own bars where there are any on that date, else a vendor's; the finest of those that add up to the interval.
MINUTE_BARS = """
    with chosen as (
        select source, trade_date, interval from bars
         where world = %(world)s and book in (%(book)s, '') and symbol = %(symbol)s and interval = any(%(stored)s)
           and (%(date)s::date is null or trade_date = %(date)s::date)
         order by trade_date desc, (source = 'line') desc, array_position(%(stored)s, interval) limit 1
    )
    select s.start, s.start + make_interval(mins => %(minutes)s) as "end",
           min(b.trade_date) as trade_date,
           (array_agg(session order by start_time))[1] as session,
           (array_agg(open order by start_time))[1]::float8 as open,
           max(high)::float8 as high,
           min(low)::float8 as low,
           (array_agg(close order by start_time desc))[1]::float8 as close,
           sum(volume)::bigint as volume,
           min(b.source) as source
      from bars b join chosen c on (b.source, b.trade_date, b.interval) = (c.source, c.trade_date, c.interval)
           cross join lateral (
               select case when b.interval = %(interval)s then start_time  -- a vendor's hours begin at half past
                           else date_bin(make_interval(mins => %(minutes)s), start_time,
                                         timestamptz '2000-01-01 00:00:00+00') end as start
           ) as s
     where world = %(world)s and book in (%(book)s, '') and symbol = %(symbol)s
     group by 1 order by 1 desc limit %(limit)s"""

# A finished day before a provisional one, one with all prices before a close alone (which is shown without height), a
# vendor's day (the whole tape) before our own (what we polled).
DAYS = """
    select * from (
        select distinct on (trade_date)
               null::timestamptz as start, null::timestamptz as "end", trade_date, null as session,
               coalesce(open, close)::float8 as open, coalesce(high, close)::float8 as high,
               coalesce(low, close)::float8 as low, close::float8, volume, source, provisional
          from daily_ohlcv
         where world = %(world)s and book in (%(book)s, '') and symbol = %(symbol)s and not adjusted
           and (%(date)s::date is null or trade_date = %(date)s::date)
         order by trade_date desc, provisional, (open is null), (source = 'line')
    ) as days order by trade_date desc limit %(limit)s"""


def told_row(row: dict[str, Any], namespace: str) -> Told:
    said = row["signal_data"]
    return Told(
        event_id=row["event_id"],
        event_time=row["event_time"].astimezone(UTC),
        trade_date=row["trade_date"],
        session=row["session"],
        signal_type=row["signal_type"],
        subject=row["subject"],
        before=said.get("before"),
        after=said.get("after"),
        is_actionable=row["is_actionable"],
        data=said.get("data"),
        parameter_version=row["param_version"],
        position=row["position"],
        namespace=namespace,
    )
