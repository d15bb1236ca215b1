"""A Chromium that looks at the dashboard, and what it cost: the main thread's time, frames, memory, time to pixels."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from playwright.async_api import Browser, CDPSession, Page, async_playwright

from tests.browser.chromium import CHROMIUM, FLAGS

DRAWN_S = 5.0  # from opening a page until its charts stand and nothing is loaded any more

# Tells of each price or event that the page shows when the frame that shows it has been painted: a task posted while
# the document changes runs after the frame.
NOTE_PIXELS = """() => {
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  window.seen = [];
  port1.onmessage = () => {
    const at = performance.timeOrigin + performance.now();
    for (const [kind, of, text] of waiting.splice(0)) window.seen.push([kind, of, text, at]);
  };
  const note = (...what) => waiting.push(what) === 1 && port2.postMessage(0);
  new MutationObserver((changes) => {
    for (const change of changes) {
      const cell = (change.target.nodeType === 3 ? change.target.parentElement : change.target)?.closest('td');
      if (cell?.cellIndex === 1) {
        note('price', cell.parentElement.querySelector('b').innerText, cell.querySelector('.num').innerText);
      }
      for (const one of change.addedNodes) {
        for (const row of one.matches?.('li[data-event]') ? [one] : one.querySelectorAll?.('li[data-event]') ?? [])
          note('event', row.dataset.event, '');
      }
    }
  }).observe(document.querySelector('main'), { subtree: true, childList: true, characterData: true });
}"""

COUNT_FRAMES = """async (ms) => {
  const times = [];
  const until = performance.now() + ms;
  await new Promise((done) => {
    const frame = (at) => {
      times.push(at);
      if (performance.now() < until) requestAnimationFrame(frame);
      else done();
    };
    requestAnimationFrame(frame);
  });
  const gaps = times.slice(1).map((at, i) => at - times[i]);
  return [gaps.length / ((times.at(-1) - times[0]) / 1000), Math.max(...gaps)];
}"""

SCRIPTS = """() => performance.getEntriesByType('resource')
  .filter((one) => new URL(one.name).pathname.endsWith('.js'))
  .map((one) => [new URL(one.name).pathname.split('/').at(-1), one.encodedBodySize])"""


class Pixel(NamedTuple):
    """What a painted frame showed: a price of a symbol as text, or an event by its id. `at_ms` since 1970."""

    kind: str
    of: str
    text: str
    at_ms: float


class Look:
    """One page, opened on one path and measured through the browser's own counters."""

    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self.page, self._cdp = page, cdp

    async def busy_pct(self, seconds: float) -> float:
        """Share of a core that the page's main thread uses, whatever else the machine does."""
        before = await self._main_s()
        await asyncio.sleep(seconds)
        return 100 * (await self._main_s() - before) / seconds

    async def frames(self, seconds: float) -> tuple[float, float]:
        """Frames a second, and the longest time between two, ms."""
        rate, gap = await self.page.evaluate(COUNT_FRAMES, seconds * 1000)
        return float(rate), float(gap)

    async def heap_mb(self) -> float:
        """What JavaScript holds after its garbage was collected."""
        for _ in range(2):
            await self._cdp.send("HeapProfiler.collectGarbage")
            await asyncio.sleep(0.3)
        usage: dict[str, Any] = await self._cdp.send("Runtime.getHeapUsage")
        return float(usage["usedSize"]) / 1e6

    async def scripts_kb(self) -> dict[str, float]:
        """Size as sent of each script that was loaded."""
        return {name: size / 1e3 for name, size in await self.page.evaluate(SCRIPTS)}

    async def note_pixels(self) -> None:
        await self.page.evaluate(NOTE_PIXELS)

    async def pixels(self) -> list[Pixel]:
        """What was noted so far."""
        return [Pixel(*one) for one in await self.page.evaluate("() => window.seen")]

    async def _main_s(self) -> float:
        told: dict[str, Any] = await self._cdp.send("Performance.getMetrics")
        return next(float(one["value"]) for one in told["metrics"] if one["name"] == "TaskDuration")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def look(browser: Browser, url: str, *, drawn_s: float = DRAWN_S) -> AsyncIterator[Look]:
    """`url` in a window of its own at 1440 x 900, once it shows live data."""
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        await page.goto(url)
        await page.locator("[data-feed='live']").first.wait_for()
        await page.locator("main h1").wait_for()
        await asyncio.sleep(drawn_s)
        yield Look(page, cdp)
    finally:
        await context.close()


def percentile(samples: Sequence[float], share: float) -> float:
    """The smallest sample that `share` of them do not exceed."""
    return sorted(samples)[max(0, math.ceil(share * len(samples)) - 1)]
