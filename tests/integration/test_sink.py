"""The sink on a real Kafka and PostgreSQL: every record once, whatever ends or refuses in between."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.errors import CommitFailedError
from msgspec.structs import replace

from schemas.base import decoder, encode
from schemas.dead_letters import DeadLetter
from schemas.signals import SignalEvent
from schemas.ticks import Session
from schemas.topics import BARS, DEAD_LETTERS, SIGNALS, TICKS
from sinks.config import SinkConfig
from sinks.run import run
from tests.builders import BOOK, TRADE_DATE, at, batch, change, frame, opening, session
from tests.storing import append, bar, edge, rows, sink, stored_ids
from tests.support import eventually
from transport.kafka import Kafka, admin, ensure_topics, make_consumer


def ids(events: list[SignalEvent]) -> list[str]:
    return sorted(event.event_id for event in events)


async def committed(kafka: Kafka, namespace: str, topic: str, group: str = "sink") -> int | None:
    consumer = make_consumer(kafka, group_id=f"{namespace}.{group}")
    await consumer.start()
    try:
        found: int | None = await consumer.committed(TopicPartition(topic, 0))
        return found
    finally:
        await consumer.stop()


async def test_an_edge_becomes_a_row(kafka, namespace, database_url, tmp_path):
    event = edge(1)
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, SIGNALS, namespace, [event])
        await eventually(lambda: stored_ids(database_url))
    stored = await rows(
        database_url,
        """select namespace, lane, event_id, event_time, book, signal_type, subject, trade_date, session, state,
                  decision, is_actionable, signal_data, param_version, position, ordinal, ingest_time
             from signal_events""",
    )
    verdict = {"state": "ok", "decision": "ENTRY", "is_actionable": True, "suppressed_by": []}
    said = {
        "before": verdict | {"decision": "HOLD", "is_actionable": False, "suppressed_by": ["R1"]},
        "after": verdict,
        "data": {"gap": 1.62, "message": "뒤처진 쌍둥이"},
        "param_version": 3,
    }
    assert stored == [
        (namespace, "", event.event_id, event.event_time, "us", "twin_pairs", "coin", TRADE_DATE, "regular", "ok",
         "ENTRY", True, said, 3, 1, 0, event.ingest_time)
    ]  # fmt: skip
    assert await rows(database_url, "select signal_type from signal_types") == [("twin_pairs",)]
    assert await committed(kafka, namespace, SIGNALS.name(namespace)) == 1


async def test_a_crash_between_the_rows_and_the_offsets_repeats_and_doubles_nothing(
    kafka, namespace, database_url, tmp_path, monkeypatch
):
    events = [edge(number) for number in range(40)]
    await append(kafka, SIGNALS, namespace, events)
    with monkeypatch.context() as patch:
        patch.setattr(
            AIOKafkaConsumer, "commit", lambda *_: asyncio.Event().wait()
        )  # the rows are in, the offsets never
        async with sink(kafka, namespace, database_url, tmp_path, batch_max=15) as task:
            await eventually(lambda: stored_ids(database_url))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert await committed(kafka, namespace, SIGNALS.name(namespace)) is None
    assert len(await stored_ids(database_url)) == 15

    async with sink(kafka, namespace, database_url, tmp_path, batch_max=15):
        await eventually(lambda: _is(stored_ids(database_url), ids(events)))
    assert await committed(kafka, namespace, SIGNALS.name(namespace)) == 40


async def _is(found, wanted) -> bool:
    assert await found == wanted
    return True


async def test_refused_commits_are_borne(kafka, namespace, database_url, tmp_path, monkeypatch):
    """As after a session time-out: the group has gone on, the rows are there, reading goes on."""
    real, refusals = AIOKafkaConsumer.commit, iter(range(3))

    async def commit(consumer, offsets=None):
        if next(refusals, None) is not None:
            raise CommitFailedError("the group has rebalanced")
        await real(consumer, offsets)

    monkeypatch.setattr(AIOKafkaConsumer, "commit", commit)
    async with sink(kafka, namespace, database_url, tmp_path):
        for number in range(5):
            await append(kafka, SIGNALS, namespace, [edge(number)])
            await eventually(lambda n=number: _is(stored_ids(database_url), ids([edge(i) for i in range(n + 1)])))
    assert await committed(kafka, namespace, SIGNALS.name(namespace)) == 5


async def test_two_sinks_share_the_work_and_one_may_leave(kafka, namespace, database_url, tmp_path):
    events = [edge(number) for number in range(300)]
    async with sink(kafka, namespace, database_url, tmp_path):
        async with sink(kafka, namespace, database_url, tmp_path):
            await append(kafka, SIGNALS, namespace, events[:150])
            await append(kafka, BARS, namespace, [bar(number) for number in range(50)])
        await append(kafka, SIGNALS, namespace, events[150:])
        await eventually(lambda: _is(stored_ids(database_url), ids(events)))
        await eventually(lambda: _is(rows(database_url, "select count(*) from bars"), [(50,)]))


async def test_what_does_not_parse_goes_to_the_dead_letters(kafka, namespace, database_url, tmp_path):
    broken = [b"{", b"\xff\xfe", encode(bar(1)).replace(b'"open":10.0', b'"open":-1')]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, DEAD_LETTERS, namespace, [b"not a letter"])
        await append(kafka, SIGNALS, namespace, [edge(1), *broken[:2], edge(2)])
        await append(kafka, BARS, namespace, [bar(0), broken[2], bar(2)])
        found = await eventually(
            lambda: _count(
                rows(database_url, "select topic, record_offset, key, value, reason from dead_letters order by 1, 2"), 4
            )
        )
        await eventually(lambda: _is(stored_ids(database_url), ids([edge(1), edge(2)])))
        await eventually(lambda: _is(rows(database_url, "select count(*) from bars"), [(2,)]))
    assert [(topic.removeprefix(f"{namespace}."), offset, value) for topic, offset, _, value, _ in found] == [
        ("bars", 1, broken[2]),
        ("dead-letters", 0, b"not a letter"),
        ("signals", 1, broken[0]),
        ("signals", 2, broken[1]),
    ]
    assert found[0][4].startswith("open: expected ")
    assert all(key == b"k" for _, _, key, *_ in found)


async def _count(found, number):
    stored = await found
    return stored if len(stored) == number else None


async def test_a_row_that_postgresql_refuses_does_not_hold_up_the_others(kafka, namespace, database_url, tmp_path):
    refused = [
        edge(10, subject="a\0b"),
        edge(11, data={"message": "nul \0 in jsonb"}),
        edge(12, position=2**70),
        edge(13, signal_type=random.Random(1).randbytes(8_000).hex()),  # beyond what an index entry may hold
    ]
    events = [edge(1), *refused, edge(2)]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, SIGNALS, namespace, events)
        await append(kafka, BARS, namespace, [bar(0), bar(1, high=1.0), bar(2)])  # a high below the close
        await eventually(lambda: _is(stored_ids(database_url), ids([edge(1), edge(2)])))
        letters = await eventually(
            lambda: _count(rows(database_url, "select topic, record_offset, value from dead_letters"), 5)
        )
        await eventually(lambda: _is(rows(database_url, "select count(*) from bars"), [(2,)]))
    assert sorted(offset for topic, offset, _ in letters if topic.endswith("signals")) == [1, 2, 3, 4]
    decode = decoder(SignalEvent).decode
    kept = {decode(value).event_id for topic, _, value in letters if topic.endswith("signals")}
    assert kept == {event.event_id for event in refused}


async def test_one_letter_per_place_whoever_reports_it(kafka, namespace, database_url, tmp_path):
    reports = [
        DeadLetter(topic="t", partition=0, offset=7, reason=who, reported_by=who, reported_at=datetime.now(UTC))
        for who in ("gold", "bearish", "gold")
    ]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, DEAD_LETTERS, namespace, [*reports, replace(reports[0], offset=8)])
        await eventually(lambda: _count(rows(database_url, "select 1 from dead_letters"), 2))
    assert await rows(database_url, "select reported_by, position from dead_letters where record_offset = 7") == [
        ("gold", 0)
    ]


async def test_the_fuller_bar_stays(kafka, namespace, database_url, tmp_path):
    told = [bar(0, ticks=10, close=10.0), bar(0, ticks=60, close=11.0), bar(0, ticks=30, close=12.0), bar(1)]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, BARS, namespace, told)
        await eventually(lambda: _count(rows(database_url, "select 1 from bars"), 2))
    stored = await rows(
        database_url, "select world, source, book, symbol, interval, close, ticks from bars order by start_time limit 1"
    )
    assert stored == [(namespace, "line", "us", "GLD", "1m", 11, 60)]


async def test_edges_of_many_months_find_their_partitions(kafka, namespace, database_url, tmp_path):
    when = [datetime(2024, 11, 30, 23, 59, 59, 999000, tzinfo=UTC) + timedelta(days=30 * n) for n in range(20)]
    absurd = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
    events = [edge(n, when=time) for n, time in enumerate(when + absurd)]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, SIGNALS, namespace, events)
        await eventually(lambda: _is(stored_ids(database_url), ids(events)))
    if await rows(database_url, "select 1 from pg_partitioned_table where partrelid = 'signal_events'::regclass"):
        places = await rows(database_url, "select event_time, tableoid::regclass::text from signal_events order by 1")
        assert [name for _, name in places[1:-1]] == [f"signal_events_{time:%Y_%m}" for time in when]
        assert places[0][1] == places[-1][1] == "signal_events_default"


async def test_a_day_of_ticks_leaves_its_rows(kafka, namespace, database_url, tmp_path):
    day = [
        opening(Session.PRE, version=1),
        batch(frame("09:00", rest=50.0)),
        session(Session.REGULAR),
        batch(frame("09:30:01", rest=1.0), frame("09:30:02", rest=3.0)),
        b"not a record",
        change(version=2, replaces=1, confirm_sec=7),
        change(version=2, replaces=1, confirm_sec=8),  # the second of two: nobody obeys it
        batch(frame("09:31", rest=-2.0)),
    ]
    evening = [session(Session.AFTER), batch(frame("17:00", rest=50.0))]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, TICKS, namespace, day, key=b"us")
        found = await eventually(
            lambda: _count(
                rows(database_url, "select open, high, low, close, provisional from daily_ohlcv where close = 98"), 16
            )
        )
        assert set(found) == {(101, 103, 98, 98, True)}
        await append(kafka, TICKS, namespace, evening, key=b"us")
        found = await eventually(
            lambda: _count(
                rows(database_url, "select open, high, low, close from daily_ohlcv where not provisional"), 16
            )
        )
        assert set(found) == {(101, 103, 98, 98)}
    assert await rows(
        database_url,
        "select book, version, json -> 'confirm_sec', changed_by, position from parameter_sets order by version",
    ) == [("us", 1, 3.0, "opening", 0), ("us", 2, 7.0, "", 5)]
    assert await rows(
        database_url,
        "select world, book, trade_date, session, opens_at, closes_at, opening_offset, closing_offset, position,"
        " param_version, archive from trade_days",
    ) == [(namespace, BOOK.name, TRADE_DATE, "after", at("09:30"), at("16:00"), 0, None, 9, 2, "open")]


async def test_waits_for_topics_that_are_not_there_yet(kafka, namespace, database_url, tmp_path):
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(run(SinkConfig(kafka, namespace, database_url, tmp_path), stop, ready.set))
    await eventually(lambda: rows(database_url, "select 1 from schema_migrations"))
    assert not ready.is_set()
    await ensure_topics(kafka, namespace)
    await asyncio.wait_for(ready.wait(), 30)
    stop.set()
    await task


async def test_a_topic_that_is_made_anew_is_read_from_its_start(kafka, namespace, database_url, tmp_path):
    topic = SIGNALS.name(namespace)
    old, new = [edge(number) for number in range(20)], [edge(number) for number in range(20, 25)]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, SIGNALS, namespace, old)
        await eventually(lambda: _is(stored_ids(database_url), ids(old)))
        async with admin(kafka) as client:
            await client.delete_topics([topic])
            await eventually(lambda: _gone(client, topic))
        await append(kafka, SIGNALS, namespace, new)
        await eventually(lambda: _is(stored_ids(database_url), ids(old + new)), timeout_s=60)


async def _gone(client, topic: str) -> bool:
    return topic not in await client.list_topics()


async def test_history_that_went_by_retention_is_told(kafka, namespace, database_url, tmp_path, caplog):
    events = [edge(number) for number in range(20)]
    async with sink(kafka, namespace, database_url, tmp_path):
        await append(kafka, SIGNALS, namespace, events[:5])
        await eventually(lambda: _is(stored_ids(database_url), ids(events[:5])))
    await append(kafka, SIGNALS, namespace, events[5:])
    async with admin(kafka) as client:
        await client.delete_records({TopicPartition(SIGNALS.name(namespace), 0): RecordsToDelete(before_offset=12)})
    async with sink(kafka, namespace, database_url, tmp_path):
        await eventually(lambda: _is(stored_ids(database_url), ids(events[:5] + events[12:])))
    assert f"history lost place={namespace}.signals[0] expected=5 first=12" in caplog.text
