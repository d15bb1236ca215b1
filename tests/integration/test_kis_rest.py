"""The KIS simulator over REST: tokens and quotations, and how both refuse."""

import asyncio
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest

from tests.kis import BOOK, DETAIL, PAIR, PRICE, TUESDAY_10, simulator


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
