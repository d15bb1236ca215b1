"""A finished run on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from runtime.report import words
from runtime.report.stored import Report, RoundTrip
from runtime.report.words import number, percent, share, signed
from schemas.results import DataQuality, Portfolio, Result, Tally
from schemas.runs import FEE_PRESETS

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

DEMO = " DEMO "
DEMO_SAID = "the prices of a simulated market, not of a real one"
SHOWN = 3  # trades of the best and of the worst, each
LISTED = 8  # dates in a line


def summary(report: Report, console: Console) -> None:
    """Print what a person wants to know first, most important first."""
    console.print(headline(report))
    console.print(facts(rows_of(report)))
    portfolio = report.result.portfolio
    if portfolio is None:
        console.print(f"\nNo portfolio: {report.result.no_portfolio_because}.", markup=False)
    else:
        for title, tallies in (("Sold because of", portfolio.by_exit), ("Bought because of", portfolio.by_entry)):
            if tallies:
                console.print(tally_table(title, tallies))
        if report.trips:
            console.print(trades_table(report.trips))
        else:
            console.print("\nNothing was bought.")
    console.print(signals_table(report.result))
    for note in notes_of(report.result):
        console.print(Text(f"Note: {note}", style="dim"))


def headline(report: Report) -> Text:
    text = Text(f"{report.row.kind.value.capitalize()} {report.row.run_id}", style="bold")
    if report.demo:
        text.append("  ")
        text.append(DEMO, style="bold black on yellow")
        text.append(f" {DEMO_SAID}", style="yellow")
    return text


def facts(rows: Iterable[tuple[str, str]]) -> RenderableType:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, said in rows:
        table.add_row(name, Text(said))
    return table


def rows_of(report: Report) -> list[tuple[str, str]]:
    """The figures as name and words, for the terminal and for the head of the page."""
    result, portfolio = report.result, report.result.portfolio
    rows = [
        ("Asked for", words.span(result.start, result.end)),
        ("With data", f"{words.span(result.first_day, result.last_day)}{_days(portfolio)}"),
        ("Bars", quality_words(result.data_quality)),
        ("Model", f"{words.MODELS[result.model.value]}; {result.fill}"),
        ("Fees", words.fees(result.fees)),
    ]
    if asked := report.row.request.parameters:
        rows.append(("Parameters", ", ".join(f"{name} = {value}" for name, value in asked.items())))
    if report.row.request.step:
        rows.append(("Snapshots", f"{report.snapshots:,}, one every {report.row.request.step}"))
    if portfolio is None:
        return rows
    figures = portfolio.metrics
    rows += [
        ("Final", f"{words.usd(figures.final_equity_usd)} from {words.usd(figures.initial_capital_usd)}"),
        ("Return", percent(figures.total_return_pct)),
        ("Drawdown", f"{share(figures.mdd_pct, 2)} at closes, {share(figures.intraday_mdd_pct, 2)} within days"),
        ("Sharpe", f"{number(figures.sharpe)}, a year, without a risk-free rate"),
        ("Trades", _trades(portfolio)),
        ("Exposure", f"{share(figures.exposure_pct)} of equity; held anything {share(figures.time_in_market_pct)}"),
        ("Costs", words.usd(figures.fees.total_usd)),
    ]
    rows += [(name, said) for name, said in (_benchmark(portfolio), _twin(portfolio)) if said]
    if portfolio.skipped_days:
        rows.append(("Skipped", f"{days(portfolio.skipped_days)}: gold was up, no new buys"))
    return rows


def quality_words(quality: DataQuality) -> str:
    """`5m, 156 frames; 12 missing (COIN 10, …); no data on 2026-02-12`."""
    said = [f"{quality.interval}, {words.count(quality.frames, 'frame')}"]
    if quality.missing_total:
        worst = sorted(quality.missing_symbol_bars.items(), key=lambda pair: -pair[1])
        named = ", ".join(f"{symbol} {many:,}" for symbol, many in worst[:3] if many)
        more = ", …" if sum(many > 0 for _, many in worst) > 3 else ""
        said.append(f"{words.count(quality.missing_total, 'bar')} of symbols missing ({named}{more})")
    else:
        said.append("no bar missing")
    if quality.days_without_data:
        said.append(f"no data on {days(quality.days_without_data)}")
    return "; ".join(said)


def days(dates: Sequence[object]) -> str:
    """The first of them by name, the others counted."""
    more = f" and {len(dates) - LISTED:,} more" if len(dates) > LISTED else ""
    return f"{words.count(len(dates), 'day')} ({', '.join(map(str, dates[:LISTED]))}{more})"


def tally_table(title: str, tallies: Mapping[str, Tally]) -> Table:
    table = Table(box=None, title=f"\n{title}", title_justify="left", title_style="bold", header_style="dim")
    table.add_column("", no_wrap=True)
    for name in ("trades", "won", "lost", "win rate", "pnl USD", "average %", "held min"):
        table.add_column(name, justify="right", no_wrap=True)
    for name, tally in sorted(tallies.items(), key=lambda pair: -pair[1].count):
        table.add_row(
            Text(words.reason(name)),
            f"{tally.count:,}",
            f"{tally.wins:,}",
            f"{tally.losses:,}",
            share(tally.win_rate_pct),
            signed(tally.pnl_usd),
            signed(tally.average_pnl_pct),
            number(tally.average_holding_minutes, 0),
        )
    return table


def trades_table(trips: Sequence[RoundTrip]) -> Table:
    """The best and the worst, or all when there are few."""
    ranked = sorted(trips, key=lambda trip: trip.pnl_usd, reverse=True)
    shown = ranked if len(ranked) <= 2 * SHOWN else [*ranked[:SHOWN], *ranked[-SHOWN:]]
    title = "Trades" if len(ranked) == len(shown) else "Best and worst trades"
    table = Table(box=None, title=f"\n{title}", title_justify="left", title_style="bold", header_style="dim")
    for name in ("symbol", "bought", "sold", "because of"):
        table.add_column(name, no_wrap=True)
    for name in ("pnl USD", "pnl %"):
        table.add_column(name, justify="right", no_wrap=True)
    for place, trip in enumerate(shown):
        table.add_row(
            Text(trip.buy.symbol),
            words.clock(trip.buy.trade_time),
            words.clock(trip.sell.trade_time)[11:],
            f"{words.reason(trip.buy.reason)}, {words.reason(trip.sell.reason)}",
            signed(trip.pnl_usd),
            signed(trip.pnl_pct),
            end_section=len(shown) < len(ranked) and place == SHOWN - 1,
        )
    return table


def signals_table(result: Result) -> Table:
    table = Table(box=None, title="\nSignals", title_justify="left", title_style="bold", header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("events", justify="right")
    table.add_column("to act on", justify="right")
    for name, counted in result.signals.items():
        table.add_row(Text(name), f"{counted.events:,}", f"{counted.actionable:,}")
    return table


def notes_of(result: Result) -> list[str]:
    return [note.rstrip(".") + "." for note in result.data_quality.notes]


def _days(portfolio: Portfolio | None) -> str:
    return f", {words.count(len(portfolio.days), 'trade date')}" if portfolio else ""


def _trades(portfolio: Portfolio) -> str:
    figures = portfolio.metrics
    if not figures.sells:
        return "none"
    rate = f"win rate {share(figures.win_rate_pct)}, {figures.wins:,} won, {figures.losses:,} lost"
    return f"{words.count(figures.sells, 'sale')}; {rate}; profit factor {number(figures.profit_factor)}"


def _benchmark(portfolio: Portfolio) -> tuple[str, str]:
    found = portfolio.benchmark
    if found is None:
        return "Benchmark", ""
    ahead = portfolio.metrics.total_return_pct - found.total_return_pct
    said = f"{found.symbol} bought and held {percent(found.total_return_pct)}, drawdown {share(found.mdd_pct, 2)}"
    return "Benchmark", f"{said}; this run {signed(ahead)} % points against it"


def _twin(portfolio: Portfolio) -> tuple[str, str]:
    twin = portfolio.twin
    if twin is None:
        return "", ""
    name = "Without fees" if twin.fees == FEE_PRESETS["none"] else "With fees"
    return (
        name,
        f"{words.usd(twin.final_equity_usd)}, {percent(twin.total_return_pct)}; fees {words.usd(twin.fees_usd)}",
    )
