"""What the broker's text becomes: readings, ticks, and states where there is no number to be had."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from producers.kis import parse
from producers.kis.parse import Reading, from_detail, from_execution, from_price, judge, number, records, tick
from schemas.errors import Malformed
from schemas.ticks import QuoteState

NEW_YORK = ZoneInfo("America/New_York")


def price_output(**changed: str) -> dict[str, str]:
    """A reply of the price call, in the shape of the broker's samples."""
    output = {
        "rsym": "DNASAAPL", "zdiv": "4", "base": "186.1000", "pvol": "40120033", "last": "187.3200", "sign": "2",
        "diff": "1.2200", "rate": " 0.66", "tvol": "1200345", "tamt": "224680000", "ordy": "매매 가능",
    }  # fmt: skip
    return output | changed


EXAMPLE = (  # in the shape of the broker's samples
    "DNASAAPL^AAPL^4^20310304^20310304^103001^20310305^003001^186.4000^188.0000^185.9000^187.3200^2^1.2200^+0.66^"
    "187.3000^187.3400^300^200^25^1200345^224680000^500100^600200^120.00^1"
)


def execution(**changed: str) -> str:
    """A record of the execution stream."""
    values = dict(zip(parse.FIELDS, EXAMPLE.split("^"), strict=True))
    return "^".join((values | changed).values())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("187.3200", 187.32),
        (" 0.66", 0.66),
        ("+5.61", 5.61),
        ("-4.17", -4.17),
        ("", None),
        ("   ", None),
        ("-", None),
        ("N/A", None),
        ("nan", None),
        ("inf", None),
        ("1_000", None),
        (None, None),
    ],
)
def test_numbers_come_as_text_and_may_be_none(text, value):
    assert number(text) == value


def test_a_price_reply_becomes_a_tick():
    reading = from_price(price_output())
    made = tick("AAPL", reading, reading.base, "rest")
    # (187.32 - 186.10) / 186.10 = 0.6556 %
    assert (made.state, made.last, made.base, made.change_pct, made.volume) == (
        "ok",
        187.32,
        186.1,
        0.66,
        1200345,
    )
    assert made.open is None, "the price call tells no open"


@pytest.mark.parametrize("field", ["last", "base"])
@pytest.mark.parametrize("text", ["", "   ", "0", "0.0000", "-1.0", "N/A", "nan"])
def test_a_price_that_is_none_makes_the_quote_missing(field, text):
    reading = from_price(price_output(**{field: text}))
    made = tick("AAPL", reading, reading.base, "rest")
    assert (made.state, made.change_pct) == (QuoteState.MISSING, None)
    assert getattr(made, field) is None
    assert made.reason is not None
    assert made.reason.startswith(f"{field}: expected a number > 0, received")


def test_a_blank_volume_hides_nothing_but_itself():
    reading = from_price(price_output(tvol=""))
    assert tick("AAPL", reading, reading.base, "rest").state is QuoteState.OK
    assert reading.volume is None


@pytest.mark.parametrize(
    ("last", "base", "rate", "state", "change"),
    [
        pytest.param(100.0, 100.0, 0.0, "ok", 0.0, id="flat"),
        pytest.param(99.999, 100.0, -0.0, "ok", 0.0, id="minus zero is zero"),
        pytest.param(101.0, 100.0, None, "ok", 1.0, id="no rate to compare with"),
        pytest.param(101.0, 100.0, 1.05, "ok", 1.0, id="apart by the tolerance"),
        pytest.param(101.0, 100.0, 1.06, "suspect", None, id="apart by more"),
        pytest.param(101.0, 100.0, -1.0, "suspect", None, id="the other direction"),
        pytest.param(161.0, 100.0, 61.0, "ok", 61.0, id="absurd but confirmed"),
        pytest.param(161.0, 100.0, None, "suspect", None, id="absurd and unconfirmed"),
        pytest.param(39.0, 100.0, 50.0, "suspect", None, id="absurd and contradicted: a split left a stale base"),
        pytest.param(160.0, 100.0, None, "ok", 60.0, id="at the limit of absurdity"),
        pytest.param(None, 100.0, None, "missing", None, id="no price"),
        pytest.param(100.0, None, 1.0, "missing", None, id="no base"),
    ],
)
def test_judges_a_quote(last, base, rate, state, change):
    found, change_pct, reason = judge(Reading(last=last, base=base, rate=rate), base)
    assert (found, change_pct) == (state, change)
    assert (reason is None) == (state == "ok")
    assert str(change_pct) != "-0.0"


@pytest.mark.parametrize(
    ("rate", "sign", "read"),
    [("4.17", "5", -4.17), ("-4.17", "5", -4.17), ("4.17", "2", 4.17), ("0.00", "3", 0.0)],
)
def test_a_rate_without_a_sign_takes_that_of_the_sign_code(rate, sign, read):
    assert from_price(price_output(rate=rate, sign=sign)).rate == read


def test_prices_are_rounded_as_the_reply_says():
    assert from_price(price_output(zdiv="2", last="187.3266")).last == 187.33
    assert from_price(price_output(zdiv="", last="187.326666")).last == 187.3267  # 4 where it does not say


def test_the_detail_call_adds_the_prices_of_the_day():
    reading = from_detail(price_output(open="186.4000", high="188.0000", low="", curr="USD"))
    assert (reading.open, reading.high, reading.low, reading.last) == (186.4, 188.0, None, 187.32)


def test_prices_of_the_day_are_widened_by_a_newer_last():
    day = Reading(last=10.0, base=9.0, open=9.5, high=10.5, low=9.4)
    assert tick("A", Reading(last=11.0, base=9.0), 9.0, "rest", day).high == 11.0
    assert tick("A", Reading(last=9.2, base=9.0), 9.0, "rest", day).low == 9.2


def test_an_execution_becomes_a_reading():
    [record] = records(f"0|HDFSCNT0|001|{execution()}")
    reading = from_execution(record, NEW_YORK)
    assert (reading.last, reading.base, reading.rate) == (187.32, 186.1, 0.66)  # base = 187.32 - 1.22
    assert (reading.bid, reading.ask, reading.volume) == (187.30, 187.34, 1200345)
    # 2031-03-04 10:30:01 New York, which is UTC-5 then: the KST columns say 00:30:01 on the 5th, UTC+9
    assert reading.traded_at == datetime(2031, 3, 4, 15, 30, 1, tzinfo=UTC)


def test_an_execution_that_fell_has_a_base_above_its_last():
    [record] = records(f"0|HDFSCNT0|001|{execution(SIGN='5', RATE='-0.65')}")
    assert from_execution(record, NEW_YORK).base == 188.54  # 187.32 + 1.22


@pytest.mark.parametrize("last", ["", "0", "0.0000", "x"])
def test_an_execution_without_a_price_is_missing(last):
    [record] = records(f"0|HDFSCNT0|001|{execution(LAST=last)}")
    reading = from_execution(record, NEW_YORK)
    assert reading.last is None
    assert tick("AAPL", reading, 186.1, "websocket").state is QuoteState.MISSING


@pytest.mark.parametrize(("xymd", "xhms"), [("", ""), ("20310304", ""), ("20311399", "103001"), ("20310304", "250000")])
def test_a_time_that_is_none_is_none(xymd, xhms):
    [record] = records(f"0|HDFSCNT0|001|{execution(XYMD=xymd, XHMS=xhms)}")
    assert from_execution(record, NEW_YORK).traded_at is None


def test_several_records_stand_in_a_frame_without_a_separator():
    frame = f"0|HDFSCNT0|003|{execution()}^{execution(SYMB='MSFT')}^{execution(SYMB='TSLA')}"
    assert [record["SYMB"] for record in records(frame)] == ["AAPL", "MSFT", "TSLA"]


def test_fields_appended_to_every_record_are_passed_over():
    frame = f"0|HDFSCNT0|002|{execution()}^new^{execution(SYMB='MSFT')}^new"
    assert [record["SYMB"] for record in records(frame)] == ["AAPL", "MSFT"]


@pytest.mark.parametrize(
    ("frame", "field"),
    [
        (f"1|HDFSCNT0|001|{execution()}", "flag"),  # encrypted: only notices are
        (f"0|H0STCNT0|001|{execution()}", "tr_id"),
        (f"0|HDFSCNT0|000|{execution()}", "count"),
        (f"0|HDFSCNT0|x|{execution()}", "count"),
        (f"0|HDFSCNT0|002|{execution()}", "payload"),
        (f"0|HDFSCNT0|002|{execution()}^1", "payload"),
        ("0|HDFSCNT0|001|DNASAAPL^AAPL", "payload"),
        ("0|HDFSCNT0", "frame"),
        ("", "frame"),
    ],
)
def test_a_frame_that_does_not_parse_says_where(frame, field):
    with pytest.raises(Malformed) as error:
        records(frame)
    assert error.value.field == field


@pytest.mark.parametrize("output", [{"last": "1"}, [{"last": "1"}, {"last": "2"}]])
def test_output_may_be_an_object_or_an_array(output):
    assert parse.first_object(output) == {"last": "1"}


@pytest.mark.parametrize("output", [None, "", [], "text", 3, [3]])
def test_output_may_be_nothing(output):
    assert parse.first_object(output) == {}
