"""The broker's way with numbers: texts, four decimals, an unsigned difference, a rate with a whim."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from schemas.base import milliseconds
from simulators.kis.fields import blanked, change, detail_fields, execution, price_fields
from simulators.trading import Quote

NEW_YORK = ZoneInfo("America/New_York")


def quote(last: float | None = 187.32, base: float | None = 186.10) -> Quote:
    at = datetime(2031, 3, 4, 10, 30, 1, tzinfo=NEW_YORK)
    return Quote(
        "AAPL", milliseconds(at), date(2031, 3, 4), last, base, 186.4, 188.0, 185.9, 187.30, 187.34, 300, 200, 25,
        1_200_345, 224_680_000.4, 500_100, 700_245, 40_120_033, "1",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("last", "base", "expected"),
    [
        pytest.param(187.32, 186.10, ("2", "1.2200", " 0.66"), id="up, even cents: a blank in front"),
        pytest.param(187.33, 186.10, ("2", "1.2300", "+0.66"), id="up, odd cents: a plus"),
        pytest.param(178.35, 186.10, ("5", "7.7500", "-4.16"), id="down: diff without its sign"),
        pytest.param(186.10, 186.10, ("3", "0.0000", " 0.00"), id="flat"),
        pytest.param(99.9999, 100.0, ("5", "0.0001", " 0.00"), id="no minus zero"),
        pytest.param(12.5, None, ("0", "0.0000", " 0.00"), id="the first day of a listing"),
    ],
)
def test_sign_diff_and_rate(last, base, expected):
    assert change(quote(last, base)) == expected


def test_every_value_of_a_call_is_a_text():
    price, detail = price_fields(quote(), "DNASAAPL"), detail_fields(quote(), "DNASAAPL")
    assert all(isinstance(value, str) for value in [*price.values(), *detail.values()])
    assert (price["last"], price["base"], price["tvol"]) == ("187.3200", "186.1000", "1200345")
    assert (detail["open"], detail["high"], detail["low"]) == ("186.4000", "188.0000", "185.9000")
    assert "rate" not in detail


def test_blanks_are_empty_texts_not_zeros():
    blank = blanked(price_fields(quote(), "DNASAAPL"))
    assert (blank["last"], blank["base"], blank["rate"]) == ("", "", "")
    assert blank["rsym"] == "DNASAAPL"


def test_an_execution_has_the_26_fields_of_the_sample():
    # the sample frame of the protocol notes, with its own volumes at bid and ask
    fields = execution(quote(), "DNASAAPL", NEW_YORK).split("^")
    assert len(fields) == 26
    assert fields[:8] == ["DNASAAPL", "AAPL", "4", "20310304", "20310304", "103001", "20310305", "003001"]
    assert fields[8:15] == ["186.4000", "188.0000", "185.9000", "187.3200", "2", "1.2200", " 0.66"]
    assert fields[15:] == ["187.3000", "187.3400", "300", "200", "25", "1200345", "224680000", "500100", "700245",
                           "140.02", "1"]  # fmt: skip


def test_a_listing_without_a_base_shows_zero_as_the_broker_does():
    assert price_fields(quote(12.5, None), "DNASX")["base"] == "0.0000"
