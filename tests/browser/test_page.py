"""The first page in a real browser: what it shows, what it says when it does not know, and how it comes back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect

from schemas.catalogue import SignalType
from tests.browser.conftest import OpenPage
from tests.browser.market import Market
from tests.builders import BOOK
from tests.serving import Api, Line, api_config, event, quote, serving, verdict, view, with_signal
from transport.kafka import Kafka

CARDS = ("코인 (BTC ↔ MSTR)", "은행 (HOOD ↔ COIN)", "반도체 (NVDA ↔ AMD)", "조건부 COIN", "하락장", "손절선")
WIDTHS = [1440, 768, 390]


@pytest.fixture(autouse=True)
def _no_dashboard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The plain page is what a checkout shows that has no built dashboard."""
    monkeypatch.setattr("api.page.BUILT", tmp_path)


@asynccontextmanager
async def showing(
    kafka: Kafka, namespace: str, scene: str = "busy", **options: Any
) -> AsyncIterator[tuple[Api, Market]]:
    """An API over a market in `scene`."""
    async with Line(kafka, namespace) as line:
        market = Market(line, scene)
        await market.open()
        async with serving(api_config(kafka, namespace, demo=True, **options)) as api:
            await api.loaded()
            yield api, market


async def keep_moving(market: Market) -> None:
    while True:
        await market.step()
        await asyncio.sleep(0.3)


@asynccontextmanager
async def moving(market: Market) -> AsyncIterator[None]:
    task = asyncio.create_task(keep_moving(market))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("width", WIDTHS)
async def test_shows_sixteen_moving_prices_and_five_signals(
    kafka: Kafka, namespace: str, open_page: OpenPage, width: int
) -> None:
    async with showing(kafka, namespace) as (api, market), moving(market):
        page = await open_page(f"{api.url}/static/index.html", width)
        rows = page.get_by_role("row")
        await expect(rows).to_have_count(17)  # with the head
        await expect(page.locator("#feed")).to_contain_text("실시간")
        await expect(page.locator("#demo")).to_be_visible()
        for name in (
            "코인 (BTC ↔ MSTR)",
            "은행 (HOOD ↔ COIN)",
            "반도체 (NVDA ↔ AMD)",
            "조건부 COIN",
            "하락장",
            "손절선",
        ):
            await expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
        await expect(page.get_by_role("heading", name="신규 매수 가능")).to_be_visible()
        await expect(page.get_by_role("button", name="손절선 도달 CONL")).to_be_visible()
        before = await page.locator("#rows").inner_text()
        await expect(page.locator("#rows")).not_to_have_text(before)
        assert await _overflow(page) == 0
        assert await _small_targets(page) == []


@pytest.mark.parametrize(
    ("scene", "headline"),
    [("banned", "오늘 신규 매수 금지"), ("observing", "금 상승 중, 신규 매수 보류"), ("calm", "신규 매수 가능")],
)
async def test_the_banner_says_whether_to_buy(
    kafka: Kafka, namespace: str, open_page: OpenPage, scene: str, headline: str
) -> None:
    async with showing(kafka, namespace, scene) as (api, market):
        page = await open_page(f"{api.url}/static/index.html")
        await market.step()
        await expect(page.get_by_role("heading", name=headline)).to_be_visible()
        if scene == "observing":
            await expect(page.locator("#session")).to_contain_text(re.compile(r"관찰 중, 매수까지 \d+:\d\d"))
        await market.close()
        await expect(page.get_by_role("heading", name="오늘 장이 끝났습니다")).to_be_visible()
        await expect(page.locator("#feed")).to_contain_text("장 마감")


async def test_clocks_follow_the_market(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    async with showing(kafka, namespace) as (api, market), moving(market):
        page = await open_page(f"{api.url}/static/index.html")
        # 10:41 in New York in winter is 00:41 in Seoul.
        await expect(page.locator("#clock-et")).to_have_text(re.compile(r"10:4\d:\d\d"))
        await expect(page.locator("#clock-kst")).to_have_text(re.compile(r"00:4\d:\d\d"))
        await expect(page.locator("#session")).to_contain_text(re.compile(r"본장 · 마감까지 5:1\d:\d\d"))


async def test_unknown_is_a_dash_with_a_reason(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    async with showing(kafka, namespace) as (api, market):
        page = await open_page(f"{api.url}/static/index.html")
        market.missing.add("MSTU")
        for _ in range(8):
            await market.step()
        row = page.get_by_role("row").filter(has_text="MSTU")
        await expect(row).to_contain_text("시세 없음")
        await expect(row.get_by_role("cell").first).to_have_text("—")
        assert await row.get_attribute("title") == "the broker sent no price"
        card = page.locator("[data-key='twin_pairs:coin']")
        await expect(card).to_contain_text("데이터 부족")
        await expect(card).to_contain_text("시세 없음: MSTU")
        await expect(page.locator("#coverage")).to_have_text("15/16")


async def test_why_is_one_click_away(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    async with showing(kafka, namespace) as (api, market):
        page = await open_page(f"{api.url}/static/index.html")
        await market.step()
        await page.get_by_role("button", name="은행 (HOOD ↔ COIN): 왜?").click()
        panel = page.get_by_role("dialog")
        await expect(panel).to_contain_text("매수 갭 (%p)1.5")
        await expect(panel).to_contain_text("파라미터 버전")
        await expect(panel).to_contain_text("손절선(R4)")  # CONL is at the stop line, so its buy is held back
        await page.get_by_role("button", name="닫기").click()
        await expect(panel).to_be_hidden()
        await page.get_by_role("button", name="GLD 금 ETF").click()
        await expect(panel).to_contain_text("매수호가")
        await page.keyboard.press("Escape")
        await expect(panel).to_be_hidden()


async def test_speaks_english_and_remembers(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    async with showing(kafka, namespace) as (api, market):
        page = await open_page(f"{api.url}/static/index.html")
        await market.step()
        await page.get_by_role("button", name="Switch to English").click()
        await expect(page.get_by_role("heading", name="New buys allowed")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("heading", name="New buys allowed")).to_be_visible()
        # The fonts apart, nothing Korean is left but the button that switches back.
        text = await page.locator("body").inner_text()
        assert re.findall(r"[가-힣]+", text) == ["한국어"]


async def test_the_theme_can_be_switched(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    async with showing(kafka, namespace) as (api, _):
        page = await open_page(f"{api.url}/static/index.html", color_scheme="light")
        await expect(page.locator("html")).to_have_attribute("data-theme", "light")
        await page.get_by_role("button", name="밝은 화면과 어두운 화면 전환").click()
        await page.reload()
        await expect(page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_lost_server_is_said_and_what_was_missed_comes_back(
    kafka: Kafka, namespace: str, open_page: OpenPage
) -> None:
    async with Line(kafka, namespace) as line:
        market = Market(line, "calm")
        await market.open()
        config = api_config(kafka, namespace, demo=True)
        async with serving(config) as api:
            await api.loaded()
            page = await open_page(f"{api.url}/static/index.html")
            await expect(page.get_by_role("heading", name="신규 매수 가능")).to_be_visible()
            known = await page.locator("#events li").count()
        await expect(page.get_by_role("heading", name="서버에 연결할 수 없습니다")).to_be_visible()
        await expect(page.locator("#banner")).to_contain_text("기준이며")
        missed = [event(n, after=verdict("ENTRY:follow_lags", actionable=True)) for n in range(3)]
        await line.events(*missed)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        async with serving(config) as api:
            await market.step()
            await expect(page.locator("#events li")).to_have_count(known + 3, timeout=40_000)
            await expect(page.locator("#banner")).not_to_contain_text("연결할 수 없습니다")
            assert any("last_event_id=" in url for url in asked)


async def test_prices_that_stop_are_not_shown_as_current(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    async with Line(kafka, namespace) as line:
        await line.open()
        old = datetime.now(UTC) - timedelta(seconds=47)
        await line.frame(ingested=old)
        await line.quotes(*(replace(quote(symbol, 1.0), ingest_time=old) for symbol in BOOK.symbols))
        async with serving(api_config(kafka, namespace)) as api:
            await api.loaded()
            page = await open_page(f"{api.url}/static/index.html")
            await expect(page.get_by_role("heading", name="시세가 멈췄습니다")).to_be_visible()
            await expect(page.locator("#feed")).to_contain_text(re.compile(r"\d+초째 수신 없음"))
            await expect(page.locator("#demo")).to_be_hidden()
            await expect(page.get_by_text("시세가 멈춰 있어 지금 할 일을 말할 수 없습니다")).to_be_visible()


async def test_a_new_signal_of_the_catalogue_gets_a_card(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    breadth = SignalType(type="breadth", rule="somewhere:Breadth", title_en="Breadth", title_ko="시장 폭")
    async with showing(kafka, namespace, catalogue=with_signal(breadth)) as (api, market):
        page = await open_page(f"{api.url}/static/index.html")
        await market.line.views(view("breadth", "us", verdict("broad"), {"up_pct": 62.5}))
        card = page.locator("[data-key='breadth:us']")
        await expect(card).to_contain_text("시장 폭 · us")
        await expect(card).to_contain_text("broad")
        await expect(card).to_contain_text("62.5")


async def test_texts_from_the_stream_stay_text(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    breadth = SignalType(type="breadth", rule="somewhere:Breadth", title_en=nasty, title_ko=nasty)
    async with showing(kafka, namespace, catalogue=with_signal(breadth)) as (api, market):
        page = await open_page(f"{api.url}/static/index.html")
        await market.line.views(
            view("breadth", nasty, verdict(nasty), {nasty: 1, "message": nasty, "missing": [nasty]})
        )
        await market.line.events(event(1, "breadth", nasty, verdict(nasty, actionable=True)))
        await market.line.quotes(replace(quote("GLD", 1.0, reason=nasty)))
        card = page.locator(".card").filter(has_text="onerror")
        await expect(card).to_have_count(1)
        await expect(page.locator("#events li").filter(has_text="onerror")).to_have_count(1)
        assert await page.locator("img").count() == 0


async def test_nothing_moves_for_those_who_asked_for_it(kafka: Kafka, namespace: str, open_page: OpenPage) -> None:
    async with showing(kafka, namespace) as (api, market):
        page = await open_page(f"{api.url}/static/index.html", reduced_motion="reduce")
        await expect(page.get_by_role("row")).to_have_count(17)
        await market.step(lively=1.0)
        await expect(page.locator("#feed")).to_contain_text("실시간")
        running = "document.getAnimations().filter((one) => one.playState === 'running').length"
        assert await page.evaluate(running) == 0


async def _overflow(page: Page) -> int:
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def _small_targets(page: Page) -> list[str]:
    """Buttons that are smaller than a thumb."""
    found = await page.evaluate(
        """[...document.querySelectorAll('button')]
             .filter((one) => one.offsetParent !== null)
             .map((one) => [one.innerText, one.getBoundingClientRect()])
             .filter(([, box]) => box.width < 44 || box.height < 44)
             .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )
    return [str(one) for one in found]
