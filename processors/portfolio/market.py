"""The market of a run as all its lanes see it: the trade date, prices, what was missing. Folded once, not per lane.

Frames with bars (`source` "bar") carry a bar's own open, high and low; those of a live feed the day's, and a fill is
then at the frame's last price.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from schemas.base import UtcTime
from schemas.book import Book
from schemas.ticks import Frame, QuoteState, Tick

OK = QuoteState.OK
BAR_OF_TICKS = timedelta(minutes=5)  # `v1` knows bars only: ticks are gathered into its own
SPANS = {"1m": timedelta(minutes=1), "5m": timedelta(minutes=5), "1h": timedelta(hours=1)}


class DayBar(msgspec.Struct, frozen=True):
    """What `v1` reads at one bar time: only symbols that have a bar there."""

    time: UtcTime
    prices: dict[str, float]
    gold_open: float | None = None


class Market(msgspec.Struct):
    """One trade date at a time, and what goes on from one to the next."""

    registry: Book | None = None
    first_date: date | None = None
    trade_date: date | None = None
    opens_at: UtcTime | None = None
    closes_at: UtcTime | None = None  # of the model: the real close, or the one that `v1` takes for it
    trading: bool = False  # dates before and after the span of the run only give closes
    settled: bool = True
    newest: UtcTime | None = None  # event time of the newest frame of all
    last: UtcTime | None = None  # of the newest frame of this date's regular session
    marks: dict[str, float] = {}  # newest valid price of the session, by symbol
    frames: int = 0  # of the regular session of this date
    missing: dict[str, int] = {}  # of this date, by symbol
    missing_total: dict[str, int] = {}
    frames_total: int = 0
    session_s: float = 0.0  # length of all regular sessions with data
    days: int = 0  # of the span, with data
    first_day: date | None = None  # of them
    last_day: date | None = None
    days_without_data: list[date] = []
    benchmark_entry: float | None = None
    benchmark_mark: float | None = None
    bars: list[DayBar] = []  # of this date, for `v1`
    changes: list[dict[str, float]] = []  # of `bars`, once for all lanes; empty between records
    closes: dict[str, float] = {}  # last bar of earlier dates, for `v1`


class Cut(NamedTuple):
    """A frame of the regular session."""

    time: datetime
    opened: datetime  # when its bar began; a feed's frame has no length
    seconds: float  # since the frame before, or the open
    closing: bool  # no frame of this session follows
    ticks: dict[str, Tick]


def copied(market: Market) -> Market:
    return msgspec.structs.replace(
        market,
        marks=dict(market.marks),
        missing=dict(market.missing),
        missing_total=dict(market.missing_total),
        days_without_data=list(market.days_without_data),
        bars=list(market.bars),
        closes=dict(market.closes),
    )


def seen(market: Market, frame: Frame, span: timedelta | None) -> Cut | None:
    """Take in `frame`; None where it is outside the regular session or that has been settled."""
    time = frame.event_time
    opens_at, closes_at = market.opens_at, market.closes_at
    if market.settled or opens_at is None or closes_at is None or not opens_at < time <= closes_at:
        return None
    marks, missing, ticks = market.marks, market.missing, {}
    for tick in frame.ticks:
        symbol, last = tick.symbol, tick.last
        ticks[symbol] = tick
        usable = tick.state is OK and last is not None
        if usable:
            marks[symbol] = last  # type: ignore[assignment]
        if tick.carried or not usable:
            missing[symbol] = missing.get(symbol, 0) + 1
    before = opens_at if market.last is None else market.last
    began = time if span is None else max(before, time - span)
    market.last = time
    market.frames += 1
    _benchmark(market, ticks)
    return Cut(time, began, (time - before).total_seconds(), time == closes_at, ticks)


def fill_price(tick: Tick | None) -> float | None:
    """What a trade at the start of the frame would be filled at; None where the frame brought no price of its own.

    A bar without an open (a file of closes) is filled at its close.
    """
    if tick is None or tick.carried or tick.state is not OK:
        return None
    return tick.open or tick.last if tick.source == "bar" else tick.last


def _benchmark(market: Market, ticks: dict[str, Tick]) -> None:
    symbol = benchmark_symbol(market.registry)
    if symbol is None or not market.trading:
        return
    if market.benchmark_entry is None:
        market.benchmark_entry = fill_price(ticks.get(symbol))
    market.benchmark_mark = market.marks.get(symbol, market.benchmark_mark)


def benchmark_symbol(registry: Book | None) -> str | None:
    """The first index of the book: SPY."""
    return registry.indices[0] if registry is not None and registry.indices else None


def gather(market: Market, frame: Frame, from_bars: bool) -> None:
    """Take in the bars of `frame` for `v1`: of symbols that have one, carried prices left out."""
    registry, opens_at = market.registry, market.opens_at
    assert registry is not None
    assert opens_at is not None
    prices, gold_open = {}, None
    for tick in frame.ticks:
        if tick.base is not None and market.trade_date == market.first_date:
            market.closes.setdefault(tick.symbol, tick.base)  # stands for the days before the first
        if tick.last is None or tick.carried:  # one that is suspect or has no base is a bar to it like any other
            continue
        prices[tick.symbol] = tick.last
        if tick.symbol == registry.gold:
            gold_open = tick.open if tick.source == "bar" else tick.last
    if not prices:
        return
    time = frame.event_time
    if not from_bars:
        time = opens_at + -((opens_at - time) // BAR_OF_TICKS) * BAR_OF_TICKS
        if market.bars and market.bars[-1].time == time:
            bar = market.bars.pop()
            prices, gold_open = bar.prices | prices, bar.gold_open or gold_open
    market.bars.append(DayBar(time, prices, gold_open))


def changes(market: Market) -> list[dict[str, float]]:
    """Of each bar of the day: percent of the previous close, rounded; 0.0 where there is none."""
    if not market.changes:
        base = market.closes.get
        market.changes = [
            {
                symbol: round((price - close) / close * 100, 2) if (close := base(symbol)) else 0.0
                for symbol, price in bar.prices.items()
            }
            for bar in market.bars
        ]
    return market.changes
