"""The KIS simulator over a file of closes."""

import asyncio
import json
from datetime import datetime

import pytest

from tests.kis import BOOK, DETAIL, simulator, told, wish


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "closes.csv"
    rows = ["symbol,date,close"]
    for place, symbol in enumerate(BOOK.symbols):
        for number, day in enumerate(("2025-04-07", "2025-04-08", "2025-04-09", "2025-04-10")):
            if symbol == "XXRP" and number == 0:
                continue  # listed on the second day
            rows.append(f"{symbol},{day},{100 + place + number / 8 + 0.00001}")
    path.write_text("\n".join(rows))
    return path


async def test_replay_serves_each_day_whole_at_the_close_and_steps_on_when_all_was_read(file):
    async with simulator(replay=file, speed=100) as client:
        for number, day in enumerate(("2025-04-08", "2025-04-09", "2025-04-10"), start=1):
            at = int(datetime.fromisoformat(f"{day}T16:00:00-04:00").timestamp() * 1000)
            for symbol in BOOK.symbols:
                await client.output(symbol, call=DETAIL)  # which does not step
            await client.output("GLD", exchange="NAS")  # neither does a wrong exchange
            replies = await asyncio.gather(*(client.quotation(symbol) for symbol in BOOK.symbols))
            for place, (symbol, reply) in enumerate(zip(BOOK.symbols, replies, strict=True)):
                fields = reply.json()["output"]
                assert (reply.headers["X-Market-Time"], reply.headers["X-Market-Frozen"]) == (str(at), "1")
                assert fields["last"] == f"{100 + place + number / 8:.4f}"
                listed = symbol != "XXRP" or number > 1
                assert fields["base"] == (f"{100 + place + (number - 1) / 8:.4f}" if listed else "0.0000")
            done = sum("X-Replay-Done" in reply.headers for reply in replies)
            assert done == (1 if number == 3 else 0)  # the reply that completes the last date says so
        after = await client.quotation()
        assert (after.headers["X-Replay-Done"], after.headers["X-Market-Time"]) == ("1", str(at))
        assert (await client.control("GET", "state"))["done"] is True


@pytest.mark.parametrize(
    "fault", ["429", "EGW00201", "http_500", "truncated_json", "blank_fields", "zero_price", "wrong_exchange"]
)
async def test_a_reply_under_a_fault_does_not_count_as_read(file, fault):
    async with simulator(replay=file, speed=100) as client:
        await client.fault(fault, symbol="GLD", duration_s=10_000)
        for symbol in BOOK.symbols:
            await client.quotation(symbol)
        state = await client.control("GET", "state")
        assert (state["index"], len(state["read"]), state["frozen"]) == (0, 15, True)
        await client.control("DELETE", "faults")
        await client.quotation("GLD")
        assert (await client.control("GET", "state"))["index"] == 1


async def test_a_refused_call_does_not_count_as_read(file):
    async with simulator(replay=file, speed=0.01) as client:
        for _ in range(20):
            await client.quotation("SPY")
        assert (await client.quotation("GLD")).status_code == 500
        assert (await client.control("GET", "state"))["read"] == ["SPY"]


async def test_a_token_outlasts_a_replay(file):
    async with simulator(replay=file, speed=100) as client:
        await asyncio.sleep(0.7)  # a minute of the market
        again = (await client.issue()).json()
        assert again["expires_in"] > 2 * 86_400  # to a day after the last date
        assert again["access_token_token_expired"].startswith("2025-04-12 0")


async def test_replay_takes_subscriptions_and_says_nothing_but_pingpong(file):
    async with simulator(replay=file, speed=100) as client, client.connect() as socket:
        assert (await told(socket, wish(await client.approval())))["body"]["msg_cd"] == "OPSP0000"
        assert [json.loads(await socket.recv())["header"]["tr_id"] for _ in range(5)] == ["PINGPONG"] * 5


async def test_a_replay_has_no_clock_to_move(file):
    async with simulator(replay=file) as client:
        assert (await client.http.post("/__control/clock", json={"advance_s": 1})).status_code == 422
