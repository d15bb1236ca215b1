"""The wheel of `make build`, installed where there is no checkout: it serves the dashboard."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support import eventually, free_port
from transport.kafka import Kafka, ensure_topics

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "api" / "dashboard"


def run(*words: str | Path, cwd: Path, within_s: float = 900) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=within_s, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make build` leaves in `dist/` of a checkout with its dashboard built, nothing else in it."""
    run("make", "dashboard", cwd=ROOT)
    tree = tmp_path_factory.mktemp("checkout")
    tracked = run("git", "ls-files", "-z", cwd=ROOT).split("\0")
    for name in filter(None, tracked):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    shutil.copytree(DASHBOARD, tree / "api" / "dashboard")
    venv = Path(sys.executable).parents[1]
    # The tools are this environment's, and what is built already is not built again.
    run("make", "build", f"VENV={venv}", "-o", f"{venv}/.installed", "-o", "api/dashboard/index.html", cwd=tree)
    (found,) = (tree / "dist").glob("*.whl")
    return found


def test_it_carries_the_built_dashboard(wheel: Path) -> None:
    packaged = zipfile.ZipFile(wheel)
    for file in DASHBOARD.rglob("*"):
        if file.is_file():
            assert packaged.read(file.relative_to(ROOT).as_posix()) == file.read_bytes(), file


async def test_installed_alone_it_serves_the_dashboard(
    wheel: Path, kafka: Kafka, namespace: str, tmp_path: Path
) -> None:
    python = tmp_path / "venv" / "bin" / "python"
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    run(*pip, "--require-hashes", "--requirement", ROOT / "requirements.lock", cwd=tmp_path)
    run(*pip, "--no-deps", "--no-index", wheel, cwd=tmp_path)
    await ensure_topics(kafka, namespace)
    port = free_port()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PTJ_", "KIS_", "PYTHONPATH"))}
    settings = {
        "PTJ_ENV_FILE": "",
        "PTJ_HOME": str(tmp_path / "var"),
        "PTJ_NAMESPACE": namespace,
        "PTJ_API_PORT": str(port),
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",  # the page needs none
    }
    api = await asyncio.create_subprocess_exec(
        tmp_path / "venv" / "bin" / "ptj", "api", cwd=tmp_path, env=own | settings
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=15) as client:

            async def answers() -> bool:
                try:
                    return (await client.get("/api/health/live")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(answers, timeout_s=120)
            page = await client.get("/backtests/new")  # a route of the dashboard, which the plain page has not
            assert page.text == (DASHBOARD / "index.html").read_text("utf-8")
            for address in re.findall(r'(?:src|href)="(/[^"]+)"', page.text):
                file = await client.get(address)
                assert file.content == (DASHBOARD / address.lstrip("/")).read_bytes(), address
    finally:
        api.terminate()
        await api.wait()
