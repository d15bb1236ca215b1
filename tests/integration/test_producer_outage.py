"""Kafka goes away and comes back: a gap in time, and never a frame out of order or twice."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import timedelta
from itertools import pairwise

import pytest

from schemas.parameters import Parameters
from schemas.topics import TICKS
from tests.builders import change
from tests.line import publish
from tests.producing import TUESDAY_10, world
from tests.support import eventually
from transport.kafka import Kafka, admin, ensure_topics


@pytest.mark.fault
@pytest.mark.parametrize("how", ["stop", "kill"])
@pytest.mark.parametrize("feed", ["rest", "websocket"])
async def test_an_outage_leaves_a_gap_and_no_disorder(own_kafka, namespace, tmp_path, feed, how):
    broker = await own_kafka()
    async with world(Kafka(broker.address), namespace, tmp_path, {"speed": 5.0}, feed=feed) as line:
        await line.start()
        await line.more_frames(5)
        before = (await line.frames())[-1].event_time
        await getattr(broker, how)()
        await line.told("kafka", "away")
        line.check()
        # Meanwhile the market goes on, into another session: its records are kept while frames give way.
        await line.set_clock(TUESDAY_10.replace(hour=16, minute=30))
        await eventually(lambda: line.status()["session"] == "after")
        await broker.start()
        await line.told("kafka", "ok", timeout_s=60)
        await line.more_frames(5, timeout_s=60)
        frames = await line.frames()  # strictly increasing event times, or it raises
        gap = max(b.event_time - a.event_time for a, b in pairwise(frames))
        assert gap > timedelta(hours=5), "the frames of the outage gave way to the newest"
        assert [record.session for record in await line.sessions()] == ["regular", "after"]
        assert sum(frame.event_time == before for frame in frames) == 1
        line.check()


@pytest.mark.fault
async def test_a_broker_that_stands_still_leaves_a_gap_and_no_disorder(own_kafka, namespace, tmp_path):
    """What was sent while it stood arrives when it goes on, though its connections were given up meanwhile."""
    broker = await own_kafka()
    async with world(Kafka(broker.address), namespace, tmp_path, {"speed": 5.0}, feed="websocket") as line:
        await line.start()
        await line.more_frames(5)
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(45)
            line.check()
            assert line.status()["kafka"] == "away"
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        await line.told("kafka", "ok", timeout_s=60)
        await line.more_frames(20, timeout_s=60)
        assert [record.session for record in await line.sessions()] == ["regular"]


async def test_a_topic_made_anew_is_opened_anew(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, {"speed": 5.0}, feed="rest") as line:
        await line.start()
        await line.more_frames(5)
        await publish(kafka, namespace, [change(2, 1, confirm_sec=9)])
        await line.told("parameter_version", 2)
        async with admin(kafka) as client:
            await client.delete_topics([TICKS.name(namespace)])
        await ensure_topics(kafka, namespace)

        async def opened() -> bool:
            line.check()
            openings = [record for record in await line.sessions() if record.registry]
            return [(opening.version, opening.parameters) for opening in openings] == [(2, Parameters(confirm_sec=9))]

        await eventually(opened, 40)
        await line.more_frames(3)
