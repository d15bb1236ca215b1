"""The REST client: token, pace, errors, secrets."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import stat
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from producers.clock import MarketClock
from producers.kis.client import KisClient
from producers.kis.errors import (
    BadCredentials,
    NotPermitted,
    RateLimited,
    Temporary,
    TokenRejected,
    TokenTooSoon,
)
from producers.kis.pace import Pace
from producers.kis.parse import from_price
from schemas.errors import ConfigError
from tests.unit.producers.fakes import KEYS, Broker, quotation, refusal, reply


async def test_a_quotation_carries_what_the_broker_asks_for(tmp_path):
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return quotation()

    async with Broker(answer).client(tmp_path) as client:
        got = await client.price("AMS", "GLD")
    assert from_price(got.output).last == 101.0
    [request] = seen
    assert request.url.path == "/uapi/overseas-price/v1/quotations/price"
    assert dict(request.url.params) == {"AUTH": "", "EXCD": "AMS", "SYMB": "GLD"}
    assert request.headers["tr_id"] == "HHDFS00000300"
    assert request.headers["authorization"] == "Bearer T1"
    assert (request.headers["appkey"], request.headers["appsecret"]) == (KEYS.app_key, KEYS.app_secret)


async def test_one_token_serves_many_calls_and_a_restart(tmp_path):
    broker = Broker()
    async with broker.client(tmp_path) as client:
        await asyncio.gather(*(client.price("AMS", "GLD") for _ in range(16)))
    async with broker.client(tmp_path) as client:
        await client.price("AMS", "GLD")
    assert broker.issued == 1


async def test_the_token_file_is_private_and_names_no_key(tmp_path):
    async with Broker().client(tmp_path / "tokens") as client:
        await client.price("AMS", "GLD")
    [kept] = (tmp_path / "tokens").glob("*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert KEYS.app_key not in kept.name + kept.read_text()
    assert KEYS.app_secret not in kept.read_text()
    assert datetime.fromisoformat(json.loads(kept.read_text())["expires_at"]) > datetime.now(UTC)


async def test_hosts_and_keys_have_tokens_of_their_own(tmp_path):
    broker = Broker()
    for host in ("http://real.test", "http://paper.test"):
        async with broker.client(tmp_path, host=host) as client:
            await client.price("AMS", "GLD")
    assert broker.issued == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"access_token": 3}', b"\xff\xfe"])
async def test_a_token_file_that_cannot_be_read_is_replaced(tmp_path, content):
    broker = Broker()
    async with broker.client(tmp_path) as client:
        await client.price("AMS", "GLD")
    [kept] = tmp_path.glob("*.json")
    kept.write_bytes(content)
    async with broker.client(tmp_path) as client:
        await client.price("AMS", "GLD")
    assert broker.issued == 2


@pytest.mark.parametrize("code", ["EGW00123", "EGW00121"])
@pytest.mark.parametrize("status", [200, 401, 500])
async def test_a_rejected_token_is_replaced_once_for_all_callers(tmp_path, code, status):
    def answer(request: httpx.Request) -> httpx.Response:
        rejected = request.headers["authorization"] == "Bearer T1"
        return refusal(code, status) if rejected else quotation()

    broker = Broker(answer)
    async with broker.client(tmp_path) as client:
        replies = await asyncio.gather(*(client.price("AMS", "GLD") for _ in range(8)))
    assert len(replies) == 8
    assert broker.issued == 2


async def test_a_token_that_is_rejected_again_is_told(tmp_path):
    broker = Broker(lambda _: refusal("EGW00123"))
    async with broker.client(tmp_path) as client:
        with pytest.raises(TokenRejected):
            await client.price("AMS", "GLD")
        assert client.state == "token"
    assert broker.issued == 2


async def test_a_token_is_renewed_before_it_expires(tmp_path):
    broker, now = Broker(), datetime(2031, 1, 1, tzinfo=UTC)
    clock = MarketClock(speed=1000, wall=lambda: now)
    async with broker.client(tmp_path, clock) as client:
        await client.price("AMS", "GLD")
        now += timedelta(hours=23, minutes=49)
        await client.price("AMS", "GLD")
        assert broker.issued == 1
        now += timedelta(minutes=1, seconds=1)  # less than ten minutes are left of its 24 hours
        await client.price("AMS", "GLD")
        assert broker.issued == 2


async def test_a_returned_token_keeps_the_date_of_its_end(tmp_path):
    now = datetime(2031, 1, 1, tzinfo=UTC)
    clock = MarketClock(speed=1000, wall=lambda: now)
    broker = Broker()
    broker.issue_answers = [
        # 10:00 in Korea is 01:00 UTC, an hour from now, whatever life is told beside it
        reply({"access_token": "T0", "expires_in": 86400, "access_token_token_expired": "2031-01-01 10:00:00"})
    ]
    async with broker.client(tmp_path, clock) as client:
        await client.price("AMS", "GLD")
        now += timedelta(minutes=51)
        await client.price("AMS", "GLD")
    assert broker.issued == 1, "T0 gave way to T1"


async def test_tokens_are_asked_for_once_a_minute(tmp_path):
    clock = MarketClock(speed=100)  # a minute of the market is 0.6 s
    broker = Broker(lambda request: quotation() if request.headers["authorization"][-1] == "2" else refusal("EGW00123"))
    asked = []
    issue = broker.__call__

    async with broker.client(tmp_path, clock) as client:
        begin = time.monotonic()
        await client.price("AMS", "GLD")
        asked.append(time.monotonic() - begin)
    assert issue is not None
    assert asked[0] >= 0.6
    assert broker.issued == 2


async def test_a_second_process_waits_for_the_first_ones_token(tmp_path):
    broker, clock = Broker(), MarketClock(speed=100)
    async with broker.client(tmp_path, clock) as one, broker.client(tmp_path, clock) as other:
        await asyncio.gather(one.price("AMS", "GLD"), other.price("AMS", "GLD"))
    assert broker.issued == 1


async def test_the_brokers_own_limit_is_waited_out(tmp_path):
    broker = Broker()
    broker.issue_answers = [reply({"error_code": "EGW00133", "error_description": "1분당 1회"}, 403)]
    async with broker.client(tmp_path, MarketClock(speed=1000)) as client:
        await client.price("AMS", "GLD")
    assert broker.issued == 1


async def test_a_limit_that_does_not_end_is_told(tmp_path):
    broker = Broker()
    broker.issue_answers = [reply({"error_code": "EGW00133"}, 403) for _ in range(3)]
    async with broker.client(tmp_path) as client:
        with pytest.raises(TokenTooSoon):
            await client.price("AMS", "GLD")


async def test_a_rate_limit_is_waited_out_and_then_told(tmp_path):
    answers = [refusal("EGW00201"), reply({}, 429), quotation()]
    broker = Broker(lambda _: answers.pop(0))
    async with broker.client(tmp_path) as client:
        await client.price("AMS", "GLD")
        answers[:] = [refusal("EGW00201")] * 3
        with pytest.raises(RateLimited):
            await client.price("AMS", "GLD")
        assert client.state == "rate_limited"


def raising(error: Exception) -> httpx.Response:
    raise error


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda request: raising(httpx.ReadTimeout("late", request=request)), id="timeout"),
        pytest.param(lambda request: raising(httpx.ConnectError("refused", request=request)), id="refused"),
        pytest.param(lambda request: raising(httpx.RemoteProtocolError("cut", request=request)), id="cut off"),
        pytest.param(lambda _: httpx.Response(200, content=b'{"output": {"last": "10'), id="truncated"),
        pytest.param(lambda _: httpx.Response(200, content=b'{"output": {"last": "\\ud800"}}'), id="half a character"),
        pytest.param(lambda _: httpx.Response(200, content=b"[]"), id="no object"),
        pytest.param(lambda _: httpx.Response(500, content=b"<html>"), id="500 without JSON"),
        pytest.param(lambda _: httpx.Response(200, content=b"\xff\xfe{"), id="no text"),
        pytest.param(lambda _: refusal("EGW00001"), id="their temporary failure"),
    ],
)
async def test_faults_on_the_way_are_waited_out_by_the_caller(tmp_path, answer):
    async with Broker(answer).client(tmp_path) as client:
        with pytest.raises(Temporary):
            await client.price("AMS", "GLD")
        assert client.state == "unreachable"


async def test_a_wrong_key_is_a_setting_to_mend(tmp_path):
    broker = Broker()
    broker.issue_answers = [reply({"error_code": "EGW00103", "error_description": "유효하지 않은 AppKey"}, 403)]
    async with broker.client(tmp_path) as client:
        with pytest.raises(BadCredentials):
            await client.price("AMS", "GLD")
        assert client.state == "bad_credentials"
        await client.price("AMS", "GLD")
        assert client.state == "ok"


async def test_paper_hosts_are_asked_once_a_second(tmp_path):
    client = KisClient("https://openapivts.koreainvestment.com:29443", KEYS, tmp_path, MarketClock())
    assert client.paper
    assert client.pace.spacing_s == 1.0
    async with Broker(lambda _: refusal("EGW00213")).client(tmp_path) as other:
        with pytest.raises(NotPermitted):
            await other.price_detail("AMS", "GLD")


async def test_an_approval_key_names_the_secret_in_its_own_way(tmp_path):
    seen: list[dict[str, str]] = []

    class Approving(Broker):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            seen.append(json.loads(request.content))
            return super().__call__(request)

    async with Approving().client(tmp_path) as client:
        assert await client.approval_key() != await client.approval_key()
    assert seen[0] == {
        "grant_type": "client_credentials",
        "appkey": KEYS.app_key,
        "secretkey": KEYS.app_secret,
    }


async def test_secrets_are_in_no_log_repr_or_error(tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    broker = Broker(lambda _: refusal("EGW00123"))
    async with broker.client(tmp_path) as client:
        with pytest.raises(TokenRejected) as error:
            await client.price("AMS", "GLD")
        told = f"{KEYS!r} {client!r} {error.value!r} {error.value} {vars(client._tokens)} {caplog.text}"
    for secret in (KEYS.app_key, KEYS.app_secret, "Bearer T"):
        assert secret not in told
    assert "HTTP Request" not in caplog.text


async def test_an_address_that_is_none_is_told(tmp_path):
    with pytest.raises(ConfigError, match="KIS_BASE_URL"):
        KisClient("http://kis.test:port", KEYS, tmp_path, MarketClock())


async def test_replies_tell_the_clock(tmp_path):
    clock = MarketClock(speed=1000)
    broker = Broker(lambda _: httpx.Response(200, json={"rt_cd": "0"}, headers={"X-Market-Time": "1770735000000"}))
    async with broker.client(tmp_path, clock) as client:
        got = await client.price("AMS", "GLD")
    assert got.market_time == datetime(2026, 2, 10, 14, 50, tzinfo=UTC)
    assert clock.simulated


class Ticks:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_no_second_sees_more_than_18_calls(monkeypatch):
    ticks = Ticks()

    async def sleep(seconds: float) -> None:
        ticks.now += seconds + 0.0004  # a little late, as sleeps are

    monkeypatch.setattr("producers.kis.pace.asyncio.sleep", sleep)
    pace = Pace(MarketClock(ticks=ticks), 18)
    sent = []
    for call in range(200):
        if call == 90:
            ticks.now += 3  # this process was held up
        await pace.turn()
        sent.append(ticks.now)
    window = [sum(start <= other < start + 1 for other in sent) for start in sent]
    assert max(window) <= 19  # 18, and the one call that a pause leaves over; the broker allows 20
    assert sent[89] - sent[0] < 89 / 17.5


async def test_turns_follow_the_speed_of_the_market_up_to_a_limit():
    assert Pace(MarketClock(speed=10), 18).spacing_s == pytest.approx(1 / 180)
    assert Pace(MarketClock(speed=10), 18).keeps_up
    assert Pace(MarketClock(speed=60), 18).spacing_s == pytest.approx(1 / 200)
    assert not Pace(MarketClock(speed=60), 18).keeps_up


async def test_turns_can_be_held():
    clock = MarketClock(speed=1000)
    pace = Pace(clock, 18)
    pace.hold(0.1)
    begin = time.monotonic()
    await pace.turn()
    assert time.monotonic() - begin >= 0.1


def test_the_directory_is_made_private(tmp_path):
    async def use() -> None:
        async with Broker().client(tmp_path / "a" / "tokens") as client:
            await client.price("AMS", "GLD")

    asyncio.run(use())
    assert stat.S_IMODE(os.stat(tmp_path / "a" / "tokens").st_mode) == 0o700
