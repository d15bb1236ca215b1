"""Asking for runs, reading them, cancelling and removing them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace
from psycopg.types.json import Jsonb

from schemas.runs import RunKind, RunRequest, RunStatus
from sinks import runs
from tests.builders import TRADE_DATE
from tests.reviewing import SPAN, Desk, desk, trade
from tests.serving import NO_DATABASE, Line, api_config, event, serving, verdict
from transport import runs as stored_runs
from transport.asked import Limits
from transport.kafka import Kafka

WAITING = 4


@pytest.fixture
async def at_desk(kafka: Kafka, namespace: str, database_url: str) -> AsyncIterator[Desk]:
    async with desk(kafka, namespace, database_url, limits=Limits(waiting=WAITING)) as found:
        yield found


async def test_a_backtest_is_queued_as_it_was_asked(at_desk: Desk) -> None:
    asked = {"interval": "1d", "fees": "discount", "model": "v1", "parameters": {"stop_loss_pct": -2.5}}
    response = await at_desk.api.client.post("/api/backtest", json={**SPAN, **asked, "initial_capital_usd": 5000})
    body = response.json()
    run_id = body["run_id"]
    assert response.status_code == 202
    assert response.headers["location"] == f"/api/runs/{run_id}"
    assert body == {
        "run_id": run_id,
        "kind": "backtest",
        "status": "requested",
        "ahead": 0,
        "run": f"/api/runs/{run_id}",
        "stream": f"/api/runs/{run_id}/stream",
    }
    held = await at_desk.claim()
    request = held.request
    assert (held.run_id, str(request.start), str(request.end)) == (run_id, SPAN["start"], SPAN["end"])
    assert (request.interval, request.model, request.initial_capital_usd) == ("1d", "v1", 5000)
    assert (request.fees.commission_pct, request.parameters) == (0.1, {"stop_loss_pct": -2.5})


async def test_a_replay_needs_no_body_and_its_speed_goes_to_the_stream(at_desk: Desk) -> None:
    plain = await at_desk.api.client.post("/api/replay/2026-02-10")
    paced = await at_desk.api.client.post("/api/replay/2026-02-10", json={"speed": 60, "step": "1h", "interval": "1d"})
    assert (plain.status_code, paced.status_code) == (202, 202)
    assert paced.json()["stream"] == f"/api/runs/{paced.json()['run_id']}/stream?speed=60"
    assert paced.json()["ahead"] == 1
    first, second = await at_desk.claim(), await at_desk.claim()
    assert (first.request.kind, first.request.start, first.request.end) == ("replay", TRADE_DATE, TRADE_DATE)
    assert (first.request.interval, first.request.step) == ("auto", "5m")
    assert (second.request.interval, second.request.step) == ("1d", "1h")


async def test_a_sweep_is_queued_with_its_grid(at_desk: Desk) -> None:
    grid = {"stop_loss_pct": [-2, -3.5]}
    run_id = await at_desk.ask("/api/sweep", **SPAN, grid=grid, walk_forward_days=5)
    told = await at_desk.api.get(f"/api/runs/{run_id}")
    assert (told["kind"], told["request"]["grid"], told["request"]["walk_forward_days"]) == ("sweep", grid, 5)


BAD: list[tuple[str, Any, int, str, str | None]] = [
    ("/api/backtest", {"start": "2026-01-05"}, 422, "validation_failed", "end"),
    ("/api/backtest", {**SPAN, "end": "30.1.2026"}, 422, "validation_failed", "end"),
    ("/api/backtest", {**SPAN, "end": "2026-01-02"}, 422, "validation_failed", "end"),
    ("/api/backtest", {**SPAN, "end": "2126-01-02"}, 422, "validation_failed", "end"),
    ("/api/backtest", {**SPAN, "capital": 1}, 422, "validation_failed", "capital"),
    ("/api/backtest", {**SPAN, "fees": "cheap"}, 422, "validation_failed", "fees"),
    ("/api/backtest", {**SPAN, "fees": {"commission_pct": 9}}, 422, "validation_failed", "fees.commission_pct"),
    ("/api/backtest", {**SPAN, "interval": "2m"}, 422, "validation_failed", "interval"),
    ("/api/backtest", {**SPAN, "parameters": {"stop": 1}}, 422, "validation_failed", "parameters.stop"),
    (
        "/api/backtest",
        {"start": "2020-01-06", "end": "2020-01-10", "interval": "5m"},
        422,
        "validation_failed",
        "interval",
    ),
    (
        "/api/backtest",
        {"start": "2026-01-05", "end": "2026-01-06", "interval": "ticks"},
        422,
        "validation_failed",
        "interval",
    ),
    ("/api/backtest", [], 422, "validation_failed", ""),
    ("/api/sweep", SPAN, 422, "validation_failed", "grid"),
    ("/api/sweep", {**SPAN, "grid": {"stop": [1]}}, 422, "validation_failed", "grid.stop"),
    ("/api/replay/2026-02-14", {}, 400, "not_a_trading_day", None),
    ("/api/replay/2126-02-14", {}, 400, "date_in_future", None),
    ("/api/replay/yesterday", {}, 400, "bad_date", None),
    ("/api/replay/2026-02-10", {"session_id": 9}, 404, "unknown_session", None),
    ("/api/replay/2026-02-10", {"session_id": 2**63}, 422, "validation_failed", "session_id"),
    ("/api/replay/2026-02-10", {"speed": -1}, 422, "validation_failed", "speed"),
]


async def test_a_bad_request_says_what_is_wrong_and_changes_nothing(at_desk: Desk) -> None:
    for path, body, status, code, field in BAD:
        response = await at_desk.api.client.post(path, json=body)
        error = response.json()["error"]
        assert (response.status_code, error["code"]) == (status, code), response.text
        assert error["message"]
        if field is not None:
            assert [fault["field"] for fault in error["details"]["faults"]] == [field], response.text
    assert await at_desk.count("runs") == 0


async def test_bodies_that_are_no_json_and_tokens(kafka: Kafka, namespace: str, database_url: str) -> None:
    async with desk(kafka, namespace, database_url, token="secret") as at_desk:
        client, paths = at_desk.api.client, ["/api/backtest", "/api/sweep", "/api/replay/2026-02-10", "/api/sessions"]
        right = {"Authorization": "Bearer secret"}
        for path in paths:
            assert (await client.post(path, json=SPAN)).status_code == 401
            assert (await client.post(path, content=b"{}", headers=right)).status_code == 415
            broken = await client.post(path, content=b"{", headers={**right, "Content-Type": "application/json"})
            assert (broken.status_code, broken.json()["error"]["code"]) == (400, "bad_json")
        assert (await client.delete("/api/runs/x")).status_code == 401
        assert (await client.delete("/api/sessions/1")).status_code == 401
        assert (await client.patch("/api/sessions/1", json={"notes": ""})).status_code == 401
        assert (await client.delete("/api/runs/x", headers=right)).status_code == 404
        foreign = {**right, "Origin": "http://elsewhere.example"}
        assert (await client.post("/api/backtest", json=SPAN, headers=foreign)).status_code == 403
        assert (await client.post("/api/backtest", json=SPAN, headers=right)).status_code == 202


async def test_an_interval_out_of_reach_works_where_its_bars_are_stored(at_desk: Desk) -> None:
    asked = {"start": "2020-01-06", "end": "2020-01-10", "interval": "5m"}
    response = await at_desk.api.client.post("/api/backtest", json=asked)
    assert response.status_code == 422
    assert "would work: auto or 1d, or a start from" in response.json()["error"]["message"]
    await at_desk.database.execute(
        "insert into bar_days (world, interval, symbol, trade_date, source, bars)"
        " values (%s, '5m', 'GLD', '2020-01-08', 'file', 78)",
        (at_desk.world,),
    )
    assert (await at_desk.api.client.post("/api/backtest", json=asked)).status_code == 202


async def test_ticks_work_where_they_are_archived(at_desk: Desk) -> None:
    await at_desk.database.execute(
        "insert into trade_days (world, book, trade_date, session, opens_at, closes_at, opened_at, partition,"
        " opening_offset, position, appended_at, param_version, archive)"
        " values (%s, 'us', '2026-02-10', 'closed', now(), now(), now(), 0, 0, 9, now(), 1, 'written')",
        (at_desk.world,),
    )
    refused = await at_desk.api.client.post("/api/replay/2026-02-11", json={"interval": "ticks"})
    assert refused.status_code == 422
    assert "there are those of 2026-02-10 to 2026-02-10" in refused.json()["error"]["message"]
    assert (await at_desk.api.client.post("/api/replay/2026-02-10", json={"interval": "ticks"})).status_code == 202


async def test_too_many_waiting_runs_are_refused_with_a_way_out(at_desk: Desk) -> None:
    posts = [at_desk.api.client.post("/api/backtest", json=SPAN) for _ in range(2 * WAITING)]
    answers = await asyncio.gather(*posts)
    assert sorted(response.status_code for response in answers) == [202] * WAITING + [429] * WAITING
    refused = next(response for response in answers if response.status_code == 429)
    error = refused.json()["error"]
    assert (error["code"], error["details"]["limit"]) == ("too_many_runs", WAITING)
    assert int(refused.headers["retry-after"]) > 0
    assert await at_desk.count("runs") == WAITING
    waiting = error["details"]["waiting"]
    assert (await at_desk.api.client.delete(f"/api/runs/{waiting[0]}")).status_code == 202
    assert (await at_desk.api.client.post("/api/backtest", json=SPAN)).status_code == 202


async def test_a_sweep_under_way_takes_a_place_in_the_queue(at_desk: Desk) -> None:
    sweeps = [await at_desk.ask("/api/sweep", **SPAN, grid={"confirm_sec": [n]}) for n in range(WAITING)]
    await at_desk.database.execute("update runs set status = 'running' where run_id = any(%s)", (sweeps,))
    assert (await at_desk.api.client.post("/api/backtest", json=SPAN)).status_code == 429
    await at_desk.database.execute("update runs set status = 'finished' where run_id = %s", (sweeps[0],))
    assert (await at_desk.api.client.post("/api/backtest", json=SPAN)).status_code == 202


async def test_runs_are_listed_newest_first_by_kind_and_status(at_desk: Desk) -> None:
    first = await at_desk.backtest()
    second = await at_desk.ask("/api/replay/2026-02-10")
    sweep = await at_desk.ask("/api/sweep", **SPAN, grid={"confirm_sec": [1, 2]})
    shard = replace((await at_desk.claim()).request, kind=RunKind.SHARD, parent=sweep, lanes={"a": {"confirm_sec": 1}})
    shard_id = await _requested(at_desk, shard)
    cases = {
        "": [sweep, second, first],
        "kind=replay": [second],
        "kind=shard": [shard_id],
        f"parent={sweep}": [shard_id],
        "status=running": [first],
        "status=requested&kind=sweep": [sweep],
        "limit=1&offset=1": [second],
        "offset=9": [],
    }
    for query, wanted in cases.items():
        page = await at_desk.api.get(f"/api/runs?{query}")
        assert [run["run_id"] for run in page["items"]] == wanted, query
    assert (await at_desk.api.get("/api/runs?limit=1"))["total"] == 3
    (told,) = (await at_desk.api.get("/api/runs?kind=shard"))["items"]
    assert "lanes" not in told["request"]
    assert (await at_desk.api.get(f"/api/runs/{sweep}"))["shards"] == {"requested": 1}
    for query in ("kind=thing", "status=done", "limit=0", "limit=501", "offset=-1"):
        assert (await at_desk.api.client.get(f"/api/runs?{query}")).status_code == 422


async def test_another_worlds_runs_are_not_there(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    await at_desk.database.execute("update runs set world = 'elsewhere'")
    assert (await at_desk.api.get("/api/runs"))["total"] == 0
    for path in ("", "/events", "/trades", "/equity", "/lanes", "/snapshots", "/stream"):
        response = await at_desk.api.client.get(f"/api/runs/{run_id}{path}")
        assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_run")
    assert (await at_desk.api.client.delete(f"/api/runs/{run_id}")).status_code == 404


async def test_a_run_on_its_way(at_desk: Desk) -> None:
    before, run_id = await at_desk.backtest(), await at_desk.backtest()
    told = await at_desk.api.get(f"/api/runs/{run_id}")
    assert (told["status"], told["phase"], told["ahead"], told["result"]) == ("requested", "queued", 1, None)
    held = await at_desk.claim()
    assert held.run_id == before
    await runs.renew(at_desk.database, held, 0.25)
    told = await at_desk.api.get(f"/api/runs/{before}")
    assert (told["status"], told["progress"], told["ahead"], told["attempt"]) == ("running", 0.25, None, 1)
    await runs.fail(at_desk.database, held, "Yahoo does not answer; try again later")
    told = await at_desk.api.get(f"/api/runs/{before}")
    assert (told["status"], told["error"]) == ("failed", "Yahoo does not answer; try again later")
    for part in ("events", "trades"):
        page = await at_desk.api.get(f"/api/runs/{before}/{part}")
        assert (page["status"], page["items"], page["next_cursor"]) == ("failed", [], None)
    equity = await at_desk.api.get(f"/api/runs/{before}/equity")
    assert (equity["items"], equity["reason"]) == ([], "The run failed.")


async def test_events_and_trades_of_a_run_come_in_order_and_in_pages(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    act = verdict("ENTRY:follow_lags", actionable=True)
    events = [event(3), event(1, "gold", "GLD"), event(1, "bearish", "MARKET"), event(2, after=act), event(1)]
    trades = [trade(2), trade(1), trade(2, "SELL", "CONL"), trade(3, "SELL")]
    await at_desk.finish(await at_desk.claim(), events, trades)
    wanted = sorted(events, key=lambda e: (e.event_time, e.signal_type, e.subject, e.ordinal))
    seen = await _pages(at_desk, f"/api/runs/{run_id}/events?limit=2")
    assert [item["event_id"] for item in seen] == [one.event_id for one in wanted]
    assert {item["namespace"] for item in seen} == {f"replay.{run_id}"}
    seen = await _pages(at_desk, f"/api/runs/{run_id}/trades?limit=1")
    assert [item["trade_id"] for item in seen] == ["1:MSTU:BUY", "2:CONL:SELL", "2:MSTU:BUY", "3:MSTU:SELL"]
    assert (seen[1]["pnl_usd"], seen[1]["trade_date"], seen[1]["price"]) == (0.5, "2026-02-10", 100.0)
    by_query = {"events?type=gold": 1, "events?subject=COIN": 3, "events?actionable=true": 1, "events?lane=x": 0}
    by_query |= {"events?trade_date=2026-02-11": 0, "trades?symbol=conl": 1, "trades?lane=": 4}
    for query, count in by_query.items():
        assert len((await at_desk.api.get(f"/api/runs/{run_id}/{query}"))["items"]) == count, query
    for query in ("events?cursor=bm8", "trades?cursor=!", "trades?limit=0", "events?type=%00"):
        assert (await at_desk.api.client.get(f"/api/runs/{run_id}/{query}")).status_code == 422, query


async def test_equity_and_result(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    days = [
        {"trade_date": "2026-01-05", "equity_usd": 1010.0, "return_pct": 1.0, "benchmark_usd": 1001.0},
        {"trade_date": "2026-01-06", "equity_usd": 999.9, "return_pct": -1.0, "benchmark_usd": None},
    ]
    result = {"initial_capital_usd": 1000.0, "portfolio": {"days": days}, "data_quality": {"interval": "5m"}}
    await at_desk.finish(await at_desk.claim(), result=result)
    equity = await at_desk.api.get(f"/api/runs/{run_id}/equity")
    assert (equity["initial_capital_usd"], equity["reason"]) == (1000.0, None)
    assert [(day["equity_usd"], round(day["drawdown_pct"], 9)) for day in equity["items"]] == [
        (1010.0, 0.0),
        (999.9, 1.0),  # 100 * (1 - 999.9 / 1010)
    ]
    whole = await at_desk.api.get(f"/api/runs/{run_id}")
    assert (whole["result"], whole["summary"], whole["progress"]) == (result, {"total_return_pct": 1.5}, 1.0)
    assert (await at_desk.api.get(f"/api/runs/{run_id}?result=false"))["result"] is None
    assert "result" not in (await at_desk.api.get("/api/runs"))["items"][0]


async def test_a_run_without_a_portfolio_says_why(at_desk: Desk) -> None:
    run_id = await at_desk.backtest(interval="1d")
    why = "Daily bars: a fill at tomorrow's open would be no day trade."
    await at_desk.finish(await at_desk.claim(), result={"portfolio": None, "no_portfolio_because": why})
    equity = await at_desk.api.get(f"/api/runs/{run_id}/equity")
    assert (equity["items"], equity["reason"]) == ([], why)


async def test_lanes_of_a_sweep_sorted_by_any_metric(at_desk: Desk) -> None:
    sweep = await at_desk.ask("/api/sweep", **SPAN, grid={"confirm_sec": [1, 2, 3]})
    metrics = {"a": {"total_return_pct": 2.0, "sharpe": None}, "b": {"total_return_pct": 10.0, "sharpe": 0.5}}
    metrics["c"] = {"total_return_pct": -1.0, "sharpe": 1.5}
    for lane, one in metrics.items():
        await at_desk.database.execute(
            "insert into run_lanes (world, run_id, lane, parameters, metrics) values (%s, %s, %s, '{}', %s)",
            (at_desk.world, sweep, lane, Jsonb(one)),
        )
    cases = {"": "bac", "order=asc": "cab", "sort=sharpe": "cba", "sort=sharpe&order=asc": "bca", "sort=none": "abc"}
    for query, wanted in cases.items():
        page = await at_desk.api.get(f"/api/runs/{sweep}/lanes?{query}")
        assert "".join(item["lane"] for item in page["items"]) == wanted, query
    page = await at_desk.api.get(f"/api/runs/{sweep}/lanes?limit=1&offset=1")
    assert ([item["lane"] for item in page["items"]], page["total"]) == (["a"], 3)


async def test_the_rows_of_shards_are_read_under_their_sweep(at_desk: Desk) -> None:
    sweep = await at_desk.ask("/api/sweep", **SPAN, grid={"confirm_sec": [1, 2]})
    for lane in ("b", "a"):
        shard = RunRequest(kind=RunKind.SHARD, start=TRADE_DATE, end=TRADE_DATE, parent=sweep, lanes={lane: {}})
        await _requested(at_desk, shard)
        rows = [trade(1, lane=lane)]
        await at_desk.finish(await at_desk.claim(), [replace(event(1), lane=lane)], rows)
    for part in ("events", "trades"):
        items = (await at_desk.api.get(f"/api/runs/{sweep}/{part}"))["items"]
        assert [item["lane"] for item in items] == ["a", "b"]
        items = (await at_desk.api.get(f"/api/runs/{sweep}/{part}?lane=b"))["items"]
        assert [item["lane"] for item in items] == ["b"]
    part = (await at_desk.api.get("/api/runs?kind=shard"))["items"][0]["run_id"]
    refused = await at_desk.api.client.delete(f"/api/runs/{part}")
    assert (refused.status_code, refused.json()["error"]["details"]) == (409, {"parent": sweep})


async def test_delete_cancels_what_runs_and_removes_what_has_ended(at_desk: Desk) -> None:
    run_id = await at_desk.backtest()
    held = await at_desk.claim()
    response = await at_desk.api.client.delete(f"/api/runs/{run_id}")
    assert (response.status_code, response.json()["status"]) == (202, "cancelled")
    with pytest.raises(runs.Superseded):  # the worker that still runs it cannot store anything any more
        await runs.renew(at_desk.database, held, 0.5)
    kept = await at_desk.backtest()
    await at_desk.finish(await at_desk.claim(), [event(1)], [trade(1)])
    assert (await at_desk.api.client.delete(f"/api/runs/{run_id}")).status_code == 204
    assert (await at_desk.api.client.delete(f"/api/runs/{run_id}")).status_code == 404
    assert [await at_desk.count(table) for table in ("runs", "signal_events", "trade_log")] == [1, 1, 1]
    assert (await at_desk.api.client.delete(f"/api/runs/{kept}")).status_code == 204
    assert [await at_desk.count(table) for table in ("runs", "signal_events", "trade_log")] == [0, 0, 0]


async def test_without_a_database_all_of_it_answers_503(kafka: Kafka, namespace: str) -> None:
    async with Line(kafka, namespace) as line:
        await line.open()
    async with serving(api_config(kafka, namespace, database_url=NO_DATABASE)) as api:
        await api.loaded()
        for path in ("/api/runs", "/api/runs/x", "/api/sessions", "/api/sessions/1"):
            response = await api.client.get(path)
            assert (response.status_code, response.json()["error"]["code"]) == (503, "database_unavailable")
            assert int(response.headers["retry-after"]) > 0
        response = await api.client.post("/api/backtest", json=SPAN)
        assert (response.status_code, response.json()["error"]["code"]) == (503, "database_unavailable")


async def test_what_runs_are_told_of_stands_in_the_document(at_desk: Desk) -> None:
    document = await at_desk.api.get("/api/openapi.json")
    names = {"Accepted", "Run", "RunWhole", "RunEvents", "RunTrades", "Equity", "Lanes", "BacktestBody", "FeesBody"}
    assert names | {"SessionBody", "ReplayBody", "SweepBody", "ReviewSession"} <= set(document["components"]["schemas"])
    body = document["paths"]["/api/backtest"]["post"]["requestBody"]["content"]["application/json"]
    assert body["schema"] == {"$ref": "#/components/schemas/BacktestBody"}
    references = {text.split('"')[0] for text in str(document).replace("'", '"').split("#/components/schemas/")[1:]}
    assert references <= set(document["components"]["schemas"])


async def _pages(at_desk: Desk, path: str) -> list[Any]:
    seen: list[Any] = []
    page = await at_desk.api.get(path)
    seen += page["items"]
    while page["next_cursor"]:
        page = await at_desk.api.get(f"{path}&cursor={page['next_cursor']}")
        seen += page["items"]
    assert page["status"] == RunStatus.FINISHED
    return seen


async def _requested(at_desk: Desk, asked: Any) -> str:
    return await stored_runs.request(at_desk.database, at_desk.world, asked)
