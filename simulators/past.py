"""What the simulated market did before: closes day by day from a fixed first day, and the minutes of any day.

A pure function of (book, seed, date). The living market opens with the closes found here, so bars of yesterday and
quotes of today belong together. Prices are the middle of the market, sampled three times a minute.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from schemas.book import Book
from simulators.clock import TradingDay, TradingDays
from simulators.trading import PROFILES, STEP_MS, UNKNOWN, MarketDay
from simulators.waves import Floats

FIRST_DAY = date(2024, 1, 2)
MINUTE_MS, SPAN_MS = 60_000, 900_000
SAMPLES_MS = np.array([0, MINUTE_MS // 2, MINUTE_MS - STEP_MS])  # within a minute
# When tickers came to the market; the others are older than the simulated past.
LISTED = {
    "ROBN": date(2025, 1, 31),
    "SOLT": date(2025, 3, 20),
    "HIMZ": date(2025, 3, 13),
    "XXRP": date(2025, 4, 8),
}
THIN_BELOW = 1_500_000  # shares a day: such a ticker has minutes without a trade
BUSY_SHARE = 0.9  # of the usual volume that a day has at least, times up to 1.3


class Minutes:
    """The regular session of one day in minutes, for all symbols: arrays of shape (symbols, minutes)."""

    __slots__ = ("close", "high", "low", "open", "starts_ms", "traded", "volume")

    def __init__(self, book: Book, seed: int, day: TradingDay, trading: MarketDay) -> None:
        self.starts_ms: NDArray[np.int64] = np.arange(day.opens, day.closes, MINUTE_MS, dtype=np.int64)
        count, minutes = len(book.symbols), len(self.starts_ms)
        coarse = np.arange(day.opens, day.closes, SPAN_MS, dtype=np.int64)
        fine = (np.arange(0, SPAN_MS, MINUTE_MS)[:, None] + SAMPLES_MS).ravel()
        whole = trading.middle(coarse, fine).reshape(count, -1, len(SAMPLES_MS))
        samples = whole[:, :minutes]  # a session need not be a whole number of spans
        self.open: Floats = samples[:, :, 0]
        self.high: Floats = samples.max(axis=2)
        self.low: Floats = samples.min(axis=2)
        self.close: Floats = samples[:, :, -1]
        random = np.random.default_rng([seed, day.date.toordinal(), 1 << 21])
        usual = np.array([PROFILES.get(symbol, UNKNOWN)[1] for symbol in book.symbols], float)
        ends = np.arange(minutes)
        busy = 1 + 1.5 * np.exp(-ends / 20) + 1.5 * np.exp(-(minutes - 1 - ends) / 10)
        noise = random.lognormal(-0.1, 0.45, (count, minutes))
        share = busy * noise / busy.sum()
        day_volume = usual * random.uniform(BUSY_SHARE, BUSY_SHARE * 1.3, count) * minutes / 390
        self.volume: NDArray[np.int64] = np.maximum(share * day_volume[:, None], 1).astype(np.int64)
        self.traded: NDArray[np.bool_] = np.ones((count, minutes), bool)
        for place in np.flatnonzero(usual < THIN_BELOW):
            for begin in random.integers(3, minutes - 15, random.integers(1, 5)):
                self.traded[place, begin : begin + int(random.integers(1, 13))] = False


class Past:
    """The days of a book under one seed."""

    def __init__(self, book: Book, seed: int, days: TradingDays) -> None:
        self._book, self._seed, self._days = book, seed, days
        nominal = [PROFILES.get(symbol, UNKNOWN)[0] for symbol in book.symbols]
        self._newest = days.on_or_after(FIRST_DAY)
        self._bases: dict[date, Floats] = {self._newest.date: np.array(nominal)}
        self._numbers: dict[date, int] = {self._newest.date: 0}

    def bases(self, day: TradingDay) -> Floats:
        """The closes before `day`. Before the first day of all stand the usual prices."""
        if day.date < FIRST_DAY:
            return self._bases[self._days.on_or_after(FIRST_DAY).date]
        while self._newest.date < day.date:
            trading = MarketDay(self._book, self._seed, self._newest, self._bases[self._newest.date], False)
            self._newest = self._days.after(self._newest)
            self._bases[self._newest.date] = trading.closes()
            self._numbers[self._newest.date] = len(self._numbers)
        return self._bases[day.date]

    def number(self, day: TradingDay) -> int:
        """Trading days from the first one to `day`."""
        self.bases(day)
        return self._numbers.get(day.date, 0)

    def minutes(self, day: TradingDay, gold_up: bool) -> Minutes:
        """The minutes of `day`. `gold_up`: how gold stands when it decides the day."""
        return Minutes(self._book, self._seed, day, self.trading(day, gold_up))

    def trading(self, day: TradingDay, gold_up: bool) -> MarketDay:
        return MarketDay(self._book, self._seed, day, self.bases(day), gold_up)


@lru_cache(maxsize=4)
def past_of(book: Book, seed: int) -> Past:
    """The past under `seed`, computed once a process."""
    return Past(book, seed, TradingDays(book.calendar, book.timezone))
