"""Runs as people ask for them: a worker takes what the command put into the queue, and the command says what came."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from runtime.places import base_directory
from schemas.runs import RunKind, RunRequest
from tests.running import Runs, environment, golden_runs, ptj
from tests.support import eventually
from tests.unit.processors.portfolio.test_golden_run import FIRST, SECOND
from transport.asked import LIMITS

SPAN = ["--start", str(FIRST), "--end", str(SECOND), "--interval", "5m"]


@pytest.fixture
async def line(kafka, database_url, namespace, tmp_path) -> Runs:
    return await golden_runs(kafka, database_url, namespace, tmp_path)


async def test_a_backtest_from_the_command_to_its_reports(line, tmp_path):
    page = tmp_path / "report.html"
    async with line.working():
        told = await ptj(line, "backtest", *SPAN, "--model", "v1", "--fees", "none", "--html", str(page))
    assert (told.returncode, told.stderr) == (0, "")
    assert "DEMO" in told.stdout
    assert "1,001.75 USD from 1,000.00 USD" in told.stdout  # the golden run's figure
    html = page.read_text("utf-8")
    assert "DEMO" in html
    assert html.count('class="mark') == 14  # every fill on the price of its symbol
    [listed] = json.loads((await ptj(line, "runs", "list", "--json")).stdout)
    assert (listed["status"], listed["kind"]) == ("finished", "backtest")
    again = await ptj(line, "runs", "show", listed["run_id"][:6])
    assert "1,001.75 USD" in again.stdout
    removed = await ptj(line, "runs", "remove", listed["run_id"])
    assert removed.stdout == f"Removed backtest {listed['run_id']}.\n"
    assert "No such runs" in (await ptj(line, "runs")).stdout


async def test_json_is_all_that_is_printed(line):
    async with line.working():
        told = await ptj(line, "backtest", *SPAN, "--model", "v1", "--json", "--set", "pair_gap_entry_threshold=1.5")
    assert (told.returncode, told.stderr) == (0, "")
    run = json.loads(told.stdout)
    assert run["demo"] is True
    assert round(run["result"]["portfolio"]["metrics"]["final_equity_usd"], 4) == 996.3142
    assert len(run["trades"]) == 14
    assert run["request"]["parameters"] == {"pair_gap_entry_threshold": 1.5}


async def test_a_replay_of_a_date(line):
    async with line.working():
        told = await ptj(line, "replay", str(FIRST), "--interval", "5m", "--step", "5m")
    assert (told.returncode, told.stderr) == (0, "")
    assert "one every 5m" in told.stdout


async def test_a_sweep_with_its_walk_forward(line, tmp_path):
    page = tmp_path / "sweep.html"
    grid = ["--grid", "stop_loss_pct=-2:-4:1", "--grid", "pair_gap_entry_threshold=1,2", "--walk-forward", "1"]
    async with line.working():
        told = await ptj(line, "sweep", *SPAN, *grid, "--sort", "mdd_pct", "--html", str(page))
    assert (told.returncode, told.stderr) == (0, "")
    assert "Combinations by drawdown %, 6" in told.stdout
    assert "Walk forward" in told.stdout
    assert page.read_text("utf-8").count('style="background') == 6


async def test_a_run_that_fails_says_why_in_one_sentence(line):
    async with line.working():
        told = await ptj(line, "backtest", "--start", "2026-03-02", "--end", "2026-03-03", "--interval", "5m")
    assert told.returncode == 1
    assert told.stdout == ""
    assert "Yahoo" in told.stderr
    assert told.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["backtest", "--start", "2026-02-11", "--end", "2026-02-10"], "--end: expected a date from 2026-02-11 on"),
        (
            ["backtest", "--start", "2026-02-14", "--end", "2026-02-15"],
            "is a Saturday), received 2026-02-14; would work: 2026-02-13",
        ),
        (["backtest", "--start", "yesterday", "--end", "2026-02-10"], "yesterday"),
        (["backtest", *SPAN, "--set", "stop_los_pct=-2"], "would work: stop_loss_pct"),
        (["backtest", *SPAN, "--capital", "0"], "--capital: expected a number > 0"),
        (["backtest", *SPAN, "--fees", "cheap"], "--fees: expected standard, discount, none"),
        (["backtest", *SPAN, "--model", "v3"], "--model: expected rule_text or v1"),
        (["backtest", *SPAN[:4], "--interval", "2m"], "--interval: expected one of auto, ticks, 1m"),
        (["backtest", *SPAN, "--html", "/nowhere/at/all.html"], "--html: expected a file in a directory that is there"),
        (["replay", "2026-02-15"], "is a Sunday), received 2026-02-15; would work: 2026-02-13"),
        (["replay", str(FIRST), "--step", "often"], "--step: expected a time like 5m"),
        (["replay", str(FIRST), "--session", "7"], "--session: expected a review session of "),
        (["sweep", *SPAN, "--grid", "confirm_sec=0:600:0.5"], "--grid: expected at most 1,000 combinations"),
        (["sweep", *SPAN, "--grid", "stop_loss_pct=a:b:c"], "--grid: expected name=from:to:step"),
        (["sweep", *SPAN, "--grid", "alloc_twin=0.1,0.2", "--sort", "luck"], "--sort: expected total_return_pct"),
        (["runs", "show", "nothing"], "`ptj runs` lists them"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else "",
)
async def test_what_cannot_be_is_told_before_anything_is_queued(line, arguments, said):
    told = await ptj(line, *arguments)
    assert told.returncode == 2
    assert said in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr
    assert await line.rows("select run_id from runs where run_id <> %s", "") == []


async def test_too_many_waiting_runs_are_refused_with_a_way_out(line):
    asked = RunRequest(kind=RunKind.BACKTEST, start=FIRST, end=SECOND)
    waiting = [await line.ask(asked) for _ in range(LIMITS.waiting)]
    told = await ptj(line, "backtest", *SPAN)
    assert told.returncode == 1
    said = " ".join(told.stderr.split())
    assert f"{len(waiting)} runs are waiting, and no more than {LIMITS.waiting} may; wait until one was taken" in said
    assert "`ptj runs cancel ID`" in said
    assert len(await line.rows("select run_id from runs where run_id <> %s", "")) == len(waiting)


async def test_without_a_line_the_way_out_is_named(line):
    told = await ptj(line, "backtest", *SPAN, DATABASE_URL="")
    assert told.returncode == 2
    assert "`ptj up`" in told.stderr


async def test_ctrl_c_cancels_the_run(line):
    command = [sys.executable, "-m", "runtime.cli", "backtest", *SPAN]
    process = await asyncio.create_subprocess_exec(
        *command, env=environment(line), cwd=base_directory(), stdout=-1, stderr=-1
    )

    async def queued() -> list[tuple[str, ...]]:
        return await line.rows("select run_id from runs where status = 'requested' and run_id <> %s", "")

    [(run_id,)] = await eventually(queued, timeout_s=30)
    process.send_signal(signal.SIGINT)
    _, said = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 130
    assert f"cancelled {run_id}" in said.decode()
    assert (await line.row(run_id))["status"] == "cancelled"


async def test_cancelling_and_removing(line):
    run_id = await line.ask(RunRequest(kind=RunKind.BACKTEST, start=FIRST, end=SECOND))
    refused = await ptj(line, "runs", "remove", run_id)
    assert (refused.returncode, f"ptj runs cancel {run_id}" in refused.stderr) == (1, True)
    assert f"Cancelled backtest {run_id}." in (await ptj(line, "runs", "cancel", run_id[:8])).stdout
    again = await ptj(line, "runs", "cancel", run_id)
    assert (again.returncode, "had ended before: cancelled" in again.stderr) == (1, True)
    shown = await ptj(line, "runs", "show", run_id)
    assert (shown.returncode, "cancelled" in shown.stderr) == (1, True)


def test_the_page_ships_with_the_package():
    for name in ("page.css", "page.js"):
        assert (Path(base_directory()) / "runtime" / "report" / name).is_file()
