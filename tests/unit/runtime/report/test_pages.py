"""The golden run and a sweep as terminal, JSON and page. Origin of figures: the golden run's own test."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import product

import msgspec
import pytest
from msgspec.structs import asdict, replace
from rich.console import Console

from runtime.report import as_json, charts, swept, terminal
from runtime.report.page import drawdowns, page
from runtime.report.prices import thinned
from runtime.report.stored import Fill, Report, Row, trips_of
from schemas.runs import FEE_PRESETS, Model, RunKind, RunRequest, RunStatus
from tests.unit.processors.portfolio.test_golden_run import FIRST, SECOND, played

AT = datetime(2026, 2, 12, tzinfo=UTC)
FIELDS = {field: None for field in Fill.__dataclass_fields__}
VOID = {"meta", "path", "rect"}


def row(kind: RunKind = RunKind.BACKTEST, **fields) -> Row:
    request = RunRequest(kind=kind, start=FIRST, end=SECOND, model=Model.V1, **fields)
    return Row(
        run_id="0123456789ab", kind=kind, status=RunStatus.FINISHED, request=request, progress=1.0, attempt=1,
        worker="test", error=None, summary={}, created_at=AT, started_at=AT, finished_at=AT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def report() -> Report:
    outcome = played(FEE_PRESETS["standard"])
    fills = [Fill(**{name: asdict(trade)[name] for name in FIELDS}) for trade in outcome.trades]
    return Report("demo", True, row(), outcome.result, fills, 0, list(trips_of(fills)))


def printed(report: Report) -> str:
    out = io.StringIO()
    terminal.summary(report, Console(file=out, width=120))
    return out.getvalue()


class Reader(HTMLParser):
    """Fails on tags that do not match, and keeps what a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href") and value]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(re.sub(r"(<(?:path|rect)[^>]*)/>", r"\1>", html))
    reader.close()
    assert reader.open == []
    return reader


def test_buys_and_sales_belong_together(report):
    assert len(report.trips) == 7
    stopped = next(trip for trip in report.trips if trip.sell.reason == "stop_loss")
    assert (stopped.buy.symbol, stopped.minutes) == ("CONL", 5.0)
    assert sum(trip.pnl_usd for trip in report.trips) == pytest.approx(996.3142 - 1000, abs=1e-4)


def test_the_terminal_says_what_matters(report):
    said = printed(report)
    for part in ("DEMO", "996.31 USD from 1,000.00 USD", "−0.37 %", "42.9 %", "stop loss", "SPY bought and held",
                 "Without fees", "1,001.75 USD", "1 day (2026-02-11)", "v1 (as the first engine)"):  # fmt: skip
        assert part in said


def test_a_live_run_is_not_marked(report):
    live = Report("live", False, report.row, report.result, report.fills, 0, report.trips)
    assert "DEMO" not in printed(live)
    assert "DEMO" not in page(live, {})
    assert msgspec.json.decode(as_json.told(live))["demo"] is False


def test_a_run_on_daily_bars_says_why_it_has_no_portfolio(report):
    daily = Report("demo", True, report.row, replace(report.result, portfolio=None, no_portfolio_because="daily"), [])
    assert "No portfolio: daily." in printed(daily)
    assert "No portfolio" in page(daily, {})
    read(page(daily, {}))


def test_the_json_has_everything(report):
    told = msgspec.json.decode(as_json.told(report))
    assert (told["world"], told["demo"], told["status"], len(told["trades"])) == ("demo", True, "finished", 14)
    assert told["result"]["portfolio"]["metrics"]["final_equity_usd"] == pytest.approx(996.3142, abs=1e-4)


def test_the_page_is_one_file_that_fetches_nothing(report):
    line = [(n / 100, 100 + n / 50) for n in range(100)]
    html = page(report, {"CONL": line, "MSTU": line})
    assert all(link.startswith("#t") for link in read(html).links)
    assert not re.search(r"https?://|@import|url\(", html)
    assert html.count('class="mark') == 6  # CONL once, MSTU twice, bought and sold


def test_what_is_text_is_escaped(report):
    request = replace(report.row.request, parameters={"<script>alert(1)</script>": '"&'})
    evil = Row(**{name: getattr(report.row, name) for name in Row.__slots__} | {"request": request, "run_id": "<b>"})
    html = page(Report("<i>", True, evil, report.result, report.fills, 0, report.trips), {})
    assert "<script>alert" not in html
    assert "<b>" not in html.replace("<b>DEMO</b>", "")
    assert "<i>" not in html.replace("<i></i>this run", "")
    read(html)


def test_drawdowns_begin_at_the_first_value():
    assert drawdowns([100.0, 90.0, 120.0, 60.0]) == pytest.approx([0.0, 10.0, 0.0, 50.0])


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0.0, 10.0, [0, 2.5, 5, 7.5, 10]), (-0.3, 0.1, [-0.3, -0.2, -0.1, 0, 0.1]), (991.0, 1009.0, [995, 1000, 1005])],
)
def test_axes_have_round_numbers(low, high, ticks):
    assert charts.nice(low, high, 4) == pytest.approx(ticks)


def test_a_thinned_line_keeps_its_peaks():
    line = [(n / 10_000, float(n == 5000) - float(n == 7001)) for n in range(10_000)]
    kept = thinned(line, 100)
    assert len(kept) <= 102
    assert {-1.0, 1.0} <= {price for _, price in kept}
    assert kept == sorted(kept)


def sweep(sort: str = "total_return_pct") -> swept.Sweep:
    grid = {"stop_loss_pct": [-2.0, -3.0], "pair_gap_entry_threshold": [1.0, 1.5, 2.0]}
    lanes = [
        {
            "lane": f"stop_loss_pct={stop:g},pair_gap_entry_threshold={gap:g}",
            "parameters": {"stop_loss_pct": stop, "pair_gap_entry_threshold": gap},
            "metrics": {"total_return_pct": gap + stop, "mdd_pct": -stop, "sharpe": None, "sells": 4},
        }
        for stop in grid["stop_loss_pct"]
        for gap in grid["pair_gap_entry_threshold"]
    ]
    window = {
        "chosen_from": "2026-02-10", "chosen_to": "2026-02-10", "lane": lanes[2]["lane"], "in_sample_pct": 2.0,
        "judged_from": "2026-02-11", "judged_to": "2026-02-11", "out_of_sample_pct": -1.0,
    }  # fmt: skip
    walked = {"days": 1, "windows": [window], "in_sample_pct": 2.0, "out_of_sample_pct": -1.0}
    return swept.Sweep("demo", True, row(RunKind.SWEEP, grid=grid), sort, swept.ranked(lanes, sort), walked, {})


def test_a_sweep_goes_by_any_figure():
    assert sweep().lanes[0]["parameters"] == {"stop_loss_pct": -2.0, "pair_gap_entry_threshold": 2.0}
    assert {lane["metrics"]["mdd_pct"] for lane in sweep("mdd_pct").lanes[:3]} == {2.0}  # the smallest fall first


def test_the_heat_map_has_a_cell_for_every_combination():
    html = swept.page(sweep())
    read(html)
    assert html.count('style="background') == 6
    assert html.count('class="best"') == 1
    assert "−1.00" in html
    assert "DEMO" in html


def test_heat_maps_that_are_left_out_are_told_and_the_best_is_shown():
    settings = swept.MOST_MAPS + 2
    grid = {
        "stop_loss_pct": [-1.0 - number for number in range(settings + 2)],
        "pair_gap_entry_threshold": [1.0 + number for number in range(settings + 1)],
        "gold_threshold_pct": [0.0 + number for number in range(settings)],
    }
    lanes = [
        {"lane": str(chosen), "parameters": dict(zip(grid, chosen, strict=True)), "metrics": {"sharpe": sum(chosen)}}
        for chosen in product(*grid.values())
    ]
    ranked = swept.ranked(lanes, "sharpe")  # the best has the last setting of the third parameter
    html = swept.page(swept.Sweep("demo", True, row(RunKind.SWEEP, grid=grid), "sharpe", ranked, None, {}))
    assert html.count('class="heat"') == swept.MOST_MAPS
    assert html.count('class="best"') == 1
    assert f"{swept.MOST_MAPS} of {settings} maps, one for each setting of gold_threshold_pct" in html


def test_the_terminal_shows_the_walk_forward_beside_the_best():
    out = io.StringIO()
    swept.summary(sweep(), Console(file=out, width=160), most=2)
    assert "the first 2 of 6" in out.getvalue()
    assert "−1.00 % on the days after each choice, +2.00 % on the days of the choice" in out.getvalue()
