"""Agents on a real broker say what the pure fold says, through restarts, losses and records that do not parse."""

from __future__ import annotations

from itertools import islice

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from processors.fold import load_rules
from schemas.base import decoder, encode
from schemas.catalogue import SignalType, load_catalogue
from schemas.errors import ConfigError
from schemas.signals import DAY, DayView, SignalView
from schemas.topics import QUOTES, TICKS, VIEWS
from tests.builders import BOOK, at, batch, change, frame, opening, pure_fold
from tests.line import events_of, letters_of, market, processor, publish, ticks_of, until_folded
from tests.support import eventually
from transport.kafka import admin, ensure_topics, newest_by_key


@pytest.fixture
async def topics(kafka, namespace):
    await ensure_topics(kafka, namespace)
    return namespace


@pytest.mark.parametrize("stock", [False, True], ids=["chunks", "stock Faust"])
async def test_events_are_those_of_the_pure_fold(kafka, topics, tmp_path, stock):
    await publish(kafka, topics, islice(market(600), 200))
    async with processor(kafka, topics, tmp_path, stock=stock):
        await publish(kafka, topics, islice(market(600), 200, None))
        await until_folded(kafka, topics)


async def test_a_restart_goes_on_where_the_states_end(kafka, topics, tmp_path):
    records = list(market(900))
    for start in range(0, len(records), 300):
        async with processor(kafka, topics, tmp_path):
            await publish(kafka, topics, records[start : start + 300])
            await until_folded(kafka, topics)
    said = [event.event_id for event in await events_of(kafka, topics)]
    assert len(said) == len(set(said)), "a clean stop repeats nothing"


async def test_views_quotes_and_day_show_the_newest_snapshot(kafka, topics, tmp_path):
    await publish(kafka, topics, market(100))
    async with processor(kafka, topics, tmp_path):
        await until_folded(kafka, topics)
        views: dict[bytes, bytes] = {}

        async def complete() -> bool:
            views.update(await newest_by_key(kafka, VIEWS.name(topics)))
            return len(views) == 1 + 3 + 1 + 16 + 1 + 1 + 1  # gold, pairs, conditional, stops, bearish, gate, #day

        await eventually(complete)
        gold = decoder(SignalView).decode(views[b"us:gold:GLD"])
        day = decoder(DayView).decode(views[b"us:" + DAY.encode()])
        assert gold.verdict is not None
        assert gold.parameter_version == 1
        assert (day.opening_offset, day.version, day.trade_date) == (0, 1, gold.trade_date)
        assert len(await newest_by_key(kafka, QUOTES.name(topics))) == len(BOOK.symbols)


async def test_a_record_that_does_not_parse_is_set_aside_once_and_the_stream_goes_on(kafka, topics, tmp_path):
    records = list(market(200))
    other_book = encode(batch(frame("10:30", book=BOOK))).replace(b'"us"', b'"kr"')
    bad = [b"\xff\x00 no JSON", b'{"kind":"frames","book":"us"}', other_book]
    await publish(kafka, topics, [*records[:50], *bad, *records[50:]])
    async with processor(kafka, topics, tmp_path):
        await until_folded(kafka, topics)
    letters = await letters_of(kafka, topics)
    assert [(letter.topic, letter.offset, letter.value) for letter in letters] == [
        (TICKS.name(topics), 50 + at, value) for at, value in enumerate(bad)
    ]
    assert [letter.reason.split(":")[0] for letter in letters] == ["value", "frames", "key"]


async def test_a_change_of_parameters_counts_from_one_position_for_every_agent(kafka, topics, tmp_path):
    records = list(market(300, lively=2))
    wider = change(2, 1, confirm_sec=0, stop_loss_pct=-1.0, pair_gap_entry_threshold=4.0)
    loser = change(2, 1, confirm_sec=0, stop_loss_pct=-40.0)
    await publish(kafka, topics, [*records[:150], wider, loser, *records[150:]])
    async with processor(kafka, topics, tmp_path):
        await until_folded(kafka, topics)
    events = await events_of(kafka, topics)
    assert {event.signal_type for event in events if event.position > 150} == {
        "gold",
        "twin_pairs",
        "conditional",
        "stop_loss",
        "bearish",
    }
    assert all(event.parameter_version == (1 if event.position < 150 else 2) for event in events)
    stops = [event.data["thresholds"]["stop_loss_pct"] for event in events if event.signal_type == "stop_loss"]
    assert set(stops) == {-3.0, -1.0}, "the second change that replaces version 1 is ignored by all"


async def test_history_gone_by_retention_is_reported_and_the_worker_goes_on(kafka, topics, tmp_path):
    records = list(market(400))
    async with processor(kafka, topics, tmp_path):
        await publish(kafka, topics, records[:100])
        await until_folded(kafka, topics)
    await publish(kafka, topics, records[100:200])
    partition = TopicPartition(TICKS.name(topics), 0)
    async with admin(kafka) as client:
        await client.delete_records({partition: RecordsToDelete(before_offset=150)})
    async with processor(kafka, topics, tmp_path):
        tomorrow = opening(day=at("10:00").date().replace(day=11), confirm_sec=0)
        later = [batch(frame(at(f"10:{minute:02}", tomorrow.trade_date), rest=1.0 * minute)) for minute in range(9)]
        await publish(kafka, topics, [tomorrow, *later])

        async def speaks_again() -> bool:
            return any(event.trade_date == tomorrow.trade_date for event in await events_of(kafka, topics))

        await eventually(speaks_again)
        await until_folded_after(kafka, topics, 150)
    reasons = {letter.reason for letter in await letters_of(kafka, topics)}
    assert reasons == {"history_lost: offsets 100 to 149 are gone"}


async def until_folded_after(kafka, namespace, offset):
    """The events at or past `offset` are what rules say that know nothing of what stood before it."""
    wanted = await oracle_ids(kafka, namespace)

    async def arrived() -> bool:
        said = {event.event_id for event in await events_of(kafka, namespace) if event.position >= offset}
        return said == wanted

    await eventually(arrived)


async def test_a_topic_made_anew_under_the_same_name_is_another_stream(kafka, topics, tmp_path):
    async with processor(kafka, topics, tmp_path):
        await publish(kafka, topics, market(100, seed=1))
        await until_folded(kafka, topics)
    name = TICKS.name(topics)
    async with admin(kafka) as client:
        await client.delete_topics([name])

        async def gone() -> bool:
            return name not in await client.list_topics()

        await eventually(gone)
    await ensure_topics(kafka, topics)
    before = len(await events_of(kafka, topics))
    await publish(kafka, topics, market(300, seed=2))  # longer than the first: no offset beyond the end gives it away
    async with processor(kafka, topics, tmp_path):
        wanted = await oracle_ids(kafka, topics)

        async def arrived() -> bool:
            return {event.event_id for event in (await events_of(kafka, topics))[before:]} >= wanted

        await eventually(arrived)
    assert any("another_stream" in letter.reason for letter in await letters_of(kafka, topics))


async def oracle_ids(kafka, namespace):
    return {event.event_id for event in pure_fold(await ticks_of(kafka, namespace), load_rules(load_catalogue()))}


async def test_a_signal_added_to_the_catalogue_starts_at_the_opening_of_the_day(kafka, topics, tmp_path):
    first, second = load_catalogue()[:1], load_catalogue()[:2]
    async with processor(kafka, topics, tmp_path, catalogue=first):
        await publish(kafka, topics, market(200))
        await until_folded(kafka, topics, load_rules(first))
    async with processor(kafka, topics, tmp_path, catalogue=second):
        await until_folded(kafka, topics, load_rules(second))


async def test_a_rule_that_cannot_be_loaded_is_a_clear_error(kafka, topics, tmp_path):
    with pytest.raises(ConfigError, match="nowhere"):
        async with processor(kafka, topics, tmp_path, catalogue=(SignalType(type="x", rule="nowhere.at_all:X"),)):
            pass
