"""A look at bytes that anyone may have written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.preview import BLURRED, HEAD_BYTES, LONGEST, preview, readable

SECRET = "PSx7Qk2mVw9-PSx7Qk2mVw9"


def look(value: bytes | None, *secrets: str) -> tuple[str, str | None, bool]:
    """As the route does it: the database gives the head of the value and its size."""
    return preview(value and value[:HEAD_BYTES], None if value is None else len(value), secrets)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, ("none", None, False)),
        (b"", ("text", "", False)),
        ("금 +1.2%\n".encode(), ("text", "금 +1.2%\n", False)),
        (b"<script>alert(1)</script>", ("text", "<script>alert(1)</script>", False)),
        (b"\xff\xfe", ("bytes", None, False)),
        (b"PK\x03\x04", ("bytes", None, False)),
        (b"\x1b[31mred", ("bytes", None, False)),
        ("금".encode()[:2], ("bytes", None, False)),
        ("a\u202eb\u200b\x7f".encode(), ("text", "a\\u202eb\\u200b\\x7f", False)),
        (b'{"appkey":"abc","x":1}', ("text", '{"appkey":***,"x":1}', False)),
        (b"y" * 10 + b" " * LONGEST, ("text", "y" * 10 + " " * (LONGEST - 10), True)),
    ],
)
def test_what_is_shown_of_a_value(value: bytes | None, wanted: tuple[str, str | None, bool]) -> None:
    assert look(value) == wanted


def test_a_letter_that_the_head_cuts_is_no_fault() -> None:
    content, shown, cut = look(("a" + "금 " * HEAD_BYTES).encode())
    assert (content, cut) == ("text", True)
    assert shown is not None
    assert shown.startswith("a금 금")


def test_secrets_of_this_server_are_hidden_also_where_a_text_ends_within_them() -> None:
    assert readable(f"got {SECRET}!", [SECRET]) == "got ***!"
    for length in range(12, len(SECRET)):
        assert SECRET[:12] not in readable(f"got '{SECRET[:length]}…", [SECRET])


@given(before=st.integers(0, HEAD_BYTES + 10), stars=st.integers(0, 60))
def test_half_a_secret_at_the_end_of_the_head_is_not_shown(before: int, stars: int) -> None:
    # Values that are hidden make the head shorter: what stood at its end may come into view.
    hidden = f'"token":"{"x" * 60}",' * stars
    text = (hidden + " " * before)[: HEAD_BYTES - 20] + SECRET + " " * 5000
    _, shown, _ = look(text.encode(), SECRET)
    assert shown is not None
    assert SECRET[:6] not in shown


@given(st.binary(max_size=400))
def test_any_bytes_are_told_without_an_error(value: bytes) -> None:
    content, shown, _ = look(value)
    assert (content == "text") is (shown is not None)
    assert len(shown or "") <= LONGEST
    assert all(letter.isprintable() or letter in "\t\n" for letter in shown or "")


def test_the_blur_is_wider_than_any_secret_of_ours() -> None:
    assert BLURRED > 180  # the app secret of KIS
