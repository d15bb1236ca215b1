"""A run from the queue to its rows: the golden run through Kafka and Faust, and runs that do not end well."""

from __future__ import annotations

from datetime import date

import msgspec
import psycopg
import pytest

from schemas.results import Result
from schemas.runs import FEE_PRESETS, Model, RunKind, RunRequest
from tests.integration.test_attempt import left
from tests.running import five_minute_bars, runs_on
from tests.unit.processors.portfolio.test_golden_run import BEFORE, FIRST, SECOND, TRADES, first_day, second_day


@pytest.fixture
async def line(kafka, database_url, namespace, tmp_path):
    line = await runs_on(kafka, database_url, namespace, tmp_path)
    await line.keep(five_minute_bars(BEFORE, [{}] * 10))
    await line.keep(five_minute_bars(FIRST, first_day()))
    await line.keep(five_minute_bars(SECOND, second_day()))
    return line


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
async def test_ten_runs_say_the_same(line):
    async with line.working("one"), line.working("two"):
        ids = [await line.ask(golden(model=Model.RULE_TEXT)) for _ in range(10)]
        for run_id in ids:
            assert (await line.ended(run_id, timeout_s=120))["status"] == "finished"
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
