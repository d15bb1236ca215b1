"""Whatever the broker sends: a reading, a state or `Malformed`, and never a price of zero or another error."""

from __future__ import annotations

import json
from contextlib import suppress
from zoneinfo import ZoneInfo

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from producers.clock import MarketClock
from producers.kis import parse
from producers.kis.errors import KisError, error_in
from producers.kis.websocket import Executions, Hangup
from schemas.base import encode
from schemas.errors import Malformed
from schemas.ticks import QuoteState

NEW_YORK = ZoneInfo("America/New_York")

# Texts near what is expected: numbers, padded, signed, blank, absurd, and anything at all.
texts = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.sampled_from(["", " ", "0", "0.0000", "-0.0", "+1.00", " 0.66", "1e999", "99991231", "235959", "00010101", "٣"]),
    st.text(alphabet=st.characters(exclude_characters="^|"), max_size=12),
)


def judged(reading: parse.Reading) -> None:
    made = parse.tick("GLD", reading, reading.base, "rest")
    for price in (made.last, made.base, made.open, made.high, made.low, made.bid, made.ask):
        assert price is None or price > 0
    assert (made.change_pct is not None) == (made.state is QuoteState.OK)
    assert (made.reason is None) == (made.state is QuoteState.OK)
    encode(made)


@given(st.dictionaries(st.sampled_from(["zdiv", "base", "last", "sign", "rate", "tvol", "open", "high", "low"]), texts))
@example({"zdiv": "2", "base": "10", "last": "\ud800"})  # half a character, which no encoder takes
def test_a_reply(output):
    judged(parse.from_price(output))
    judged(parse.from_detail(output))


@given(st.lists(texts, min_size=26, max_size=26))
def test_a_record(fields):
    [record] = parse.records("0|HDFSCNT0|001|" + "^".join(fields))
    judged(parse.from_execution(record, NEW_YORK))


@given(st.text(max_size=200))
def test_a_frame(frame):
    with suppress(Malformed):
        assert parse.records(frame)


@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["rt_cd", "msg_cd", "msg1", "error_code"]), st.none() | texts),
)
def test_an_envelope(status, body):
    error = error_in(status, body)
    assert error is None or isinstance(error, KisError)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["header", "body", "tr_id", "msg_cd"]), inner)
    ),
    max_leaves=8,
)


@given(st.one_of(st.binary(max_size=60), json_values.map(lambda value: json.dumps(value).encode())))
def test_a_message_of_the_socket(message):
    async def key() -> str:
        raise httpx.HTTPError("not asked")

    stream = Executions("ws://x", {"DAMSGLD": "GLD"}, key, MarketClock(), NEW_YORK, lambda: None, lambda *_: None)
    with suppress(Hangup):
        stream._received(message)
