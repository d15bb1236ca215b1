"""What looks like a secret in a text of someone else's is hidden; what people need to read stays."""

from __future__ import annotations

import time

import pytest

from schemas.masking import without_credentials

SECRET = "PSx7Qk2mVw9"
TOKEN = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ0b2tlbiJ9.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"appkey": "{SECRET}", "symbol": "GLD"}}',
        f'{{"header": {{"approval_key":"{SECRET}","custtype":"P"}}}}',
        f'{{"KIS_APP_SECRET":"{SECRET}"}}',
        f'{{"secretkey":"a\\"{SECRET}"}}',
        f'{{"access_token":"{SECRET}',  # the text was cut there
        f'"{{\\"appsecret\\":\\"{SECRET}\\",\\"x\\":1}}"',
        f"{{'password': '{SECRET}'}}",
        f'{{"token": {{"value": "{SECRET}"}}}}',
        f"PTJ_API_TOKEN={SECRET} symbol=GLD",
        f"GET /oauth?app_key={SECRET}&x=1",
        f"authorization: Bearer {SECRET}",
        f"Cookie: session={SECRET}",
        f"Bearer {SECRET}{SECRET}",
        f"postgresql://ptj:{SECRET}@db/ptj",
        f"postgresql://ptj:{SECRET}/x@db/ptj",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{SECRET}",
        SECRET * 8,
    ],
)
def test_a_secret_is_hidden(text: str) -> None:
    shown = without_credentials(text)
    assert SECRET not in shown
    assert "***" in shown


def test_a_signed_token_is_hidden_whatever_it_stands_under() -> None:
    assert without_credentials(f'{{"value":"{TOKEN}"}}') == '{"value":"***"}'
    assert without_credentials(f'{{"value":"{TOKEN[:30]}') == '{"value":"***'


@pytest.mark.parametrize(
    "text",
    [
        '{"kind":"frames","book":"us","frames":[{"event_time":"2026-02-10T15:00:00Z","ticks":[{"symbol":"GLD"}]}]}',
        'last: expected a number > 0, received "" (live.ticks[2]@1841)',
        "value: expected JSON (JSON is malformed: invalid character (byte 0)), received b'not json' (demo.bars[0]@7)",
        '{"event_id":"0123456789abcdef0123456789abcdef","key":"coin"}',
        "basic information at http://example.com:80/a",
        "금이 오른 날",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert without_credentials(text) == text


@pytest.mark.parametrize(
    "piece", ["token", 'token"', "token:", '\\"', "a", "://a:", "eyJ", "secret=", '{"token":', " "]
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * 10_000)[:20_000]
    began = time.process_time()
    without_credentials(text)
    assert time.process_time() - began < 1.0
