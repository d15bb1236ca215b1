"""The producer's own words about its feed, as `ptj ps` shows them."""

from __future__ import annotations

import json

import pytest

from runtime.feed import feed_words, status_file
from runtime.places import Home

STATUS = {
    "pid": 7, "feed": "websocket", "broker": "ok", "kafka": "ok", "reason": None, "trade_date": "2026-11-23",
    "session": "regular", "tickers": [{"symbol": "GLD", "state": "ok"}, {"symbol": "SPY", "state": "missing"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "websocket, 1 of 2 symbols, 2026-11-23 regular"),
        ({"trade_date": None}, "websocket, 1 of 2 symbols"),
        (
            {"broker": "unreachable", "reason": "no route"},
            "websocket, 1 of 2 symbols, 2026-11-23 regular, broker unreachable, no route",
        ),
        ({"kafka": "away"}, "websocket, 1 of 2 symbols, 2026-11-23 regular, kafka away"),
        ({"pid": 8}, ""),  # what a former producer left
        ({"tickers": None}, ""),
    ],
)
def test_the_status_in_a_few_words(tmp_path, change, words):
    home = Home(tmp_path)
    home.create()
    status_file(home).write_text(json.dumps(STATUS | change))
    assert feed_words(home, 7) == words


@pytest.mark.parametrize("text", [None, "", "[]", "{"])
def test_no_status_says_nothing(tmp_path, text):
    home = Home(tmp_path)
    home.create()
    if text is not None:
        status_file(home).write_text(text)
    assert feed_words(home, 7) == ""
