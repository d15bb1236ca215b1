"""Fetching through yfinance: what is made of good days and bad ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from producers.history.ladder import Window
from producers.history.yahoo import YahooConfig, fetch, market_now
from schemas.errors import ConfigError, Unavailable
from schemas.history import REACH_DAYS
from schemas.ticks import Session
from tests.support import free_port
from tests.yahoo import NEW_YORK, NOW, SESSIONS, day, simulator

TUESDAY = Window("GLD", "5m", day("2026-11-24"), day("2026-11-24"))


@pytest.fixture
async def yahoo(yahoo_cache):
    async with simulator(yahoo_cache) as running:
        yield running


async def test_bars_bear_their_start_their_date_and_session(yahoo):
    (fetched,) = await yahoo.fetch(TUESDAY)
    assert len(fetched.bars) == 78
    first, last = fetched.bars[0], fetched.bars[-1]
    assert (first.start, last.start) == (
        datetime(2026, 11, 24, 14, 30, tzinfo=UTC),
        datetime(2026, 11, 24, 20, 55, tzinfo=UTC),
    )
    assert (first.trade_date, first.session, first.source) == (day("2026-11-24"), Session.REGULAR, "yahoo")
    assert first.close == round(first.close, 6)
    assert fetched.listed


async def test_both_ends_of_a_window_are_included(yahoo):
    (fetched,) = await yahoo.fetch(Window("GLD", "1d", day("2026-11-09"), day("2026-11-13")))
    assert [bar.trade_date.day for bar in fetched.daily] == [9, 10, 11, 12, 13]
    assert not any(bar.provisional for bar in fetched.daily)


async def test_a_base_is_not_moved_by_a_dividend(yahoo):
    (fetched,) = await yahoo.fetch(Window("SPY", "1d", day("2026-09-14"), day("2026-09-18")))
    (hours,) = await yahoo.fetch(Window("SPY", "1h", day("2026-09-17"), day("2026-09-17")))
    assert fetched.daily[3].close == pytest.approx(hours.bars[-1].close, abs=1e-4)


async def test_days_that_are_not_over_are_left_out(yahoo_cache):
    now = datetime(2026, 11, 24, 12, 1, 40, tzinfo=NEW_YORK)
    async with simulator(yahoo_cache, now=now) as yahoo:
        within, of_days = await yahoo.fetch(
            Window("GLD", "5m", day("2026-11-23"), day("2026-11-24")),
            Window("GLD", "1d", day("2026-11-23"), day("2026-11-24")),
            now=now,
        )
        assert {bar.trade_date for bar in within.bars} == {day("2026-11-23")}
        assert [(bar.trade_date.day, bar.provisional) for bar in of_days.daily] == [(23, False), (24, True)]


async def test_minutes_without_a_trade_are_no_bars(yahoo):
    (fetched,) = await yahoo.fetch(Window("BRKU", "1m", day("2026-11-23"), day("2026-11-25")))
    assert 3 * 390 * 0.8 < len(fetched.bars) < 3 * 390
    assert all(0 < bar.low <= bar.close <= bar.high for bar in fetched.bars)


@pytest.mark.parametrize("fault", ["blank_rows", "zero_price"])
async def test_rows_without_a_price_are_dropped(yahoo, fault):
    await yahoo.fault(fault, symbol="GLD")
    (fetched,) = await yahoo.fetch(TUESDAY)
    assert len(fetched.bars) == 52
    assert all(bar.low > 0 for bar in fetched.bars)


async def test_nothing_to_be_had_is_not_an_error(yahoo):
    weekend, early, unknown = await yahoo.fetch(
        Window("GLD", "5m", day("2026-11-21"), day("2026-11-22")),
        Window("XXRP", "1d", day("2025-01-06"), day("2025-02-03")),
        Window("NOPE", "1d", day("2026-11-02"), day("2026-11-03")),
    )
    assert (weekend.bars, weekend.listed) == ((), True)
    assert (early.daily, early.listed) == ((), True)  # not listed yet: Yahoo says that the data do not exist
    assert (unknown.daily, unknown.listed) == ((), False)
    await yahoo.fault("empty_result", symbol="GLD")
    (empty,) = await yahoo.fetch(TUESDAY)
    assert (empty.bars, empty.listed) == ((), True)


@pytest.mark.parametrize("fault", ["429", "http_500", "truncated_json", "will_be_right_back", "invalid_crumb"])
async def test_a_passing_trouble_is_asked_through(yahoo, fault):
    await yahoo.fault(fault, count=2)  # the second is for yfinance's own second try
    (fetched,) = await yahoo.fetch(TUESDAY)
    assert len(fetched.bars) == 78


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("429", "refuses: too many requests; try again in some minutes"),
        ("http_500", "answers with something else than bars"),
        ("truncated_json", "answers with something else than bars"),
        ("will_be_right_back", "YAHOO! FINANCE IS CURRENTLY DOWN"),
    ],
)
async def test_a_lasting_trouble_is_one_sentence(yahoo, fault, sentence):
    await yahoo.fault(fault)
    with pytest.raises(Unavailable) as told:
        await yahoo.fetch(TUESDAY)
    said = str(told.value)
    assert sentence in said
    assert f"the Yahoo simulator at {yahoo.url}" in said
    assert "\n" not in said


async def test_silence_is_told(yahoo):
    await yahoo.fault("timeout")
    hasty = replace(yahoo.config, timeout_s=0.5, pauses_s=())
    with pytest.raises(Unavailable, match="does not answer"):
        _ = [fetched async for fetched in fetch(hasty, SESSIONS, [TUESDAY], NOW)]


async def test_what_yahoo_never_gives_is_not_asked_for_again(yahoo):
    before = await yahoo.calls()
    with pytest.raises(ConfigError, match=r"refuses 5m bars of GLD: .* must be within the last 60 days"):
        await yahoo.fetch(Window("GLD", "5m", day("2026-06-01"), day("2026-06-02")))
    assert await yahoo.calls() - before <= 3  # time zone, chart, and yfinance's own second try


@pytest.mark.parametrize("interval", ["1m", "5m", "1h"])
async def test_the_oldest_date_of_the_ladder_is_within_yahoos_reach_at_any_hour(yahoo_cache, interval):
    late = datetime(2026, 11, 27, 23, 59, 59, tzinfo=NEW_YORK)  # summer time ended in between
    oldest = late.date() - timedelta(days=REACH_DAYS[interval])
    async with simulator(yahoo_cache, now=late) as yahoo:
        (fetched,) = await yahoo.fetch(Window("GLD", interval, oldest, oldest), now=late)
        assert len(fetched.bars) in (0, 390, 78, 7)


async def test_an_address_where_nobody_listens_is_one_sentence(yahoo_cache):
    config = YahooConfig(f"http://127.0.0.1:{free_port()}", demo=True, cache_dir=yahoo_cache, pauses_s=())
    with pytest.raises(Unavailable, match=r"the Yahoo simulator at http://127\.0\.0\.1:\d+ does not answer"):
        _ = [fetched async for fetched in fetch(config, SESSIONS, [TUESDAY], NOW)]
    with pytest.raises(Unavailable, match=r"the Yahoo simulator at .* does not answer"):
        await market_now(config)


async def test_the_worlds_never_answer_for_each_other(yahoo, yahoo_cache):
    live = replace(yahoo.config, demo=False)
    with pytest.raises(ConfigError, match="expected Yahoo in the live world, received a simulator"):
        _ = [fetched async for fetched in fetch(live, SESSIONS, [TUESDAY], NOW)]
    with pytest.raises(ConfigError, match="PTJ_YAHOO_URL: expected the address of a simulator in the demo world"):
        YahooConfig(None, demo=True, cache_dir=yahoo_cache)


async def test_demo_does_not_take_bars_from_a_server_that_is_no_simulator(yahoo_cache):
    import asyncio

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    config = YahooConfig(
        f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", demo=True, cache_dir=yahoo_cache, pauses_s=()
    )
    try:
        with pytest.raises(ConfigError, match="expected a simulator in the demo world"):
            await market_now(config)
        with pytest.raises(ConfigError, match="expected a simulator in the demo world"):
            _ = [fetched async for fetched in fetch(config, SESSIONS, [TUESDAY], NOW)]
    finally:
        server.close()


async def test_market_time_is_the_simulators_in_demo_and_the_clocks_in_live(yahoo):
    assert await market_now(yahoo.config) == NOW
    real = await market_now(replace(yahoo.config, demo=False))
    assert abs(real - datetime.now(UTC)) < timedelta(seconds=5)


async def test_progress_is_told_before_each_request_and_at_the_end(yahoo):
    told = []
    windows = [TUESDAY, replace(TUESDAY, symbol="SPY")]
    async for _ in fetch(yahoo.config, SESSIONS, windows, NOW, lambda done, of, w: told.append((done, of, w.symbol))):
        pass
    assert told == [(0, 2, "GLD"), (1, 2, "SPY"), (2, 2, "SPY")]


async def test_a_proxy_of_the_machine_is_no_way_to_the_simulator(yahoo, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    (fetched,) = await yahoo.fetch(TUESDAY)
    assert len(fetched.bars) == 78
    assert await market_now(yahoo.config) == NOW
