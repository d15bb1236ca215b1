"""What the reader chose, and the rules in words beside every page."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import live, put_parameters, told
from tests.browser.pages import looking
from tests.stages import Line
from tests.support import eventually

RED, GREEN, BLUE = range(3)


async def test_the_rules_follow_the_parameters(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/tickers")
    await live(page)
    rules = page.get_by_role("complementary").get_by_role("listitem")
    before = (await told(line, "/api/config/parameters"))["parameters"]
    changed = {
        "gold_observe_minutes": 45,
        "gold_threshold_pct": 0.2,
        "pair_gap_sell_threshold": 0.4,
        "conditional_trigger_pct": 0.3,
        "stop_loss_pct": -4.5,
        "bearish_index_threshold_pct": -0.7,
    }
    version = await put_parameters(line, **changed)
    try:
        await expect(page.get_by_role("complementary")).to_contain_text(f"파라미터 v{version} 기준")
        for name, words in (
            ("R1 금", "개장 후 45분 동안 GLD를 봅니다. 그때 +0.20% 초과면 그날 신규 매수 금지."),
            ("R2 쌍둥이", "갭이 ±0.4%p 안이면 매도."),
            ("R3 조건부", "ETHU · XXRP · SOLT 모두 +0.30% 초과면 COIN 매수 검토."),
            ("R4 손절", "하루 등락 −4.50% 이하면"),
            ("R5 하락장", "SPY · QQQ 모두 −0.70% 미만이면"),
        ):
            await expect(rules.filter(has_text=name)).to_contain_text(words)
        await put_parameters(line, stop_loss_pct=None)
        await expect(rules.filter(has_text="R4 손절")).to_contain_text("손절선이 꺼져 있습니다.")
    finally:
        await put_parameters(line, **{name: before[name] for name in changed})
    await expect(rules.filter(has_text="R4 손절")).to_contain_text("하루 등락 −3.00% 이하면")


async def all_are(page: Page, way: str, hue: int) -> bool:
    """Whether the changes that went `way` and are current have `hue` (red 0, green 1, blue 2) before all others."""
    found = await page.locator(f"main [data-dir='{way}']").evaluate_all(
        """(all) => all.filter((one) => !one.closest("[data-current='false']"))
             .map((one) => getComputedStyle(one).color.match(/[0-9.]+/g).slice(0, 3).map(Number))"""
    )
    return bool(found) and all(colour.index(max(colour)) == hue for colour in found)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_up_is_red_in_korea_and_green_in_america(line: Line, open_page: OpenPage, theme: str) -> None:
    page = await open_page(f"{line.api_url}/tickers", **looking(line.api_url, theme=theme))
    await live(page)
    await eventually(lambda: all_are(page, "up", RED))
    await eventually(lambda: all_are(page, "down", BLUE))
    await page.get_by_role("button", name="화면 설정").click()
    await page.get_by_role("radio", name="상승 초록").check()
    await page.keyboard.press("Escape")
    await eventually(lambda: all_are(page, "up", GREEN))
    await eventually(lambda: all_are(page, "down", RED))
    other = await page.context.new_page()  # it is remembered
    await other.goto(f"{line.api_url}/tickers")
    await live(other)
    await eventually(lambda: all_are(other, "up", GREEN))
    await eventually(lambda: all_are(other, "down", RED))


async def test_the_language_changes_words_and_keeps_numbers(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/tickers")
    await live(page)
    row = page.get_by_role("row").filter(has_text="BITU")
    await expect(row).to_contain_text("비트코인")
    await page.get_by_role("button", name="Switch to English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("All tickers")
    await expect(row).not_to_contain_text(re.compile("[가-힣]"))
    await expect(row).to_contain_text(re.compile(r"[+−]?\d+\.\d\d"))
    other = await page.context.new_page()
    await other.goto(line.api_url)
    await expect(other.get_by_role("heading", level=1)).to_have_text("Overview")
    await page.get_by_role("button", name="한국어").click()
    await expect(other.get_by_role("heading", level=1)).to_have_text("전체 요약")  # in every tab
