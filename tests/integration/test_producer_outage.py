"""Kafka goes away and comes back: a gap in time, and never a frame out of order or twice."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.producing import TUESDAY_10, world
from tests.support import eventually
from transport.kafka import Kafka


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
