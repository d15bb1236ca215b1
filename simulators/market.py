"""A market that looks alive, day after day, made from a seed.

Prices are a function of (seed, first day, market time): nobody's asking changes them. The first day goes on from the
closes of `simulators.past`.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from schemas.book import Book
from simulators.clock import TradingDay, TradingDays
from simulators.past import past_of
from simulators.state_file import StateFile
from simulators.trading import MarketDay, Quote


class Market:
    """Day after day of a book. The closes of a day are the bases of the next; `state` keeps them."""

    def __init__(self, book: Book, seed: int, days: TradingDays, state: StateFile, today: TradingDay) -> None:
        self._book, self._seed, self._days, self._state = book, seed, days, state
        kept = state.values.get("market") or {}
        bases = kept.get("bases", {})
        if not bases.keys() >= set(book.symbols):
            bases = dict(zip(book.symbols, past_of(book, seed).bases(today).tolist(), strict=True)) | bases
        self._today = MarketDay(
            book,
            seed,
            days.on_or_after(date.fromisoformat(kept["trade_date"])) if kept else today,
            np.array([bases[symbol] for symbol in book.symbols]),
            gold_up=bool(kept.get("number", 0) % 2),
        )
        self._number = int(kept.get("number", 0))  # gold is up at the decision on every second day
        self._places = {symbol: place for place, symbol in enumerate(book.symbols)}
        self.on(today)

    def on(self, day: TradingDay) -> MarketDay:
        """The trading of `day`. An earlier day than the current one is traded from the current bases."""
        if day.date == self._today.day.date:
            return self._today
        while self._today.day.date < day.date:
            following = self._days.after(self._today.day)
            self._number += 1
            closes = self._today.closes()
            self._today = MarketDay(self._book, self._seed, following, closes, bool(self._number % 2))
        if self._today.day.date > day.date:
            self._today = MarketDay(self._book, self._seed, day, self._today.bases, bool(self._number % 2))
        bases = dict(zip(self._book.symbols, self._today.bases.tolist(), strict=True))
        self._state.update(market={"trade_date": day.date.isoformat(), "number": self._number, "bases": bases})
        return self._today

    def quote(self, symbol: str, day: TradingDay, ms: int) -> Quote | None:
        """The figures of `symbol` at `ms`, an instant of `day`; None for a symbol that is not listed."""
        if symbol not in self._places:
            return None
        place, trading = self._places[symbol], self.on(day)
        return trading.quote(place, trading.step(place, ms))

    def trades(self, symbol: str, day: TradingDay, after_ms: int, until_ms: int) -> list[Quote]:
        """The newest trades of `symbol` in (after_ms, until_ms], instants of `day`; oldest first."""
        if symbol not in self._places:
            return []
        place, trading = self._places[symbol], self.on(day)
        after, until = trading.step(place, after_ms), trading.step(place, until_ms)
        return [trading.quote(place, step) for step in trading.traded(place, after, until)] if until > after else []
