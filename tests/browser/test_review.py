"""The review of past trade dates: notes on the calendar, and a day replayed under a slider."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from runtime.report.words import number, signed
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import finished, live, past_dates, told
from tests.stages import Line

pytestmark = pytest.mark.timeout(300)

NOON = datetime(2026, 11, 28, 12)


async def opened(line: Line, open_page: OpenPage, day: date, **options: Any) -> Page:
    page = await open_page(f"{line.api_url}/review?day={day}", **options)
    await live(page)
    return page


async def stored(line: Line, day: date) -> list[str]:
    sessions = await told(line, "/api/sessions", **{"from": str(day), "to": str(day)})
    return [one["notes"] for one in sessions["items"]]


async def change(line: Line, session_id: int, notes: str) -> None:
    """As somebody else does, from another place."""
    async with httpx.AsyncClient(base_url=line.api_url, timeout=15) as client:
        assert (await client.patch(f"/api/sessions/{session_id}", json={"notes": notes})).status_code == 200


def note(page: Page, text: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("button", name="메모 고치기")).filter(has_text=text)


async def written(page: Page, text: str) -> None:
    await page.get_by_label("새 메모").fill(text)
    await page.get_by_role("button", name="메모 추가").click()
    await expect(note(page, text)).to_be_visible()


async def test_a_note_is_made_edited_and_removed(line: Line, open_page: OpenPage) -> None:
    (day,) = await past_dates(line, 1)
    page = await opened(line, open_page, day)
    text = f"금이 먼저 움직였다 {uuid4().hex[:6]}"
    await written(page, text)
    of_day = page.get_by_role("button", name=re.compile(rf"{day.month}월 {day.day}일 .*메모 1개"))
    await expect(of_day).to_contain_text(text)

    edit = note(page, text).get_by_role("button", name="메모 고치기")
    await edit.focus()
    await page.keyboard.press("Enter")
    area = page.get_by_label("메모", exact=True)
    await expect(area).to_be_focused()
    await expect(area).to_have_value(text)
    await page.keyboard.type("\n10:20에 꺾임")  # behind what stands there
    await page.keyboard.press("Control+Enter")
    await expect(note(page, "10:20에 꺾임")).to_be_visible()
    await expect(note(page, text).get_by_role("button", name="메모 고치기")).to_be_focused()
    assert await stored(line, day) == [f"{text}\n10:20에 꺾임"]

    await note(page, text).get_by_role("button", name="메모 고치기").click()
    await area.fill("다른 글")
    await page.get_by_role("button", name="취소").click()
    await expect(note(page, "10:20에 꺾임")).to_be_visible()

    await note(page, text).get_by_role("button", name="메모 삭제").click()
    question = page.get_by_role("dialog", name="메모 삭제")
    await question.get_by_role("button", name="삭제하기").click()
    await expect(note(page, text)).to_have_count(0)
    assert await stored(line, day) == []


async def test_what_is_typed_survives_what_goes_wrong(line: Line, open_page: OpenPage) -> None:
    day, other = await past_dates(line, 2)
    page = await opened(line, open_page, day, expected=("ERR_FAILED", "404", "409"))
    await written(page, "아침에 샀다")
    (session,) = (await told(line, "/api/sessions", **{"from": str(day), "to": str(day)}))["items"]
    await note(page, "아침에 샀다").get_by_role("button", name="메모 고치기").click()
    area = page.get_by_label("메모", exact=True)
    await area.fill("아침에 팔았다")
    await page.get_by_role("button", name=re.compile(rf"{other.month}월 {other.day}일")).click()
    await page.get_by_role("button", name=re.compile(rf"{day.month}월 {day.day}일")).click()
    await expect(area).to_have_value("아침에 팔았다")  # after a look at another day

    async def cut(route: Any) -> None:
        await (route.abort() if route.request.method == "PATCH" else route.continue_())

    await page.route("**/api/sessions/*", cut)
    await page.get_by_role("button", name="저장", exact=True).click()
    await expect(area).to_have_attribute("aria-invalid", "true")
    await expect(area).to_have_accessible_description(re.compile("서버에 연결할 수 없습니다"))
    await expect(area).to_have_value("아침에 팔았다")
    await page.unroute("**/api/sessions/*")

    await change(line, session["id"], "아침에 샀고 낮에 팔았다")
    await page.get_by_role("button", name="저장", exact=True).click()
    await expect(page.get_by_role("blockquote")).to_have_text("아침에 샀고 낮에 팔았다")
    mine = page.get_by_label("내가 쓴 글")
    await expect(mine).to_have_value("아침에 팔았다")
    assert await stored(line, day) == ["아침에 샀고 낮에 팔았다"]
    await page.get_by_role("button", name="내 글로 저장").click()
    await expect(note(page, "아침에 팔았다")).to_be_visible()
    assert await stored(line, day) == ["아침에 팔았다"]

    await note(page, "아침에 팔았다").get_by_role("button", name="메모 고치기").click()
    await area.fill("저녁에 다시 샀다")
    async with httpx.AsyncClient(base_url=line.api_url) as client:
        assert (await client.delete(f"/api/sessions/{session['id']}")).status_code == 204
    await page.get_by_role("button", name="저장", exact=True).click()
    await page.get_by_role("button", name="새 메모로 저장").click()
    await expect(note(page, "저녁에 다시 샀다")).to_be_visible()
    assert await stored(line, day) == ["저녁에 다시 샀다"]
    await note(page, "저녁에 다시 샀다").get_by_role("button", name="메모 삭제").click()
    await page.get_by_role("dialog").get_by_role("button", name="삭제하기").click()
    await expect(page.get_by_text("이 날의 메모가 없습니다")).to_be_visible()


async def test_a_day_is_replayed_and_stands_where_the_slider_is(line: Line, open_page: OpenPage) -> None:
    (day,) = await past_dates(line, 1)
    page = await opened(line, open_page, day)
    await page.get_by_label("재생 간격").select_option("15m")
    await page.get_by_role("button", name="이 날 재생").click()
    await page.wait_for_url("**/review/*")
    run_id = page.url.rpartition("/")[2]
    await finished(line, run_id)
    snapshots = (await told(line, f"/api/runs/{run_id}/snapshots", limit=500))["items"]
    slider = page.get_by_role("slider", name="시각")
    await expect(slider).to_have_value(str(len(snapshots) - 1))  # the end, where the whole day is seen
    chart = page.get_by_role("img", name="시황: 고른 시각까지의 흐름")
    await expect(chart).to_be_visible()

    await slider.focus()
    await page.keyboard.press("Home")
    pictures = []
    for index in (0, len(snapshots) // 2, len(snapshots) - 1):
        if index:
            await slider.fill(str(index))
        await expect(slider).to_have_value(str(index))
        await everything_is_of(page, snapshots[index])
        pictures.append(await chart.evaluate("(one) => one.querySelector('canvas').toDataURL()"))
    assert len(set(pictures)) == len(pictures), "the chart goes as far as the slider"

    box = await chart.bounding_box()
    assert box is not None
    await chart.click(position={"x": box["width"] * 0.3, "y": box["height"] / 2})
    reached = int(await slider.input_value())
    assert 0 < reached < len(snapshots) // 2
    await everything_is_of(page, snapshots[reached])


async def a_replay(line: Line) -> str:
    """One that has finished: what another test left, or one of its own."""
    if found := (await told(line, "/api/runs", kind="replay", status="finished"))["items"]:
        return str(found[0]["run_id"])
    (day,) = await past_dates(line, 1)
    async with httpx.AsyncClient(base_url=line.api_url, timeout=15) as client:
        asked = (await client.post(f"/api/replay/{day}", json={"step": "15m"})).json()
    await finished(line, asked["run_id"])
    return str(asked["run_id"])


async def everything_is_of(page: Page, snapshot: Any) -> None:
    """Every card, the legend of the chart and the prices tell what the snapshot holds."""
    signals, tickers = snapshot["signals"], snapshot["tickers"]

    def change_of(symbol: str) -> str:
        quote = tickers.get(symbol)
        return "—" if quote is None or quote["state"] != "ok" else f"{signed(quote['change_pct'])}%"

    def card(title: str) -> Locator:
        return page.locator("main section").filter(has=page.get_by_role("heading", name=title, exact=True))

    await expect(card("금")).to_contain_text(f"{signed(signals['gold:GLD']['data']['change_pct'])}%")
    for name, view in signals.items():
        if name.startswith("twin_pairs:"):
            row = card("쌍둥이").get_by_role("listitem").filter(has_text=view["data"]["lead"])
            await expect(row).to_contain_text(f"갭 {signed(view['data']['gap'])}")
    conditional = signals["conditional:COIN"]["data"]
    await expect(card("조건부")).to_contain_text(f"COIN {signed(conditional['target_pct'])}%")
    alerts = [v for n, v in signals.items() if n.startswith("stop_loss:") and v["verdict"]["decision"] == "alert"]
    await expect(card("손절선").get_by_role("listitem")).to_have_count(len(alerts))
    bearish = next(view for name, view in signals.items() if name.startswith("bearish:"))["data"]
    await expect(card("하락장")).to_contain_text(f"SPY {signed(bearish['spy_pct'])}%")
    legend = page.locator("figcaption")
    for symbol in ("GLD", "SPY", "QQQ"):
        await expect(legend).to_contain_text(re.compile(rf"{symbol}\s+{re.escape(change_of(symbol))}"))
    for symbol in ("MSTU", "CONL", "BABX"):
        row = card("이 시각의 시세").get_by_role("listitem").filter(has_text=symbol)
        await expect(row).to_contain_text(number(tickers[symbol]["last"]))
        await expect(row).to_contain_text(change_of(symbol))


async def test_a_replay_plays_pauses_and_goes_faster(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/review/{await a_replay(line)}")
    await live(page)
    slider = page.get_by_role("slider", name="시각")
    last = int(await slider.get_attribute("max") or 0)
    assert last > 8
    await page.clock.install(time=NOON)
    await page.clock.pause_at(NOON + timedelta(minutes=1))  # from here on only `run_for` moves it
    controls = page.get_by_role("region", name="재생 조절")
    play = controls.get_by_role("button", name="재생", exact=True)
    pause = controls.get_by_role("button", name="일시 정지")
    await slider.focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowRight")
    await expect(slider).to_have_value("1")

    await play.focus()
    await page.keyboard.press("Enter")  # two steps a second unless told otherwise
    await page.clock.run_for(1000)
    await expect(slider).to_have_value("3")
    await pause.focus()
    await page.keyboard.press(" ")
    await page.clock.run_for(5000)
    await expect(slider).to_have_value("3")
    await controls.get_by_role("radio", name="10×").check()
    await play.click()
    await page.clock.run_for(300)
    await expect(slider).to_have_value("6")
    await page.clock.run_for(100 * last)
    await expect(slider).to_have_value(str(last))  # it stops at the end
    await expect(play).to_be_visible()
    await controls.get_by_role("button", name="이전 시각").click()
    await page.clock.run_for(5000)
    await expect(slider).to_have_value(str(last - 1))  # and does not go on by itself
    await controls.get_by_role("button", name="다음 시각").click()
    await play.click()  # from the beginning again
    await page.clock.run_for(100)
    await expect(slider).to_have_value("1")
