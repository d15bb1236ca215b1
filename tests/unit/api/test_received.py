"""The name that a writer gives."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from api.errors import ApiError
from api.received import name_of


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (None, "api"),
        ("", "api"),
        ("%20", "api"),
        ("Jane", "Jane"),
        ("Jane Doe", "Jane Doe"),
        (quote(" 김철수 "), "김철수"),
        (quote("가" * 60), "가" * 60),
        ("100%25", "100%"),
        ("a+b", "a+b"),
    ],
)
def test_a_name_is_what_was_meant(given: str | None, name: str) -> None:
    assert name_of(given) == name


@pytest.mark.parametrize(
    "given",
    [
        "x" * 61,
        quote("가" * 61),
        "a%0Ab",
        "a%00",
        "a%1B[31m",
        quote("a\u202eb"),
        quote("a\u2028b"),
        "%",
        "%zz",
        "%ff",
        "%EA%B8",
        "김",
        "\xea\xb9\x80",  # the bytes of 김, as a header that is not encoded arrives
    ],
)
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(ApiError) as raised:
        name_of(given)
    assert raised.value.status == 422
    assert [fault["field"] for fault in raised.value.details["faults"]] == ["Changed-By"]
