"""The HTTP API over a real log: what it tells of prices, signals, tickers and health, and how it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from schemas.base import encode
from schemas.catalogue import SignalType
from schemas.dead_letters import DeadLetter
from schemas.errors import ConfigError
from schemas.ticks import FrameBatch, Session
from schemas.topics import QUOTES, VIEWS
from tests.builders import BOOK, at, opening, session
from tests.line import letters_of
from tests.serving import (
    Api,
    Line,
    api_config,
    missing,
    quote,
    serving,
    verdict,
    view,
    with_signal,
)
from tests.support import eventually, free_port
from transport.kafka import Kafka


@pytest.fixture
async def line(kafka: Kafka, namespace: str) -> AsyncIterator[Line]:
    async with Line(kafka, namespace) as line:
        yield line


@pytest.fixture
async def api(line: Line) -> AsyncIterator[Api]:
    """An API over an opened day whose symbols are all quoted at +1 %."""
    await line.open()
    await line.quotes(*(quote(symbol, 1.0) for symbol in BOOK.symbols))
    async with serving(api_config(line.kafka, line.namespace)) as api:
        await api.loaded()
        yield api


async def test_tells_all_prices_and_one_in_any_case(api: Api, line: Line) -> None:
    await line.quote("GLD", 0.42, bid=100.4, ask=100.5, volume=1200)
    await eventually(lambda: _is(api, "/api/prices/gld", "change_pct", 0.42))
    gold = await api.get("/api/prices/Gld")
    assert (gold["symbol"], gold["name"], gold["price"], gold["prev_close"]) == ("GLD", "금 ETF", 100.42, 100.0)
    assert (gold["bid"], gold["ask"], gold["volume"], gold["open"]) == (100.4, 100.5, 1200, None)
    assert (gold["state"], gold["session"], gold["trade_date"]) == ("ok", "regular", "2026-02-10")
    assert 0 <= gold["age_ms"] < 10_000
    everything = await api.get("/api/prices")
    assert list(everything["tickers"]) == list(BOOK.symbols)
    assert everything["stale"] is False
    assert everything["session"] == "regular"


async def test_a_quote_without_a_price_has_no_numbers(api: Api, line: Line) -> None:
    await line.quotes(missing("COIN"))
    await eventually(lambda: _is(api, "/api/prices/COIN", "state", "missing"))
    coin = await api.get("/api/prices/COIN")
    assert (coin["price"], coin["change_pct"], coin["reason"]) == (None, None, "blank")
    health = (await api.client.get("/api/health")).json()
    assert (health["producer"]["symbols_ok"], health["producer"]["symbols_missing"]) == (15, ["COIN"])
    assert health["tickers"]["COIN"]["state"] == "missing"


async def test_prices_before_the_first_quote_are_503(line: Line) -> None:
    async with serving(api_config(line.kafka, line.namespace)) as api:
        await api.loaded()
        for path in ("/api/prices", "/api/prices/GLD", "/api/config/parameters"):
            response = await api.client.get(path)
            assert response.status_code == 503, path
            assert response.json()["error"]["code"] == "no_data_yet"
            assert response.headers["retry-after"] == "2"
        health = await api.client.get("/api/health")
        assert (health.status_code, health.json()["status"]) == (503, "starting")
        assert (await api.client.get("/api/health/live")).status_code == 200


async def test_prices_and_health_say_stale_when_frames_stop(line: Line) -> None:
    long_ago = datetime.now(UTC) - timedelta(seconds=60)
    await line.open()
    await line.frame(at("10:00:01"), ingested=long_ago)
    await line.quote("GLD", 1.0)
    async with serving(api_config(line.kafka, line.namespace)) as api:
        await api.loaded()
        prices = await api.get("/api/prices")
        assert prices["stale"] is True
        assert prices["tickers"]["GLD"]["state"] == "stale"
        response = await api.client.get("/api/health")
        body = response.json()
        assert (response.status_code, body["status"], body["producer"]["feed"]) == (503, "degraded", "stale")
        assert 60_000 <= body["producer"]["last_tick_age_ms"] < 90_000
        await line.ticks(session(Session.CLOSED, "16:00"))
        await eventually(lambda: api.health("producer", "feed", "closed"))
        assert (await api.client.get("/api/health")).status_code == 200  # nothing is due while the market is closed
        assert (await api.get("/api/prices"))["stale"] is False


async def test_health_names_what_is_away_and_how_far_agents_are(api: Api, line: Line) -> None:
    await line.views(view("gold", "GLD", verdict("clear:pending"), position=0))
    end = await line.frame(at("10:00:02"))
    await eventually(lambda: api.health("ticks", "end", end + 1))
    response = await api.client.get("/api/health")
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "degraded")  # no database, but data flows
    assert body["postgres"]["status"] == "down"
    assert body["reasons"][0].startswith("PostgreSQL: ")
    assert body["agents"]["gold"] == {"position": 0, "lag": end}
    assert body["agents"]["bearish"] == {"position": None, "lag": None}
    assert body["agents"]["quotes"]["position"] == 1
    assert body["kafka"]["status"] == "up"
    assert body["parameters"]["version"] == 1


async def test_signals_have_their_shapes_without_any_view(api: Api) -> None:
    told = await api.get("/api/signals")
    assert told["gold"] == {
        "ticker": "GLD",
        "change_pct": None,
        "warning": None,
        "phase": None,
        "day_ban": None,
        "state": "insufficient_data",
        "is_actionable": False,
        "suppressed_by": [],
        "since": None,
        "pending": False,
        "param_version": None,
        "message": None,
    }
    assert [pair["key"] for pair in told["twin_pairs"]] == ["coin", "bank", "semi"]
    assert all(pair["signal"] is None and pair["gap"] is None for pair in told["twin_pairs"])
    assert list(told["conditional"]["triggers"]) == ["ETHU", "XXRP", "SOLT"]
    assert told["stop_loss"] == {"state": "insufficient_data", "alerts": [], "unmonitored": list(BOOK.symbols)}
    assert told["bearish"]["regime"] == "insufficient_data"
    assert [pick["ticker"] for pick in told["bearish"]["bearish_picks"]] == ["HIMZ", "BRKU", "BABX"]
    assert told["gate"]["new_buys_allowed"] is None


async def test_signals_show_the_confirmed_verdict_and_the_newest_numbers(api: Api, line: Line) -> None:
    entry = {"state": "ok", "is_actionable": True, "signal": "ENTRY", "direction": "follow_lags", "gap": 1.62}
    await line.views(
        view("gold", "GLD", verdict("warning:banned", actionable=True), {"change_pct": 0.42, "phase": "latched"}),
        view("gold", "gate", None, {"new_buys_allowed": False, "reasons": ["R1"]}),
        view("twin_pairs", "coin", verdict("HOLD:follow_lags"), entry),
        view("twin_pairs", "bank", verdict("ENTRY:follow_lags", by=["R1"]), {"gap": 1.9, "is_actionable": False}),
        view("conditional", "COIN", verdict("met", by=["R1"]), {"target": "COIN", "target_pct": -3.0}),
        view("stop_loss", "COIN", verdict("alert", actionable=True), {"ticker": "COIN", "change_pct": -3.0}),
        view("stop_loss", "GLD", verdict("clear"), {"ticker": "GLD", "change_pct": 0.42}),
        view("bearish", "MARKET", verdict("down_gold", actionable=True), {"gold_up": True}),
    )
    await eventually(lambda: _is(api, "/api/signals/bearish", "regime", "down_gold"))
    told = await api.get("/api/signals")
    assert (told["gold"]["warning"], told["gold"]["change_pct"], told["gold"]["is_actionable"]) == (True, 0.42, True)
    coin, bank, semi = told["twin_pairs"]
    # The newest numbers say ENTRY, but the change has not held long enough: the confirmed verdict stands.
    assert (coin["signal"], coin["gap"], coin["is_actionable"], coin["pending"]) == ("HOLD", 1.62, False, True)
    assert (bank["signal"], bank["direction"], bank["suppressed_by"]) == ("ENTRY", "follow_lags", ["R1"])
    assert semi["state"] == "insufficient_data"
    assert (told["conditional"]["all_positive"], told["conditional"]["suppressed_by"]) == (True, ["R1"])
    assert [alert["ticker"] for alert in told["stop_loss"]["alerts"]] == ["COIN"]
    assert told["stop_loss"]["alerts"][0]["stop_loss"] is True
    assert "GLD" not in told["stop_loss"]["unmonitored"]
    assert told["bearish"]["market_down"] is True
    assert told["gate"] | {"new_buys_allowed": False, "reasons": ["R1"]} == told["gate"]
    assert told["param_version"] == 1
    assert await api.get("/api/signals/TWIN_PAIRS") == told["twin_pairs"]


async def test_views_of_another_date_say_nothing_about_today(api: Api, line: Line) -> None:
    old = view("gold", "GLD", verdict("clear:allowed"), {"change_pct": -1.0})
    await line.views(replace(old, trade_date=old.trade_date - timedelta(days=1)))
    await line.views(view("bearish", "MARKET", verdict("normal")))
    await eventually(lambda: _is(api, "/api/signals/bearish", "regime", "normal"))
    assert (await api.get("/api/signals/gold"))["state"] == "insufficient_data"


async def test_a_further_signal_of_the_catalogue_is_told_as_its_views(line: Line) -> None:
    breadth = SignalType(type="breadth", rule="somewhere:Breadth", title_en="Breadth", title_ko="폭")
    await line.open()
    await line.views(view("breadth", "us", verdict("broad"), {"up_pct": 75}))
    async with serving(api_config(line.kafka, line.namespace, catalogue=with_signal(breadth))) as api:
        await api.loaded()
        (told,) = (await api.get("/api/signals"))["breadth"]
        assert (told["subject"], told["verdict"]["decision"], told["data"]["up_pct"]) == ("us", "broad", 75)
        assert (await api.get("/api/signals/breadth"))[0]["subject"] == "us"
        assert (await api.get("/api/config/tickers"))["signals"][-1]["title_ko"] == "폭"


async def test_tells_the_registry_of_the_day(api: Api, line: Line) -> None:
    told = await api.get("/api/config/tickers")
    by_symbol = {ticker["symbol"]: ticker for ticker in told["tickers"]}
    assert list(by_symbol) == list(BOOK.symbols)
    assert by_symbol["GLD"]["rules"] == ["gold", "stop_loss", "bearish"]
    assert by_symbol["MSTU"]["rules"] == ["twin_pairs", "stop_loss"]
    assert by_symbol["COIN"]["exchange"] == "NAS"
    assert told["pairs"][0]["key"] == "coin"
    assert told["conditional"] == {"triggers": ["ETHU", "XXRP", "SOLT"], "target": "COIN"}
    assert told["bearish"] == ["HIMZ", "BRKU", "BABX"]


async def test_the_registry_of_the_opening_outlives_a_restart(line: Line) -> None:
    smaller = replace(BOOK, tickers=BOOK.tickers[:15])
    (offset,) = await line.ticks(opening(registry=smaller, version=4))
    await line.day(opening_offset=offset, position=offset, version=4)
    async with serving(api_config(line.kafka, line.namespace)) as api:
        await api.loaded()
        assert len((await api.get("/api/config/tickers"))["tickers"]) == 15
        assert (await api.get("/api/config/parameters"))["version"] == 4


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/prices/NOPE", 404, "unknown_symbol"),
        ("/api/signals/nope", 404, "unknown_signal"),
        ("/api/nope", 404, "not_found"),
        ("/static/nope.js", 404, "not_found"),
        ("/static/..%2Fapp.py", 404, "not_found"),
        ("/api/bars/NOPE", 404, "unknown_symbol"),
        ("/api/bars/GLD?interval=2m", 422, "validation_failed"),
        ("/api/bars/GLD?date=tomorrow", 422, "validation_failed"),
        ("/api/events?limit=0", 422, "validation_failed"),
        ("/api/events?typ=gold", 422, "validation_failed"),
        ("/api/events?type=silver", 422, "validation_failed"),
        ("/api/prices?symbol=GLD", 422, "validation_failed"),
        ("/api/events?from=2026-02-10T10:00:00", 422, "validation_failed"),
        ("/api/events?cursor=%21%21", 422, "validation_failed"),
        ("/api/events?cursor=bm8", 422, "validation_failed"),
        ("/api/events", 503, "database_unavailable"),
        ("/api/bars/GLD", 503, "database_unavailable"),
    ],
)
async def test_every_error_has_one_shape(api: Api, path: str, status: int, code: str) -> None:
    response = await api.client.get(path)
    body = response.json()
    assert (response.status_code, body["error"]["code"]) == (status, code)
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert "Traceback" not in response.text


async def test_a_method_that_is_not_there_is_405(api: Api) -> None:
    response = await api.client.post("/api/prices", json={})
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET"


async def test_a_fault_of_ours_shows_no_trace(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.signals.picture", lambda parts: 1 / 0)
    response = await api.client.get("/api/signals")
    assert response.status_code == 500
    assert response.json()["error"] == {
        "code": "internal",
        "message": "Something went wrong inside the server.",
        "details": {},
    }


async def test_openapi_tells_the_shapes(api: Api) -> None:
    told = await api.get("/api/openapi.json")
    assert {"Price", "Prices", "Status", "Told"} <= set(told["components"]["schemas"])
    assert "/api/stream/prices" in told["paths"]
    assert await api.get("/api/openapi") == told


async def test_the_page_is_served_with_a_strict_policy(api: Api) -> None:
    response = await api.client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    again = await api.client.get("/", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


async def test_records_that_do_not_parse_are_reported_and_passed_over(api: Api, line: Line) -> None:
    for topic in (QUOTES, VIEWS):
        await line.send(topic, "us:GLD", b'{"book": 7}')
    await line.send(QUOTES, "us:GLD", b"\xff")
    await line.quote("GLD", 2.5)
    await eventually(lambda: _is(api, "/api/prices/GLD", "change_pct", 2.5))
    letters = await eventually(lambda: _letters(line, 2))
    assert {letter.topic for letter in letters} == {QUOTES.name(line.namespace), VIEWS.name(line.namespace)}
    assert all(letter.reported_by == "api" for letter in letters)


async def test_records_of_other_books_are_not_ours(api: Api, line: Line) -> None:
    other = quote("GLD", 9.9)
    await line.send(QUOTES, "kr:GLD", encode(replace(other, book="kr")))
    await line.ticks(FrameBatch(book="kr", frames=()))
    await line.quote("SPY", 3.3)
    await eventually(lambda: _is(api, "/api/prices/SPY", "change_pct", 3.3))
    assert (await api.get("/api/prices/GLD"))["change_pct"] == 1.0


async def test_a_taken_port_is_a_setting_to_mend(api: Api) -> None:
    with pytest.raises(ConfigError, match="it is in use"):
        async with serving(api.config):
            pass


async def test_listens_on_several_ports(line: Line) -> None:
    config = api_config(line.kafka, line.namespace, more_ports=(free_port(),))
    async with serving(config) as api:
        other = api.url.replace(str(config.port), str(config.more_ports[0]))
        assert (await api.client.get(f"{other}/api/health/live")).status_code == 200


async def test_without_kafka_the_api_answers_and_says_so(namespace: str) -> None:
    async with serving(api_config(Kafka("127.0.0.1:1"), namespace)) as api:
        response = await api.client.get("/api/health")
        assert (response.status_code, response.json()["kafka"]["status"]) == (503, "down")
        response = await api.client.get("/api/prices")
        assert (response.status_code, response.json()["error"]["details"]) == (503, {"kafka": "down"})
        assert (await api.client.get("/")).status_code == 200
        response = await api.client.put("/api/config/parameters", json={"stop_loss_pct": -2})
        assert response.status_code == 503


async def _is(api: Api, path: str, name: str, wanted: object) -> bool:
    response = await api.client.get(path)
    return bool(response.status_code == 200 and response.json()[name] == wanted)


async def _letters(line: Line, least: int) -> list[DeadLetter]:
    letters = await letters_of(line.kafka, line.namespace)
    return letters if len(letters) >= least else []
