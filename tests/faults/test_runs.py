"""Whatever dies in the middle of a run, the run ends as it would have, nothing of it stays, and live goes on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from producers.sessions import Sessions
from schemas.base import decoder
from schemas.runs import RunKind, RunProgress, RunRequest
from schemas.topics import RUNS
from tests.builders import BOOK
from tests.faults.test_faults import report
from tests.integration.test_attempt import left
from tests.line import log_of
from tests.running import Runs, five_minute_bars
from tests.stages import Line, line_of
from tests.support import eventually, free_port
from tests.unit.processors.portfolio.bars import Row

pytestmark = [pytest.mark.fault, pytest.mark.timeout(600)]

FIRST, LAST = date(2025, 1, 6), date(2025, 7, 31)
TODAY = "2026-02-13"  # of the simulator that stands in for Yahoo: the bars of the run are long out of its reach
AWAY_S = 15

EVENTS = """
    select event_id, lane, event_time, signal_data::text, position from signal_events where namespace = %s
     order by event_time, signal_type, subject, ordinal"""
TRADES = """
    select lane, trade_id, trade_time, symbol, action, price, quantity, amount_usd, fee_usd, pnl_usd, reason
      from trade_log where namespace = %s order by trade_time, trade_id"""


def days() -> Iterator[date]:
    sessions = Sessions(BOOK.calendar, BOOK.timezone)
    for number in range((LAST - FIRST).days + 1):
        if sessions.day(FIRST + timedelta(days=number)) is not None:
            yield FIRST + timedelta(days=number)


def walk(dice: random.Random, bars: int = 78) -> Iterator[Row]:
    """A day whose changes wander."""
    changes = dict.fromkeys(BOOK.symbols, 0.0)
    for _ in range(bars):
        for symbol in changes:
            changes[symbol] = round(changes[symbol] + dice.gauss(0, 0.25), 2)
        yield dict(changes)


@pytest.fixture
async def line(own_kafka, own_postgres, parts_home: Path, namespace: str):
    broker, database = await own_kafka(), await own_postgres()
    port = free_port()
    extra = {"PTJ_YAHOO_URL": f"http://127.0.0.1:{port}"}
    async with line_of(broker.address, database.address, parts_home / namespace, extra=extra) as line:
        line.add("yahoo", "simulate", "yahoo", "--port", str(port), "--today", TODAY)
        line.add("worker", "backtest-worker")
        dice = random.Random(1)
        runs = Runs(line.kafka, database.address, line.namespace, line.home)
        await runs.keep([bar for day in days() for bar in five_minute_bars(day, walk(dice))])
        await line.start("simulator", "processor-0", "sink", "api", "producer", "yahoo", "worker")
        yield line, runs, broker, database


async def test_a_run_ends_the_same_whatever_dies_in_its_middle(line, capsys):
    stages, runs, broker, database = line
    stages.keep("processor-0", "sink", "api", "producer", "worker")

    async def kill_the_worker() -> None:
        await stages["worker"].kill()
        await stages["worker"].start()  # and waits until the lease of the one before has run out

    async def stop_kafka() -> None:
        await broker.stop()
        await asyncio.sleep(AWAY_S)
        await broker.start()

    async def stop_postgresql() -> None:
        await database.stop()
        await asyncio.sleep(AWAY_S)
        await database.start()

    undisturbed = await outcome(runs, await asked(runs))
    events, trades, _ = undisturbed
    assert len(events) > 5_000
    assert len(trades) > 50
    for fault in (kill_the_worker, stop_kafka, stop_postgresql):
        run_id, attempts = await disturbed(stages, runs, fault)
        assert await outcome(runs, run_id) == undisturbed
        await nothing_left(stages, run_id)
        report(capsys, f"{fault.__name__}: the same {len(events)} events, {len(trades)} trades, {attempts} attempts")
    live = await stages.settle()
    report(capsys, f"meanwhile live: {await stages.ticks()} ticks, {len(live)} events")


async def asked(runs: Runs) -> str:
    return await runs.ask(RunRequest(kind=RunKind.BACKTEST, start=FIRST, end=LAST, interval="5m"))


async def disturbed(stages: Line, runs: Runs, fault: Callable[[], Awaitable[None]]) -> tuple[str, int]:
    """A run at which `fault` strikes when its first third is streamed; its id and how often it was begun."""
    run_id = await asked(runs)
    decode = decoder(RunProgress).decode

    async def under_way() -> bool:
        told = [decode(record.value) for record in await log_of(stages.kafka, stages.namespace, RUNS)]
        return any(step.run_id == run_id and step.phase == "streaming" and step.progress > 0.25 for step in told)

    await eventually(under_way, timeout_s=60)
    assert (await runs.row(run_id))["status"] == "running", "the fault is to strike in the middle"
    await fault()
    row = await runs.ended(run_id, timeout_s=150)
    assert (row["status"], row["error"]) == ("finished", None)
    return run_id, row["attempt"]


async def outcome(runs: Runs, run_id: str) -> tuple[list[Any], list[Any], dict[str, Any]]:
    """Events, trades, and the figures of an ended run."""
    row = await runs.ended(run_id, timeout_s=120)
    assert (row["status"], row["error"]) == ("finished", None)
    return await runs.rows(EVENTS, run_id), await runs.rows(TRADES, run_id), row["summary"]


async def nothing_left(stages: Line, run_id: str) -> None:
    """No topic, group or directory of the run, once its worker has looked around."""

    async def clean() -> bool:
        directories = [path.name for path in (stages.home / "runs").iterdir() if run_id in path.name]
        return not directories and await left(stages.kafka, f"replay.{run_id}") == []

    await eventually(clean, timeout_s=60, every_s=0.5)
