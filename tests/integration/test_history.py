"""The store of bars on a real PostgreSQL: once, twice, with other values, in gaps, and quick to read."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest

from runtime.backtests.bars import connected
from schemas.errors import Unavailable
from schemas.history import DailyBar, HistoryBar
from schemas.ticks import Session
from sinks import bar_store, history
from sinks.migrate import migrate
from tests.storing import bar as line_bar
from tests.storing import rows
from tests.support import free_port
from tests.yahoo import day, days

OPEN = datetime(2026, 2, 10, 14, 30, tzinfo=UTC)
TUESDAY, WEDNESDAY = days("2026-02-10", "2026-02-11")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    await migrate(database_url)
    async with connected(database_url) as connection:
        yield connection


def bar(symbol: str = "GLD", number: int = 0, close: float = 100.0, **changed: Any) -> HistoryBar:
    start = OPEN + timedelta(minutes=5 * number)
    fields: dict[str, Any] = {
        "symbol": symbol, "interval": "5m", "start": start, "trade_date": start.date(), "session": Session.REGULAR,
        "open": close, "high": close + 1, "low": close - 1, "close": close, "volume": 10 + number,
    }  # fmt: skip
    return HistoryBar(**fields | changed)


def of_day(symbol: str = "GLD", on: date = TUESDAY, close: float = 100.0, **changed: Any) -> DailyBar:
    return DailyBar(symbol=symbol, trade_date=on, close=close, **changed)


async def put(store: psycopg.AsyncConnection, *bars: HistoryBar, known: Any = None, **options: Any) -> bar_store.Stored:
    async with store.transaction():
        return await bar_store.store(store, "demo", "5m", bars, known or {}, source="yahoo", **options)


async def put_daily(
    store: psycopg.AsyncConnection, *bars: DailyBar, known: Any = None, **options: Any
) -> bar_store.Stored:
    async with store.transaction():
        return await bar_store.store_daily(store, "demo", bars, known or {}, source="yahoo", **options)


async def read(store: psycopg.AsyncConnection, first: date = TUESDAY, last: date = WEDNESDAY, **options: Any) -> Any:
    asked = {"world": "demo", "interval": "5m", "symbols": ("GLD", "SPY")} | options
    return [
        found async for found in history.read(store, asked["world"], asked["interval"], asked["symbols"], first, last)
    ]


async def test_bars_come_back_by_date_and_symbol_in_order_of_time(store):
    stored = await put(store, bar("SPY", 1, 200.0), bar("GLD", 2), bar("GLD", 0, 99.123456), bar("GLD", 300))
    assert (stored.new, stored.equal, stored.differing) == (4, 0, 0)
    (tuesday, of_tuesday), (wednesday, of_wednesday) = await read(store)
    assert (tuesday, wednesday) == (TUESDAY, WEDNESDAY)
    gld, spy = of_tuesday
    assert (gld.symbol, spy.symbol, len(gld), len(spy)) == ("GLD", "SPY", 2, 1)
    assert gld.start_s.tolist() == [OPEN.timestamp(), OPEN.timestamp() + 600]
    assert gld.prices[:, 0].tolist() == [99.123456, 100.123456, 98.123456, 99.123456]
    assert gld.volume.tolist() == [10, 12]
    assert [of.symbol for of in of_wednesday] == ["GLD"]


async def test_storing_again_changes_nothing(store, database_url):
    bars = [bar("GLD", n) for n in range(3)]
    await put(store, *bars)
    before = await rows(database_url, "select * from bars order by start_time")
    assert await put(store, *bars) == bar_store.Stored(equal=3)
    assert await rows(database_url, "select * from bars order by start_time") == before


async def test_another_value_is_a_conflict_that_the_stored_one_wins_unless_replaced(store):
    await put(store, bar("GLD", 0), bar("GLD", 1))
    other = [bar("GLD", 0), bar("GLD", 1, 100.5), bar("GLD", 2)]
    stored = await put(store, *other)
    assert (stored.new, stored.equal, stored.differing, stored.replaced) == (1, 1, 1, False)
    (conflict,) = stored.conflicts
    assert (conflict.symbol, conflict.at) == ("GLD", OPEN + timedelta(minutes=5))
    assert (conflict.stored["close"], conflict.received["close"], conflict.source) == (100.0, 100.5, "yahoo")
    assert "volume" not in conflict.stored
    (_, (gld,)), *_ = await read(store)
    assert gld.prices[3].tolist() == [100.0, 100.0, 100.0]
    assert (await put(store, *other, replace=True)).replaced
    (_, (gld,)), *_ = await read(store)
    assert gld.prices[3].tolist() == [100.0, 100.5, 100.0]


async def test_the_same_price_in_single_precision_is_no_conflict(store):
    await put(store, bar("GLD", 0, 156.88))
    assert await put(store, bar("GLD", 0, 156.880005)) == bar_store.Stored(equal=1)
    assert (await put(store, bar("GLD", 0, 156.8801))).differing == 1


async def test_a_volume_that_was_not_told_is_completed(store):
    await put(store, bar("GLD", 0, volume=None))
    assert await put(store, bar("GLD", 0, volume=7)) == bar_store.Stored(filled=1)
    assert await put(store, bar("GLD", 0, volume=None)) == bar_store.Stored(equal=1)
    (_, (gld,)), *_ = await read(store)
    assert gld.volume.tolist() == [7]


async def test_a_close_alone_is_completed_by_the_other_prices_and_their_own_close_decides(store):
    await put_daily(store, of_day(close=100.0), of_day("SPY", close=200.0))
    whole = {"open": 99.0, "high": 101.0, "low": 98.0, "volume": 5}
    stored = await put_daily(store, of_day(close=100.0, **whole), of_day("SPY", close=200.5))
    assert (stored.filled, stored.differing, stored.new) == (1, 1, 0)
    gld, spy = await history.read_daily(store, "demo", ("GLD", "SPY"), TUESDAY, TUESDAY)
    assert gld == of_day(close=100.0, **whole)
    assert (spy.close, spy.open) == (200.0, None)
    await put_daily(store, of_day("SPY", close=200.5), replace=True)
    assert (await history.read_daily(store, "demo", ("SPY",), TUESDAY, TUESDAY))[0].close == 200.5


async def test_a_close_alone_replaces_the_prices_of_another_basis_as_a_whole(store):
    await put_daily(store, of_day(close=100.0, open=99.0, high=101.0, low=98.0, volume=5))
    await put_daily(store, of_day(close=10.0), replace=True)
    (only,) = await history.read_daily(store, "demo", ("GLD",), TUESDAY, TUESDAY)
    assert only == of_day(close=10.0, volume=5)


async def test_prices_that_complete_a_close_hold_it(store):
    await put_daily(store, of_day(close=156.880005))
    await put_daily(store, of_day(close=156.88, open=156.0, high=156.88, low=155.0))
    (only,) = await history.read_daily(store, "demo", ("GLD",), TUESDAY, TUESDAY)
    assert (only.close, only.high, only.low) == (156.880005, 156.880005, 155.0)


async def test_a_provisional_day_gives_way_and_is_not_remembered(store):
    await put_daily(store, of_day(close=100.0, provisional=True))
    assert await history.unknown(store, "demo", "1d", ("GLD",), [TUESDAY]) == {"GLD": [TUESDAY]}
    stored = await put_daily(store, of_day(close=101.0))
    assert (stored.new, stored.differing) == (1, 0)
    (only,) = await history.read_daily(store, "demo", ("GLD",), TUESDAY, TUESDAY)
    assert (only.close, only.provisional) == (101.0, False)
    assert await history.unknown(store, "demo", "1d", ("GLD",), [TUESDAY]) == {}


async def test_gaps_are_days_that_nobody_knows_of_and_empty_days_are_known(store):
    await put(store, bar("GLD", 0), known={"GLD": [TUESDAY, WEDNESDAY], "XXRP": [TUESDAY]})
    lacking = await history.unknown(store, "demo", "5m", ("GLD", "XXRP", "SPY"), [TUESDAY, WEDNESDAY])
    assert lacking == {"XXRP": [WEDNESDAY], "SPY": [TUESDAY, WEDNESDAY]}
    assert await history.cached(store, "demo", ("GLD", "XXRP", "SPY"), [TUESDAY, WEDNESDAY]) == {
        "5m": {TUESDAY: 2, WEDNESDAY: 1}
    }
    await put(store, bar("XXRP", 3))  # one that came after all
    gld, xxrp = await history.coverage(store, "demo")
    assert (gld.first, gld.last, gld.days, gld.empty, gld.bars) == (TUESDAY, WEDNESDAY, 1, 1, 1)
    assert (xxrp.days, xxrp.empty, xxrp.bars, xxrp.sources) == (1, 0, 1, ("yahoo",))


async def test_worlds_and_the_lines_own_bars_are_apart(store, database_url):
    from sinks.bars import Bars

    async with store.transaction():
        await Bars("demo").write(store, [line_bar(30, start=OPEN)])
        await bar_store.store(store, "live", "5m", [bar("GLD", 0, 50.0)], {}, source="yahoo")
    assert (await put(store, bar("GLD", 0, 100.0))).new == 1
    (_, (gld,)), *_ = await read(store)
    assert gld.prices[3].tolist() == [100.0]
    assert len(await rows(database_url, "select 1 from bars")) == 3


async def test_a_transaction_that_fails_leaves_no_bar_behind(store):
    async def half() -> None:
        async with store.transaction():
            await bar_store.store(store, "demo", "5m", [bar("GLD", 0)], {"GLD": [TUESDAY]}, source="yahoo")
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await half()
    assert await read(store) == []
    assert await history.coverage(store, "demo") == []


async def test_who_stores_the_same_bars_at_once_stores_them_once(store, database_url):
    import asyncio

    async def one() -> bar_store.Stored:
        async with connected(database_url) as connection, connection.transaction():
            return await bar_store.store(
                connection, "demo", "5m", [bar("GLD", n) for n in range(50)], {}, source="yahoo"
            )

    stored = await asyncio.gather(*(one() for _ in range(4)))
    assert sorted(each.new for each in stored) == [0, 0, 0, 50]
    assert all(each.differing == 0 for each in stored)


async def test_a_split_puts_older_bars_on_its_basis_once(store):
    await put(store, bar("GLD", 0, 100.0, volume=10), bar("SPY", 0, 200.0))
    await put_daily(
        store, of_day(close=100.0, open=99.0, high=101.0, low=98.0, volume=10), of_day(on=WEDNESDAY, close=50.5)
    )
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    async with store.transaction():
        assert await bar_store.apply_split(store, "demo", "GLD", WEDNESDAY, 2.0, tomorrow) == 2
        assert await bar_store.apply_split(store, "demo", "GLD", WEDNESDAY, 2.0, tomorrow) == 0
    (_, (gld, spy)), *_ = await read(store)
    assert (gld.prices[:, 0].tolist(), gld.volume.tolist()) == ([50.0, 50.5, 49.5, 50.0], [20])
    assert spy.prices[3].tolist() == [200.0]
    tuesday, wednesday = await history.read_daily(store, "demo", ("GLD",), TUESDAY, WEDNESDAY)
    assert (tuesday.close, tuesday.volume, wednesday.close) == (50.0, 20, 50.5)


async def test_bars_fetched_after_a_split_are_on_its_basis_already(store):
    await put(store, bar("GLD", 0, 50.0))
    async with store.transaction():
        await bar_store.apply_split(store, "demo", "GLD", WEDNESDAY, 2.0, datetime(2026, 2, 11, tzinfo=UTC))
    (_, (gld,)), *_ = await read(store)
    assert gld.prices[3].tolist() == [50.0]


async def test_a_database_that_does_not_answer_is_a_sentence():
    with pytest.raises(Unavailable, match="PostgreSQL: "):
        async with connected(f"postgresql://ptj:secret@127.0.0.1:{free_port()}/ptj") as connection:
            await history.coverage(connection, "demo")


async def test_a_year_of_bars_is_read_in_a_moment(store):
    """16 tickers, 250 days, 5 minutes: 312,000 rows, stored as columns so that a replay need not wait for them."""
    symbols = tuple(f"S{n:02}" for n in range(16))
    await store.execute(
        """insert into bar_days (world, interval, symbol, trade_date, source, bars, columns)
           select 'demo', '5m', symbol, '2025-02-10'::date + n, 'yahoo', 78, packed.columns
             from unnest(%s::text[]) as symbol, generate_series(0, 249) as n,
                  (select decode(repeat('3ff0000000000000', 78 * 6), 'hex') as columns) as packed""",
        (list(symbols),),
    )
    spent = []
    for _ in range(3):
        began, count = time.process_time(), 0
        async for _, bars in history.read(store, "demo", "5m", symbols, day("2025-02-10"), day("2026-02-10")):
            count += sum(map(len, bars))
        spent.append(time.process_time() - began)
        assert count == 312_000
    assert min(spent) < 0.6  # measured: 0.06 s of processor time
    assert np.isclose(bars[0].prices, 1.0).all()
