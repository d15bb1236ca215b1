"""Why a verdict is what it is, one key away from its badge."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from runtime.report.words import signed
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import live, told
from tests.stages import Line
from tests.support import eventually

REASONS = {
    "R1": "금 (R1)",
    "R4": "손절선 (R4)",
    "R5": "하락장 (R5)",
    "session": "매수 시간 아님",
    "data": "데이터 부족",
}


def fact(panel: Locator, name: str) -> Locator:
    """The value that stands beside a name."""
    row = panel.locator("dl > div").filter(has=panel.page.locator("dt").get_by_text(name, exact=True))
    return row.locator("dd")


async def opened_by_keyboard(page: Page, button: Locator) -> Locator:
    await button.focus()
    await expect(button).to_be_focused()
    await page.keyboard.press("Enter")
    panel = page.get_by_role("dialog")
    await expect(panel).to_be_visible()
    return panel


async def closed_by_keyboard(page: Page, button: Locator) -> None:
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(button).to_be_focused()


async def test_a_card_says_why_by_keyboard(line: Line, open_page: OpenPage) -> None:
    page = await open_page(line.api_url)
    await live(page)
    in_force = await told(line, "/api/config/parameters")
    button = page.get_by_role("button", name="BITU → MSTU: 왜?")
    panel = await opened_by_keyboard(page, button)
    for symbol in ("BITU", "MSTU"):
        await expect(fact(panel, symbol)).to_have_text(re.compile(r"[+−]?\d+\.\d\d%"))
    await expect(fact(panel, "갭 (%p)")).to_have_text(re.compile(r"[+−]?\d+\.\d\d"))
    entry = in_force["parameters"]["pair_gap_entry_threshold"]
    await expect(fact(panel, "매수 갭 (%p)")).to_have_text(f"{entry:g}")
    await expect(panel.get_by_role("heading", name="보류 이유")).to_be_visible()
    await expect(fact(panel, "파라미터 버전")).to_have_text(f"v{in_force['version']}")
    await expect(fact(panel, "Kafka 위치")).to_have_text(re.compile(r"[\d,]+"))
    await closed_by_keyboard(page, button)


async def test_an_event_says_what_it_was_judged_by(line: Line, open_page: OpenPage) -> None:
    """The panel of an event whose numbers do not move is compared with the event itself."""

    async def held_back() -> Any:
        events = (await told(line, "/api/events", type="twin_pairs", limit=500))["items"]
        return next((one for one in events if one["after"]["suppressed_by"] and one["after"]["state"] == "ok"), None)

    event = await eventually(held_back, timeout_s=90, every_s=1)
    page = await open_page(f"{line.api_url}/signals")
    await live(page)
    await page.get_by_role("radiogroup", name="범위").get_by_role("radio", name="모든 판정").check()
    row = page.locator(f"li[data-event='{event['event_id']}']").get_by_role("button")
    more = page.get_by_role("button", name="더 보기")

    async def shown() -> bool:
        if await row.count():
            return True
        if await more.count() and await more.is_enabled():
            await more.click()
        return False

    await eventually(shown, timeout_s=60, every_s=0.3)
    panel = await opened_by_keyboard(page, row)
    data = event["data"]
    await expect(fact(panel, data["lead"])).to_have_text(f"{signed(data['lead_pct'])}%")
    await expect(fact(panel, data["follow"])).to_have_text(f"{signed(data['follow_pct'])}%")
    await expect(fact(panel, "갭 (%p)")).to_have_text(signed(data["gap"]))
    await expect(fact(panel, "매수 갭 (%p)")).to_have_text(f"{data['thresholds']['pair_gap_entry_threshold']:g}")
    reasons = [REASONS[code] for code in event["after"]["suppressed_by"]]
    await expect(panel.get_by_role("listitem").locator("span").first).to_have_text(reasons[0])
    await expect(panel.get_by_role("listitem")).to_have_count(len(reasons))
    await expect(fact(panel, "파라미터 버전")).to_have_text(f"v{event['parameter_version']}")
    await expect(fact(panel, "Kafka 위치")).to_have_text(f"{line.namespace}.ticks @ {event['position']:,}")
    await expect(fact(panel, "이벤트 ID")).to_have_text(event["event_id"][:12])
    await closed_by_keyboard(page, row)
