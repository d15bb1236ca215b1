"""Replies in the broker's shapes still read.

The shapes follow the public samples of koreainvestment/open-trading-api (price, price_detail, delayed_ccnl, auth_token)
and the error list of koreainvestment/kis-ai-extensions, as known in November 2026. The values are invented, and no
live server was asked.
"""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from producers.kis import parse
from producers.kis.errors import RateLimited, TokenRejected, TokenTooSoon, error_in
from producers.kis.tokens import Issued
from schemas.base import decoder

NEW_YORK = ZoneInfo("America/New_York")

PRICE = """{"output":{"rsym":"DNASAAPL","zdiv":"4","base":"186.1000","pvol":"40120033","last":"187.3200","sign":"2",
"diff":"1.2200","rate":" 0.66","tvol":"1200345","tamt":"224680000","ordy":"매매 가능"},"rt_cd":"0","msg_cd":"MCA00000",
"msg1":"정상처리 되었습니다."}"""

DETAIL = """{"output":{"rsym":"DNASAAPL","pvol":"40120033","open":"186.4000","high":"188.0000","low":"185.9000",
"last":"187.3200","base":"186.1000","tomv":"2890000000000","h52p":"199.9000","h52d":"20310114","l52p":"120.0000",
"l52d":"20300620","perx":"28.1","zdiv":"4","curr":"USD","t_rate":"1330.50","e_ordyn":"매매 가능","e_hogau":"0.0100",
"tvol":"1200345","tamt":"224680000"},"rt_cd":"0","msg_cd":"MCA00000","msg1":"정상처리 되었습니다."}"""

UNKNOWN_SYMBOL = """{"output":{"rsym":"","zdiv":"","base":"","pvol":"","last":"","sign":"0","diff":"","rate":"",
"tvol":"","tamt":"","ordy":""},"rt_cd":"0","msg_cd":"MCA00000","msg1":"정상처리 되었습니다."}"""

TOKEN = """{"access_token":"eyJ0eXAi.example.sig","access_token_token_expired":"2031-03-05 08:11:02",
"token_type":"Bearer","expires_in":86400}"""

EXECUTION = (
    "0|HDFSCNT0|001|DNASAAPL^AAPL^4^20310304^20310304^103001^20310305^003001^186.4000^188.0000^185.9000^187.3200^2^"
    "1.2200^+0.66^187.3000^187.3400^300^200^25^1200345^224680000^500100^600200^120.00^1"
)


def output(text: str) -> dict[str, str]:
    body = json.loads(text)
    assert error_in(200, body) is None
    return dict(parse.first_object(body["output"]))


def test_price():
    reading = parse.from_price(output(PRICE))
    assert (reading.last, reading.base, reading.rate, reading.volume) == (187.32, 186.1, 0.66, 1200345)
    made = parse.tick("AAPL", reading, reading.base, "rest")
    assert (made.state, made.change_pct) == ("ok", 0.66)


def test_price_detail():
    reading = parse.from_detail(output(DETAIL))
    assert (reading.open, reading.high, reading.low, reading.last, reading.base) == (
        186.4,
        188.0,
        185.9,
        187.32,
        186.1,
    )
    assert reading.rate is None


def test_a_symbol_under_a_wrong_exchange_is_blank_and_no_error():
    reading = parse.from_price(output(UNKNOWN_SYMBOL))
    assert parse.tick("AAPL", reading, reading.base, "rest").state == "missing"


def test_an_execution():
    [record] = parse.records(EXECUTION)
    assert len(record) == 26
    reading = parse.from_execution(record, NEW_YORK)
    assert (reading.last, reading.open, reading.high, reading.low) == (187.32, 186.4, 188.0, 185.9)


def test_a_token():
    issued = decoder(Issued).decode(TOKEN)
    assert (issued.access_token, issued.expires_in) == ("eyJ0eXAi.example.sig", 86400)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (500, '{"rt_cd":"1","msg_cd":"EGW00201","msg1":"초당 거래건수를 초과하였습니다."}', RateLimited),
        (500, '{"rt_cd":"1","msg_cd":"EGW00123","msg1":"기간이 만료된 token 입니다."}', TokenRejected),
        (
            403,
            '{"error_description":"접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)","error_code":"EGW00133"}',
            TokenTooSoon,
        ),
    ],
)
def test_refusals(status, text, kind):
    assert isinstance(error_in(status, json.loads(text)), kind)
