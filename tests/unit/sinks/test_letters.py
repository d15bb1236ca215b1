"""What becomes of rows that cannot be stored, and of errors that only say: wait."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from schemas.base import decoder, encode
from schemas.dead_letters import DeadLetter
from schemas.errors import Unavailable
from sinks.database import Backoff, Refused, sorted_errors
from sinks.sink import letter
from transport.kafka import MAX_RECORD_BYTES


@pytest.mark.parametrize("size", [0, 599_000, 1_048_576])
def test_a_letter_fits_into_one_record(size):
    record = SimpleNamespace(topic="live.signals", partition=0, offset=7, key=b"k", value=b"\xff" * size)
    told = letter(record, "value: expected JSON")
    assert len(encode(told)) < MAX_RECORD_BYTES
    if size < 600_000:
        assert decoder(DeadLetter).decode(encode(told)).value == record.value
    else:
        assert told.value is None
        assert told.reason == "value: expected JSON (1048576 bytes, left where they are)"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        pytest.param(psycopg.errors.UntranslatableCharacter("nul in jsonb"), Refused, id="a value it cannot hold"),
        pytest.param(psycopg.errors.CheckViolation("high below low"), Refused, id="a check"),
        pytest.param(psycopg.errors.ProgramLimitExceeded("index row too large"), Refused, id="a row beyond its limits"),
        pytest.param(UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogate"), Refused, id="half a character"),
        pytest.param(psycopg.errors.AdminShutdown("going down"), Unavailable, id="a server that stops"),
        pytest.param(psycopg.errors.DiskFull("no space"), Unavailable, id="a full disk"),
        pytest.param(psycopg.errors.DeadlockDetected("deadlock"), Unavailable, id="a deadlock"),
        pytest.param(psycopg.errors.ReadOnlySqlTransaction("standby"), Unavailable, id="a standby"),
        pytest.param(PoolTimeout("no connection in 5 s"), Unavailable, id="no connection to be had"),
        pytest.param(ConnectionResetError("reset"), Unavailable, id="a connection that was cut"),
        pytest.param(psycopg.errors.UndefinedColumn("no such column"), psycopg.ProgrammingError, id="a fault of ours"),
    ],
)
def test_errors_are_sorted_by_remedy(error, expected):
    with pytest.raises(expected), sorted_errors():
        raise error


async def test_a_pause_is_cut_short_by_the_stop():
    stop = asyncio.Event()
    away = Backoff("postgresql", stop, longest_s=60)
    stop.set()
    clock = asyncio.get_running_loop()
    before = clock.time()
    for _ in range(20):
        await away.pause(Unavailable("away"))
    assert clock.time() - before < 1
