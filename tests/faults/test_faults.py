"""Under each fault, signal_events ends as the pure fold over the log: id for id, none twice, none missing.

A run is at least 50,000 ticks of the simulator at speed, over the real protocol, with real parts of its own.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.line import events_of
from tests.stages import Line, Reader, line_of
from tests.support import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

TICKS = 50_000


@pytest.fixture
async def line(own_kafka, own_postgres, parts_home: Path, namespace: str):
    broker, database = await own_kafka(), await own_postgres()
    async with line_of(broker.address, database.address, parts_home / namespace, slots=2) as line:
        await line.start("simulator", "processor-0", "sink", "api", "producer")
        yield line, broker, database


def report(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        print(f"\n  {text}", end="")


async def test_kill_9_of_the_processor_twenty_times_under_load(line, capsys):
    stages: Line = line[0]
    await stages.run_until(1_000)
    for _ in range(20):
        await stages["processor-0"].kill()
        await stages["processor-0"].start()
        await asyncio.sleep(1)  # under load again, with states and offsets at odds
    await stages.run_until(TICKS)
    wanted = await stages.settle()
    sent = len(await events_of(stages.kafka, stages.namespace))
    report(capsys, f"{await stages.ticks()} ticks, {len(wanted)} events, {sent - len(wanted)} repeats dropped")


async def test_kill_9_of_sink_producer_and_api_with_a_reader_that_resumes(line, capsys):
    stages: Line = line[0]
    reader = Reader(stages.api_url)
    reading = asyncio.create_task(reader.run())
    await eventually(lambda: reader.connections, timeout_s=20)
    for _ in range(4):
        for name in ("sink", "producer", "api"):
            await asyncio.sleep(1)
            await stages[name].kill()
            await stages[name].start()
    await stages.run_until(TICKS)
    wanted = await stages.settle()
    # From its first connection on the reader has what stands on the log, in the log's order.
    on_log = list(dict.fromkeys(event.event_id for event in await events_of(stages.kafka, stages.namespace)))
    await eventually(lambda: reader.ids and reader.ids[-1] == on_log[-1], timeout_s=20)
    reading.cancel()
    seen = list(dict.fromkeys(reader.ids))
    assert seen == on_log[on_log.index(seen[0]) :]
    assert reader.resets == 0
    report(capsys, f"{await stages.ticks()} ticks, {len(wanted)} events, {reader.connections} connections")


async def test_a_second_processor_joins_and_leaves(line, capsys):
    stages: Line = line[0]
    for _ in range(2):
        await stages["processor-1"].start()
        await asyncio.sleep(4)
        await stages["processor-0"].end()
        await asyncio.sleep(2)
        await stages["processor-0"].start()
        await asyncio.sleep(4)
        await stages["processor-1"].kill()
    await stages.run_until(TICKS)
    wanted = await stages.settle()
    report(capsys, f"{await stages.ticks()} ticks, {len(wanted)} events")


async def test_kafka_stopped_for_a_minute(line, capsys):
    stages, broker, _ = line
    stages.keep("processor-0", "sink", "api", "producer")
    await stages.run_until(10_000)
    await broker.stop()
    await asyncio.sleep(60)
    await broker.start()
    back = asyncio.get_running_loop().time()
    end = await stages.end_of_log()

    async def works() -> bool:
        return any(event.position > end for event in await events_of(stages.kafka, stages.namespace))

    await eventually(works, timeout_s=90)
    recovered_s = asyncio.get_running_loop().time() - back
    await stages.run_until(TICKS)
    wanted = await stages.settle()
    report(capsys, f"{await stages.ticks()} ticks, {len(wanted)} events, signals again after {recovered_s:.1f} s")


async def test_postgresql_stopped_for_a_minute(line, capsys):
    stages, _, database = line
    stages.keep("sink", "api")
    await stages.run_until(10_000)
    await database.stop()
    await asyncio.sleep(60)
    await database.start()
    await stages.run_until(TICKS)
    wanted = await stages.settle()
    report(capsys, f"{await stages.ticks()} ticks, {len(wanted)} events")
