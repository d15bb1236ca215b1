"""What a run left in the archive, in the order that never changes: its signal events and its trades."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import msgspec

from api.history import told_row
from api.parts import Parts
from api.run_rows import Trade
from api.stored import rows_of
from api.wire import Told
from schemas.base import Frozen

PAGE = 500


class RunEvent(Told):
    """A signal event of a run. `lane`: the parameter set of a sweep, empty outside sweeps."""

    lane: str
    ordinal: int


class EventPlace(Frozen):
    """Behind which event the next page begins."""

    l: str  # noqa: E741
    t: datetime
    s: str
    u: str
    o: int
    e: str


class TradePlace(Frozen):
    """Behind which trade the next page begins."""

    l: str  # noqa: E741
    t: datetime
    a: str
    i: str


# Text compares by code point, as everywhere else that this order is used.
EVENTS = """
    select lane, event_id, event_time, trade_date, session, signal_type, subject, ordinal, is_actionable, signal_data,
           param_version, position, namespace
      from signal_events where namespace = any(%(namespaces)s) and {where}
     order by lane collate "C", event_time, signal_type collate "C", subject collate "C", ordinal, event_id
     limit %(limit)s offset %(offset)s"""
EVENTS_AFTER = """
    (lane collate "C", event_time, signal_type collate "C", subject collate "C", ordinal, event_id)
    > (%(after_l)s, %(after_t)s, %(after_s)s, %(after_u)s, %(after_o)s, %(after_e)s)"""

# At one time what is sold comes first, as its money may buy.
TRADES = """
    select lane, trade_id, trade_time, (trade_time at time zone %(zone)s)::date as trade_date, symbol, action,
           price::float8, quantity::float8, amount_usd::float8, fx_rate::float8, amount_krw::float8, fee_usd::float8,
           pnl_usd::float8, reason, entry_event_id
      from trade_log where namespace = any(%(namespaces)s) and {where}
     order by lane collate "C", trade_time, (action = 'BUY'), trade_id collate "C"
     limit %(limit)s offset %(offset)s"""
TRADES_AFTER = """
    (lane collate "C", trade_time, (action = 'BUY'), trade_id collate "C")
    > (%(after_l)s, %(after_t)s, (%(after_a)s = 'BUY'), %(after_i)s)"""


async def events_page(
    parts: Parts,
    namespaces: list[str],
    filters: dict[str, Any],
    limit: int,
    after: EventPlace | None = None,
    offset: int = 0,
) -> list[RunEvent]:
    """Events in canonical order: lane, event time, signal type, subject, ordinal."""
    conditions = {
        "lane": "lane = %(lane)s",
        "type": "signal_type = %(type)s",
        "subject": "lower(subject) = lower(%(subject)s)",
        "actionable": "is_actionable = %(actionable)s",
        "trade_date": "trade_date = %(trade_date)s",
    }
    rows = await _page(parts, EVENTS, EVENTS_AFTER, conditions, namespaces, filters, limit, after, offset)
    return [
        RunEvent(**msgspec.structs.asdict(told_row(row, row["namespace"])), lane=row["lane"], ordinal=row["ordinal"])
        for row in rows
    ]


async def trades_page(
    parts: Parts,
    namespaces: list[str],
    filters: dict[str, Any],
    limit: int,
    after: TradePlace | None = None,
    offset: int = 0,
) -> list[Trade]:
    """Trades by lane and time."""
    conditions = {"lane": "lane = %(lane)s", "symbol": "symbol = upper(%(symbol)s)"}
    rows = await _page(parts, TRADES, TRADES_AFTER, conditions, namespaces, filters, limit, after, offset)
    return [msgspec.convert({**row, "trade_time": row["trade_time"].astimezone(UTC)}, Trade) for row in rows]


def event_place(event: RunEvent) -> EventPlace:
    return EventPlace(
        l=event.lane,
        t=event.event_time,
        s=event.signal_type,
        u=event.subject,
        o=event.ordinal,
        e=event.event_id,
    )


def trade_place(trade: Trade) -> TradePlace:
    return TradePlace(l=trade.lane, t=trade.trade_time, a=trade.action, i=trade.trade_id)


async def in_time(
    parts: Parts, namespaces: list[str], events: int, trades: int
) -> AsyncGenerator[tuple[datetime, RunEvent | Trade], None]:
    """Events and trades outside of sweeps by market time, an event before the trade that it led to.

    The first `events` and `trades` of them are left out.
    """
    said, done = _events(parts, namespaces, events), _trades(parts, namespaces, trades)
    event, trade = await anext(said, None), await anext(done, None)
    while event is not None or trade is not None:
        if trade is None or (event is not None and event.event_time <= trade.trade_time):
            assert event is not None
            yield event.event_time, event
            event = await anext(said, None)
        else:
            yield trade.trade_time, trade
            trade = await anext(done, None)


async def _events(parts: Parts, namespaces: list[str], offset: int) -> AsyncGenerator[RunEvent, None]:
    after: EventPlace | None = None
    while page := await events_page(parts, namespaces, {"lane": ""}, PAGE, after, offset):
        for event in page:
            yield event
        after, offset = event_place(page[-1]), 0


async def _trades(parts: Parts, namespaces: list[str], offset: int) -> AsyncGenerator[Trade, None]:
    after: TradePlace | None = None
    while page := await trades_page(parts, namespaces, {"lane": ""}, PAGE, after, offset):
        for trade in page:
            yield trade
        after, offset = trade_place(page[-1]), 0


async def _page(
    parts: Parts,
    query: str,
    behind: str,
    conditions: dict[str, str],
    namespaces: list[str],
    filters: dict[str, Any],
    limit: int,
    after: Frozen | None,
    offset: int,
) -> list[dict[str, Any]]:
    wanted = {name: value for name, value in filters.items() if value is not None}
    places = {} if after is None else {f"after_{k}": v for k, v in msgspec.structs.asdict(after).items()}
    where = " and ".join(["true", *(conditions[name] for name in wanted), *([behind] if after else [])])
    values = {
        **wanted,
        **places,
        "namespaces": namespaces,
        "zone": parts.live.book.timezone,
        "limit": limit,
        "offset": offset,
    }
    return await rows_of(parts, query.format(where=where), values)
