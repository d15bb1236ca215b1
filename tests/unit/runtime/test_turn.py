"""Two processes of one kind and slot: the second is told."""

from __future__ import annotations

import os

import pytest

from runtime.turn import take
from schemas.errors import ConfigError


def test_the_second_of_a_slot_is_told_who_was_first(tmp_path):
    first = take(tmp_path, "sink-demo-0")
    with pytest.raises(ConfigError, match=rf"sink.*pid {os.getpid()}.*--slot"):
        take(tmp_path, "sink-demo-0")
    other = take(tmp_path, "sink-demo-1")
    first.close()
    take(tmp_path, "sink-demo-0").close()
    other.close()


def test_a_book_has_one_producer_and_no_slot_to_choose(tmp_path):
    with take(tmp_path, "producer-demo"), pytest.raises(ConfigError, match="producer") as told:
        take(tmp_path, "producer-demo")
    assert "--slot" not in str(told.value)
