"""Faults: how they are written down, whom they hit, when they are over."""

import pytest

from schemas.errors import ConfigError
from simulators.kis.faults import KNOWN, Faults, fault_of, parse_fault


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("timeout", {"name": "timeout"}),
        ("dropped_socket", {"name": "dropped_socket", "count": 1}),
        ("dropped_socket:duration_s=30", {"name": "dropped_socket", "duration_s": 30.0}),
        ("zero_price:gld, 3", {"name": "zero_price", "symbol": "GLD", "count": 3}),
        ("wrong_exchange:CONL,to=AMS", {"name": "wrong_exchange", "symbol": "CONL", "to": "AMS"}),
        ("http_500:path=/oauth2/,count=2", {"name": "http_500", "path": "/oauth2/", "count": 2}),
    ],
)
def test_reads_what_the_command_line_says(text, fields):
    assert parse_fault(text).public() == fields


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flood", "expected one of 429"),
        ("timeout:count=x", "expected numbers"),
        ("timeout:colour=red", "colour"),
    ],
)
def test_refuses_what_it_does_not_know(text, says):
    with pytest.raises(ConfigError, match=says):
        parse_fault(text)


def test_every_fault_says_what_it_does():
    assert all(about for about, _ in KNOWN.values())


def test_a_count_is_used_up_by_those_it_is_for():
    faults = Faults(lambda: 0, ["zero_price:GLD,2"])
    assert faults.take("zero_price", "SPY") is None
    assert [faults.take("zero_price", "GLD") is not None for _ in range(3)] == [True, True, False]
    assert faults.active == []


def test_a_duration_is_market_time():
    now = [5_000]
    faults = Faults(lambda: now[0], ["silent_socket:duration_s=10"])
    now[0] += 9_999
    assert faults.find("silent_socket")
    now[0] += 1
    assert faults.find("silent_socket") is None


def test_calls_are_hit_by_path():
    faults = Faults(lambda: 0, ["http_500"])
    assert faults.find("http_500", None, "/uapi/overseas-price/v1/quotations/price")
    assert faults.find("http_500", None, "/oauth2/tokenP") is None
    faults.add(fault_of({"name": "http_500", "path": "/oauth2/tokenP"}))
    assert faults.find("http_500", None, "/oauth2/tokenP")


def test_clears_one_or_all():
    faults = Faults(lambda: 0, ["timeout", "zero_price"])
    faults.clear("timeout")
    assert [fault.name for fault in faults.active] == ["zero_price"]
    faults.clear()
    assert faults.active == []
