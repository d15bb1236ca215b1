"""The KIS simulator over its WebSocket: subscriptions, executions, PINGPONG."""

import json
import time

import pytest
import websockets

from tests.kis import BOOK, frame, simulator, told, wish
from tests.support import eventually


@pytest.mark.parametrize("path", ["", "/tryitout", "/tryitout/HDFSCNT0"])
async def test_any_path_subscribes_and_gets_executions(path):
    async with simulator() as client, client.connect(path) as socket:
        assert int(socket.response.headers["X-Market-Time"]) > 0
        ack = await told(socket, wish(await client.approval()))
        assert ack["header"] == {"tr_id": "HDFSCNT0", "tr_key": "DAMSGLD", "encrypt": "N"}
        assert (ack["body"]["rt_cd"], ack["body"]["msg_cd"]) == ("0", "OPSP0000")
        assert (len(ack["body"]["output"]["iv"]), len(ack["body"]["output"]["key"])) == (16, 32)
        flag, tr_id, count, payload = (await frame(socket, "data")).split("|", 3)
        fields = payload.split("^")
        assert (flag, tr_id, len(fields)) == ("0", "HDFSCNT0", 26 * int(count))
        assert fields[:5] == ["DAMSGLD", "GLD", "4", "20260630", "20260630"]
        assert fields[5].startswith("1000")
        assert (fields[6], fields[7][:2], fields[25]) == ("20260630", "23", "1")
        assert float(fields[10]) <= float(fields[11]) <= float(fields[9])
        price = float((await client.output())["last"])
        assert float(fields[11]) == pytest.approx(price, rel=0.01)


async def test_the_table_of_answers():
    async with simulator() as client, client.connect() as socket:
        key = await client.approval()
        for text, code in [
            ("not JSON", "OPSP9999"),
            ("[]", "OPSP9998"),
            (json.dumps({"header": {}}), "OPSP9992"),
            (json.dumps({"header": {}, "body": {}}), "OPSP9991"),
            (wish("unknown"), "OPSP0011"),
            (wish(key, tr_type="3"), "OPSP8997"),
            (wish(key, custtype="X"), "OPSP8998"),
            (wish(key, tr_id="HDFSXXXX"), "OPSP8991"),
            (wish(key, tr_key=""), "OPSP9990"),
            (wish(key, tr_key="GLD"), "OPSP8992"),
            (wish(key, tr_type="2"), "OPSP0003"),
            (wish(key), "OPSP0000"),
            (wish(key), "OPSP0002"),
            (wish(key, tr_type="2"), "OPSP0001"),
        ]:
            ack = await told(socket, text)
            assert ack["body"]["msg_cd"] == code, text
            assert ack["body"]["rt_cd"] == ("0" if code in ("OPSP0000", "OPSP0001") else "1")
            assert ("output" in ack["body"]) == (code == "OPSP0000")


async def test_the_42nd_registration_is_refused():
    async with simulator() as client, client.connect() as socket:
        key = await client.approval()
        codes = [(await told(socket, wish(key, f"DNASX{number}")))["body"]["msg_cd"] for number in range(42)]
        assert codes == ["OPSP0000"] * 41 + ["OPSP0008"]


async def test_a_second_session_of_the_key_is_refused_until_the_first_ends():
    async with simulator() as client, client.connect() as first:
        await told(first, wish(await client.approval()))
        async with client.connect() as second:
            ack = await told(second, wish(await client.approval(), "DAMSSPY"))
            assert ack["header"] == {"tr_id": "(null)", "tr_key": "", "encrypt": "N"}
            assert (ack["body"]["rt_cd"], ack["body"]["msg_cd"]) == ("9", "OPSP8996")
            await first.close()

            async def accepted():
                return (await told(second, wish(await client.approval(), "DAMSSPY")))["body"]["rt_cd"] == "0"

            await eventually(accepted, 5)


async def test_a_wrong_exchange_or_a_paid_feed_subscribes_and_stays_silent():
    async with simulator(speed=20) as client, client.connect() as socket:
        key = await client.approval()
        for tr_key in ("DNASGLD", "RAMSGLD", "DNASZZZZ"):
            assert (await told(socket, wish(key, tr_key)))["body"]["msg_cd"] == "OPSP0000"
        await told(socket, wish(key, "DAMSSPY"))
        seen = {(await frame(socket, "data")).split("|")[3].split("^")[0] for _ in range(40)}
        assert seen == {"DAMSSPY"}


@pytest.mark.parametrize("answer", ["echo", "pong", "ping"])
async def test_pingpong_comes_each_interval_and_takes_any_of_three_answers(answer, monkeypatch):
    monkeypatch.setattr("simulators.kis.stream.PATIENCE_S", 2.0)
    async with simulator(speed=100) as client, client.connect() as socket:  # 10 market s are 0.1 s
        for _ in range(8):
            text = await frame(socket, "ping")
            assert json.loads(text)["header"].keys() == {"tr_id", "datetime"}
            match answer:
                case "echo":
                    await socket.send(text)
                case "pong":
                    await socket.pong(text)
                case "ping":
                    await socket.ping(text)


async def test_who_never_answers_pingpong_is_cut_off(monkeypatch):
    monkeypatch.setattr("simulators.kis.stream.PATIENCE_S", 0.2)
    async with simulator(speed=100) as client, client.connect() as socket:
        with pytest.raises(websockets.ConnectionClosed):
            await frame(socket, "no such kind")


async def test_at_speed_several_trades_share_a_frame_and_none_is_out_of_order():
    async with simulator(speed=60) as client, client.connect() as socket:
        await told(socket, wish(await client.approval(), "DAMSSPY"))
        counts, volumes = [], []
        for _ in range(30):
            _, _, count, payload = (await frame(socket, "data")).split("|", 3)
            fields = payload.split("^")
            assert len(fields) == 26 * int(count)
            counts.append(int(count))
            volumes.extend(int(fields[26 * record + 20]) for record in range(int(count)))
        assert max(counts) > 1
        assert volumes == sorted(volumes)


async def test_a_day_of_sixteen_symbols_passes_at_speed_60_on_part_of_a_core():
    async with simulator(speed=60) as client, client.connect() as socket:
        key = await client.approval()
        for ticker in BOOK.tickers:
            await told(socket, wish(key, f"D{ticker.exchange}{ticker.symbol}"))
        market, wall, cpu = (
            (await client.control("GET", "state"))["market_ms"],
            time.monotonic(),
            time.process_time(),
        )
        trades = 0
        while time.monotonic() - wall < 3:
            trades += int((await frame(socket, "data")).split("|")[2])
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        market = (await client.control("GET", "state"))["market_ms"] - market
        assert market / 1000 / wall == pytest.approx(60, rel=0.2)
        assert trades / (market / 1000) > 15  # a market second sees some 25 trades of the 16
        assert cpu / wall < 0.6  # of simulator and this client together; 0.08 was measured on a free core
