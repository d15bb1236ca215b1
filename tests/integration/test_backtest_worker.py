"""A run from the queue to its rows: the golden run through Kafka and Faust, and runs that do not end well."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import date

import msgspec
import psycopg
import pytest

from schemas.results import Result
from schemas.runs import FEE_PRESETS, Model, RunKind, RunRequest
from tests.integration.test_attempt import left
from tests.running import golden_runs
from tests.unit.processors.portfolio.test_golden_run import FIRST, SECOND, TRADES

pytestmark = pytest.mark.timeout(300)  # a run starts an app of its own


@pytest.fixture
async def line(kafka, database_url, namespace, tmp_path):
    return await golden_runs(kafka, database_url, namespace, tmp_path)


def golden(**fields) -> RunRequest:
    asked = {"kind": RunKind.BACKTEST, "start": FIRST, "end": SECOND, "interval": "5m", "model": Model.V1} | fields
    return RunRequest(**asked)


@pytest.mark.parametrize(
    ("fees", "final", "fees_usd", "total_pnl"), [("none", 1001.7470, 0.0, 1.75), ("standard", 996.3142, 5.43, -0.98)]
)
async def test_the_golden_run_through_kafka_and_faust(line, fees, final, fees_usd, total_pnl):
    async with line.working():
        run_id = await line.ask(golden(fees=FEE_PRESETS[fees]))
        row = await line.ended(run_id)
    assert (row["status"], row["error"], row["attempt"]) == ("finished", None, 1)
    result = msgspec.convert(row["result"], Result)
    assert round(result.portfolio.metrics.final_equity_usd, 4) == final
    assert (result.portfolio.v1.total_fees, result.portfolio.v1.total_pnl) == (fees_usd, total_pnl)
    assert (result.portfolio.v1.total_sells, result.portfolio.v1.wins, result.portfolio.v1.win_rate) == (7, 3, 42.9)
    trades = await line.rows("select symbol, action, reason from trade_log where namespace = %s", run_id)
    assert sorted(trades) == sorted((symbol, action, reason) for _, symbol, action, *_, reason in TRADES)
    assert await left(line.kafka, f"replay.{run_id}") == []


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_ten_runs_say_the_same(line):
    async with line.working("one"), line.working("two"):
        ids = [await line.ask(golden(model=Model.RULE_TEXT)) for _ in range(10)]
        for run_id in ids:
            assert (await line.ended(run_id, timeout_s=240))["status"] == "finished"
    told = [
        await line.rows(
            "select event_id, event_time, signal_data::text from signal_events where namespace = %s"
            " order by event_time, signal_type, subject, ordinal",
            run_id,
        )
        for run_id in ids
    ]
    assert told[0]
    assert all(events == told[0] for events in told)
    workers = {(await line.row(run_id))["worker"] for run_id in ids}
    assert workers == {"one", "two"}


async def test_a_run_without_bars_says_so_in_one_sentence(line):
    async with line.working():
        run_id = await line.ask(golden(start=date(2026, 3, 2), end=date(2026, 3, 3)))
        row = await line.ended(run_id)
    assert row["status"] == "failed"
    assert "Yahoo" in row["error"]
    assert "\n" not in row["error"]
    assert await left(line.kafka, f"replay.{run_id}") == []


async def test_an_unknown_parameter_fails_the_run_by_name(line):
    async with line.working():
        run_id = await line.ask(golden(parameters={"stop_los_pct": -2.0}))
        row = await line.ended(run_id)
    assert row["status"] == "failed"
    assert "stop_los_pct" in row["error"]


async def test_a_run_whose_worker_is_gone_is_begun_anew(line):
    run_id = await line.ask(golden())
    async with await _connect(line) as connection:  # as a worker that was killed would leave it
        await connection.execute(
            "update runs set status = 'running', attempt = 1, leased_until = now() - interval '1 s' where run_id = %s",
            (run_id,),
        )
    async with line.working():
        row = await line.ended(run_id)
    assert (row["status"], row["attempt"]) == ("finished", 2)


async def _connect(line):
    return await psycopg.AsyncConnection.connect(line.database_url, autocommit=True)


def swept(values: list[float], **fields) -> RunRequest:
    asked = {"kind": RunKind.SWEEP, "model": Model.RULE_TEXT, "grid": {"stop_loss_pct": values}} | fields
    return golden(**asked)


LANES = "select lane, parameters, metrics from run_lanes where run_id = replace(%s, 'replay.', '') order by lane"


async def test_a_sweep_is_dealt_to_workers_and_told_by_lane(line):
    async with line.working():
        sweep = await line.ask(swept([-1.0, -2.0, -5.0], walk_forward_days=1, keep_events=False))
        row = await line.ended(sweep, timeout_s=100)
        single = await line.ended(await line.ask(golden(model=Model.RULE_TEXT, parameters={"stop_loss_pct": -2.0})))
    assert (row["status"], row["error"], row["progress"]) == ("finished", None, 1.0)
    lanes = {lane: metrics for lane, _, metrics in await line.rows(LANES, sweep)}
    assert set(lanes) == {"stop_loss_pct=-1", "stop_loss_pct=-2", "stop_loss_pct=-5"}
    alone = msgspec.convert(single["result"], Result).portfolio.metrics
    assert lanes["stop_loss_pct=-2"]["final_equity_usd"] == alone.final_equity_usd
    assert [window["judged_from"] for window in row["result"]["walk_forward"]["windows"]] == [SECOND.isoformat()]
    assert await line.rows("select 1 from signal_events where namespace = %s", sweep) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_sweep_says_the_same_on_one_worker_and_on_three(line):
    values = [-(1 + number / 10) for number in range(30)]
    told = []
    for workers in (["one"], ["one", "two", "three"]):
        async with AsyncExitStack() as stack:
            for name in workers:
                await stack.enter_async_context(line.working(name))
            sweep = await line.ask(swept(values))
            assert (await line.ended(sweep, timeout_s=280))["status"] == "finished"
        shards = "(select 'replay.' || run_id from runs where parent = replace(%s, 'replay.', ''))"
        events = (
            f"select lane, event_id, signal_data::text from signal_events where namespace in {shards} order by 1, 2"
        )
        trades = f"select lane, trade_id, price, quantity from trade_log where namespace in {shards} order by 1, 2"
        told.append((await line.rows(LANES, sweep), await line.rows(events, sweep), await line.rows(trades, sweep)))
    lanes, events, _ = told[0]
    assert len(lanes) == 30
    assert {lane for lane, *_ in events} == {lane for lane, *_ in lanes}
    assert told[0] == told[1]
