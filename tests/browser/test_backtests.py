"""Backtests and sweeps as people use them: asked for in the form, followed, read, compared and taken away as files."""

from __future__ import annotations

import csv
import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from runtime.report.words import number, signed
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import finished, live, past_dates, rows_of, told
from tests.stages import Line
from tests.yahoo import SESSIONS

pytestmark = pytest.mark.timeout(300)


async def said_at(field: Locator, words: str) -> None:
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_have_accessible_description(words)


async def fill(page: Page, start: date, end: date) -> None:
    await page.get_by_label("시작일").fill(str(start))
    await page.get_by_label("종료일").fill(str(end))
    await page.get_by_label("봉 간격").select_option("5m")


async def id_in_address(page: Page) -> str:
    await page.wait_for_url(lambda url: "/backtests/" in url and not url.endswith("/new"))
    return page.url.rpartition("/")[2]


async def ask(line: Line, **body: Any) -> str:
    async with httpx.AsyncClient(base_url=line.api_url, timeout=15) as client:
        answer = await client.post("/api/backtest", json={"interval": "5m", **body})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["run_id"])


async def test_the_form_as_it_opens_ends_on_a_day_that_is_over(line: Line, open_page: OpenPage) -> None:
    today = (await told(line, "/api/health"))["trade_date"]
    over = (await told(line, "/api/config/trading-days", **{"from": today, "to": today}))["over"]
    page = await open_page(f"{line.api_url}/backtests/new")
    await live(page)
    end, week = page.get_by_label("종료일"), page.get_by_role("button", name="최근 1주")
    await expect(end).to_have_value(over)
    await page.get_by_label("초기 자금").fill("0")
    await page.get_by_role("button", name="백테스트 실행").click()
    await said_at(page.get_by_label("초기 자금"), "0보다 커야 합니다")
    await page.get_by_role("button", name="처음 값으로").click()
    await expect(page.get_by_label("초기 자금")).to_have_attribute("aria-invalid", "false")
    await week.click()
    await expect(end).to_have_value(over)
    await page.get_by_role("button", name="백테스트 실행").click()
    assert (await finished(line, await id_in_address(page)))["request"]["end"] == over


async def test_what_cannot_be_run_is_said_at_its_field(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/backtests/new", expected=("400", "422"))
    await live(page)
    start, end, capital = (page.get_by_label(name) for name in ("시작일", "종료일", "초기 자금"))
    (last,), before = await past_dates(line, 1), (await told(line, "/api/runs"))["total"]
    await fill(page, last, last - timedelta(days=1))
    await capital.fill("0")
    submit = page.get_by_role("button", name="백테스트 실행")
    await submit.click()
    await said_at(end, f"시작일 {last}보다 앞설 수 없습니다")
    await said_at(capital, "0보다 커야 합니다")
    await expect(end).to_be_focused()
    saturday = last + timedelta(days=(5 - last.weekday()) % 7 - 7)  # only the server knows the calendar
    await fill(page, saturday, saturday + timedelta(days=1))
    await capital.fill("1000")
    await submit.click()
    near = f"{SESSIONS.previous(saturday).trade_date}, {SESSIONS.following(saturday).trade_date}"
    await said_at(start, f"이 기간에는 거래일이 없습니다. 가능한 날: {near}")
    assert (await told(line, "/api/runs"))["total"] == before


async def test_a_backtest_from_the_form_to_its_report_and_files(
    line: Line, open_page: OpenPage, tmp_path: Path
) -> None:
    page = await open_page(f"{line.api_url}/backtests/new")
    await live(page)
    dates = await past_dates(line, 3)
    await fill(page, dates[0], dates[-1])
    await page.get_by_role("button", name="백테스트 실행").click()
    run_id = await id_in_address(page)
    await expect(page.get_by_role("progressbar", name="진행률")).to_be_visible()
    await expect(page.get_by_text("이 화면을 닫아도 계속 실행됩니다")).to_be_visible()
    run = await finished(line, run_id)
    await expect(page.get_by_role("heading", name="자산 · 낙폭 · 일별 수익")).to_be_visible()
    await expect(page.get_by_role("progressbar")).to_have_count(0)

    portfolio, signals = run["result"]["portfolio"], run["result"]["signals"]
    metrics = portfolio["metrics"]
    headline = page.get_by_role("table", name="벤치마크와 수수료 없는 경우 비교")
    await expect(headline).to_contain_text(f"{signed(metrics['total_return_pct'])}%")
    await expect(page.locator("main")).to_contain_text(f"$1,000.00 → ${number(metrics['final_equity_usd'])}")
    await expect(page.get_by_role("img", name="자산, 낙폭, 일별 수익")).to_have_attribute(
        "aria-label", f"{korean(dates[0])}부터 {korean(dates[-1])}까지의 자산, 낙폭, 일별 수익."
        f" 마지막 자산 ${number(portfolio['days'][-1]['equity_usd'])}",
    )  # fmt: skip
    for caption, tallies in (("산 이유별", "by_entry"), ("판 이유별", "by_exit"), ("종목별", "by_symbol")):
        shown = [(row[1], row[2]) for row in await rows_of(page, caption)]
        assert sorted(shown) == sorted(
            (f"{one['count']:,}", signed(one["pnl_usd"])) for one in portfolio[tallies].values()
        ), caption
    shown = [(row[1], row[2]) for row in await rows_of(page, "신호별")]
    assert shown == [(f"{one['events']:,}", f"{one['actionable']:,}") for one in signals.values()]
    days = await rows_of(page, "날짜별")
    assert [row[0] for row in days] == [korean(date.fromisoformat(day["trade_date"])) for day in portfolio["days"]]
    assert [row[7] for row in days] == [number(day["equity_usd"]) for day in portfolio["days"]]

    await rows_and_marks_select_each_other(page)
    trades = (await told(line, f"/api/runs/{run_id}/trades"))["items"]
    await page.get_by_label("종목", exact=True).select_option("")
    await page.get_by_label("날짜", exact=True).select_option("")
    won = [row[-2] for row in await rows_of(page, "거래")]
    assert sorted(won) == sorted(signed(trade["pnl_usd"]) for trade in trades if trade["action"] == "SELL")
    await the_files_hold_the_run(page, line, run, trades, open_page, tmp_path)


def korean(day: date) -> str:
    return f"{day.month}월 {day.day}일 ({'월화수목금토일'[day.weekday()]})"


async def rows_and_marks_select_each_other(page: Page) -> None:
    """A row brings its trade into the middle of the chart; a click on the mark there selects the row again."""
    table = page.get_by_role("region", name="거래", exact=True)
    for _ in range(2):  # the shortest first: its few bars fill the chart, and a click cannot miss them
        await table.get_by_role("button", name="보유").click()
    rows = table.locator("tbody tr")
    first = rows.first.get_by_role("button")
    chart = page.get_by_role("img", name="가격과 거래")
    symbol = await first.locator("b").inner_text()
    await page.get_by_label("종목", exact=True).select_option(symbol)  # or without a trade the chart is of the first
    await expect(chart).to_be_visible()
    before = await drawing(chart)
    await first.click()
    await expect(first).to_have_attribute("aria-pressed", "true")
    await expect(rows.first).to_have_attribute("data-selected", "true")
    await expect(chart).to_have_attribute("aria-label", f"{symbol} 가격과 거래, {await chosen_day(page)}")
    assert await drawing(chart) != before
    await first.click()
    selected = page.locator("tr[data-selected='true']")
    await expect(selected).to_have_count(0)
    box = await chart.bounding_box()
    assert box is not None
    for share in range(22, 58, 4):  # its purchase stands left of the middle, how far depends on how long it was held
        await chart.click(position={"x": box["width"] * share / 100, "y": box["height"] / 2})
        with suppress(AssertionError):
            await expect(selected).to_have_count(1, timeout=500)
            break
    await expect(selected.locator("b")).to_have_text(symbol)
    await expect(selected.get_by_role("button")).to_have_attribute("aria-pressed", "true")


async def drawing(chart: Locator) -> str:
    pictures = "(one) => [...one.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL()).join()"
    return str(await chart.evaluate(pictures))


async def chosen_day(page: Page) -> str:
    chosen = "(one) => one.selectedOptions[0].text"
    return str(await page.get_by_label("날짜", exact=True).evaluate(chosen))


async def the_files_hold_the_run(
    page: Page, line: Line, run: Any, trades: list[Any], open_page: OpenPage, tmp_path: Path
) -> None:
    request = run["request"]
    name = f"ptj-backtest-{request['start']}-{request['end']}-{run['run_id']}"

    async def saved(button: str, ending: str) -> Path:
        async with page.expect_download() as download:
            await page.get_by_role("button", name=button, exact=True).click()
        file = await download.value
        assert file.suggested_filename == f"{name}.{ending}"
        await file.save_as(tmp_path / file.suggested_filename)
        return tmp_path / file.suggested_filename

    table = list(csv.DictReader((await saved("거래 CSV", "csv")).read_text("utf-8-sig").splitlines()))
    assert [(row["trade_id"], float(row["price"]), row["reason"]) for row in table] == [
        (trade["trade_id"], trade["price"], trade["reason"]) for trade in trades
    ]
    whole = json.loads((await saved("JSON", "json")).read_text("utf-8"))
    assert (whole["run_id"], whole["result"], whole["trades"]) == (run["run_id"], run["result"], trades)
    page_file = await saved("보고서 HTML", "html")
    written = await line.run("runs", "show", run["run_id"], "--html", str(tmp_path / "by-command.html"))
    assert "The report is in" in written
    assert page_file.read_bytes() == (tmp_path / "by-command.html").read_bytes()

    report = await open_page(page_file.as_uri())  # fails on an error of its script and on whatever it would fetch
    await expect(report.get_by_role("heading", level=1)).to_have_text(
        f"Backtest {request['start']} to {request['end']}"
    )
    row = report.locator("tr[data-trade]").first
    await row.click()
    await expect(report.locator(".mark.chosen")).to_have_count(2)


async def test_two_runs_side_by_side(line: Line, open_page: OpenPage) -> None:
    dates = await past_dates(line, 3)
    span = {"start": str(dates[0]), "end": str(dates[-1])}
    ids = [await ask(line, **span), await ask(line, **span, parameters={"pair_gap_entry_threshold": 2.5}, fees="none")]
    first, second = [(await finished(line, run_id))["result"]["portfolio"]["metrics"] for run_id in ids]
    page = await open_page(f"{line.api_url}/backtests")
    await live(page)
    compare = page.get_by_role("button", name="비교할 백테스트를 고르십시오")
    await expect(compare).to_be_disabled()
    for run_id in ids:
        await page.get_by_role("checkbox", name=f"{run_id} 비교에 추가").check()
    await page.get_by_role("button", name="2개 비교").click()
    table = page.get_by_role("table", name="백테스트 비교")
    await expect(table.get_by_role("columnheader")).to_have_text(
        [f"{name} {run_id[:6]}" for name, run_id in zip("AB", ids, strict=True)]
    )
    for label, metric, text in (
        ("총수익률", "total_return_pct", lambda value: f"{signed(value)}%"),
        ("최종 자산 USD", "final_equity_usd", number),
        ("수수료 USD", None, number),
    ):
        left, right = [one[metric] if metric else one["fees"]["total_usd"] for one in (first, second)]
        cells = table.get_by_role("row", name=label).get_by_role("cell")
        await expect(cells.nth(0)).to_have_text(text(left))
        away = signed(right - left) + ("%p" if metric == "total_return_pct" else "")
        await expect(cells.nth(1)).to_have_text(f"{text(right)}{away}")
    row = table.get_by_role("row", name="매수 갭")
    await expect(row).to_have_attribute("data-differs", "true")
    await expect(row.get_by_role("cell")).to_have_text(["1.5%p", "2.5%p"])
    await expect(table.get_by_role("row", name="모델")).to_have_attribute("data-differs", "false")
    await expect(page.get_by_role("img", name="수익률 %")).to_be_visible()


async def test_a_sweep_from_the_form_to_a_chosen_cell(line: Line, open_page: OpenPage) -> None:
    page = await open_page(f"{line.api_url}/backtests/new")
    await live(page)
    dates = await past_dates(line, 3)
    await fill(page, dates[0], dates[-1])
    await page.get_by_role("radiogroup", name="종류와 기간").get_by_role("radio", name="스윕").check()
    values = page.get_by_label("값", exact=True)
    await values.nth(0).fill("-4:-2:2")
    await values.nth(1).fill("1, two")
    await page.get_by_label("전진 검증 구간").fill("1")
    submit = page.get_by_role("button", name="스윕 실행")
    await submit.click()
    await said_at(values.nth(1), "쉼표로 나열하거나 처음:끝:간격으로 적으십시오")
    await values.nth(1).fill("1, 2")
    await expect(page.get_by_text("조합 4개")).to_be_visible()
    await submit.click()
    run_id = await id_in_address(page)
    await finished(line, run_id)
    lanes = (await told(line, f"/api/runs/{run_id}/lanes"))["items"]

    heat = page.get_by_role("region", name="열지도")
    cells = heat.get_by_role("button")
    await expect(cells).to_have_count(4)
    returns = [f"{signed(lane['metrics']['total_return_pct'])}%" for lane in lanes]
    assert sorted(await cells.all_inner_texts()) == sorted(returns)
    await expect(heat.get_by_role("button", pressed=True)).to_have_text(returns[0])  # the best one is chosen at first
    await expect(page.get_by_role("heading", name="가장 좋은 조합")).to_be_visible()

    last = lanes[-1]
    stop, gap = last["parameters"]["stop_loss_pct"], last["parameters"]["pair_gap_entry_threshold"]
    said = f"손절선 {number(stop, 0)}% · 매수 갭 {gap:g}%p"
    await page.get_by_role("region", name="모든 조합").get_by_role("button", name=said).click()
    await expect(heat.get_by_role("button", pressed=True)).to_have_text(returns[-1])
    await heat.get_by_role("button", pressed=False).first.click()
    await expect(page.get_by_role("region", name="모든 조합").get_by_role("button", name=said)).to_have_attribute(
        "aria-pressed", "false"
    )
    await page.get_by_role("region", name="모든 조합").get_by_role("button", name=said).click()
    await expect(page.get_by_role("heading", name="고른 조합")).to_be_visible()
    await page.get_by_role("button", name="이 값으로 백테스트").click()
    await expect(page.get_by_label("손절선")).to_have_value(f"{stop:g}")
    await expect(page.get_by_label("매수 갭")).to_have_value(f"{gap:g}")
    await expect(page.get_by_label("시작일")).to_have_value(str(dates[0]))
