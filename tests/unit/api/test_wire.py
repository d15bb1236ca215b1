"""Ids and bytes of server-sent events."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.wire import START, EventId, events_of, parse_id, places, shown_id, signal_frame, sse
from schemas.base import encode
from tests.serving import event


@given(st.integers(0, 2**62), st.integers(0, 10**6), st.text("0123456789abcdef", min_size=1, max_size=32))
def test_an_id_reads_back(offset: int, n: int, start: str) -> None:
    at = EventId(offset, n, start)
    assert parse_id(shown_id(at)) == at
    assert shown_id(START) == "start"
    assert parse_id("start") == START


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.", "1.2.xyz", "-1.0.ab", "1.0.ab\n2", "1.0.AB", "9" * 20 + ".0.ab", "١.0.ab"]
)
def test_what_is_no_id_is_told_apart(text: str) -> None:
    assert parse_id(text) is None


@given(st.text())
def test_any_text_is_an_id_or_not_and_never_an_error(text: str) -> None:
    parse_id(text)


def test_a_message_holds_one_event_or_many() -> None:
    one, two = event(1), event(2)
    assert events_of(encode(one)) == [one]
    assert events_of(encode([one, two])) == [one, two]
    assert events_of(None) == []
    with pytest.raises(msgspec.DecodeError):
        events_of(b'{"kind": "end"}')


def test_events_of_other_books_keep_their_places() -> None:
    ours, other = event(1), replace(event(2), book="kr")
    assert [at.n for at, _ in places(7, [other, ours, other, ours], "us")] == [1, 3]


def test_texts_cannot_break_the_frame() -> None:
    nasty = replace(event(1), data={"message": "a\n\nevent: fake\r\ndata: x"}, subject="x\ny")
    frame = signal_frame(EventId(3, 0, "ab"), nasty, "demo")
    assert frame.count(b"\n") == 4
    assert b"\r" not in frame
    assert frame.startswith(b"id: 3.0.ab\nevent: signal\ndata: {")
    assert sse("status", b"{}") == b"event: status\ndata: {}\n\n"
