"""Many tabs of one browser: one connection to the server, which another tab takes over when its tab is closed."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import all_are_shown_once, live, standing_still
from tests.line import events_of
from tests.stages import Line
from tests.support import eventually

pytestmark = pytest.mark.timeout(300)


async def listeners(line: Line) -> int:
    """How many streams the API serves."""
    async with httpx.AsyncClient(base_url=line.api_url, timeout=15) as client:
        return int((await client.get("/api/health")).json()["clients"])


def noted_streams(page: Page) -> list[str]:
    """The addresses of streams that a tab opens from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if "/api/stream/" in request.url else None)
    return found


async def test_tabs_share_one_connection_and_one_takes_it_over(line: Line, open_page: OpenPage) -> None:
    async def alone() -> bool:
        return await listeners(line) == 0

    await eventually(alone, timeout_s=60)  # the tabs of the test before are gone
    leader = await open_page(f"{line.api_url}/signals")
    await live(leader)
    followers = [await leader.context.new_page() for _ in range(2)]
    streams = [noted_streams(tab) for tab in followers]
    for tab in followers:
        await tab.goto(f"{line.api_url}/signals")
        await live(tab)
        await tab.get_by_role("radiogroup", name="범위").get_by_role("radio", name="모든 판정").check()
    assert streams == [[], []]
    assert await listeners(line) == 1
    for tab in (leader, *followers):
        gold = tab.get_by_role("banner").get_by_role("button", name="GLD")
        await expect(gold).to_have_text(re.compile(r"GLD\s*[\d,.]+"))
        before = await tab.get_by_role("banner").inner_text()
        await expect(tab.get_by_role("banner")).not_to_have_text(before, use_inner_text=True)

    logged = len(await events_of(line.kafka, line.namespace))
    await leader.close()

    async def taken_over() -> bool:
        return sorted(map(len, streams)) == [0, 1] and await listeners(line) == 1

    await eventually(taken_over, timeout_s=30)
    (address,) = next(found for found in streams if found)
    assert "last_event_id=" in address, "it goes on where the other tab was"

    async def some_more() -> bool:
        return len(await events_of(line.kafka, line.namespace)) >= logged + 5

    await eventually(some_more, timeout_s=120, every_s=1)
    for tab in followers:
        await live(tab)
    async with standing_still(line):
        for tab in followers:
            await all_are_shown_once(tab, line, logged)
    assert sorted(map(len, streams)) == [0, 1]
    await live(followers[0])
