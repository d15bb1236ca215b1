"""The report of a run as a download: the very file that the command writes, and an answer for every run without one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from runtime.configs import report_of_run
from runtime.settings import load_settings
from schemas.runs import RunKind, RunRequest
from tests.builders import at
from tests.reviewing import Desk, desk
from tests.running import Runs, environment, golden_runs, ptj
from tests.serving import NO_DATABASE, api_config, serving
from tests.support import eventually
from tests.unit.processors.portfolio.test_golden_run import FIRST, SECOND
from transport.kafka import Kafka

pytestmark = pytest.mark.timeout(300)  # a run starts an app of its own

SPAN = {"start": str(FIRST), "end": str(SECOND), "interval": "5m"}


@pytest.fixture
async def line(kafka: Kafka, database_url: str, namespace: str, tmp_path: Path) -> Runs:
    return await golden_runs(kafka, database_url, namespace, tmp_path)


@pytest.fixture
async def at_desk(line: Runs, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    for name, value in environment(line).items():
        monkeypatch.setenv(name, value)
    report = report_of_run(load_settings())
    async with desk(line.kafka, line.world, line.database_url, report=report, demo=True) as found:
        await found.line.frame(at("17:00", SECOND))  # by the market's clock, as by the worker's, both days are over
        await eventually(lambda: over(found, SECOND))
        yield found


async def over(at_desk: Desk, day: date) -> bool:
    told = await at_desk.api.get("/api/config/trading-days", params={"from": str(day), "to": str(day)})
    return bool(told["over"] == str(day))


async def of(at_desk: Desk, run_id: str) -> httpx.Response:
    return await at_desk.api.client.get(f"/api/runs/{run_id}/report.html")


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("backtest", {}),
        ("sweep", {"grid": {"stop_loss_pct": [-2, -3], "pair_gap_entry_threshold": [1, 2]}, "walk_forward_days": 1}),
    ],
)
async def test_it_is_the_file_that_the_command_writes(
    at_desk: Desk, line: Runs, tmp_path: Path, kind: str, more: dict[str, object]
) -> None:
    run_id = await at_desk.ask(f"/api/{kind}", **SPAN, **more)
    early = await of(at_desk, run_id)
    assert (early.status_code, early.json()["error"]["code"]) == (409, "no_report")
    async with line.working():
        assert (await line.ended(run_id, 120))["status"] == "finished"
    response = await of(at_desk, run_id)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    name = f"ptj-{kind}-{FIRST}-{SECOND}-{run_id}.html"
    assert response.headers["content-disposition"] == f'attachment; filename="{name}"'
    told = await ptj(line, "runs", "show", run_id, "--html", str(tmp_path / name))
    assert told.returncode == 0, told.stderr
    assert response.content == (tmp_path / name).read_bytes()


async def test_a_run_without_a_report_says_why(at_desk: Desk, line: Runs) -> None:
    unknown = await of(at_desk, "nothing")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_run")
    cancelled = await at_desk.backtest()
    await at_desk.api.client.delete(f"/api/runs/{cancelled}")
    response = await of(at_desk, cancelled)
    assert (response.status_code, response.json()["error"]["details"]["status"]) == (409, "cancelled")
    sweep = await at_desk.ask("/api/sweep", **SPAN, grid={"stop_loss_pct": [-2]})
    shard = await line.ask(RunRequest(kind=RunKind.SHARD, start=FIRST, end=SECOND, parent=sweep))
    response = await of(at_desk, shard)
    assert (response.status_code, response.json()["error"]["details"]["parent"]) == (409, sweep)


async def test_while_the_database_is_away(kafka: Kafka, namespace: str) -> None:
    async with serving(api_config(kafka, namespace, database_url=NO_DATABASE, report=lambda _: "")) as api:
        response = await api.client.get("/api/runs/any/report.html")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "database_unavailable")
    assert int(response.headers["retry-after"]) > 0


async def test_a_database_that_goes_away_meanwhile(at_desk: Desk, line: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = await at_desk.backtest()
    await at_desk.finish(await at_desk.claim())
    monkeypatch.setenv("DATABASE_URL", NO_DATABASE)
    lost = report_of_run(load_settings())
    async with serving(api_config(line.kafka, line.world, database_url=line.database_url, report=lost)) as api:
        response = await api.client.get(f"/api/runs/{run_id}/report.html")
    assert (response.status_code, response.json()["error"]["code"]) == (503, "database_unavailable")
