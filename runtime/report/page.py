"""A finished run as one HTML file, with nothing to fetch from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from runtime.report import charts, words
from runtime.report.html import Cell, cells, definitions, direction, document, prose, section, table, text
from runtime.report.prices import Axis, Line, bounds
from runtime.report.stored import Fill, Report, RoundTrip
from runtime.report.terminal import notes_of, quality_words, rows_of
from runtime.report.words import number, percent, share, signed
from schemas.parameters import Parameters, limits
from schemas.results import DayRow, Portfolio, Result, Tally

MOST_TRADES = 5000  # rows of the table; the JSON has all


def page(report: Report, prices: Mapping[str, Line]) -> str:
    """The whole file."""
    result, portfolio = report.result, report.result.portfolio
    kind = report.row.kind.value.capitalize()
    title = f"{kind} {words.span(result.start, result.end)}"
    about = f"Run {report.row.run_id} · {quality_words(result.data_quality)} · {words.MODELS[result.model.value]}"
    body = []
    if portfolio is None:
        body.append(section("No portfolio", "", about=f"{result.no_portfolio_because.capitalize()}."))
    else:
        body += [_tiles(portfolio), _charts(portfolio, result), _prices(report, portfolio, prices)]
        body.append(
            _pair(_tallies("Sold because of", portfolio.by_exit), _tallies("Bought because of", portfolio.by_entry))
        )
        body.append(_trades(report.trips))
        body.append(_tallies("By symbol", portfolio.by_symbol, translate=False))
        body.append(_days(portfolio.days))
    body.append(_pair(_signals(result), _quality(result)))
    body.append(_pair(section("The run", definitions(rows_of(report))), _parameters(report)))
    foot = text(f"Times are New York's. Percent of the day before unless said otherwise. World: {report.world}.")
    return document(title, demo=report.demo, head=f"<h1>{prose(title)}</h1><p>{text(about)}</p>", body=body, foot=foot)


def _pair(*sections: str) -> str:
    found = [each for each in sections if each]
    return f'<div class="pair">{"".join(found)}</div>' if len(found) > 1 else "".join(found)


def _tiles(portfolio: Portfolio) -> str:
    figures, benchmark, twin = portfolio.metrics, portfolio.benchmark, portfolio.twin
    total = figures.total_return_pct
    tiles = [
        ("Return", percent(total), f"{words.usd(figures.final_equity_usd)} at the end", direction(total)),
        ("Drawdown", share(figures.mdd_pct, 2), f"{share(figures.intraday_mdd_pct, 2)} within days", ""),
        ("Sharpe", number(figures.sharpe), "a year, rf 0", ""),
        ("Win rate", share(figures.win_rate_pct), words.count(figures.sells, "sale"), ""),
        ("Exposure", share(figures.exposure_pct), f"costs {words.usd(figures.fees.total_usd)}", ""),
    ]
    if benchmark is not None:
        held = benchmark.total_return_pct
        tiles.insert(
            1, (f"{benchmark.symbol} held", percent(held), f"drawdown {share(benchmark.mdd_pct, 2)}", direction(held))
        )
    elif twin is not None:
        tiles.insert(1, ("Other fees", percent(twin.total_return_pct), f"costs {words.usd(twin.fees_usd)}", ""))
    inner = "".join(
        f'<div class="tile"><span>{text(name)}</span><strong class="{kind}">{text(value)}</strong>'
        f"<span>{text(more)}</span></div>"
        for name, value, more, kind in tiles
    )
    return section("Figures", inner, name="tiles").replace("<h2>Figures</h2>", "")


def _charts(portfolio: Portfolio, result: Result) -> str:
    days = portfolio.days
    if not days:
        return ""
    initial, count, dates = portfolio.metrics.initial_capital_usd, len(days), [day.trade_date for day in days]
    equity = [(0.0, initial), *(((n + 1) / count, day.equity_usd) for n, day in enumerate(days))]
    held = [(0.0, initial)]
    held += [((n + 1) / count, day.benchmark_usd) for n, day in enumerate(days) if day.benchmark_usd is not None]
    falls = drawdowns([value for _, value in equity])
    fallen = [(x, -fall) for (x, _), fall in zip(equity, falls, strict=True)]
    low, high = bounds([value for _, value in (*equity, *held)])
    upper = charts.plot(
        charts.level(initial, low, high)
        + (charts.line(held, low, high, "benchmark") if len(held) > 1 else "")
        + charts.area(equity, low, high, "", low)
        + charts.line(equity, low, high, ""),
        low, high, tall=240, label="Equity at the close, USD", last=(equity[-1][1], number(equity[-1][1], 0)),
    )  # fmt: skip
    deepest = min(value for _, value in fallen)
    bottom = min(deepest * 1.1, -0.1)
    lower = charts.plot(
        charts.area(fallen, bottom, 0.0, "fall", 0.0) + charts.line(fallen, bottom, 0.0, "fall"),
        bottom, 0.0, tall=80, label="Drawdown at the close, %",
    )  # fmt: skip
    returns = [day.return_pct for day in days]
    under, over = bounds([*returns, 0.0])
    daily = charts.plot(
        charts.level(0.0, under, over) + charts.bars(returns, under, over),
        under, over, days=dates, tall=90, label="Daily return, %",
    )  # fmt: skip
    name = portfolio.benchmark.symbol if portfolio.benchmark else "benchmark"
    held_said = f'<span><i class="benchmark"></i>{text(name)} bought and held</span>'
    legend = f'<span class="legend"><span><i></i>this run</span>{held_said if len(held) > 1 else ""}</span>'
    data = msgspec.json.encode([_readout(day, fall) for day, fall in zip(days, falls[1:], strict=True)]).decode()
    script = f'<script type="application/json" id="days">{data.replace("<", chr(92) + "u003c")}</script>'
    inner = f'<span class="readout">{legend}</span>{upper}{lower}{daily}{script}'
    return section("Equity, drawdown and days", inner)


def _readout(day: DayRow, fall: float) -> list[str]:
    """Words and numbers in turn."""
    said = ["", str(day.trade_date), "equity", number(day.equity_usd), "return", percent(day.return_pct)]
    said += ["drawdown", share(fall, 2)]
    said += ["benchmark", number(day.benchmark_usd)] if day.benchmark_usd is not None else []
    return [
        *said,
        "bought",
        str(day.buys),
        "sold",
        str(day.sells),
        *(["gold up,", "no new buys"] if day.banned else []),
    ]


def drawdowns(values: Sequence[float]) -> list[float]:
    """How far each lies below the highest before it, in percent."""
    peak, found = values[0], []
    for value in values:
        peak = max(peak, value)
        found.append(100 * (1 - value / peak))
    return found


def _prices(report: Report, portfolio: Portfolio, prices: Mapping[str, Line]) -> str:
    if not report.fills:
        return section("Trades on the price", "", about="Nothing was bought.")
    if not prices:
        return section("Trades on the price", "", about="No stored bars to draw them on; the table below has them all.")
    axis, dates = Axis.of(portfolio.days), [day.trade_date for day in portfolio.days]
    of_fill = {fill.trade_id: number_ for number_, trip in enumerate(report.trips) for fill in (trip.buy, trip.sell)}
    traded: dict[str, int] = {}
    for trip in report.trips:
        traded[trip.buy.symbol] = traded.get(trip.buy.symbol, 0) + 1
    panels, options = [], []
    for symbol in sorted(prices, key=lambda symbol: (-traded.get(symbol, 0), symbol)):
        line, fills = prices[symbol], [fill for fill in report.fills if fill.symbol == symbol]
        low, high = bounds([*(price for _, price in line), *(fill.price for fill in fills)])
        marks = "".join(_mark(fill, axis, low, high, of_fill.get(fill.trade_id)) for fill in fills)
        chart = charts.plot(
            charts.line(line, low, high, "price"),
            low,
            high,
            days=dates,
            tall=260,
            label=f"{symbol}, USD a share",
            marks=marks,
        )
        panels.append(f'<div data-panel="{text(symbol)}">{chart}</div>')
        said = words.count(traded.get(symbol, 0), "trade")
        options.append(f'<option value="{text(symbol)}">{text(f"{symbol}, {said}")}</option>')
    pick = f'<label class="pick">Symbol <select>{"".join(options)}</select></label>'
    legend = (
        '<span class="legend"><span><i class="dot"></i>bought</span><span><i class="dot sell"></i>sold</span></span>'
    )
    about = "Regular sessions one after the other. A marker leads to its row in the table, a row to its markers."
    return section("Trades on the price", f"{pick}<p class=about>{text(about)}</p>{legend}{''.join(panels)}")


def _mark(fill: Fill, axis: Axis, low: float, high: float, trade: int | None) -> str:
    moment = fill.trade_time.astimezone(words.NEW_YORK)
    x = axis.at(moment.date(), fill.trade_time.timestamp())
    if x is None or trade is None:
        return ""
    word = "bought" if fill.action == "BUY" else "sold"
    pnl = f", {signed(fill.pnl_usd)} USD" if fill.pnl_usd is not None else ""
    said = f"{words.clock(fill.trade_time)} {word} at {number(fill.price)}: {words.reason(fill.reason)}{pnl}"
    kind = "mark" if fill.action == "BUY" else "mark sell"
    return (
        f'<a class="{kind}" href="#t{trade}" data-trade="{trade}" title="{text(said)}" aria-label="{text(said)}"'
        f' style="left:{100 * x:.2f}%;top:{charts.place(fill.price, low, high)}%"></a>'
    )


def _tallies(title: str, tallies: Mapping[str, Tally], *, translate: bool = True) -> str:
    if not tallies:
        return ""
    heads = ("", "trades", "won", "win rate", "pnl USD", "average %", "held, min")
    rows: list[Sequence[Cell]] = [
        (
            words.reason(name) if translate else name,
            f"{tally.count:,}",
            f"{tally.wins:,}",
            share(tally.win_rate_pct),
            (signed(tally.pnl_usd), direction(tally.pnl_usd)),
            (signed(tally.average_pnl_pct), direction(tally.average_pnl_pct)),
            number(tally.average_holding_minutes, 0),
        )
        for name, tally in sorted(tallies.items(), key=lambda pair: -pair[1].count)
    ]
    return section(title, table(heads, rows))


def _trades(trips: Sequence[RoundTrip]) -> str:
    if not trips:
        return ""
    heads = (
        "symbol",
        "bought",
        "sold",
        "why bought",
        "why sold",
        "price in",
        "price out",
        "paid USD",
        "pnl USD",
        "pnl %",
    )
    columns = "".join(f"<th{' class=n' if place > 4 else ''}>{text(head)}</th>" for place, head in enumerate(heads))
    rows = []
    for place, trip in enumerate(trips[:MOST_TRADES]):
        row: Sequence[Cell] = (
            trip.buy.symbol,
            words.clock(trip.buy.trade_time),
            words.clock(trip.sell.trade_time)[11:],
            words.reason(trip.buy.reason),
            words.reason(trip.sell.reason),
            number(trip.buy.price),
            number(trip.sell.price),
            number(trip.buy.amount_usd),
            (signed(trip.pnl_usd), direction(trip.pnl_usd)),
            (signed(trip.pnl_pct), direction(trip.pnl_pct)),
        )
        symbol = text(trip.buy.symbol)
        rows.append(f'<tr id="t{place}" data-trade="{place}" data-symbol="{symbol}">{cells(row, 5)}</tr>')
    more = f"The first {MOST_TRADES:,} of {len(trips):,}." if len(trips) > MOST_TRADES else ""
    whole = f'<table class="trades"><thead><tr>{columns}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return section("Trades", f'<div class="scroll">{whole}</div>', about=more)


def _days(days: Sequence[DayRow]) -> str:
    heads = ("date", "gold", "", "equity USD", "return %", "bought", "sold", "missing bars")
    rows: list[Sequence[Cell]] = [
        (
            str(day.trade_date),
            percent(day.gold_change_pct),
            {True: "no new buys", False: "buys allowed", None: "gold did not decide"}[day.banned],
            number(day.equity_usd),
            (signed(day.return_pct), direction(day.return_pct)),
            f"{day.buys:,}",
            f"{day.sells:,}",
            f"{day.missing_symbol_bars:,}",
        )
        for day in days
    ]
    return section("Days", table(heads, rows, left=3))


def _signals(result: Result) -> str:
    rows = [(name, f"{many.events:,}", f"{many.actionable:,}") for name, many in result.signals.items()]
    if not rows:
        return section("Signals", "", about="None was given.")
    return section(
        "Signals",
        table(("", "events", "to act on"), rows),
        about="Changes of each signal, and how many of them called for a person.",
    )


def _quality(result: Result) -> str:
    quality = result.data_quality
    rows = [("Interval", quality.interval), ("Frames", f"{quality.frames:,} of regular sessions")]
    missing = sorted(quality.missing_symbol_bars.items(), key=lambda pair: -pair[1])
    named = ", ".join(f"{symbol} {many:,}" for symbol, many in missing if many)
    rows.append(("Missing bars", f"{quality.missing_total:,} ({named})" if named else "none"))
    empty = ", ".join(map(str, quality.days_without_data))
    rows.append(("Days without data", empty or "none"))
    rows += [("Note", note) for note in notes_of(result)]
    return section("Data quality", definitions(rows))


def _parameters(report: Report) -> str:
    result = report.result
    if result.parameters is None:
        return ""
    known = limits()
    rows: list[Sequence[Cell]] = []
    for name, value in msgspec.structs.asdict(result.parameters).items():
        default = getattr(Parameters(), name)
        said = _said(value, str(known[name].get("unit", "")))
        why = "asked for" if name in report.row.request.parameters else ""
        rows.append((name, said, (why or ("" if value == default else f"default {_said(default)}"), "muted")))
    return section("Parameters", table(("", f"version {result.parameter_version}", ""), rows))


def _said(value: object, unit: str = "") -> str:
    """A parameter's value: `−3 %`, `off`."""
    if value is None or isinstance(value, bool):
        return "on" if value else "off"
    said = f"{value:g}" if isinstance(value, float) else f"{value:,}"
    return f"{said.replace('-', words.MINUS, 1)} {unit}".rstrip()
