"""A browser for the tests, and a page that notes what goes wrong in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.dashboard import build, dashboard_line
from tests.stages import Line
from transport.kafka import Kafka

OpenPage = Callable[..., Awaitable[Page]]

expect.set_options(timeout=30_000)  # the line, its worker and the browser share what may be two processors


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: install Debian's chromium, or name one in PTJ_CHROMIUM")
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        await found.close()


@pytest.fixture(scope="session")
async def line(kafka: Kafka, database_server: str, parts_home: Path) -> AsyncIterator[Line]:
    """The built dashboard over a line of processes that all files share: who stops a stage starts it again."""
    build()
    async with dashboard_line(kafka, database_server, parts_home / "dashboard") as line:
        yield line


@pytest.fixture
async def open_page(browser: Browser) -> AsyncIterator[OpenPage]:
    """`await open_page(url, width=390)`. The test fails on a script error, a policy breach or a foreign request.

    So it does for further tabs, which `page.context.new_page()` opens.
    `expected`: texts of what the browser logs by itself when the server refuses, where a test is about that.
    """
    wrong: list[str] = []
    async with AsyncExitStack() as stack:

        async def opened(
            url: str, width: int = 1440, height: int = 900, *, expected: tuple[str, ...] = (), **options: Any
        ) -> Page:
            origin = "{0.scheme}://{0.netloc}/".format(urlsplit(url))
            context = await browser.new_context(viewport={"width": width, "height": height}, **options)
            stack.push_async_callback(context.close)
            context.on("weberror", lambda found: wrong.append(f"error: {found.error}"))
            context.on("console", lambda message: _note(wrong, message.type, message.text, expected))
            context.on("request", lambda one: _is_ours(one.url, origin) or wrong.append(f"foreign: {one.url}"))
            page = await context.new_page()
            await page.goto(url)
            return page

        yield opened
    assert wrong == []


def _is_ours(url: str, origin: str) -> bool:
    return url.startswith((origin, f"blob:{origin}"))  # a blob is what a page offers for download


AWAY = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "ERR_INCOMPLETE_CHUNKED", "ERR_EMPTY_RESPONSE")


def _note(wrong: list[str], kind: str, text: str, expected: tuple[str, ...]) -> None:
    # A server that is away is what some tests are about; the browser logs it by itself.
    if kind in ("error", "warning") and not any(known in text for known in (*AWAY, *expected)):
        wrong.append(f"{kind}: {text}")
