"""The bars of a run from Yahoo's simulator, the store and files, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from producers.history import frames
from producers.history.yahoo import YahooConfig
from runtime.backtests.bars import BarsConfig, Gathered, connected, ensure, gather
from runtime.bar_files import import_bars
from schemas.base import encode
from schemas.errors import ConfigError, Unavailable
from schemas.history import DailyBar
from schemas.parameters import Parameters
from schemas.runs import RunKind, RunRequest
from schemas.ticks import Frame, QuoteState, SessionRecord
from sinks import bar_store, history
from sinks.migrate import migrate
from tests.storing import rows
from tests.support import free_port
from tests.yahoo import BOOK, NOW, SESSIONS, day, simulator


@pytest.fixture
async def yahoo(yahoo_cache):
    async with simulator(yahoo_cache) as running:
        yield running


@pytest.fixture
async def config(yahoo, database_url: str, tmp_path: Path) -> BarsConfig:
    await migrate(database_url)
    return BarsConfig(database_url, "demo", yahoo.config, tmp_path / "archive")


def request(start: str, end: str | None = None, **changed: Any) -> RunRequest:
    return RunRequest(kind=RunKind.BACKTEST, start=day(start), end=day(end or start), **changed)


def opening(on: Any) -> SessionRecord:
    return frames.opening(BOOK, on, Parameters(confirm_sec=0), 3)


async def gathered(config: BarsConfig, asked: RunRequest, told: Callable[[float, str], None] | None = None) -> Gathered:
    return await gather(config, asked, BOOK, opening, told or (lambda share, message: None))


async def all_frames(found: Gathered) -> list[Frame]:
    return [frame async for of_day in found.records() for frame in of_day.frames()]


async def test_a_span_is_fetched_once_kept_and_streamed_by_day(config, yahoo):
    told: list[tuple[float, str]] = []
    asked = request("2026-11-23", "2026-11-27")
    first = await gathered(config, asked, lambda share, message: told.append((share, message)))
    assert first.interval == "1m"
    of_days = [of_day async for of_day in first.records()]
    assert [of_day.day.trade_date.day for of_day in of_days] == [23, 24, 25, 27]  # Thanksgiving is the 26th
    assert [sum(1 for _ in of_day.frames()) for of_day in of_days] == [390, 390, 390, 210]
    assert all(isinstance(of_day.records[0], SessionRecord) for of_day in of_days)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert told[-1][0] == 1.0
    assert told[0][1].startswith("GLD 1d 2026-11-20 to 2026-11-27")
    assert first.fetching.requests == 32  # a window of minutes and one of days for each of 16

    asked_before = await yahoo.calls()
    again = await gathered(config, asked)
    assert again.fetching.requests == 0
    assert await yahoo.calls() == asked_before
    assert [encode(r) async for d in again.records() for r in d.records] == [
        encode(r) for d in of_days for r in d.records
    ]


async def test_changes_are_from_the_official_close_of_the_day_before(config):
    found = await gathered(config, request("2026-11-23", interval="5m"))
    first, *_ = await all_frames(found)
    async with connected(config.database_url) as connection:
        before = {b.symbol: b.close for b in await history.read_daily(
            connection, "demo", BOOK.symbols, day("2026-11-20"), day("2026-11-20")
        )}  # fmt: skip
    assert len(before) == 16
    for tick in first.ticks:
        assert tick.base == round(before[tick.symbol], 4)
        if tick.state is QuoteState.OK:
            assert tick.change_pct == round((tick.last - tick.base) / tick.base * 100, 2) + 0.0


async def test_only_gaps_are_fetched(config):
    await gathered(config, request("2026-11-16", "2026-11-17", interval="5m"))
    wider = await gathered(config, request("2026-11-13", "2026-11-18", interval="5m"))
    assert wider.fetching.requests == 2 * 16 + 16  # the day before, the day after; days again from the new day before
    narrower = await gathered(config, request("2026-11-13", "2026-11-17", interval="5m"))
    assert narrower.fetching.requests == 0


async def test_days_that_slid_out_of_reach_are_kept(config, yahoo):
    old = request("2026-10-30", interval="1m")
    before = [encode(frame) for frame in await all_frames(await gathered(config, old))]
    await yahoo.control("POST", "clock", to=(NOW + timedelta(days=400)).isoformat())
    later = await gathered(config, replace_interval(old, "auto"))
    assert (later.interval, later.fetching.requests) == ("1m", 0)
    assert [encode(frame) for frame in await all_frames(later)] == before
    with pytest.raises(ConfigError, match="for 2026-10-29 would work: 1h, 1d"):
        await gathered(config, request("2026-10-29", interval="1m"))


def replace_interval(asked: RunRequest, interval: str) -> RunRequest:
    return request(asked.start.isoformat(), asked.end.isoformat(), interval=interval)


async def test_symbols_that_were_not_listed_are_remembered_as_such(config, yahoo):
    await yahoo.control("POST", "clock", to="2025-05-20T12:00:00-04:00")
    asked = request("2025-03-03", "2025-03-07")
    first = await gathered(config, asked)
    assert first.interval == "1h"
    found = await all_frames(first)
    assert {t.state for f in found for t in f.ticks if t.symbol == "XXRP"} == {QuoteState.MISSING}
    quality = first.data_quality()
    assert quality["missing"]["XXRP"] == quality["frames"] == 35
    assert "10:30" in quality["notes"][0]
    assert (await gathered(config, asked)).fetching.requests == 0


async def test_thin_tickers_are_carried_and_counted(config):
    found = await gathered(config, request("2026-11-23", "2026-11-25"))
    cut = await all_frames(found)
    quality = found.data_quality()
    assert quality["carried"]["BRKU"] == sum(t.carried for f in cut for t in f.ticks if t.symbol == "BRKU") > 0
    assert "SPY" not in quality["carried"]
    assert quality["symbol_bars"] == 16 * quality["frames"]
    assert quality["sources"] == {"yahoo": 48}


async def test_daily_bars_make_one_frame_at_the_real_close(config, yahoo):
    await yahoo.control("POST", "clock", to="2024-12-10T12:00:00-05:00")
    found = await gathered(config, request("2024-11-25", "2024-12-02", interval="1d"))
    cut = await all_frames(found)
    hours = [f.event_time.astimezone(SESSIONS.zone).strftime("%d %H:%M") for f in cut]
    assert hours == ["25 16:00", "26 16:00", "27 16:00", "29 13:00", "02 16:00"]
    assert all(t.change_pct is not None for f in cut for t in f.ticks if t.symbol == "GLD")


async def test_snapshots_come_at_each_step_and_at_the_end(config):
    found = await gathered(config, request("2026-11-27", interval="5m", step="1h"))
    shown = [f.event_time.astimezone(SESSIONS.zone).strftime("%H:%M") for f in await all_frames(found) if f.snapshot]
    assert shown == ["10:30", "11:30", "12:30", "13:00"]
    with pytest.raises(ConfigError, match="step: expected a time like 5m"):
        await gathered(config, request("2026-11-27", step="often"))


async def test_imported_bars_are_not_mixed_with_fetched_ones(config, yahoo, tmp_path):
    path = tmp_path / "closes.csv"
    lines = ["symbol,date,close"]
    for n, on in enumerate(("2025-06-02", "2025-06-03", "2025-06-05")):  # nobody traded on the 4th
        lines += [f"{symbol},{on},{10 + n + place}" for place, symbol in enumerate(BOOK.symbols[:15])]
    path.write_text("\n".join([*lines, f"{BOOK.symbols[15]},2025-06-05,77"]))
    await import_bars(config.database_url, "demo", SESSIONS, path, None, replace=False)
    before = await yahoo.calls()
    found = await gathered(config, request("2025-06-02", "2025-06-05", interval="1d"))
    cut = await all_frames(found)
    assert await yahoo.calls() == before
    assert found.data_quality()["sources"] == {"file": 46}
    assert [f.event_time.day for f in cut] == [2, 3, 5]
    assert found.data_quality()["empty_dates"] == ["2025-06-04"]
    first = BOOK.symbols[0]
    changes = [t.change_pct for f in cut for t in f.ticks if t.symbol == first]
    assert changes == [None, 10.0, round(100 / 11, 2)]  # the base is the last close there was


async def test_a_base_of_another_kind_is_not_taken(config):
    """A close that stands on another basis, as before a split, would make a change out of nothing."""
    asked = request("2026-11-24", interval="5m")
    await gathered(config, asked)
    async with connected(config.database_url) as connection, connection.transaction():
        odd = [DailyBar(symbol="GLD", trade_date=day("2026-11-23"), close=38.0)]
        await bar_store.store_daily(connection, "demo", odd, {}, source="yahoo", replace=True)
    await gathered(config, request("2026-11-23", interval="5m"))
    (first, *_) = await all_frames(await gathered(config, asked))
    gld = next(t for t in first.ticks if t.symbol == "GLD")
    assert abs(gld.base - 380) < 60
    assert gld.state is QuoteState.OK


async def test_yahoo_down_is_one_sentence_and_nothing_is_remembered(config, yahoo, database_url):
    await yahoo.fault("http_500", symbol="SPY")
    with pytest.raises(Unavailable, match="answers with something else than bars"):
        await gathered(config, request("2026-11-23", interval="5m"))
    assert not await rows(database_url, "select 1 from bar_days where symbol = 'SPY'")
    await yahoo.control("DELETE", "faults")
    found = await gathered(config, request("2026-11-23", interval="5m"))
    assert len(await all_frames(found)) == 78


async def test_what_yahoo_does_not_know_is_told_and_asked_for_again(config, yahoo, database_url):
    await yahoo.fault("delisted", symbol="MSTU")
    found = await gathered(config, request("2026-11-23", interval="5m"))
    assert found.data_quality()["unlisted"] == ["MSTU"]
    assert not await rows(database_url, "select 1 from bar_days where symbol = 'MSTU'")
    await yahoo.control("DELETE", "faults")
    assert (await gathered(config, request("2026-11-23", interval="5m"))).fetching.unlisted == []


async def test_a_young_day_without_bars_is_asked_for_again(config, yahoo, database_url):
    await yahoo.fault("empty_result", symbol="BRKU")
    await gathered(config, request("2026-11-20", "2026-11-27", interval="5m"))
    known = await rows(
        database_url, "select trade_date from bar_days where symbol = 'BRKU' and interval = '5m' order by trade_date"
    )
    assert [on.day for (on,) in known] == [20, 23, 24, 25]  # the 27th is less than two days old


async def test_live_without_a_network_never_takes_the_simulator(config, yahoo_cache):
    nowhere = YahooConfig(f"http://127.0.0.1:{free_port()}", demo=False, cache_dir=yahoo_cache, pauses_s=())
    with pytest.raises(Unavailable, match=r"^Yahoo does not answer \(.*`ptj bars import`$"):
        await gathered(replace(config, yahoo=nowhere), request("2025-11-20", interval="1h"))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (request("2026-11-25", "2026-11-24"), "end: expected a date on or after the start"),
        (request("2026-11-26"), "expected a span with a trade date, received 2026-11-26"),
        (request("2026-11-30"), "expected a trade date that is over, received 2026-11-30; the last one is 2026-11-27"),
        (
            request("2026-01-05", "2026-11-24", interval="1m"),
            "for 2026-01-05 to 2026-11-24 would work: 1h, 1d; 1m from",
        ),
        (request("2026-11-24", interval="ticks"), "expected archived ticks of 2026-11-24, received none"),
        (request("2026-11-24", interval="2m"), "interval: expected auto, ticks, 1m, 5m, 1h, 1d, received '2m'"),
    ],
    ids=["end before start", "holiday", "future", "out of reach", "no archive", "no such interval"],
)
async def test_a_request_beyond_the_data_says_what_would_work(config, yahoo, asked, sentence):
    before = await yahoo.calls()
    with pytest.raises(ConfigError) as told:
        await gathered(config, asked)
    assert sentence in str(told.value)
    assert await yahoo.calls() == before


async def test_a_span_can_be_fetched_ahead_of_any_run(config):
    said = await ensure(config, BOOK, day("2026-11-23"), None, "5m", lambda share, message: None)
    assert said.startswith("5m bars from 2026-11-23 to 2026-11-27: ")
    assert "fetched in 32 requests for demo" in said
    again = await ensure(config, BOOK, day("2026-11-23"), None, "5m", lambda share, message: None)
    assert again == "5m bars from 2026-11-23 to 2026-11-27: all of demo were there, nothing was fetched."


def test_the_time_of_the_tests_is_a_saturday():
    assert NOW.astimezone(UTC) == datetime(2026, 11, 28, 17, tzinfo=UTC)
