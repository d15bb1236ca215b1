"""The archive over HTTP: signal events by filter and page, bars by interval."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote as escaped

import psycopg
import pytest
from msgspec.structs import replace

from schemas.quotes import Bar
from schemas.ticks import Session
from schemas.trading_days import trading_days
from sinks.bars import Bars
from sinks.migrate import migrate
from sinks.signal_events import write_events
from tests.builders import TRADE_DATE, at
from tests.serving import Api, Line, api_config, event, listening, serving, serving_a_day, verdict
from transport.kafka import Kafka


@pytest.fixture
async def database(database_url: str, namespace: str) -> AsyncIterator[psycopg.AsyncConnection]:
    await migrate(database_url)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def api(kafka: Kafka, namespace: str, database_url: str, database: psycopg.AsyncConnection) -> AsyncIterator[Api]:
    async with serving_a_day(kafka, namespace, database_url=database_url) as api:
        yield api


async def test_events_come_newest_first_and_in_pages(
    api: Api, database: psycopg.AsyncConnection, namespace: str
) -> None:
    # Three events share one time, so that a page boundary falls between them.
    events = [event(n) for n in range(20)]
    events += [replace(event(30), event_id=f"{n}" * 32, subject=f"same{n}") for n in range(3)]
    await write_events(database, namespace, events)
    await write_events(database, "another", [event(99)])
    wanted = [one.event_id for one in sorted(events, key=lambda e: (e.event_time, e.event_id), reverse=True)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await api.get(f"/api/events?limit=2&cursor={cursor}" if cursor else "/api/events?limit=2")
        assert len(page["items"]) <= 2
        seen += [item["event_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == wanted


async def test_events_by_filter(api: Api, database: psycopg.AsyncConnection, namespace: str) -> None:
    act = verdict("ENTRY:follow_lags", actionable=True)
    events = [event(0), event(60, "gold", "GLD"), event(120, after=act), event(180, "stop_loss", "COIN", act)]
    tomorrow = replace(event(240, "gold", "GLD"), trade_date=TRADE_DATE + timedelta(days=1))
    await write_events(database, namespace, [*events, tomorrow])
    cases: dict[str, list[Any]] = {
        "": [tomorrow, *reversed(events)],
        "type=gold": [tomorrow, events[1]],
        "subject=coin": [events[3], events[2], events[0]],
        "type=twin_pairs&subject=COIN": [events[2], events[0]],
        "actionable=true": [events[3], events[2]],
        "actionable=false": [tomorrow, events[1], events[0]],
        "trade_date=2026-02-10": list(reversed(events)),
        f"from={escaped('2026-02-10T10:01:00-05:00')}&to=2026-02-10T15:03:00Z": [events[2], events[1]],
    }
    for query, wanted in cases.items():
        items = (await api.get(f"/api/events?{query}"))["items"]
        assert [item["event_id"] for item in items] == [one.event_id for one in wanted], query


async def test_history_and_stream_tell_an_event_alike(
    api: Api, kafka: Kafka, database: psycopg.AsyncConnection, namespace: str
) -> None:
    one = event(1, after=verdict("ENTRY:follow_lags", by=["R1"]))
    async with listening(api, "/api/stream/signals") as reader, Line(kafka, namespace) as line:
        await reader.until("snapshot")
        await line.events(one)
        (streamed,) = await reader.until("signal")
    await write_events(database, namespace, [one])
    (stored,) = (await api.get("/api/events"))["items"]
    assert stored == streamed.data


async def test_bars_add_up(api: Api, database: psycopg.AsyncConnection, namespace: str) -> None:
    # Ten minutes from 09:58 New York: open 100, 101, …; each closes half a dollar above its open.
    await Bars(namespace).write(database, [_bar(n) for n in range(10)])
    minutes = await api.get("/api/bars/coin")
    assert (minutes["symbol"], minutes["interval"], minutes["trade_date"]) == ("COIN", "1m", "2026-02-10")
    assert [bar["open"] for bar in minutes["items"]] == [100.0 + n for n in range(10)]
    assert minutes["items"][0]["start"] == "2026-02-10T14:58:00Z"
    assert minutes["items"][0]["end"] == "2026-02-10T14:59:00Z"
    fives = (await api.get("/api/bars/COIN?interval=5m&date=2026-02-10"))["items"]
    told = [(bar["start"][11:16], bar["open"], bar["high"], bar["low"], bar["close"], bar["volume"]) for bar in fives]
    assert told == [
        ("14:55", 100.0, 102.0, 99.0, 101.5, 20),
        ("15:00", 102.0, 107.0, 101.0, 106.5, 50),
        ("15:05", 107.0, 110.0, 106.0, 109.5, 30),
    ]
    assert [bar["close"] for bar in (await api.get("/api/bars/COIN?interval=1h"))["items"]] == [101.5, 109.5]
    assert len((await api.get("/api/bars/COIN?limit=3"))["items"]) == 3
    assert (await api.get("/api/bars/COIN?limit=3"))["items"][-1]["open"] == 109.0
    assert (await api.get("/api/bars/COIN?date=2026-02-09"))["items"] == []


async def test_coarser_bars_of_a_vendor_are_shown_where_there_are_no_minutes(
    api: Api, database: psycopg.AsyncConnection, namespace: str
) -> None:
    for n in range(4):
        await database.execute(
            """insert into bars (world, source, book, symbol, interval, start_time, trade_date, session,
                                 open, high, low, close, volume)
               values (%s, 'yahoo', '', 'COIN', '5m', %s, '2026-02-10', 'regular', %s, %s, %s, %s, 10)""",
            (namespace, at("09:30") + n * timedelta(minutes=5), 100 + n, 102 + n, 99 + n, 101 + n),
        )
    fives = (await api.get("/api/bars/COIN?interval=5m"))["items"]
    assert [(bar["start"][11:16], bar["close"], bar["source"]) for bar in fives] == [
        ("14:30", 101.0, "yahoo"), ("14:35", 102.0, "yahoo"), ("14:40", 103.0, "yahoo"), ("14:45", 104.0, "yahoo"),
    ]  # fmt: skip
    quarters = (await api.get("/api/bars/COIN?interval=15m"))["items"]
    assert [(bar["start"][11:16], bar["open"], bar["close"], bar["volume"]) for bar in quarters] == [
        ("14:30", 100.0, 103.0, 30),
        ("14:45", 103.0, 104.0, 10),
    ]
    assert (await api.get("/api/bars/COIN?interval=1m"))["items"] == [], "minutes cannot be made of them"
    await Bars(namespace).write(database, [_bar(n) for n in range(2)])  # 09:58 and 09:59, our own
    assert {bar["source"] for bar in (await api.get("/api/bars/COIN?interval=5m"))["items"]} == {"line"}


async def test_days_prefer_the_whole_tape(api: Api, database: psycopg.AsyncConnection, namespace: str) -> None:
    rows = [("line", 1, False), ("yahoo", 1, False), ("line", 2, True)]
    for source, day, provisional in rows:
        await database.execute(
            """insert into daily_ohlcv (world, source, book, symbol, trade_date, open, high, low, close, provisional)
               values (%s, %s, %s, 'COIN', %s, 1, 2, 1, 1.5, %s)""",
            (namespace, source, "us" if source == "line" else "", f"2026-02-{day:02}", provisional),
        )
    days = (await api.get("/api/bars/COIN?interval=1d"))["items"]
    told = [(day["trade_date"], day["source"], day["provisional"]) for day in days]
    assert told == [("2026-02-01", "yahoo", False), ("2026-02-02", "line", True)]
    assert [d["trade_date"] for d in (await api.get("/api/bars/COIN?interval=1d&limit=1"))["items"]] == ["2026-02-02"]


async def test_health_is_ok_with_everything_there(api: Api) -> None:
    response = await api.client.get("/api/health")
    assert (response.status_code, response.json()["status"], response.json()["postgres"]["status"]) == (200, "ok", "up")


async def test_tables_that_are_not_there_yet_are_503(kafka: Kafka, namespace: str, database_url: str) -> None:
    async with serving(api_config(kafka, namespace, database_url=database_url)) as api:
        response = await api.client.get("/api/events")
        assert (response.status_code, response.json()["error"]["code"]) == (503, "database_unavailable")


def _bar(n: int) -> Bar:
    start = at("09:58") + timedelta(minutes=n)
    return Bar(
        book="us",
        symbol="COIN",
        start=start,
        trade_date=TRADE_DATE,
        session=Session.REGULAR,
        open=100.0 + n,
        high=101.0 + n,
        low=99.0 + n,
        close=100.5 + n,
        volume=10,
        ticks=3,
        position=n,
    )


async def test_trading_days_are_weekdays_without_the_holidays_of_the_exchange(api: Api) -> None:
    told = await api.get("/api/config/trading-days", params={"from": "2026-11-23", "to": "2026-11-30"})
    assert told["calendar"] == "XNYS"
    assert date.fromisoformat(told["over"]) in trading_days("XNYS")
    # Thursday the 26th is Thanksgiving (NYSE's list of holidays for 2026); the 28th and 29th are a weekend.
    assert [day[-2:] for day in told["items"]] == ["23", "24", "25", "27", "30"]


async def test_in_the_demo_days_are_over_by_the_clock_of_its_market(kafka: Kafka, namespace: str) -> None:
    async with serving_a_day(kafka, namespace, demo=True) as standing:  # at 10:00 of the trade date
        told = await standing.get("/api/config/trading-days", params={"from": str(TRADE_DATE), "to": str(TRADE_DATE)})
    assert told["over"] == "2026-02-09"


@pytest.mark.parametrize("end", ["2026-11-22", "2028-01-01"])
async def test_a_span_that_is_none_or_too_long_is_refused_by_name(api: Api, end: str) -> None:
    refused = await api.client.get("/api/config/trading-days", params={"from": "2026-11-23", "to": end})
    assert refused.status_code == 422
    assert refused.json()["error"]["details"]["faults"][0]["field"] == "to"
