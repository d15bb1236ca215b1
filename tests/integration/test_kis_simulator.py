"""The KIS simulator as a client meets it: httpx and websockets against the running server."""

import asyncio
import json
import sys
import time
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
import websockets

from schemas.book import load_book
from schemas.errors import ConfigError
from simulators.kis.server import KisSimulatorConfig, run
from tests.support import eventually

BOOK = load_book("us")
NEW_YORK = ZoneInfo("America/New_York")
TUESDAY_10 = datetime(2026, 6, 30, 10, tzinfo=NEW_YORK)
PRICE, DETAIL = ("price", "HHDFS00000300"), ("price-detail", "HHDFS76200200")
PAIR = {"appkey": "key", "appsecret": "secret"}


class Client:
    """What a test does with a simulator, in its words."""

    def __init__(self, http: httpx.AsyncClient, port: int) -> None:
        self.http, self.port, self.token = http, port, ""

    async def issue(self, **body) -> httpx.Response:
        return await self.http.post("/oauth2/tokenP", json={"grant_type": "client_credentials", **PAIR, **body})

    async def log_in(self) -> None:
        self.token = (await self.issue()).json()["access_token"]

    async def quotation(self, symbol="GLD", exchange=None, call=PRICE, **headers) -> httpx.Response:
        listed = BOOK.by_symbol.get(symbol)
        path, tr_id = call
        wanted = {"authorization": f"Bearer {self.token}", **PAIR, "tr_id": tr_id, "custtype": "P", **headers}
        return await self.http.get(
            f"/uapi/overseas-price/v1/quotations/{path}",
            params={"AUTH": "", "EXCD": exchange or (listed.exchange if listed else "NAS"), "SYMB": symbol},
            headers={name: value for name, value in wanted.items() if value is not None},
        )

    async def output(self, symbol="GLD", **wish) -> dict[str, str]:
        reply = (await self.quotation(symbol, **wish)).json()
        assert reply["rt_cd"] == "0", reply
        return reply["output"]

    async def control(self, method: str, path: str, /, **body) -> dict:
        reply = await self.http.request(method, f"/__control/{path}", json=body or None)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def fault(self, name: str, **limits) -> None:
        await self.control("POST", "faults", name=name, **limits)

    async def approval(self) -> str:
        body = {"grant_type": "client_credentials", "appkey": "key", "secretkey": "secret"}
        return (await self.http.post("/oauth2/Approval", json=body)).json()["approval_key"]

    def connect(self, path: str = "/tryitout"):
        return websockets.connect(f"ws://127.0.0.1:{self.port}{path}", ping_interval=None, open_timeout=5)


@asynccontextmanager
async def simulator(**wish):
    """A running simulator on a free port, with a client that has a token."""
    stop, up, ports = asyncio.Event(), asyncio.Event(), []
    config = KisSimulatorConfig(**{"port": 0, "book": BOOK, "start": TUESDAY_10, "on_port": ports.append, **wish})
    serving = asyncio.create_task(run(config, stop, up.set))
    waiting = asyncio.create_task(up.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if serving.done():
        serving.result()
    try:
        base = f"http://127.0.0.1:{ports[0]}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=5) as http:
            client = Client(http, ports[0])
            await client.log_in()
            yield client
    finally:
        stop.set()
        await serving


def wish(key: str, tr_key: str = "DAMSGLD", tr_type: str = "1", tr_id: str = "HDFSCNT0", custtype: str = "P") -> str:
    header = {"approval_key": key, "custtype": custtype, "tr_type": tr_type, "content-type": "utf-8"}
    return json.dumps({"header": header, "body": {"input": {"tr_id": tr_id, "tr_key": tr_key}}})


async def frame(socket, kind: str, within_s: float = 5.0) -> str:
    """The next message that is an acknowledgement (`ack`), a PINGPONG (`ping`) or data (`data`)."""
    async with asyncio.timeout(within_s):
        while True:
            text = await socket.recv()
            found = "data" if text[0] != "{" else "ping" if "PINGPONG" in text else "ack"
            if found == kind:
                return text


async def told(socket, text: str) -> dict:
    await socket.send(text)
    return json.loads(await frame(socket, "ack"))


# --- OAuth


async def test_a_token_lives_a_day_and_comes_back_the_same_but_once_a_minute():
    async with simulator() as client:
        assert (await client.issue()).status_code == 403
        refusal = (await client.issue()).json()
        assert (refusal["error_code"], "rt_cd" in refusal) == ("EGW00133", False)
        await client.control("POST", "clock", advance_s=61)
        again = (await client.issue()).json()
        assert again["access_token"] == client.token
        assert 86_300 < again["expires_in"] < 86_340
        await client.control("POST", "clock", advance_s=6 * 3600)
        other = (await client.issue()).json()
        assert other["access_token"] != client.token
        assert other["expires_in"] in (86_399, 86_400)
        ends = datetime.strptime(other["access_token_token_expired"], "%Y-%m-%d %H:%M:%S")
        assert (ends.hour, ends.minute) == (5, 1)  # 16:01 New York in summer is 05:01 in Seoul


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("tokenP", {"appkey": ""}, "EGW00102"),
        ("tokenP", {"appkey": "other"}, "EGW00103"),
        ("tokenP", {"appsecret": "other"}, "EGW00105"),
        ("tokenP", {"grant_type": "password"}, "EGW00116"),
        ("tokenP", {"grant_type": ""}, "EGW00115"),
        ("Approval", {}, "EGW00104"),  # the secret is called secretkey there
        ("elsewhere", {}, "EGW00101"),
    ],
)
async def test_the_oauth_paths_refuse_in_their_own_envelope(path, body, code):
    async with simulator(app_key="key", app_secret="secret") as client:
        full = {"grant_type": "client_credentials", **PAIR, **body}
        reply = await client.http.post(f"/oauth2/{path}", json=full)
        assert (reply.status_code, reply.json()["error_code"]) == (403, code)


async def test_a_revoked_token_is_refused():
    async with simulator() as client:
        reply = await client.http.post("/oauth2/revokeP", json={**PAIR, "token": client.token})
        assert reply.json()["code"] == 200
        assert (await client.quotation()).json()["msg_cd"] == "EGW00123"


# --- quotations


async def test_a_price_has_the_fields_and_headers_of_the_broker():
    async with simulator(speed=2) as client:
        reply = await client.quotation()
        assert reply.status_code == 200
        fields = reply.json()["output"]
        assert " ".join(fields) == "rsym zdiv base pvol last sign diff rate tvol tamt ordy"
        assert all(isinstance(value, str) for value in fields.values())
        last, base = float(fields["last"]), float(fields["base"])
        assert float(fields["diff"]) == pytest.approx(abs(last - base), abs=1e-9)
        assert float(fields["rate"]) == pytest.approx(100 * (last - base) / base, abs=0.0051)
        assert (fields["rsym"], len(fields["last"].split(".")[1])) == ("DAMSGLD", 4)
        assert reply.headers["tr_id"] == "HHDFS00000300"
        market_ms = int(reply.headers["X-Market-Time"])
        assert 0 <= market_ms - TUESDAY_10.timestamp() * 1000 < 20_000
        assert parsedate_to_datetime(reply.headers["Date"]).timestamp() == market_ms // 1000
        assert reply.headers["X-Market-Speed"] == "2"
        assert "X-Market-Frozen" not in reply.headers
        detail = await client.output(call=DETAIL)
        assert float(detail["low"]) <= float(detail["last"]) <= float(detail["high"])
        assert detail["base"] == fields["base"]


@pytest.mark.parametrize(
    ("headers", "code", "status"),
    [
        pytest.param({"authorization": None}, "EGW00121", 500, id="no token"),
        pytest.param({"authorization": "Bearer x"}, "EGW00121", 500, id="another's token"),
        pytest.param({"authorization": "Basic x"}, "EGW00205", 500, id="another scheme"),
        pytest.param({"appkey": None}, "EGW00102", 403, id="no app key"),
        pytest.param({"appsecret": None}, "EGW00104", 403, id="no secret"),
        pytest.param({"tr_id": None}, "OPSQ9999", 200, id="no tr_id"),
        pytest.param({"tr_id": "HHDFS76200200"}, "OPSQ0002", 200, id="the tr_id of another path"),
    ],
)
async def test_quotations_refuse_in_the_normal_envelope(headers, code, status):
    async with simulator() as client:
        reply = await client.quotation(**headers)
        assert (reply.status_code, reply.json()["rt_cd"], reply.json()["msg_cd"]) == (status, "1", code)


async def test_an_unknown_path_and_a_missing_field_are_refused():
    async with simulator() as client:
        assert (await client.quotation(call=("nowhere", "HHDFS00000300"))).json()["msg_cd"] == "OPSQ0002"
        headers = {"authorization": f"Bearer {client.token}", **PAIR, "tr_id": PRICE[1]}
        url = "/uapi/overseas-price/v1/quotations/price"
        assert (await client.http.get(url, headers=headers)).json()["msg_cd"] == "OPSQ2001"
        lower = await client.http.get(url, params={"auth": "", "excd": "AMS", "symb": "GLD"}, headers=headers)
        assert lower.json()["output"]["last"] != ""  # the broker takes keys in either case


@pytest.mark.parametrize(("symbol", "exchange"), [("ZZZZ", "NAS"), ("GLD", "NAS"), ("CONL", "AMS"), ("GLD", "XXX")])
async def test_an_unknown_symbol_or_a_wrong_exchange_gives_blanks_and_no_error(symbol, exchange):
    async with simulator() as client:
        for call in (PRICE, DETAIL):
            assert set((await client.output(symbol, exchange=exchange, call=call)).values()) == {""}


@pytest.mark.parametrize(("paper", "calls"), [(False, 20), (True, 2)])
async def test_more_calls_than_a_market_second_allows_are_refused(paper, calls):
    async with simulator(paper=paper, speed=0.05) as client:  # a market second is 20 s of wall time
        replies = await asyncio.gather(*(client.quotation(symbol) for symbol in (*BOOK.symbols, *BOOK.symbols[:8])))
        refused = [reply for reply in replies if reply.status_code == 500]
        assert len(refused) == len(replies) - calls
        assert {reply.json()["msg_cd"] for reply in refused} == {"EGW00201"}
        await client.control("POST", "clock", advance_s=1)
        assert (await client.quotation()).status_code == 200


async def test_paper_accounts_have_no_detail():
    async with simulator(paper=True) as client:
        assert (await client.quotation(call=DETAIL)).json()["msg_cd"] == "EGW00213"
        assert float((await client.output())["last"]) > 0


# --- WebSocket


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


# --- faults


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


# --- clock and restarts


async def test_the_night_is_skipped_and_the_close_becomes_the_base():
    async with simulator(start=datetime(2026, 7, 2, 15, tzinfo=NEW_YORK)) as client:
        before = await client.output()
        await client.control("POST", "clock", to="2026-07-02T19:59:59.500-04:00")

        async def monday():
            return (await client.quotation()).headers["Date"].startswith("Mon, 06 Jul 2026 13:2")

        await eventually(monday, 5)
        reply = await client.quotation()
        assert reply.json()["msg_cd"] == "EGW00123"  # a token does not live over a weekend
        await client.log_in()
        assert (await client.output())["base"] != before["base"]


async def test_a_restart_goes_on_where_the_clock_and_the_market_were(tmp_path):
    state = tmp_path / "simulator.json"
    async with simulator(state=state, start=datetime(2026, 6, 30, 15, tzinfo=NEW_YORK)) as client:
        await client.control("POST", "clock", to="2026-07-01T11:00:00-04:00")
        bases = {symbol: (await client.output(symbol))["base"] for symbol in BOOK.symbols}
        token, served = client.token, int((await client.quotation()).headers["X-Market-Time"])
    async with simulator(state=state, start=None) as client:
        client.token = token
        reply = await client.quotation()
        assert reply.status_code == 200  # a token outlives its issuer
        assert served < int(reply.headers["X-Market-Time"]) < served + 5000
        assert {symbol: (await client.output(symbol))["base"] for symbol in BOOK.symbols} == bases


SERVE = """
import asyncio, pathlib, sys
from schemas.book import load_book
from simulators.kis.server import KisSimulatorConfig, run
tell = lambda port: print(port, flush=True)
config = KisSimulatorConfig(port=0, book=load_book("us"), speed=60, state=pathlib.Path(sys.argv[1]), on_port=tell)
asyncio.run(run(config, asyncio.Event(), lambda: None))
"""


async def test_a_killed_simulator_never_shows_a_time_again(tmp_path):
    last = 0
    for _ in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVE, str(tmp_path / "state.json"), stdout=asyncio.subprocess.PIPE
        )
        try:
            port = int(await asyncio.wait_for(process.stdout.readline(), 30))
            async with httpx.AsyncClient(trust_env=False) as http:
                first = last
                for _ in range(30):
                    shown = (await http.get(f"http://127.0.0.1:{port}/__control/state")).json()["market_ms"]
                    assert shown > first
                    last = shown
        finally:
            process.kill()
            await process.wait()


async def test_two_simulators_with_a_seed_quote_the_same():
    async with simulator(seed=9, speed=0.001) as one, simulator(seed=9, speed=0.001) as other:
        for symbol in BOOK.symbols:
            assert await one.output(symbol, call=DETAIL) == await other.output(symbol, call=DETAIL)
            for client in (one, other):
                await client.control("POST", "clock", advance_s=30)


async def test_a_taken_port_is_an_error_that_says_so():
    async with simulator() as client:
        with pytest.raises(ConfigError, match=f"port {client.port}"):
            async with simulator(port=client.port):
                pass


async def test_an_unknown_fault_at_start_is_an_error():
    with pytest.raises(ConfigError, match="expected one of"):
        async with simulator(faults=("flood",)):
            pass


# --- replay


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
