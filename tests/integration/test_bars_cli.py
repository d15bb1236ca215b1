"""`ptj bars` and `ptj simulate yahoo` as people type them, on a real PostgreSQL."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.storing import rows
from tests.support import eventually, free_port

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
CLOSES, OHLCV = SHARED / "us_daily_close.csv", SHARED / "us_daily_ohlcv.csv"
Ptj = Callable[..., subprocess.CompletedProcess[str]]

# Kept beside the repository, not in it: closes of 16 tickers and, on another basis, OHLCV of 15.
real_data = pytest.mark.skipif(not (CLOSES.exists() and OHLCV.exists()), reason=f"the real data are not at {SHARED}")


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    clean = {
        k: v for k, v in os.environ.items() if not k.startswith(("PTJ_", "KIS_", "KAFKA_", "DATABASE_", "POSTGRES_"))
    }
    return {
        **clean, "PTJ_ENV_FILE": "", "PTJ_HOME": str(tmp_path / "var"), "DATABASE_URL": database_url, "COLUMNS": "120",
    }  # fmt: skip


@pytest.fixture
def bare(environment: dict[str, str]) -> Ptj:
    """A command on a database without tables."""

    def run(*arguments: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "runtime.cli", *map(str, arguments)],
            env={**environment, **env}, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def ptj(bare: Ptj) -> Ptj:
    assert bare("db", "migrate").returncode == 0
    return bare


def file(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


async def test_a_file_goes_in_once_and_comes_out_again(ptj, tmp_path):
    source = file(
        tmp_path / "in.csv",
        "symbol,timestamp,open,high,low,close,volume,note",
        "GLD,2026-02-10T14:30:00+00:00,100,101,99,100.5,10,x",
        "GLD,2026-02-10T14:35:00+00:00,100.5,102,100,101.25,20,y",
    )
    told = ptj("bars", "import", source)
    assert told.stdout.splitlines() == [
        "Ignored columns: note.",
        f"{source}: 5m bars of 1 symbol, 2026-02-10 to 2026-02-10, into demo: 2 new, 0 there already.",
    ]
    assert "0 new, 2 there already" in ptj("bars", "import", source).stdout
    for name in ("out.csv", "out.parquet"):
        assert ptj("bars", "export", tmp_path / name, "--interval", "5m").stdout.endswith("2 5m bars of demo.\n")
        assert "0 new, 2 there already" in ptj("bars", "import", tmp_path / name).stdout
    with (tmp_path / "out.csv").open() as written:
        assert list(csv.reader(written)) == [
            ["symbol", "timestamp", "open", "high", "low", "close", "volume"],
            ["GLD", "2026-02-10T14:30:00+00:00", "100", "101", "99", "100.5", "10"],
            ["GLD", "2026-02-10T14:35:00+00:00", "100.5", "102", "100", "101.25", "20"],
        ]


async def test_nothing_is_half_imported(ptj, tmp_path, database_url):
    source = file(tmp_path / "in.csv", "symbol,date,close", "GLD,2026-02-10,1", "GLD,2026-02-11,x", "GLD,2026-02-14,1")
    told = ptj("bars", "import", source)
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        'line 3: close: expected a price > 0, received "x"',
        'line 4: date: expected a trade date; the exchange was closed on 2026-02-14, received "2026-02-14"',
        f"ptj: {source}: 2 lines are at fault, so nothing was imported",
    ]
    assert await rows(database_url, "select 1 from daily_ohlcv") == []
    assert await rows(database_url, "select 1 from bar_days") == []


async def test_a_conflict_is_shown_with_both_values_and_replaced_when_told(ptj, tmp_path, database_url):
    ptj(
        "bars", "import", file(tmp_path / "one.csv", "symbol,date,close", "GLD,2026-02-10,385.12", "SPY,2026-02-10,690")
    )
    other = file(tmp_path / "two.csv", "symbol,date,close", "GLD,2026-02-10,385.13", "QQQ,2026-02-10,600")
    told = ptj("bars", "import", other)
    assert told.returncode == 2
    assert told.stderr.splitlines() == [
        "GLD 2026-02-10: close 385.12 stored, 385.13 received (stored from file)",
        f"ptj: {other}: 1 bar is stored with other values, so nothing was imported; --replace overwrites them",
    ]
    assert len(await rows(database_url, "select 1 from daily_ohlcv")) == 2
    told = ptj("bars", "import", other, "--replace")
    assert told.stdout.splitlines()[0].startswith("Replaced: GLD 2026-02-10: close 385.12 stored, 385.13 received")
    assert told.stdout.splitlines()[-1].endswith("into demo: 1 new, 0 there already, 1 replaced.")
    stored = await rows(database_url, "select symbol, close::float8 from daily_ohlcv order by 1")
    assert stored == [("GLD", 385.13), ("QQQ", 600.0), ("SPY", 690.0)]


async def test_holes_repeats_and_strangers_are_told(ptj, tmp_path):
    source = file(
        tmp_path / "in.csv", "symbol,date,close",
        "GLD,2026-02-09,1", "GLD,2026-02-11,1", "GLD,2026-02-11,1", "TSLA,2026-02-11,1",
    )  # fmt: skip
    said = ptj("bars", "import", source).stdout.splitlines()
    assert said[:3] == [
        "Not in the book, kept all the same: TSLA.",
        "Repeated, taken once: line 4: GLD 2026-02-11 repeats line 3.",
        "A hole: GLD has no bar on 2026-02-10; counted as days without bars.",
    ]


async def test_coverage_is_a_table_for_people_and_json_for_programs(ptj, tmp_path):
    assert "No bars of demo are stored" in ptj("bars", "coverage").stdout
    ptj("bars", "import", file(tmp_path / "in.csv", "symbol,date,close", "GLD,2026-02-09,1", "GLD,2026-02-11,1"))
    shown = ptj("bars", "coverage").stdout
    assert "GLD" in shown
    assert shown.splitlines()[-1] == "2 bars of 1 symbol of demo."
    told = json.loads(ptj("bars", "coverage", "--json").stdout)
    assert told["world"] == "demo"
    assert told["coverage"] == [
        {
            "interval": "1d", "symbol": "GLD", "first": "2026-02-09", "last": "2026-02-11", "days": 2, "empty": 1,
            "bars": 2, "sources": ["file"],
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["import", "none.csv"], 2, "ptj: none.csv: No such file or directory"),
        (["import", "none.csv", "--interval", "7m"], 2, "ptj: --interval: expected 1m, 5m, 1h or 1d, received '7m'"),
        (["export", "x.csv"], 2, "ptj: expected stored 1d bars of that span and those symbols, found none"),
        (["fetch"], 2, "ptj: PTJ_YAHOO_URL: expected an address or a running line, received neither"),
    ],
)
async def test_errors_are_a_sentence(ptj, arguments, code, sentence):
    told = ptj("bars", *arguments)
    assert told.returncode == code
    assert told.stderr.startswith(sentence)
    assert told.stderr.count("\n") == 1


async def test_a_database_without_tables_says_what_makes_them(bare):
    told = bare("bars", "coverage")
    assert (told.returncode, told.stderr) == (
        2,
        "ptj: the database has no tables of bars; `ptj db migrate` makes them\n",
    )


@contextmanager
def yahoo(environment: dict[str, str], *options: str) -> Iterator[str]:
    port = free_port()
    program = [sys.executable, "-m", "runtime.cli", "simulate", "yahoo", "--port", str(port), *options]
    child = subprocess.Popen(program, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        child.terminate()
        assert child.wait(20) == 0


async def test_bars_are_fetched_from_the_simulator_and_then_not_again(ptj, environment):
    with yahoo(environment, "--today", "2026-11-27") as url:
        async with httpx.AsyncClient(trust_env=False) as client:

            async def answers() -> bool:
                try:
                    return (await client.get(f"{url}/__control/state")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(answers, 60)
        asked = ["bars", "fetch", "--start", "2026-11-27", "--interval", "5m"]
        told = ptj(*asked, PTJ_YAHOO_URL=url)
        assert told.stdout.startswith("5m bars from 2026-11-27 to 2026-11-27: "), told.stderr
        assert "fetched in 32 requests for demo" in told.stdout
        again = ptj(*asked, PTJ_YAHOO_URL=url)
        assert again.stdout.endswith("all of demo were there, nothing was fetched.\n")
        holiday = ptj("bars", "fetch", "--start", "2026-11-26", "--end", "2026-11-26", PTJ_YAHOO_URL=url)
        assert holiday.stderr.startswith("ptj: start, end: expected a span with a trade date, received 2026-11-26")
    gone = ptj(*asked, PTJ_YAHOO_URL=url)
    assert gone.returncode == 1
    assert gone.stderr.startswith(f"ptj: the Yahoo simulator at {url} does not answer")


@real_data
async def test_the_real_closes_go_in_and_the_other_file_conflicts_until_told(ptj):
    told = ptj("bars", "import", CLOSES)
    assert told.stdout.splitlines()[-1].endswith(
        "1d bars of 16 symbols, 2024-01-02 to 2026-02-13, into demo: 6,684 new, 0 there already."
    )
    told = ptj("bars", "import", OHLCV)
    assert told.returncode == 2
    shown = told.stderr.splitlines()
    assert shown[0] == "BABX 2024-01-02: close 14.95 stored, 15 received (stored from file)"
    # 3,155 rows differ, 66 of them in single precision only (156.880005 for 156.88): counted by a loop over both files
    assert "3,089 bars are stored with other values, so nothing was imported" in shown[-1]
    told = ptj("bars", "import", OHLCV, "--replace")
    assert told.stdout.splitlines()[0] == "Ignored columns: adj_close."
    assert told.stdout.splitlines()[-1].endswith("into demo: 0 new, 0 there already, 136 completed, 3,089 replaced.")
    covered = json.loads(ptj("bars", "coverage", "--json").stdout)["coverage"]
    assert sum(row["bars"] for row in covered) == 6684
