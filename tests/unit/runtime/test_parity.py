"""What counts as equal between what live said and what its replay says."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from runtime.backtests.parity import compare
from tests.builders import CATALOGUE, at, batch, frame, opening, pure_fold

FRAMES = [frame("10:00", rest=1.0), frame("10:00:05", rest=-4.0), frame("10:00:09", rest=-4.0)]
LIVE = pure_fold(enumerate([opening(), *map(batch, FRAMES)]), CATALOGUE)


def test_the_same_events_are_equal_wherever_they_stood():
    compared = compare(LIVE, [replace(event, position=event.position + 7, ingest_time=at("11:00")) for event in LIVE])
    assert compared.is_equal
    assert (compared.live, compared.replayed, compared.equal, compared.percent) == (len(LIVE),) * 3 + (100.0,)


def test_what_is_missing_extra_or_says_another_thing_is_told():
    other = replace(LIVE[0], event_id="0" * 32)
    changed = replace(LIVE[2], parameter_version=9)
    compared = compare(LIVE, [other, changed, *LIVE[3:]])
    assert not compared.is_equal
    assert compared.missing == LIVE[:2]
    assert compared.extra == [other]
    assert [(pair.live, pair.fields) for pair in compared.changed] == [(LIVE[2], ["parameter_version"])]
    assert compared.equal == len(LIVE) - 3
    assert compared.percent == pytest.approx(100 * (len(LIVE) - 3) / (len(LIVE) + 1))


def test_nothing_on_either_side_is_equal():
    assert compare([], []).is_equal
