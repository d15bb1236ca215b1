"""Reading a record: what fits is taken, what does not is named so that a person can mend it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from schemas.base import Frozen, UtcTime, decoder, encode, from_milliseconds, milliseconds, parse
from schemas.dead_letters import DeadLetter
from schemas.errors import Malformed
from schemas.quotes import Bar
from schemas.ticks import End, FrameBatch, TickRecord

TICKS = decoder(TickRecord)
WHERE = "live.ticks[2]@1841"
NOON = "2026-02-13T17:00:00Z"


def frames(frame: dict[str, Any] | None = None, **tick: Any) -> bytes:
    """A batch of one frame of one tick, with `frame` and `tick` laid over what is right."""
    ticks = [{"symbol": "GLD", "state": "ok", **tick}]
    whole = {"book": "us", "event_time": NOON, "ingest_time": NOON, "ticks": ticks, **(frame or {})}
    return json.dumps({"kind": "frames", "book": "us", "frames": [whole]}).encode()


def without(record: bytes, *path: str | int) -> bytes:
    whole = json.loads(record)
    inner = whole
    for part in path[:-1]:
        inner = inner[part]
    del inner[path[-1]]
    return json.dumps(whole).encode()


PRICE = "a number > 0 or null"
TIME = "a time with a zone, like 2026-02-13T14:30:00Z"
KINDS = "one of frames, parameters, session, end"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (frames(last=0), f"frames[0].ticks[0].last: expected {PRICE}, received 0"),
        (frames(last=-1.5), f"frames[0].ticks[0].last: expected {PRICE}, received -1.5"),
        (frames(last=""), f'frames[0].ticks[0].last: expected {PRICE}, received ""'),
        (frames(last="12.5"), f'frames[0].ticks[0].last: expected {PRICE}, received "12.5"'),
        (frames(last=True), f"frames[0].ticks[0].last: expected {PRICE}, received True"),
        (frames(volume=1.5), "frames[0].ticks[0].volume: expected a whole number or null, received 1.5"),
        (frames(carried="no"), 'frames[0].ticks[0].carried: expected true or false, received "no"'),
        (frames(symbol=5), "frames[0].ticks[0].symbol: expected text, received 5"),
        (
            frames(state="great"),
            'frames[0].ticks[0].state: expected one of missing, ok, stale, suspect, received "great"',
        ),
        (
            frames({"event_time": "2026-02-13T17:00:00"}),
            f'frames[0].event_time: expected {TIME}, received "2026-02-13T1',
        ),
        (frames({"event_time": "noon"}), f'frames[0].event_time: expected {TIME}, received "noon"'),
        (frames({"event_time": 1771000000}), f"frames[0].event_time: expected {TIME}, received 1771000000"),
        (frames({"ticks": {}}), "frames[0].ticks: expected a list, received {}"),
        (without(frames(), "frames", 0, "book"), "frames[0].book: expected text, received nothing"),
        (without(frames(), "kind"), f"kind: expected {KINDS}, received nothing"),
        (b'{"kind":"quotes"}', f'kind: expected {KINDS}, received "quotes"'),
        (b'{"kind":7}', f"kind: expected {KINDS}, received 7"),
        (b"[]", "value: expected an object, received []"),
        (b"null", "value: expected an object, received"),
        (b'{"kind":"end","book":"us","v":1.5}', "v: expected a whole number, received 1.5"),
        (
            b'{"kind":"session","book":"us","trade_date":"2026-02-30"}',
            'trade_date: expected a date, like 2026-02-13, received "2026-02-30"',
        ),
        (
            b'{"kind":"session","book":"us","trade_date":"2026-02-13","session":"lunch"}',
            'session: expected one of after, closed, pre, regular, received "lunch"',
        ),
        (
            b'{"kind":"parameters","book":"us","version":2,"replaces":1,"parameters":{"stop_loss_pct":"3"}}',
            'parameters.stop_loss_pct: expected a number from -50 to -0.1 or null, received "3"',
        ),
        (
            b'{"kind":"parameters","book":"us","version":2,"replaces":1,"parameters":{"confirm_sec":-1}}',
            "parameters.confirm_sec: expected a number from 0 to 600, received -1",
        ),
    ],
)
def test_names_the_field_what_was_expected_and_what_came(record, said):
    with pytest.raises(Malformed) as raised:
        parse(TICKS, record, WHERE)
    assert str(raised.value).startswith(said)
    assert str(raised.value).endswith(f"({WHERE})")


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="not text"),
        pytest.param(b'{"kind":"end","book":', id="cut off"),
        pytest.param(frames(last=float("nan")), id="NaN, which JSON does not have"),
        pytest.param(frames(last=float("inf")), id="Infinity"),
        pytest.param(b'{"kind":"end","book":"us"} trailing', id="something behind it"),
        pytest.param(b'{"kind":"end","book":"us","x":' + b"[" * 100_000, id="too deep"),
    ],
)
def test_says_where_json_ends_to_be_json(record):
    with pytest.raises(Malformed, match=r"^value: expected JSON \(.+\), received"):
        parse(TICKS, record, WHERE)


def test_a_number_too_great_is_named_too():
    with pytest.raises(Malformed, match="v: expected a whole number, received b"):
        parse(TICKS, b'{"kind":"end","book":"us","v":1e999}', WHERE)


def test_a_tombstone_is_not_a_record():
    with pytest.raises(Malformed, match="value: expected a JSON object, received None"):
        parse(TICKS, None, WHERE)


def test_the_parts_of_the_error_are_kept_for_programs():
    with pytest.raises(Malformed) as raised:
        parse(TICKS, frames(last=0), WHERE)
    error = raised.value
    assert (error.field, error.received, error.where) == ("frames[0].ticks[0].last", 0, WHERE)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(Malformed) as raised:
        parse(TICKS, frames(state="x" * 5000), WHERE)
    assert len(str(raised.value)) < 250


def test_fields_that_are_not_known_are_ignored():
    record = json.loads(frames(added="later", last=12.5))
    record["also_added"] = {"deep": [1]}
    batch = parse(TICKS, json.dumps(record).encode(), WHERE)
    assert type(batch) is FrameBatch
    assert batch.frames[0].ticks[0].last == 12.5


def test_other_zones_read_as_the_same_moment_in_utc():
    """13:30 in New York, which is UTC-5 in February, is 18:30 UTC."""
    batch = parse(TICKS, frames({"event_time": "2026-02-13T13:30:00.250-05:00"}), WHERE)
    assert batch.frames[0].event_time == datetime(2026, 2, 13, 18, 30, 0, 250_000, UTC)


def test_a_type_without_a_schema_still_says_something():
    class Odd(Frozen):
        value: dict[tuple[int, int], int]  # keys that no JSON Schema can describe

    with pytest.raises(Malformed, match="value: expected"):
        parse(decoder(Odd), b'{"value": 5}', WHERE)


def test_an_optional_struct_is_told_as_what_it_is():
    class Holder(Frozen):
        end: End | None
        when: UtcTime

    with pytest.raises(Malformed, match="end: expected an object or null, received 5"):
        parse(decoder(Holder), b'{"end": 5}', WHERE)
    with pytest.raises(Malformed, match=r"end\.book: expected text, received 5"):
        parse(decoder(Holder), b'{"end": {"kind": "end", "book": 5}}', WHERE)


def test_values_of_a_map_and_base64_are_told_too():
    class Named(Frozen):
        by_symbol: dict[str, int]

    with pytest.raises(Malformed, match=r"by_symbol\[\.\.\.\]: expected a whole number, received"):
        parse(decoder(Named), b'{"by_symbol": {"GLD": "x"}}', WHERE)
    with pytest.raises(Malformed, match="key: expected base64 text or null"):
        parse(decoder(DeadLetter), _letter(key="%%%"), WHERE)


def _letter(**fields: Any) -> bytes:
    whole = {"topic": "t", "partition": 0, "offset": 1, "reason": "", "reported_by": "", "reported_at": NOON}
    return json.dumps({**whole, **fields}).encode()


def test_frozen_means_frozen_also_for_children():
    with pytest.raises(AttributeError):
        End(book="us").book = "kr"  # type: ignore[misc]
    assert issubclass(Bar, msgspec.Struct)


@pytest.mark.parametrize("ms", [0, 1, 999, 1_771_000_000_250, 1_771_000_000_001])
def test_milliseconds_come_back_as_the_same_time(ms):
    assert milliseconds(from_milliseconds(ms)) == ms
    assert from_milliseconds(ms).tzinfo is UTC


def test_encodes_a_missing_price_as_missing_not_as_zero():
    batch = parse(TICKS, frames(state="missing"), WHERE)
    assert b'"last"' not in encode(batch)
