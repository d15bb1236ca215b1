"""The API and a worker: a run from the request over its stream to its result, which is what the database holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from schemas.runs import RunStatus
from tests.builders import BOOK, at
from tests.reviewing import Desk, desk
from tests.running import Runs, golden_runs
from tests.serving import Sse, listening
from tests.support import eventually
from tests.unit.processors.portfolio.test_golden_run import FIRST, SECOND, TRADES, first_day
from transport.kafka import Kafka

pytestmark = pytest.mark.timeout(300)  # a run starts an app of its own

EVENTS = """
    select event_id, event_time, signal_type, subject, is_actionable, signal_data -> 'after' ->> 'decision'
      from signal_events where namespace = %s"""
FILLS = """
    select trade_id, trade_time, symbol, action, price::float8, quantity::float8, amount_usd::float8, pnl_usd::float8,
           reason
      from trade_log where namespace = %s"""
SNAPSHOTS = """
    select snapshot_time, tickers_json, signals_json
      from review_snapshots where run_id = replace(%s, 'replay.', '') order by snapshot_time"""


@pytest.fixture
async def line(kafka: Kafka, database_url: str, namespace: str, tmp_path: Path) -> Runs:
    return await golden_runs(kafka, database_url, namespace, tmp_path)


@pytest.fixture
async def at_desk(line: Runs) -> AsyncIterator[Desk]:
    async with desk(line.kafka, line.world, line.database_url) as found, line.working():
        yield found


async def followed(at_desk: Desk, run_id: str) -> list[Sse]:
    """What the stream of a run said until it ended, but for heartbeats."""
    async with listening(at_desk.api, f"/api/runs/{run_id}/stream") as reader:
        await eventually(reader.ended.is_set, 120)
    told = [one for one in reader.seen if one.event != "status"]
    assert (told[-1].event, told[-1].data["status"], told[-1].data["error"]) == ("done", "finished", None)
    return told


def of_event(told: dict[str, Any]) -> tuple[Any, ...]:
    after = told["after"]["decision"]
    return (
        told["event_id"],
        moment(told["event_time"]),
        told["signal_type"],
        told["subject"],
        told["is_actionable"],
        after,
    )


def of_trade(told: dict[str, Any]) -> tuple[Any, ...]:
    names = ("symbol", "action", "price", "quantity", "amount_usd", "pnl_usd", "reason")
    return told["trade_id"], moment(told["trade_time"]), *(told[name] for name in names)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_a_backtest_is_asked_for_followed_and_read(at_desk: Desk, line: Runs) -> None:
    span = {"start": str(FIRST), "end": str(SECOND), "interval": "5m"}
    run_id = await at_desk.ask("/api/backtest", **span, model="v1", fees="none")
    told = await followed(at_desk, run_id)

    steps = [one.data for one in told if one.event == "progress"]
    assert [step["progress"] for step in steps] == sorted(step["progress"] for step in steps)
    assert {"streaming", "portfolio", "storing"} <= {step["phase"] for step in steps}
    assert (steps[-1]["status"], steps[-1]["phase"], steps[-1]["progress"]) == ("finished", "done", 1.0)

    row = await line.row(run_id)
    run = await at_desk.api.get(f"/api/runs/{run_id}")
    assert (run["status"], run["attempt"], run["progress"]) == (RunStatus.FINISHED, 1, 1.0)
    assert (run["summary"], run["result"]) == (row["summary"], row["result"])
    assert {**run["request"], "lanes": {}} == row["request"]
    metrics = run["result"]["portfolio"]["metrics"]
    assert round(metrics["final_equity_usd"], 4) == 1001.7470  # the golden run's figure
    assert told[-1].data["summary"] == row["summary"]

    events = (await at_desk.api.get(f"/api/runs/{run_id}/events?limit=5000"))["items"]
    stored = await line.rows(EVENTS, run_id)
    assert len(stored) == told[-1].data["events"] > 0
    assert sorted(map(of_event, events)) == sorted(stored)
    assert [one.data for one in told if one.event == "signal"] == events

    trades = (await at_desk.api.get(f"/api/runs/{run_id}/trades"))["items"]
    assert sorted(map(of_trade, trades), key=str) == sorted(await line.rows(FILLS, run_id), key=str)
    assert [one.data for one in told if one.event == "trade"] == trades
    assert sorted((one["symbol"], one["action"], one["reason"]) for one in trades) == sorted(
        (symbol, action, reason) for _, symbol, action, *_, reason in TRADES
    )

    equity = await at_desk.api.get(f"/api/runs/{run_id}/equity")
    days = row["result"]["portfolio"]["days"]
    assert [(day["trade_date"], day["equity_usd"]) for day in equity["items"]] == [
        (day["trade_date"], day["equity_usd"]) for day in days
    ]
    assert [day["trade_date"] for day in days] == [str(FIRST), str(SECOND)]
    assert equity["items"][-1]["equity_usd"] == metrics["final_equity_usd"]


async def test_a_replay_is_asked_for_followed_and_its_snapshots_read(at_desk: Desk, line: Runs) -> None:
    session = (await at_desk.api.client.post("/api/sessions", json={"session_date": str(FIRST)})).json()
    asked = {"interval": "5m", "step": "15m", "session_id": session["id"]}
    run_id = await at_desk.ask(f"/api/replay/{FIRST}", **asked)
    told = await followed(at_desk, run_id)
    assert len(await line.rows(EVENTS, run_id)) == told[-1].data["events"] > 0

    page = await at_desk.api.get(f"/api/runs/{run_id}/snapshots")
    # Ten bars of 5 minutes end at 09:35 to 10:20: a snapshot every 15 minutes, and one of the last bar.
    clocks = [at(clock, FIRST) for clock in ("09:45", "10:00", "10:15", "10:20")]
    assert [moment(one["snapshot_time"]) for one in page["items"]] == clocks
    assert [(moment(one["snapshot_time"]), one["tickers"], one["signals"]) for one in page["items"]] == await line.rows(
        SNAPSHOTS, run_id
    )

    (quarter, *_, last) = page["items"]
    assert set(quarter["tickers"]) == set(BOOK.symbols)
    # Row of the bar that ends at 09:45, and of the last one: 100 plus what the facts of that bar say.
    assert quarter["tickers"]["GLD"]["last"] == 100 + (first_day()[2]["GLD"] or 0)
    assert last["tickers"]["COIN"]["last"] == 100 + (first_day()[9]["COIN"] or 0)
    pictured = {f"{signal_type}:{subject}" for _, _, signal_type, subject, *_ in await line.rows(EVENTS, run_id)}
    assert pictured <= set(last["signals"])

    whole = await at_desk.api.get(f"/api/sessions/{session['id']}?snapshots=true")
    assert (whole["status"], whole["run_id"], whole["snapshot_count"]) == ("done", run_id, 4)
    assert whole["snapshots"] == page["items"]
