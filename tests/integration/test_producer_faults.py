"""Every fault of the broker leads to a state or a gap: no price of zero, no frame out of order, no dead process.

`World.frames` looks at order and prices, `World.check` at the process, each time they are asked. The market runs at
ten times the wall's pace, so that its minutes cost seconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import websockets

from producers.kis.websocket import subscription
from tests.producing import TUESDAY_10, World, world
from tests.support import eventually

FAST = {"speed": 10.0}
SYMBOL = "CONL"


@pytest.fixture
async def polled(kafka, namespace, tmp_path) -> AsyncIterator[World]:
    async with world(kafka, namespace, tmp_path, FAST, feed="rest") as line:
        await line.start()
        await line.more_frames(2)
        yield line


@pytest.fixture
async def streamed(kafka, namespace, tmp_path) -> AsyncIterator[World]:
    async with world(kafka, namespace, tmp_path, FAST) as line:
        await line.start()
        await line.told("websocket", "ok")
        await line.more_frames(2)
        yield line


# --- calls


@pytest.mark.parametrize(
    ("fault", "state"),
    [("blank_fields", "missing"), ("zero_price", "missing"), ("rate_mismatch", "suspect")],
)
async def test_a_value_that_cannot_be_is_a_state(polled, fault, state):
    await polled.fault(fault, symbol=SYMBOL)
    tick = await polled.seen(SYMBOL, state)
    assert tick.reason
    assert tick.change_pct is None
    await polled.seen("GLD", "ok")
    await polled.clear()
    await polled.seen(SYMBOL, "ok")


async def test_an_absurd_change_that_the_rate_confirms_is_believed(polled):
    await polled.fault("absurd_price", symbol=SYMBOL)

    async def tripled() -> bool:
        return any(t.change_pct and t.change_pct > 100 for t in (await polled.frames())[-1].ticks)

    await eventually(tripled)
    await polled.clear()


@pytest.mark.parametrize("fault", ["http_500", "timeout", "truncated_json", "429", "EGW00201"])
async def test_a_call_that_fails_costs_only_its_symbol(polled, fault):
    await polled.fault(fault, symbol=SYMBOL)

    async def left_out() -> bool:
        newest = (await polled.frames())[-5:]  # a busy machine may miss another symbol in one cycle, not in five
        return {tick.symbol for frame in newest for tick in frame.ticks} == set(_symbols(polled)) - {SYMBOL}

    await eventually(left_out)
    await polled.clear()
    await polled.seen(SYMBOL, "ok")


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("http_500", "unreachable"),
        ("timeout", "unreachable"),
        ("truncated_json", "unreachable"),
        ("429", "rate_limited"),
        ("EGW00201", "rate_limited"),
    ],
)
async def test_a_broker_that_fails_altogether_leaves_a_gap_and_a_state(polled, fault, state):
    await polled.fault(fault)
    status = await polled.told("broker", state)
    assert status["reason"]
    await polled.clear()
    await polled.more_frames(2)
    await polled.told("broker", "ok")


async def test_an_expired_token_is_replaced(polled):
    await polled.fault("expired_token", count=1)
    await eventually(lambda: _issued(polled, 2))
    await polled.more_frames(2)


async def test_a_wrong_key_is_a_state_and_not_the_end(kafka, namespace, tmp_path):
    simulator = FAST | {"app_key": "K" * 36, "app_secret": "another"}
    async with world(kafka, namespace, tmp_path, simulator) as line:
        producer = await line.start()
        status = await line.told("broker", "bad_credentials")
        assert "EGW00105" in status["reason"]
        producer.assert_alive()
        assert await line.records() == []


async def test_a_broker_that_is_away_at_start_is_waited_for(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, FAST, feed="rest") as line:
        await line.start(base_url="http://127.0.0.1:1")
        await line.told("broker", "unreachable")
        line.check()


async def test_wrong_exchange_codes_are_corrected_at_start(kafka, namespace, tmp_path):
    moved = ("wrong_exchange:CONL,to=AMS", "wrong_exchange:SPY,to=NYS")
    async with world(kafka, namespace, tmp_path, FAST | {"faults": moved}) as line:
        await line.start()
        await line.told("websocket", "ok")
        await line.seen("CONL", "ok")
        await line.seen("SPY", "ok")
        exchanges = {ticker["symbol"]: ticker["exchange"] for ticker in line.status()["tickers"]}
        assert (exchanges["CONL"], exchanges["SPY"], exchanges["QQQ"]) == ("AMS", "NYS", "NAS")


async def test_a_symbol_found_nowhere_stays_missing(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, FAST | {"faults": ("wrong_exchange:CONL",)}, feed="rest") as line:
        await line.start()
        tick = await line.seen(SYMBOL, "missing")
        assert tick.reason == 'last: expected a number > 0, received ""'
        await eventually(lambda: SYMBOL in _with_reason(line))
        await line.seen("GLD", "ok")
        await line.clear()
        await line.fault("wrong_exchange", symbol=SYMBOL, to="AMS")
        await line.set_clock(TUESDAY_10 + timedelta(days=1))  # the next date looks for it again
        assert (await line.seen(SYMBOL, "ok")).last


async def test_paper_hosts_are_probed_by_the_price_call(kafka, namespace, tmp_path):
    # Two calls a market second are allowed there, and one is made: 16 symbols take 16 s of the market.
    async with world(kafka, namespace, tmp_path, {"speed": 20.0, "paper": True}) as line:
        await line.start()
        await line.more_frames(3, timeout_s=40)

        async def whole() -> bool:
            return len((await line.frames())[-1].ticks) == 16

        await eventually(whole, timeout_s=40)
        assert line.status()["feed"] == "rest"
        await eventually(lambda: _socket_state(line, "unsupported"))


# --- the stream


async def test_a_dropped_socket_is_opened_and_subscribed_again(streamed):
    await streamed.fault("dropped_socket")
    await streamed.told("websocket_connections", 2)
    await streamed.told("websocket", "ok")
    await streamed.seen("SPY", "ok")


async def test_polls_take_over_while_the_stream_is_down(streamed):
    await streamed.fault("dropped_socket", duration_s=40)
    await streamed.told("feed", "rest")
    frames = await streamed.more_frames(4)
    assert {tick.source for tick in frames[-1].ticks} == {"rest"}
    await streamed.clear()
    await streamed.told("feed", "websocket", timeout_s=40)
    await eventually(lambda: _source(streamed, "websocket"))


async def test_a_silent_socket_is_not_believed(streamed):
    await streamed.fault("silent_socket")
    await streamed.told("feed", "rest")
    await streamed.more_frames(3)
    await streamed.clear()
    await streamed.told("feed", "websocket", timeout_s=40)


@pytest.mark.parametrize("fault", ["encrypted_frame", "malformed_frame", "invalid_utf8", "extra_field"])
async def test_a_frame_that_cannot_be_read_is_dropped_and_the_stream_goes_on(streamed, fault):
    await streamed.fault(fault, count=3)
    await streamed.more_frames(20)
    assert streamed.status()["websocket"] == "ok"
    assert len((await streamed.simulator())["sessions"]) == 1


@pytest.mark.parametrize(
    ("fault", "state"), [("blank_fields", "missing"), ("zero_price", "missing"), ("rate_mismatch", "suspect")]
)
async def test_a_value_of_the_stream_that_cannot_be_is_a_state(streamed, fault, state):
    await streamed.fault(fault, symbol="SPY")
    tick = await streamed.seen("SPY", state)
    assert tick.reason
    await streamed.clear()
    await streamed.seen("SPY", "ok")


async def test_a_symbol_is_left_out_until_it_is_acknowledged(kafka, namespace, tmp_path):
    late = FAST | {"faults": ("ack_delay:value=40",)}
    async with world(kafka, namespace, tmp_path, late, feed="websocket") as line:
        await line.start()
        await eventually(lambda: _socket_state(line, "subscribing"))
        assert await line.frames() == []
        await line.told("websocket", "ok", timeout_s=30)
        await line.seen("GLD", "ok")


async def test_a_key_that_is_in_use_is_waited_for_while_polls_make_the_frames(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, {"speed": 10.0}) as line:
        body = {"grant_type": "client_credentials", "appkey": "K" * 36, "secretkey": "S" * 180}
        approval = (await line.http.post("/oauth2/Approval", json=body)).json()["approval_key"]
        async with websockets.connect(f"ws://127.0.0.1:{line.port}/tryitout") as other:
            await other.send(subscription(approval, "DAMSGLD"))
            assert json.loads(await other.recv())["body"]["msg_cd"] == "OPSP0000"
            reading = asyncio.create_task(_answered(other))
            await line.start()
            await line.told("websocket", "in_use")
            await line.told("feed", "rest")
            await line.more_frames(3)
            reading.cancel()
        await line.told("websocket", "ok", timeout_s=30)


async def _answered(socket: websockets.ClientConnection) -> None:
    """Keep a connection alive, as its owner would."""
    async for message in socket:
        if "PINGPONG" in str(message):
            await socket.send(message)


# --- all of them, one after the other


async def test_a_bad_day_ends_well(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, {"speed": 10.0}) as line:
        await line.start()
        await line.more_frames(2)
        for name in (
            *("http_500", "timeout", "truncated_json", "429", "EGW00201", "blank_fields", "zero_price"),
            *("rate_mismatch", "absurd_price", "dropped_socket", "encrypted_frame", "malformed_frame"),
            *("invalid_utf8", "extra_field", "silent_socket", "expired_token"),
        ):
            await line.fault(name, count=5)
            await line.more_frames(3, timeout_s=40)
        await line.clear()
        begun = (await line.frames())[-1].event_time

        async def whole() -> bool:
            newest = [frame for frame in await line.frames() if frame.event_time > begun + timedelta(seconds=5)]
            return any(len(f.ticks) == 16 and {t.state for t in f.ticks} == {"ok"} for f in newest)

        await eventually(whole, 40)
        line.check()


def _symbols(line: World) -> set[str]:
    return {ticker["symbol"] for ticker in line.status()["tickers"]}


def _with_reason(line: World) -> set[str]:
    return {ticker["symbol"] for ticker in line.status()["tickers"] if ticker["reason"]}


def _socket_state(line: World, *states: str) -> bool:
    return line.status().get("websocket") in states


async def _issued(line: World, tokens: int) -> bool:
    return bool((await line.simulator())["tokens_issued"] == tokens)


async def _source(line: World, source: str) -> bool:
    return source in {tick.source for tick in (await line.frames())[-1].ticks}
