"""The built dashboard over a running line of `ptj` processes, and what can be read off its pages."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
from playwright.async_api import Page, expect
from psycopg.sql import SQL, Identifier

from tests.line import events_of
from tests.stages import Line, line_of
from tests.support import eventually, free_port
from tests.yahoo import SESSIONS
from transport.kafka import Kafka

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "api" / "dashboard" / "index.html"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SPEED = 20  # market seconds a second: a session lasts twenty minutes, and signals come often


def build() -> None:
    """The dashboard as `make up` builds it; nothing to do while it is newer than its sources."""
    made = subprocess.run(
        ["make", str(BUILT.relative_to(ROOT))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]


@asynccontextmanager
async def dashboard_line(kafka: Kafka, database_server: str, home: Path) -> AsyncIterator[Line]:
    """A line in a namespace and a database of its own, started, with prices flowing and a worker for runs."""
    name = f"ptj_test_{uuid4().hex[:12]}"
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    url = database_server.rpartition("/")[0] + f"/{name}"
    yahoo = free_port()
    extra = {"PTJ_YAHOO_URL": f"http://127.0.0.1:{yahoo}"}
    async with line_of(kafka.bootstrap_servers, url, home, namespace=name, speed=SPEED, extra=extra) as line:
        line.add("yahoo", "simulate", "yahoo", "--port", str(yahoo))
        line.add("worker", "backtest-worker")
        await line.start("simulator", "processor-0", "sink", "api", "producer", "yahoo", "worker")
        yield line


async def put_parameters(line: Line, **changes: Any) -> int:
    """Change parameters as another client does. Returns the new version."""
    async with httpx.AsyncClient(base_url=line.api_url, timeout=15) as client:
        answer = await client.put("/api/config/parameters", json=changes)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["version"])


async def told(line: Line, path: str, **query: Any) -> Any:
    """What the API answers, for comparing a page with it."""
    async with httpx.AsyncClient(base_url=line.api_url, timeout=15) as client:
        answer = await client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def finished(line: Line, run_id: str, timeout_s: float = 90) -> Any:
    """Wait until a run has finished; the run with its result."""

    async def ended() -> Any:
        run = await told(line, f"/api/runs/{run_id}")
        return run if run["status"] not in ("requested", "running") else None

    run = await eventually(ended, timeout_s=timeout_s, every_s=0.3)
    assert run["status"] == "finished", run["error"]
    return run


async def past_dates(line: Line, count: int) -> list[date]:
    """The last trade dates before that of the line, oldest first."""
    on, dates = date.fromisoformat((await told(line, "/api/prices"))["trade_date"]), []
    for _ in range(count):
        on = SESSIONS.previous(on).trade_date
        dates.insert(0, on)
    return dates


async def rows_of(page: Page, caption: str) -> list[list[str]]:
    """The cells of a table, row by row, as they are read."""
    table = page.get_by_role("region", name=caption, exact=True)
    read = "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
    cells: list[list[str]] = await table.locator("tbody tr").evaluate_all(read)
    return cells


async def live(page: Page, timeout_s: float = 40) -> None:
    """Wait until the page says that what it shows is current."""
    await expect(page.locator("[data-current]").first).to_have_attribute("data-feed", "live", timeout=timeout_s * 1000)


async def feed_ids(page: Page) -> list[str]:
    """Ids of the events that the feed shows, from the top down."""
    ids = await page.locator("main li[data-event]").evaluate_all("(rows) => rows.map((row) => row.dataset.event)")
    return [str(one) for one in ids]


@asynccontextmanager
async def standing_still(line: Line) -> AsyncIterator[None]:
    """The log grows no more, so that it can be compared; afterwards it goes on, whatever happened."""
    await line["producer"].end()
    try:
        yield
    finally:
        await line["producer"].start()


async def all_are_shown_once(page: Page, line: Line, since: int) -> None:
    """Wait until the feed shows every event of the log from number `since` on, and nothing twice or of its own."""

    async def alike() -> bool:
        shown = await feed_ids(page)
        logged = [event.event_id for event in await events_of(line.kafka, line.namespace)]
        assert len(shown) == len(set(shown)), "none is shown twice"
        return set(logged[since:]) <= set(shown) <= set(logged)

    await eventually(alike, timeout_s=60, every_s=0.5)


async def drawn(page: Page) -> None:
    """Wait until nothing on the page is a placeholder any more."""
    await expect(page.locator("main h1")).to_be_visible()
    await expect(page.locator("main [aria-hidden='true'][class*='skeleton']")).to_have_count(0, timeout=20_000)


async def overflow(page: Page) -> list[str]:
    """What reaches beyond the right edge of the window and is not inside something that scrolls or clips."""
    found = await page.evaluate(
        """() => {
          const wide = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= wide) return [];
          return [...document.body.querySelectorAll('*')]
            .filter((one) => one.getBoundingClientRect().right > wide + 1)
            .map((one) => `${one.tagName}.${one.className} ${(one.innerText ?? '').slice(0, 40)}`)
            .slice(0, 8)
            .concat([`${document.documentElement.scrollWidth} > ${wide}`]);
        }"""
    )
    return [str(one) for one in found]


async def serious(page: Page) -> list[str]:
    """What axe finds that keeps people out: rule, element and why."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(
        """async () => {
          const { violations } = await axe.run(document, { resultTypes: ['violations'] });
          // Korean writes the unit onto a number, so that the day 23 is called 23일: to axe another word.
          const said = (one) => one?.getAttribute('aria-label')?.includes(one.innerText.trim());
          return violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .flatMap(({ id, nodes }) =>
              nodes
                .filter(({ target }) =>
                  id !== 'label-content-name-mismatch' || !said(document.querySelector(target.at(-1))))
                .slice(0, 4)
                .map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`));
        }"""
    )
    return [str(one) for one in found]
