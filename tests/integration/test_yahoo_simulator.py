"""The Yahoo simulator as the unmodified yfinance package meets it, and as a plain HTTP client does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from schemas.errors import ConfigError
from tests.yahoo import BOOK, NEW_YORK, NOW, simulator

CACHE = pytest.mark.usefixtures("yahoo_cache")


@pytest.fixture
async def yahoo(yahoo_cache):
    async with simulator(yahoo_cache) as running:
        yield running


def session_for(url: str) -> Any:
    """What yfinance takes: a curl_cffi session, which only goes elsewhere."""
    from curl_cffi import requests

    to = urlsplit(url)

    class Session(requests.Session):
        def request(self, method, url, *args, **options):
            return super().request(
                method, urlsplit(url)._replace(scheme=to.scheme, netloc=to.netloc).geturl(), *args, **options
            )

    return Session()


async def history(yahoo, cache, symbol: str, **options: Any) -> Any:
    import yfinance

    yfinance.set_tz_cache_location(str(cache))
    yfinance.config.debug.hide_exceptions = False
    yfinance.data.YfData.cache_get.cache_clear()

    def ask() -> Any:
        return yfinance.Ticker(symbol, session=session_for(yahoo.url)).history(**options)

    return await asyncio.to_thread(ask)


async def chart(yahoo, symbol: str, **query: Any) -> tuple[int, Any]:
    async with httpx.AsyncClient(base_url=yahoo.url, trust_env=False) as client:
        reply = await client.get(f"/v8/finance/chart/{symbol}", params=query)
    return reply.status_code, reply.json()


def seconds(*args: int) -> int:
    return int(datetime(*args, tzinfo=NEW_YORK).timestamp())


async def test_ticker_history_reads_bars_within_the_day(yahoo, yahoo_cache):
    frame = await history(yahoo, yahoo_cache, "GLD", interval="5m", start="2026-11-23", end="2026-11-25")
    assert list(frame.columns)[:5] == ["Open", "High", "Low", "Close", "Volume"]
    assert len(frame) == 2 * 78  # end is exclusive
    assert str(frame.index[0]) == "2026-11-23 09:30:00-05:00"
    assert (frame["High"] >= frame[["Open", "Close"]].max(axis=1)).all()
    assert frame["Close"].iloc[0] != round(frame["Close"].iloc[0], 4)  # in single precision, as Yahoo's are


async def test_download_reads_several_symbols(yahoo, yahoo_cache):
    import yfinance

    yfinance.set_tz_cache_location(str(yahoo_cache))

    def ask() -> Any:
        return yfinance.download(
            ["GLD", "SPY"], interval="1d", start="2026-11-02", end="2026-11-14", session=session_for(yahoo.url),
            auto_adjust=False, progress=False, threads=False,
        )  # fmt: skip

    frame = await asyncio.to_thread(ask)
    assert len(frame) == 10
    assert set(frame.columns.get_level_values(1)) == {"GLD", "SPY"}


async def test_adjusted_closes_fall_below_the_plain_ones_before_a_dividend(yahoo, yahoo_cache):
    plain = await history(
        yahoo, yahoo_cache, "SPY", interval="1d", start="2026-09-14", end="2026-09-25", auto_adjust=False
    )
    assert plain["Dividends"].sum() > 1
    paid = plain.index[plain["Dividends"] > 0][0]
    assert str(paid.date()) == "2026-09-18"
    before, after = plain[plain.index < paid], plain[plain.index > paid]
    assert (before["Adj Close"] < before["Close"] * 0.999).all()
    assert (abs(after["Adj Close"] / after["Close"] - 1) < 1e-6).all()


async def test_an_early_close_ends_there_though_yahoo_sends_a_bar_more(yahoo, yahoo_cache):
    frame = await history(yahoo, yahoo_cache, "GLD", interval="5m", start="2026-11-27", end="2026-11-28")
    assert len(frame) == 42
    _, raw = await chart(yahoo, "GLD", interval="5m", period1=seconds(2026, 11, 27), period2=seconds(2026, 11, 28))
    assert len(raw["chart"]["result"][0]["timestamp"]) == 43


async def test_bars_around_the_session_come_when_asked_for_and_have_no_volume(yahoo, yahoo_cache):
    options = {"interval": "5m", "start": "2026-11-24", "end": "2026-11-25"}
    frame = await history(yahoo, yahoo_cache, "GLD", prepost=True, **options)
    regular = frame.between_time("09:30", "15:59")
    assert len(frame) > len(regular) == 78
    assert frame.drop(regular.index)["Volume"].sum() == 0


async def test_the_won_is_there_by_the_hour(yahoo, yahoo_cache):
    frame = await history(yahoo, yahoo_cache, "KRW=X", interval="1h", start="2026-11-16", end="2026-11-21")
    assert len(frame) > 100
    assert frame["Close"].between(1300, 1500).all()


@pytest.mark.parametrize(
    ("interval", "oldest_days", "said"),
    [
        ("1m", 30, "1m data not available for startTime="),
        ("5m", 60, "The requested range must be within the last 60 days."),
        ("1h", 730, "The requested range must be within the last 730 days."),
    ],
)
async def test_reach_slides_and_errors_are_worded_as_yahoo_words_them(yahoo, interval, oldest_days, said):
    begin = NOW.astimezone(UTC) - timedelta(days=oldest_days, seconds=60)  # by the clock, whatever summer time does
    query = {"interval": interval, "period1": int(begin.timestamp()), "period2": int(begin.timestamp()) + 5 * 86_400}
    status, told = await chart(yahoo, "GLD", **query)
    assert status == 422
    assert told["chart"]["error"]["code"] == "Unprocessable Entity"
    assert said in told["chart"]["error"]["description"]
    status, told = await chart(yahoo, "GLD", **query | {"period1": query["period1"] + 120})
    assert (status, told["chart"]["error"]) == (200, None)
    await yahoo.control("POST", "clock", to=(NOW + timedelta(days=1)).isoformat())
    status, _ = await chart(yahoo, "GLD", **query | {"period1": query["period1"] + 120})
    assert status == 422


async def test_one_minute_bars_come_for_eight_days_at_most(yahoo):
    query = {"interval": "1m", "period1": int(NOW.timestamp()) - 9 * 86_400, "period2": int(NOW.timestamp())}
    status, told = await chart(yahoo, "GLD", **query)
    assert status == 422
    assert "Only 8 days worth of 1m granularity data are allowed" in told["chart"]["error"]["description"]


@pytest.mark.parametrize(
    ("symbol", "query", "status", "said"),
    [
        ("NOPE", {}, 404, "No data found, symbol may be delisted"),
        ("GLD", {"interval": "7m"}, 422, "Invalid input - interval=7m is not supported. Valid intervals: [1m, 2m"),
        (
            "GLD",
            {"period1": 20, "period2": 10},
            400,
            "start date cannot be after end date. startDate = 20, endDate = 10",
        ),
        ("XXRP", {"period1": 1706000000, "period2": 1707000000}, 400, "Data doesn't exist for startDate = 1706000000"),
        ("GLD", {"range": "7w"}, 400, "range=7w is not supported"),
    ],
)
async def test_bad_requests_are_refused(yahoo, symbol, query, status, said):
    told = await chart(yahoo, symbol, **{"interval": "1d"} | query)
    assert told[0] == status
    assert said in told[1]["chart"]["error"]["description"]
    assert told[1]["chart"]["result"] is None


async def test_a_weekend_is_an_empty_chart(yahoo):
    weekend = {"period1": seconds(2026, 11, 21), "period2": seconds(2026, 11, 22)}
    status, told = await chart(yahoo, "GLD", interval="5m", **weekend)
    assert status == 200
    (result,) = told["chart"]["result"]
    assert "timestamp" not in result
    assert result["indicators"] == {"quote": [{}]}


async def test_crumbs_and_consent_are_given_to_who_asks(yahoo):
    async with httpx.AsyncClient(base_url=yahoo.url, trust_env=False) as client:
        page = await client.get("/")
        assert "A3=" in page.headers["set-cookie"]
        crumb = await client.get("/v1/test/getcrumb")
        assert crumb.status_code == 200
        assert len(crumb.text) == 11
        assert 'name="csrfToken"' in (await client.get("/consent")).text
        assert (await client.get("/v10/finance/quoteSummary/GLD")).status_code == 404
        assert int(crumb.headers["x-market-time"]) == int(NOW.timestamp() * 1000)


async def test_an_unfinished_bar_comes_with_the_last_trade_behind_it(yahoo_cache):
    now = datetime(2026, 11, 24, 11, 2, 30, tzinfo=NEW_YORK)
    async with simulator(yahoo_cache, now=now) as yahoo:
        span = {"period1": seconds(2026, 11, 24), "period2": seconds(2026, 11, 25)}
        _, told = await chart(yahoo, "GLD", interval="5m", **span)
        result = told["chart"]["result"][0]
        assert result["timestamp"][-2:] == [seconds(2026, 11, 24, 11, 0), int(now.timestamp())]
        assert result["indicators"]["quote"][0]["volume"][-1] == 0


async def test_files_are_served_in_place_of_the_model(yahoo_cache, tmp_path):
    path = tmp_path / "bars.csv"
    lines = ["symbol,timestamp,open,high,low,close,volume"]
    for n in range(24):
        lines.append(
            f"ABC,2026-11-24T{9 + (30 + 5 * n) // 60:02}:{(30 + 5 * n) % 60:02}:00-05:00,{n},{n + 2},{n},{n + 1},10"
        )
    path.write_text("\n".join(lines).replace(",0,2,0,1,", ",0.5,2,0.5,1,"))
    async with simulator(yahoo_cache, files=(path,)) as yahoo:
        span = {"period1": seconds(2026, 11, 24), "period2": seconds(2026, 11, 25)}
        _, told = await chart(yahoo, "ABC", interval="1h", **span)
        quote = told["chart"]["result"][0]["indicators"]["quote"][0]
        assert quote == {
            "open": [0.5, 12.0], "high": [13.0, 25.0], "low": [0.5, 12.0], "close": [12.0, 24.0], "volume": [120, 120],
        }  # fmt: skip
        assert (await chart(yahoo, "GLD", interval="1h", **span))[0] == 404


async def test_a_taken_port_and_an_unknown_fault_are_told(yahoo, yahoo_cache):
    port = int(yahoo.url.rpartition(":")[2])
    with pytest.raises(ConfigError, match=f"simulator port {port}"):
        async with simulator(yahoo_cache, port=port):
            pass
    with pytest.raises(ConfigError, match="fault: expected one of 429, http_500"):
        async with simulator(yahoo_cache, faults=("flood",)):
            pass


async def test_its_time_is_that_of_the_kis_simulator(yahoo_cache, tmp_path):
    state = tmp_path / "demo.json"
    async with simulator(yahoo_cache, now=None, clock=state) as yahoo:
        at = int(datetime(2026, 12, 1, 12, tzinfo=NEW_YORK).timestamp() * 1000)
        state.write_text(f'{{"market_ms": {at}}}')
        assert (await yahoo.control("GET", "state"))["market_ms"] == at


def test_the_book_of_the_tests_is_the_one_that_ships():
    assert "GLD" in BOOK.symbols
