"""Imports point at `schemas`; stages never meet; only who needs it pays for the calendar library."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGES = ("producers", "processors", "sinks", "api")
ALLOWED = {
    "schemas": {"schemas"},
    "transport": {"transport", "schemas"},
    **{stage: {stage, "schemas", "transport"} for stage in STAGES},
    "simulators": {"simulators", "schemas"},
    "runtime": {"runtime", "schemas", "transport", "simulators", *STAGES},
}
CALENDAR = "exchange_calendars"  # 69 MB resident, measured


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The top-level packages that a module names in an import, wherever in it, for type checkers only included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports of ours are absolute"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_it_may(package):
    assert modules(package)
    for path in modules(package):
        forbidden = (imported(path) & (set(ALLOWED) | {"tests", "benchmarks"})) - ALLOWED[package]
        assert not forbidden, f"{path.relative_to(ROOT)} imports {', '.join(sorted(forbidden))}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_unit_test_of_a_stage_meets_no_other_stage(stage):
    others = set(STAGES) - {stage}
    meeting = {str(path.relative_to(ROOT)) for path in modules(f"tests/unit/{stage}") if imported(path) & others}
    assert meeting == set()


@pytest.mark.parametrize("package", sorted(set(ALLOWED) - {"producers", "simulators"}))
def test_only_producer_and_simulator_import_the_calendar(package):
    users = [str(path.relative_to(ROOT)) for path in modules(package) if CALENDAR in imported(path)]
    assert users == []


@pytest.mark.parametrize(
    ("stage", "own"),
    [
        ("processors.worker", "processors"),
        ("sinks.run", "sinks"),
        ("api.run", "api"),
        ("producers.run", "producers"),
        ("simulators.kis.server", "simulators"),
        ("simulators.yahoo.server", "simulators"),
    ],
)
def test_a_process_loads_its_own_stage_and_no_other(stage, own):
    """What the process of a stage holds when it is about to run: its command, its settings, its config, its code."""
    program = f"import sys, runtime.cli, runtime.configs, runtime.settings, {stage}; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()
    packages = {name.partition(".")[0] for name in loaded}
    assert packages & {*STAGES, "simulators"} == {own}
    if own not in ("producers", "simulators"):
        assert CALENDAR not in packages
    assert "runtime.embedded.kafka" not in loaded


def test_an_api_that_makes_reports_loads_nothing_for_them_at_its_start():
    program = (
        "import sys, api.run; from runtime.configs import api_config; from runtime.settings import load_settings;"
        "assert api_config(load_settings()).report; print(' '.join(sys.modules))"
    )
    given = {"PTJ_ENV_FILE": "", "KAFKA_BOOTSTRAP_SERVERS": "nowhere:1", "DATABASE_URL": "postgresql://nowhere/none"}
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    assert {name.partition(".")[0] for name in loaded} & {*STAGES, "simulators"} == {"api"}
    assert "runtime.report" not in loaded


def test_the_command_is_there_before_any_stage_is_loaded():
    program = "import sys, runtime.cli; print(' '.join(sys.modules))"
    loaded = set(
        subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
        ).stdout.split()
    )
    heavy = {
        "aiokafka",
        "faust",
        "fastapi",
        "psycopg",
        "pydantic_settings",
        "httpx",
        CALENDAR,
        *STAGES,
        "simulators",
    }
    assert not loaded & heavy
