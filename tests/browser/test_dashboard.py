"""The built dashboard in a real browser, over a real line: simulator, producer, processor, sink and API."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from schemas.topics import BARS
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import (
    all_are_shown_once,
    drawn,
    live,
    overflow,
    put_parameters,
    serious,
    standing_still,
)
from tests.browser.pages import MOVING, PAGES, looking
from tests.line import events_of
from tests.stages import Line
from tests.storing import append
from tests.support import eventually

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_shows_live_data(line: Line, open_page: OpenPage, path: str) -> None:
    page = await open_page(line.api_url + path)
    await live(page)
    await expect(page.locator("main h1")).to_have_text(PAGES[path][0])
    for symbol in ("GLD", "SPY", "QQQ"):
        await expect(page.get_by_role("banner").get_by_role("button", name=symbol)).to_have_text(
            re.compile(rf"{symbol}\s*[\d,.]+\s*[+−]?\d+\.\d\d%")
        )
    part = page.locator("main" if path in MOVING else "header").first
    before = await part.inner_text()
    await expect(part).not_to_have_text(before, use_inner_text=True, timeout=15_000)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ko", "en"])
async def test_a_phone_needs_no_sideways_scrolling(line: Line, open_page: OpenPage, path: str, language: str) -> None:
    page = await open_page(line.api_url + path, 390, 844, **looking(line.api_url, language=language))
    await live(page)
    await drawn(page)
    assert await overflow(page) == []
    await expect(page.get_by_role("navigation", name=re.compile("주요 화면|Main pages"))).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_nobody_is_kept_out(line: Line, open_page: OpenPage, path: str, theme: str) -> None:
    page = await open_page(line.api_url + path, reduced_motion="reduce", **looking(line.api_url, theme=theme))
    await live(page)
    await drawn(page)
    assert await serious(page) == []
    await page.set_viewport_size({"width": 390, "height": 844})
    await drawn(page)
    assert await serious(page) == []


async def test_the_language_switches_and_stays(line: Line, open_page: OpenPage) -> None:
    page = await open_page(line.api_url)
    await live(page)
    await page.get_by_role("button", name="Switch to English").click()
    for path, (_, english) in PAGES.items():
        await page.goto(line.api_url + path)
        await expect(page.locator("main h1")).to_have_text(english)
        await drawn(page)
        # But for the button that switches back, nothing Korean is left.
        text = await page.locator("body").inner_text()
        assert sorted(set(re.findall(r"[가-힣]+", text))) == ["한국어"], path
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_the_theme_switches_and_stays(line: Line, open_page: OpenPage) -> None:
    page = await open_page(line.api_url, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    bright = await page.evaluate(ground)
    await page.get_by_role("button", name="화면 설정").click()
    await page.get_by_role("radio", name="어둡게").check()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert await page.evaluate(ground) != bright


async def test_a_killed_api_is_said_and_no_event_is_lost_or_doubled(line: Line, open_page: OpenPage) -> None:
    # An API that has not read its topics yet says 503.
    page = await open_page(f"{line.api_url}/signals", expected=("503",))
    await live(page)
    await page.get_by_role("radiogroup", name="범위").get_by_role("radio", name="모든 판정").check()
    await expect(page.locator("main li[data-event]").first).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    known = len(await events_of(line.kafka, line.namespace))

    await line["api"].kill()
    shell = page.locator("[data-current]").first
    await expect(shell).to_have_attribute("data-feed", "offline")
    await expect(shell).to_have_attribute("data-current", "false")
    banner = page.get_by_role("status").filter(has_text="서버에 연결할 수 없습니다")
    await expect(banner).to_contain_text("기준입니다")
    await expect(banner).to_contain_text(re.compile("다시 연결"))
    missed_from = len(await events_of(line.kafka, line.namespace))

    async def some_were_missed() -> bool:
        return len(await events_of(line.kafka, line.namespace)) >= missed_from + 5

    await eventually(some_were_missed, timeout_s=120, every_s=1)
    await line["api"].start()
    await live(page)
    assert any("last_event_id=" in url for url in asked), "it resumes where it was cut off"
    assert not any("/api/events" in url for url in asked), "what was missed came by the stream"

    async with standing_still(line):
        await all_are_shown_once(page, line, known)
    await live(page)


async def test_a_feed_that_drops_out_is_not_shown_as_current(line: Line, open_page: OpenPage) -> None:
    page = await open_page(line.api_url, expected=("503",))  # what health answers while no data flows
    await live(page)
    colour = "(one) => getComputedStyle(one).color"
    muted = await page.locator(".muted").first.evaluate(colour)
    await line["producer"].kill()
    shell = page.locator("[data-current]").first
    await expect(shell).to_have_attribute("data-feed", "stale", timeout=30_000)
    await expect(page.get_by_role("status").filter(has_text="시세가 멈췄습니다")).to_contain_text(
        "현재로 보지 마십시오"
    )
    await expect(page.get_by_role("banner")).to_contain_text(re.compile(r"\d+초째 수신 없음"))
    numbers = page.locator("main .num[data-dir]")
    assert {await numbers.nth(n).evaluate(colour) for n in range(min(6, await numbers.count()))} <= {muted}
    await page.get_by_role("link", name="상태").first.click()
    await expect(page.get_by_role("heading", name="지금 표시된 신호를 믿지 마십시오")).to_be_visible()
    await expect(page.locator("[data-part='feed']")).to_contain_text("멈춤")
    await line["producer"].start()
    await live(page)
    await expect(page.locator("[data-part='feed']")).to_contain_text("수신 중")


async def test_a_change_of_parameters_is_seen_on_other_pages(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/parameters")
    await live(page)
    other = await page.context.new_page()
    await other.goto(line.api_url)
    sidebar = other.get_by_role("complementary")
    field = page.get_by_role("textbox", name="매수 갭")
    history = page.get_by_role("list", name="변경 이력")
    await expect(history.get_by_text("처음 값")).to_be_visible(timeout=20_000)
    await page.get_by_role("textbox", name="변경자 이름").fill("김철수")
    sent: list[str | None] = []
    page.on("request", lambda request: sent.append(request.post_data) if request.method == "PUT" else None)
    for typed, told in (("1.8", "1.5%p → 1.8%p"), ("1.5", "1.8%p → 1.5%p")):
        await field.fill(typed)
        await page.get_by_role("button", name="적용", exact=True).click()
        await expect(page.get_by_role("status").filter(has_text="적용했습니다")).to_be_visible()
        await expect(sidebar).to_contain_text(f"갭이 {typed}%p 이상")
        newest = history.locator("li[data-version]").first
        await expect(newest).to_contain_text(f"매수 갭 {told}")
        await expect(newest).to_contain_text("김철수", timeout=20_000)  # once the sink has stored it
        await expect(newest).to_contain_text("적용 중")
    await page.reload()
    await live(page)
    await expect(page.get_by_role("textbox", name="변경자 이름")).to_have_value("김철수")
    before = history.locator("li[data-version]").nth(1)
    await expect(before).to_contain_text("매수 갭 1.5%p → 1.8%p", timeout=20_000)
    assert sent == ['{"pair_gap_entry_threshold":1.8}', '{"pair_gap_entry_threshold":1.5}'], "only what changed"


async def test_a_record_that_cannot_be_used_is_shown_with_its_reason(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/health")
    await live(page)
    card = page.locator("[data-part='dead-letters']")
    await expect(card).to_contain_text("읽지 못한 기록이 없습니다", timeout=20_000)
    await append(line.kafka, BARS, line.namespace, [b'{"book":7,"appkey":"PSx7Qk2mVw9","note":"<b>bold</b>"}'])
    row = card.locator("li[data-place]")
    await expect(row).to_contain_text(re.compile(r"\.bars\[0\]@\d+"), timeout=40_000)
    await expect(row).to_contain_text("되돌리지 않음")
    await expect(card).to_contain_text("ptj dead-letters")
    await row.get_by_text("내용 보기").click()
    await expect(row.locator("pre")).to_have_text('{"book":7,"appkey":***,"note":"<b>bold</b>"}')
    await page.set_viewport_size({"width": 390, "height": 844})
    assert await overflow(page) == []
    assert await serious(page) == []


async def test_two_people_who_change_the_same_are_shown_both(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/parameters")
    await live(page)
    entry = page.get_by_role("textbox", name="매수 갭")
    await entry.fill("1.9")
    version = await put_parameters(line, pair_gap_entry_threshold=1.7, stop_loss_pct=-3.5)
    await expect(page.get_by_role("status").filter(has_text="다른 곳에서 값이 바뀌었습니다")).to_contain_text(
        f"v{version}"
    )
    await expect(entry).to_have_value("1.9")
    await page.get_by_role("button", name="비교하기").click()
    both = page.get_by_role("dialog")
    await expect(both).to_contain_text("1.9%p")
    await expect(both).to_contain_text("1.7%p")
    await expect(both).to_contain_text("−3% → −3.5%")
    await both.get_by_role("radio", name="내가 입력한 값").check()
    await both.get_by_role("button", name="고른 대로 적용").click()
    applied = page.get_by_role("status").filter(has_text="적용했습니다")
    await expect(applied).to_contain_text(f"v{version + 1}")
    await expect(page.get_by_role("textbox", name="손절선")).to_have_value("−3.5")
    await put_parameters(line, pair_gap_entry_threshold=1.5, stop_loss_pct=-3.0)
    await expect(entry).to_have_value("1.5")


async def test_what_cannot_be_is_said_at_its_field(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/parameters", expected=("422",))
    await live(page)
    apply = page.get_by_role("button", name="적용", exact=True)
    sell, cash = page.get_by_role("textbox", name="매도 갭"), page.get_by_role("textbox", name="초기 자금")
    await sell.fill("2")
    await expect(page.get_by_text("매수 갭(1.5)보다 작아야 합니다.")).to_be_visible()
    await expect(sell).to_have_attribute("aria-invalid", "true")
    await expect(apply).to_be_disabled()
    await sell.fill("0.3")
    await cash.fill("0")  # its limit excludes 0, which only the server knows
    await apply.click()
    await expect(page.get_by_text("아무것도 바뀌지 않았습니다")).to_be_visible()
    await expect(cash).to_have_attribute("aria-invalid", "true")
    await page.get_by_role("button", name="변경 취소").click()
    await expect(cash).to_have_value("1,000")
