"""The model `v1`: the first engine to the letter (facts of the US market, section 5.3), to compare with its figures.

It reads bars, not signals: changes from its own closes, a missing symbol as 0.0, gold unrounded and by number of bars,
no debounce and no gates. It buys and sells at the close of the very bar that it judges, which nobody can. It takes each
day for 6.5 hours long. Where gold's first bars lack, later ones decide on the day, so a day is folded at its end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from processors.portfolio import ledger as books
from processors.portfolio import market as markets
from processors.portfolio.ledger import Ledger
from processors.portfolio.market import BAR_OF_TICKS, Cut, DayBar, Market
from processors.portfolio.model import Lane
from processors.portfolio.signals import Edge
from schemas.book import Book
from schemas.parameters import Parameters
from schemas.results import Trade
from schemas.runs import Model
from schemas.ticks import SessionRecord

SESSION = timedelta(hours=6.5)  # 09:30 to 16:00, early closes included


class V1Lane(Lane):
    """Nothing to remember from one day to the next but the ledger."""


@dataclass(frozen=True, slots=True)
class V1:
    """`bar` is the length of a bar: 30 minutes of gold are 6 bars of 5 minutes."""

    bar: timedelta = BAR_OF_TICKS
    model: Model = Model.V1
    gating: str = "v1_sim"
    lane_type: type[V1Lane] = V1Lane
    gathers_bars: bool = True

    def lane(self, ledger: Ledger, parameters: Parameters, version: int) -> V1Lane:
        return V1Lane(ledger=ledger, parameters=parameters, version=version)

    def copied(self, lane: V1Lane) -> V1Lane:
        return msgspec.structs.replace(lane, ledger=books.copied(lane.ledger))

    def closes_at(self, record: SessionRecord) -> datetime:
        return record.opens_at + SESSION

    def begin(self, lane: V1Lane) -> None:
        lane.banned = lane.gold_change_pct = None

    def hear(self, lane: V1Lane, market: Market, edges: Sequence[Edge]) -> None:
        """Its signals are its own."""

    def cut(self, lane: V1Lane, market: Market, cut: Cut, edges: Sequence[Edge]) -> list[Trade]:
        return []

    def close(self, lane: V1Lane, market: Market) -> list[Trade]:
        """Fold the whole day."""
        bars, registry = market.bars, market.registry
        assert registry is not None
        observed = math.ceil(timedelta(minutes=lane.parameters.gold_observe_minutes) / self.bar)
        lane.gold_change_pct = _gold_change(bars, registry.gold, market.closes, observed)
        lane.banned = lane.gold_change_pct is not None and lane.gold_change_pct > lane.parameters.gold_threshold_pct
        if lane.banned or not bars:
            return []
        day = _Day(lane, market, registry)
        start = min(observed, len(bars) - 1)
        before = bars[start - 1].time if start else market.opens_at
        for bar, changes in zip(bars[start:], markets.changes(market)[start:], strict=True):
            assert before is not None
            day.bar(bar, changes, (bar.time - before).total_seconds())
            before = bar.time
        day.liquidate()
        return day.trades


def _gold_change(bars: Sequence[DayBar], gold: str, closes: dict[str, float], observed: int) -> float | None:
    """Percent of the previous close at the last of the first `observed` gold bars; None where the day has but one."""
    seen = [bar for bar in bars if gold in bar.prices]
    if len(seen) < 2 or observed == 0:
        return None
    base = closes.get(gold) or seen[0].gold_open or seen[0].prices[gold]
    return (seen[:observed][-1].prices[gold] - base) / base * 100


class _Day:
    """One lane through the bars of one day."""

    def __init__(self, lane: V1Lane, market: Market, registry: Book) -> None:
        assert market.trade_date is not None
        self.ledger, self.asked, self.book = lane.ledger, lane.parameters, registry
        self.trade_date, self.bars = market.trade_date, market.bars
        self.stopped: set[str] = set()
        self.newest: dict[str, float] = {}  # prices since the first entry
        self.trades: list[Trade] = []

    def bar(self, bar: DayBar, changes: Mapping[str, float], seconds: float) -> None:
        self.newest.update(bar.prices)
        traded = len(self.trades)
        if self.ledger.held:
            books.mark(self.ledger, self.newest, seconds)
            self._stop(bar)
        self._twins(bar, changes)
        self._conditional(bar, changes)
        self._bearish(bar, changes)
        if len(self.trades) > traded:
            books.mark(self.ledger, self.newest, 0)

    def liquidate(self) -> None:
        """Everything at its own last close of the day, or its entry price, stamped with the day's last bar."""
        last: dict[str, float] = {}
        for bar in self.bars:
            last.update(bar.prices)
        for symbol, position in list(self.ledger.held.items()):
            self._sell(symbol, last.get(symbol, position.price), self.bars[-1].time, "eod_close")

    def _stop(self, bar: DayBar) -> None:
        stop = self.asked.stop_loss_pct
        for symbol, position in list(self.ledger.held.items()):
            price = bar.prices.get(symbol)
            if stop is not None and price is not None and (price - position.price) / position.price * 100 <= stop:
                self.stopped.add(symbol)
                self._sell(symbol, price, bar.time, "stop_loss")

    def _twins(self, bar: DayBar, changes: Mapping[str, float]) -> None:
        change, asked = changes.get, self.asked
        for pair in self.book.pairs:
            gap = round(change(pair.lead, 0.0) - change(pair.follow, 0.0), 2)
            if abs(gap) <= asked.pair_gap_sell_threshold:
                price = bar.prices.get(pair.follow)
                if price is not None and pair.follow in self.ledger.held:
                    self._sell(pair.follow, price, bar.time, "twin_converge")
            elif gap >= asked.pair_gap_entry_threshold:
                self._buy(pair.follow, asked.alloc_twin, bar, "twin")

    def _conditional(self, bar: DayBar, changes: Mapping[str, float]) -> None:
        trigger = self.asked.conditional_trigger_pct
        if all(changes.get(symbol, 0.0) > trigger for symbol in self.book.triggers):
            self._buy(self.book.target, self.asked.alloc_cond, bar, "conditional")

    def _bearish(self, bar: DayBar, changes: Mapping[str, float]) -> None:
        change, asked = changes.get, self.asked
        down = all(change(symbol, 0.0) < asked.bearish_index_threshold_pct for symbol in self.book.indices)
        if down and not change(self.book.gold, 0.0) > asked.gold_threshold_pct:
            for symbol in self.book.defensives:
                self._buy(symbol, asked.alloc_bear, bar, "bearish")

    def _buy(self, symbol: str, share: float, bar: DayBar, reason: str) -> None:
        price = bar.prices.get(symbol)
        if price is None or symbol in self.ledger.held or symbol in self.stopped:
            return
        bought = books.buy(self.ledger, symbol, price, share, bar.time, self.trade_date, reason)
        self.trades += [bought] if bought is not None else []

    def _sell(self, symbol: str, price: float, time: datetime, reason: str) -> None:
        self.trades.append(books.sell(self.ledger, symbol, price, time, self.trade_date, reason))
