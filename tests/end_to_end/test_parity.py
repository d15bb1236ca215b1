"""A whole disturbed day of the live line, archived and replayed: the same events, id for id; and one price altered."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx
import psycopg
import pytest

from sinks.archive import path_of
from tests.archives import altered
from tests.stages import Line, line_of
from tests.support import eventually
from transport.kafka import admin

TICKS = 20_000


async def ptj(line: Line, *arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime.cli", *arguments),
        env=line["sink"].environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, errors = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode or 0, said.decode(), errors.decode()


async def control(line: Line, path: str, body: dict[str, object]) -> dict[str, object]:
    async with httpx.AsyncClient(base_url=line["sink"].environment["KIS_BASE_URL"]) as client:
        answer = await client.post(f"/__control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def day(line: Line) -> tuple | None:
    async with await psycopg.AsyncConnection.connect(line.database_url) as connection:
        rows = await connection.execute(
            "select trade_date, closes_at, archive, archive_rows, param_version from trade_days where world = %s"
            " order by trade_date limit 1",
            (line.namespace,),
        )
        return await rows.fetchone()


async def disturbed(line: Line) -> None:
    """At least 20,000 ticks: dropouts, a change of parameters, a producer restarted, a processor killed."""
    await line.run_until(TICKS // 8)
    await control(line, "faults", {"name": "blank_fields", "symbol": "COIN", "duration_s": 90})
    await control(line, "faults", {"name": "dropped_socket"})
    await line.run_until(TICKS // 4)
    async with httpx.AsyncClient(base_url=line.api_url) as client:
        answer = await client.put("/api/config/parameters", json={"stop_loss_pct": -1.0, "confirm_sec": 1.0})
        assert answer.status_code == 200, answer.text
    await line.run_until(TICKS // 2)
    await line["producer"].end()
    await line["producer"].start()
    await control(line, "faults", {"name": "blank_fields", "duration_s": 20})
    await line.run_until(TICKS * 3 // 4)
    await line["processor-0"].kill()
    await asyncio.sleep(1)
    await line["processor-0"].start()
    await control(line, "faults", {"name": "dropped_socket"})
    await line.run_until(TICKS)


async def to_its_end(line: Line) -> None:
    """Over the close, then over the end of the day: what is between is jumped over."""
    for before_s in (20, -4 * 3600 + 60):
        found = await day(line)
        assert found is not None
        close_ms = round(found[1].timestamp() * 1000)
        await control(line, "clock", {"to_ms": close_ms - before_s * 1000})
        await asyncio.sleep(3)  # three market minutes


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_disturbed_day_replays_as_it_was_said(
    kafka, database_url, namespace, parts_home: Path, tmp_path: Path, capsys
):
    async with line_of(kafka.bootstrap_servers, database_url, parts_home / namespace, namespace=namespace) as line:
        await line.start("simulator", "processor-0", "sink", "api", "producer")
        await disturbed(line)
        ticks = await line.ticks()
        on, *_ = await day(line)

        code, _, errors = await ptj(line, "archive", str(on))
        assert code == 2
        assert "still runs" in errors
        await to_its_end(line)

        async def archived() -> bool:
            return (await day(line))[2] == "written"

        await eventually(archived, timeout_s=60, every_s=0.5)
        *_, rows, version = await day(line)
        path = path_of(line.home / "archive", namespace, "us", on)
        whole = path.read_bytes()
        path.unlink()
        code, said, errors = await ptj(line, "parity", str(on))
        assert (code, f"`ptj archive {on}`" in errors) == (2, True)
        code, said, errors = await ptj(line, "archive", str(on))
        assert (code, said) == (0, f"{on} of {namespace}: {rows:,} rows in {path}.\n"), errors
        assert path.read_bytes() == whole

        code, said, errors = await ptj(line, "parity", str(on))
        assert code == 0, said + errors
        assert f"{on} of {namespace}: parity 100 %" in said
        code, as_json, errors = await ptj(line, "parity", str(on), "--json")
        told = json.loads(as_json)
        assert (code, told["is_equal"], told["live"]) == (0, True, told["equal"])
        assert told["live"] > 100
        assert version == 2

        copy = tmp_path / "altered.parquet"
        was = altered(path, copy)
        code, altered_said, _ = await ptj(line, "parity", str(on), "--file", str(copy))
        assert code == 1
        assert "extra in the replay: " in altered_said
        assert f"stop_loss {was['symbol']}" in altered_said

        async with admin(kafka) as client:
            left = [topic for topic in await client.list_topics() if topic.startswith("replay.parity-")]
            left += [name for name, *_ in await client.list_consumer_groups() if name.startswith("replay.parity-")]
        assert left == []
        assert list((line.home / "runs").iterdir()) == []
        with capsys.disabled():
            print(f"\n  {ticks} ticks, {rows} rows; {said.strip()}\n  {altered_said.strip()}")
