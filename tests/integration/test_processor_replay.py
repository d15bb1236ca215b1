"""A replay through the same agents: edges packed, lanes apart, an end marker behind everything."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace as with_fields

from processors.fold import load_rules
from schemas.base import decoder
from schemas.catalogue import load_catalogue
from schemas.parameters import Parameters
from schemas.signals import SignalBatch, SignalEvent
from schemas.ticks import End, FrameBatch
from schemas.topics import REPLAY_TOPICS, SIGNALS
from tests.builders import canonical, pure_fold
from tests.line import log_of, market, processor, publish
from tests.support import eventually
from transport.kafka import ensure_topics

RULES = load_rules(load_catalogue())
in_replay = partial(processor, replay=True, partitions=1)


async def batches_of(kafka, namespace) -> list[SignalBatch]:
    decode = decoder(SignalBatch).decode
    return [decode(record.value) for record in await log_of(kafka, namespace, SIGNALS)]


async def all_ended(kafka, namespace) -> bool:
    return {batch.signal_type for batch in await batches_of(kafka, namespace) if batch.end} == {
        rule.signal_type for rule in RULES
    }


def without_place(events: list[SignalEvent]) -> list[SignalEvent]:
    return sorted((with_fields(event, position=0, lane="") for event in events), key=canonical)


def packed(records, frames: int):
    """`records` with up to `frames` frames in a message."""
    waiting = []
    for record in records:
        if isinstance(record, FrameBatch):
            waiting.extend(record.frames)
        if waiting and (len(waiting) >= frames or not isinstance(record, FrameBatch)):
            yield FrameBatch(book="us", frames=tuple(waiting))
            waiting = []
        if not isinstance(record, FrameBatch):
            yield record
    if waiting:
        yield FrameBatch(book="us", frames=tuple(waiting))


async def test_a_replay_says_what_the_pure_fold_says_and_then_that_it_is_over(kafka, namespace, tmp_path):
    namespace = f"replay.{namespace}.1"
    await ensure_topics(kafka, namespace, REPLAY_TOPICS)
    records = list(market(2000))
    await publish(kafka, namespace, [*packed(records, 64), End(book="us")])
    async with in_replay(kafka, namespace, tmp_path):
        await eventually(lambda: all_ended(kafka, namespace), timeout_s=60)
    batches = await batches_of(kafka, namespace)
    said = [event for batch in batches for event in batch.events]
    assert without_place(said) == without_place(pure_fold(list(enumerate(records)), RULES))
    for rule in RULES:
        of_rule = [batch.end for batch in batches if batch.signal_type == rule.signal_type]
        assert of_rule[-1], "the marker is the last word of its agent"
        assert not any(of_rule[:-1])
    assert len(batches) < len(said) / 3, "edges travel together"


async def test_every_lane_is_judged_by_its_own_parameters(kafka, namespace, tmp_path):
    namespace = f"replay.{namespace}.1"
    await ensure_topics(kafka, namespace, REPLAY_TOPICS)
    records = list(market(500))
    lanes = {f"{pct}": Parameters(confirm_sec=0, stop_loss_pct=pct) for pct in (-1.0, -2.0, -4.0)}
    opening = with_fields(records[0], lanes=lanes)
    await publish(kafka, namespace, [opening, *packed(records[1:], 64), End(book="us")])
    async with in_replay(kafka, namespace, tmp_path):
        await eventually(lambda: all_ended(kafka, namespace), timeout_s=60)
    said = [event for batch in await batches_of(kafka, namespace) for event in batch.events]
    assert {event.lane for event in said} == set(lanes)
    for lane, parameters in lanes.items():
        alone = [with_fields(records[0], parameters=parameters), *records[1:]]
        of_lane = [event for event in said if event.lane == lane]
        assert without_place(of_lane) == without_place(pure_fold(list(enumerate(alone)), RULES))
