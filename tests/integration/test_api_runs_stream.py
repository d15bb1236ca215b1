"""The stream of a run: progress as it comes, the result when there is one, and `done`; resumed at any event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import monotonic
from typing import Any

import pytest

from schemas.runs import RunStatus
from sinks import runs
from tests.builders import at
from tests.conftest import OwnPostgres
from tests.reviewing import Desk, desk, trade
from tests.serving import Reader, api_config, event, listening, serving
from tests.support import eventually
from transport.kafka import Kafka

EVENTS = [event(n) for n in range(1, 6)]
TRADES = [trade(2), trade(4, "SELL"), trade(9, trade_time=at("10:01:00"))]

# Market time decides; of one second the event comes before the trade that it led to.
IN_TIME = ["signal", "signal", "trade", "signal", "signal", "trade", "signal", "trade"]


@pytest.fixture
async def at_desk(kafka: Kafka, namespace: str, database_url: str) -> AsyncIterator[Desk]:
    async with desk(kafka, namespace, database_url, status_interval_s=0.5) as found:
        yield found


def path(run_id: str) -> str:
    return f"/api/runs/{run_id}/stream"


async def ended(reader: Reader) -> list[Any]:
    """All that the stream said but for heartbeats."""
    await eventually(reader.ended.is_set, 15)
    return [one for one in reader.seen if one.event != "status"]


async def test_a_run_from_the_queue_to_its_result(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    async with listening(at_desk.api, path(run_id)) as reader:
        beat = (await reader.until("status"))[0].data
        assert (beat["run_id"], beat["status"], beat["ahead"], beat["kafka"]) == (run_id, "requested", 0, "up")
        held = await at_desk.claim()
        offsets = [await at_desk.tell(run_id, share) for share in (0.1, 0.4, 0.8)]
        await at_desk.tell("another", 0.9)
        told = await reader.until("progress", 3)
        assert [(one.id, one.data["progress"]) for one in told] == [
            (f"p.{offset}", share) for offset, share in zip(offsets, (0.1, 0.4, 0.8), strict=True)
        ]
        row = await at_desk.api.get(f"/api/runs/{run_id}")
        assert (row["phase"], row["progress"]) == ("streaming", pytest.approx(0.8))
        await at_desk.finish(held, EVENTS, TRADES)
        last = await at_desk.tell(run_id, 1.0, RunStatus.FINISHED, phase="done")
        said = await ended(reader)
    result = [one for one in said if one.event in ("signal", "trade")]
    assert [one.event for one in said] == ["progress"] * 4 + IN_TIME + ["done"]
    assert said[3].id == f"p.{last}"
    assert [one.id for one in result] == [
        "r.1.0", "r.2.0", "r.2.1", "r.3.1", "r.4.1", "r.4.2", "r.5.2", "r.5.3",
    ]  # fmt: skip
    assert [one.data["event_id"] for one in result if one.event == "signal"] == [one.event_id for one in EVENTS]
    done = said[-1]
    assert (done.id, done.data["status"], done.data["events"], done.data["trades"]) == ("done", "finished", 5, 3)
    assert done.data["summary"] == {"total_return_pct": 1.5}


async def test_the_end_is_told_without_a_last_step(at_desk: Desk) -> None:
    """A run that is cancelled while it waits has no worker to say so."""
    run_id = await at_desk.backtest()
    async with listening(at_desk.api, path(run_id)) as reader:
        await reader.until("status")
        await at_desk.api.client.delete(f"/api/runs/{run_id}")
        said = await ended(reader)
    assert [(one.event, one.data["status"]) for one in said] == [("progress", "cancelled"), ("done", "cancelled")]


async def test_a_failed_run_says_why(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    await runs.fail(at_desk.database, await at_desk.claim(), "Yahoo does not answer")
    async with listening(at_desk.api, path(run_id)) as reader:
        said = await ended(reader)
    assert (said[-1].event, said[-1].data["error"]) == ("done", "Yahoo does not answer")


async def test_a_run_that_has_ended_is_told_at_once_and_resumed_at_any_event(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    await at_desk.finish(await at_desk.claim(), EVENTS, TRADES)
    async with listening(at_desk.api, path(run_id)) as reader:
        whole = await ended(reader)
    assert [one.event for one in whole] == ["progress", *IN_TIME, "done"]
    for n, one in enumerate(whole[1:-1], 1):
        async with listening(at_desk.api, path(run_id), one.id) as reader:
            assert await ended(reader) == whole[n + 1 :], one.id
    response = await at_desk.api.client.get(path(run_id), headers={"Last-Event-ID": "done"})
    assert response.status_code == 204  # EventSource does not come back


async def test_progress_goes_on_behind_the_step_that_was_seen(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    await at_desk.claim()
    steps = [await at_desk.tell(run_id, n / 10) for n in range(1, 6)]
    async with listening(at_desk.api, path(run_id), f"p.{steps[1]}") as reader:
        told = await reader.until("progress", 3)
        assert [one.id for one in told] == [f"p.{offset}" for offset in steps[2:]]
    async with listening(at_desk.api, path(run_id), "17.0.ab") as reader:
        await reader.until("progress", 5)
        assert reader.seen[0].event == "reset"


async def test_an_api_that_starts_later_knows_the_steps_before(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    await at_desk.claim()
    await at_desk.tell(run_id, 0.6)
    config = at_desk.api.config
    async with (
        serving(api_config(config.kafka, config.namespace, database_url=config.database_url)) as other,
        listening(other, path(run_id)) as reader,
    ):
        assert (await reader.until("progress"))[0].data["progress"] == 0.6


async def test_a_stream_can_be_told_at_a_speed(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    await at_desk.finish(await at_desk.claim(), EVENTS[:3])
    began = monotonic()
    async with listening(at_desk.api, f"{path(run_id)}?speed=4") as reader:
        said = await ended(reader)
    assert monotonic() - began >= 0.5  # three events, a market second apart
    assert [one.event for one in said] == ["progress", "signal", "signal", "signal", "done"]
    assert (await at_desk.api.client.get(f"{path(run_id)}?speed=-1")).status_code == 422


async def test_a_run_removed_while_it_is_watched(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    async with listening(at_desk.api, path(run_id)) as reader:
        await reader.until("status")
        await at_desk.database.execute("delete from runs")
        said = await ended(reader)
    assert [(one.event, one.data["code"]) for one in said] == [("error", "not_found")]


async def test_a_stream_outlives_the_database(kafka: Kafka, namespace: str, own_postgres: OwnPostgres) -> None:
    server = await own_postgres()
    async with desk(kafka, namespace, server.address, status_interval_s=0.2) as at_desk:
        run_id = await at_desk.backtest()
        async with listening(at_desk.api, path(run_id)) as before:
            await before.until("status")
            await server.kill()
            await before.status("postgres", "down")
            async with listening(at_desk.api, path(run_id)) as meanwhile:  # not refused: it would never come back
                await meanwhile.status("postgres", "down")
                await server.start()
                for reader in (before, meanwhile):
                    await reader.status("status", "requested")
                cancelled = await at_desk.api.client.delete(f"/api/runs/{run_id}")
                assert cancelled.status_code == 202
                for reader in (before, meanwhile):
                    assert [one.event for one in await ended(reader)] == ["progress", "done"]


async def test_streams_of_runs_do_not_hold_the_server_up(kafka: Kafka, namespace: str, database_url: str) -> None:
    """The server is stopped while a client listens; `serving` demands that it ends within seconds."""
    async with AsyncExitStack() as clients:
        async with desk(kafka, namespace, database_url) as at_desk:
            reader = await clients.enter_async_context(listening(at_desk.api, path(await at_desk.backtest())))
            await reader.until("status")
        assert [one.event for one in await ended(reader)] == []
