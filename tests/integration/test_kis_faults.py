"""The faults that the KIS simulator can be told to show."""

import time

import httpx
import pytest
import websockets

from tests.kis import DETAIL, frame, simulator, told, wish
from tests.support import eventually


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("429", 429, "EGW00201"), ("EGW00201", 500, "EGW00201"), ("expired_token", 500, "EGW00123")],
)
async def test_faults_with_a_code(name, status, code):
    async with simulator() as client:
        await client.fault(name, count=1)
        reply = await client.quotation()
        assert (reply.status_code, reply.json()["msg_cd"]) == (status, code)
        again = await client.quotation()
        assert again.status_code == (500 if name == "expired_token" else 200)  # that token stays invalid


async def test_an_expired_token_gives_way_to_another():
    async with simulator() as client:
        old = client.token
        await client.fault("expired_token")
        await client.quotation()
        await client.control("POST", "clock", advance_s=61)
        await client.log_in()
        assert client.token != old
        assert (await client.quotation()).status_code == 200


async def test_faults_without_json():
    async with simulator() as client:
        await client.fault("http_500", count=1)
        reply = await client.quotation()
        assert (reply.status_code, reply.text[0]) == (500, "<")
        await client.fault("truncated_json", count=1)
        reply = await client.quotation()
        assert reply.status_code == 200
        with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
            reply.json()
        await client.fault("timeout", count=1)
        with pytest.raises(httpx.ReadTimeout):
            await client.http.get("/uapi/x", timeout=0.2)
        assert (await client.quotation()).status_code == 200


async def test_faults_of_values_hit_rest_and_websocket_alike():
    async with simulator(speed=20) as client, client.connect() as socket:
        await told(socket, wish(await client.approval()))
        good = await client.output()

        await client.fault("zero_price", symbol="GLD")
        assert (await client.output())["last"] == "0.0000"
        assert float((await client.output("SPY"))["last"]) > 0
        await eventually(lambda: _last_of(socket, lambda fields: fields[11] == "0.0000"), 5)
        await client.control("DELETE", "faults")

        await client.fault("blank_fields", symbol="GLD")
        assert (await client.output())["last"] == ""
        await eventually(lambda: _last_of(socket, lambda fields: fields[11] == fields[14] == ""), 5)
        await client.control("DELETE", "faults")

        await client.fault("absurd_price", symbol="GLD")
        absurd = await client.output()
        assert float(absurd["last"]) == pytest.approx(3 * float(good["last"]), rel=0.02)
        assert float(absurd["rate"]) > 150
        await eventually(lambda: _last_of(socket, lambda fields: float(fields[11] or 0) > 700), 5)
        await client.control("DELETE", "faults")

        await client.fault("rate_mismatch", symbol="GLD")
        off = await client.output()
        assert float(off["rate"]) - 100 * (float(off["last"]) / float(off["base"]) - 1) == pytest.approx(1, abs=0.006)
        assert (await client.output(call=DETAIL))["last"] != ""


async def _last_of(socket, holds) -> bool:
    return holds((await frame(socket, "data")).split("|", 3)[3].split("^"))


async def test_a_symbol_can_be_found_elsewhere_or_nowhere():
    async with simulator() as client:
        await client.fault("wrong_exchange", symbol="CONL")
        assert (await client.output("CONL"))["last"] == ""
        await client.control("DELETE", "faults")
        await client.fault("wrong_exchange", symbol="CONL", to="AMS")
        assert (await client.output("CONL"))["last"] == ""
        moved = await client.output("CONL", exchange="AMS")
        assert (moved["rsym"], float(moved["last"]) > 0) == ("DAMSCONL", True)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("encrypted_frame", lambda text: text.startswith("1|HDFSCNT0|001|") and "^" not in text),
        ("malformed_frame", lambda text: text.startswith("0|HDFSCNT0|002|") and (text.count("^") + 1) % 52),
        ("extra_field", lambda text: (text.split("|")[3].count("^") + 1) == 27 * int(text.split("|")[2])),
    ],
)
async def test_faults_of_frames(name, holds):
    async with simulator(speed=10) as client, client.connect() as socket:
        await told(socket, wish(await client.approval()))
        await client.fault(name)

        async def seen():
            return holds(await frame(socket, "data"))

        await eventually(seen, 5)


async def test_text_that_is_no_utf8_ends_a_strict_client():
    async with simulator(speed=10) as client, client.connect() as socket:
        await told(socket, wish(await client.approval()))
        await client.fault("invalid_utf8")
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await frame(socket, "no such kind")
        assert closed.value.sent.code == 1007


async def test_a_dropped_socket_ends_without_a_handshake_and_the_key_is_free_again():
    async with simulator() as client:
        async with client.connect() as socket:
            await told(socket, wish(await client.approval()))
            await client.fault("dropped_socket")
            with pytest.raises(websockets.ConnectionClosedError) as closed:
                await frame(socket, "no such kind")
            assert closed.value.rcvd is None
        async with client.connect() as socket:
            assert (await told(socket, wish(await client.approval())))["body"]["rt_cd"] == "0"


async def test_a_silent_socket_says_nothing_until_the_fault_is_over():
    async with simulator(speed=20) as client, client.connect() as socket:
        await told(socket, wish(await client.approval(), "DAMSSPY"))
        await client.fault("silent_socket", duration_s=20)  # 1 s of wall time
        begun = time.monotonic()
        gaps = []
        while time.monotonic() - begun < 1.5:
            before = time.monotonic()
            await socket.recv()
            gaps.append(time.monotonic() - before)
        assert max(gaps) > 0.8


async def test_an_acknowledgement_can_be_late():
    async with simulator(speed=10) as client, client.connect() as socket:
        await client.fault("ack_delay", value=5)
        begun = time.monotonic()
        await told(socket, wish(await client.approval()))
        assert 0.4 < time.monotonic() - begun < 5


async def test_faults_at_start_and_through_the_door():
    async with simulator(faults=("zero_price:GLD,1", "blank_fields:SPY")) as client:
        names = [fault["name"] for fault in (await client.control("GET", "faults"))["faults"]]
        assert names == ["zero_price", "blank_fields"]
        assert (await client.output())["last"] == "0.0000"
        assert (await client.output())["last"] != "0.0000"
        assert (await client.control("DELETE", "faults?name=blank_fields"))["faults"] == []
        refused = await client.http.post("/__control/faults", json={"name": "flood"})
        assert (refused.status_code, "expected one of" in refused.json()["error"]) == (422, True)
        assert (await client.http.get("/__control/elsewhere")).status_code == 404
        assert (await client.http.post("/__control/clock", json={"to": "2026-07-01T10:00:00"})).status_code == 422
