"""One day's trades, quotes and day figures of a book, made from a seed and the closes of the day before.

A day is computed in chunks of five minutes on a grid of 250 ms. A chunk needs the figures at the end of the one before
(volume, high, low), so going to an instant computes the chunks of that day up to it, a few milliseconds each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from schemas.book import Book
from simulators.clock import TradingDay
from simulators.waves import Floats, Waves

STEP_MS, STEPS = 250, 1200
KEPT_CHUNKS = 3
MOST_TRADES = 4  # of one symbol between two looks: at high speed the older ones are left out
PULL = 12.0  # percent a day per unit of log distance: levels come back to where they started
DRIFT_PCT, STEADY_DRIFT_PCT = 1.0, 0.05  # bound of a day's drift; of those that must keep crossing zero
PRE_MARKET_SHARE, AFTER_HOURS_SHARE = 0.3, 0.2  # of the trades a second of the regular session
TOTALS = ("volume", "value", "bought")
FIGURES = ("trade_step", "last", "open", "high", "low", "bid", "ask", "bid_size", "ask_size", "size", *TOTALS)

# previous close in USD, shares a day, trades a second; the order of magnitude of each, not data
PROFILES: dict[str, tuple[float, int, float]] = {
    "GLD": (385.0, 11_000_000, 1.6),
    "BITU": (56.0, 4_000_000, 1.0),
    "MSTU": (41.0, 18_000_000, 2.2),
    "ROBN": (62.0, 2_600_000, 0.8),
    "CONL": (38.0, 9_000_000, 1.4),
    "NVDL": (92.0, 12_000_000, 2.4),
    "AMDL": (44.0, 10_000_000, 1.8),
    "ETHU": (71.0, 3_500_000, 1.0),
    "XXRP": (46.0, 1_400_000, 0.7),
    "SOLT": (52.0, 2_900_000, 0.9),
    "COIN": (312.0, 9_500_000, 2.6),
    "HIMZ": (27.0, 2_200_000, 0.8),
    "BRKU": (26.0, 300_000, 0.5),
    "BABX": (39.0, 1_100_000, 0.6),
    "SPY": (662.0, 72_000_000, 4.0),
    "QQQ": (598.0, 46_000_000, 3.6),
}
UNKNOWN = (80.0, 2_000_000, 1.0)


@dataclass(frozen=True, slots=True)
class Quote:
    """A symbol at one trade. Prices in USD; None where the source has no figure."""

    symbol: str
    at_ms: int  # of the trade
    trade_date: date
    last: float | None
    base: float | None  # previous close
    open: float | None = None
    high: float | None = None
    low: float | None = None
    bid: float | None = None
    ask: float | None = None
    bid_size: int = 0
    ask_size: int = 0
    size: int = 0  # shares of this trade
    volume: int = 0  # of the day
    value: float = 0.0  # USD traded in the day
    sold: int = 0  # shares of the day that traded at the bid
    bought: int = 0  # at the ask
    previous_volume: int = 0
    session: str = "1"  # 1 regular, 2 pre-market, 3 after-hours


@dataclass(frozen=True, slots=True)
class Chunk:
    """Five minutes: where there were trades, and what `FIGURES` were after each step."""

    traded: NDArray[np.bool_]  # (symbols, steps)
    figures: Floats  # (figures, symbols, steps)

    def end(self, name: str) -> Floats:
        """A figure at the end, shape (symbols, 1)."""
        return self.figures[FIGURES.index(name), :, -1:]


class MarketDay:
    """One day of the book, given the closes before it."""

    def __init__(self, book: Book, seed: int, day: TradingDay, bases: Floats, gold_up: bool) -> None:
        self.day, self.bases, self.gold_up = day, bases, gold_up
        self._symbols, self._seed = book.symbols, seed
        profiles = [PROFILES.get(symbol, UNKNOWN) for symbol in book.symbols]
        nominal, volumes, rates = (np.array(column, dtype=float) for column in zip(*profiles, strict=True))
        steady = {book.gold, *book.indices, *book.triggers}
        bound = np.array([STEADY_DRIFT_PCT if s in steady else DRIFT_PCT for s in book.symbols])
        self._waves = Waves(book, seed, day, np.clip(-PULL * np.log(bases / nominal), -bound, bound), gold_up)
        self._rates, self._spreads = (
            rates[:, None],
            4e-4 / rates[:, None] ** 2,
        )  # who trades more has a closer spread
        self._sizes = np.maximum(volumes / (rates * 23_400), 1.0)[:, None]  # 23,400 s of regular trading
        yesterday = np.random.default_rng([seed, day.date.toordinal(), 1 << 20]).uniform(0.7, 1.3, len(volumes))
        self._previous_volumes = (volumes * yesterday).astype(np.int64)
        self._lag_ms = [place * STEP_MS // len(book.symbols) for place in range(len(book.symbols))]
        self._chunks: dict[int, Chunk] = {}

    def closes(self) -> Floats:
        """The price of every symbol at the regular close: what the next day is measured by."""
        return self._prices(np.array([self.day.closes - STEP_MS]))[:, 0]

    def step(self, place: int, ms: int) -> int:
        """The last step of the grid at which symbol number `place` could have traded by `ms`."""
        return max(0, (ms - self.day.begins - self._lag_ms[place]) // STEP_MS)

    def traded(self, place: int, after: int, until: int) -> list[int]:
        """The newest steps in (after, until] at which the symbol traded, oldest first, at most `MOST_TRADES`."""
        after = max(after, until - STEPS)
        found: list[int] = []
        for number in range((after + 1) // STEPS, until // STEPS + 1):
            start = number * STEPS
            row = self._chunk(number).traded[place]
            begin, end = max(after + 1 - start, 0), min(until + 1 - start, STEPS)
            found.extend(int(step) + start + begin for step in np.flatnonzero(row[begin:end])[-MOST_TRADES:])
        return found[-MOST_TRADES:]

    def quote(self, place: int, step: int) -> Quote:
        """The figures of symbol number `place` after `step`."""
        row = self._chunk(step // STEPS).figures[:, place, step % STEPS].tolist()
        trade_step, last, opened, high, low, bid, ask, bid_size, ask_size, size, volume, value, bought = row
        moment = self.day.begins + int(trade_step) * STEP_MS + self._lag_ms[place]
        return Quote(
            symbol=self._symbols[place],
            at_ms=moment,
            trade_date=self.day.date,
            last=last,
            base=float(self.bases[place]),
            open=opened,
            high=high,
            low=low,
            bid=bid,
            ask=ask,
            bid_size=int(bid_size),
            ask_size=int(ask_size),
            size=int(size),
            volume=int(volume),
            value=value,
            sold=int(volume - bought),
            bought=int(bought),
            previous_volume=int(self._previous_volumes[place]),
            session="2" if moment < self.day.opens else "1" if moment < self.day.closes else "3",
        )

    def middle(self, coarse_ms: NDArray[np.int64], fine_ms: NDArray[np.int64]) -> Floats:
        """The middle between bid and ask of every symbol at coarse times plus fine ones, shape (symbols, times)."""
        return self._priced(self._waves.on_grid(coarse_ms, fine_ms))

    def _prices(self, times_ms: NDArray[np.int64]) -> Floats:
        return self._priced(self._waves.at(times_ms))

    def _priced(self, change_pct: Floats) -> Floats:
        prices: Floats = np.round(self.bases[:, None] * (1 + change_pct / 100), 2)
        return np.maximum(prices, 0.01)

    def _chunk(self, number: int) -> Chunk:
        if number not in self._chunks:
            nearest = max((known for known in self._chunks if known < number), default=-1)
            for each in range(nearest + 1, number + 1):
                self._chunks[each] = self._trade(each, self._chunks.get(each - 1))
                self._chunks.pop(each - KEPT_CHUNKS, None)
        return self._chunks[number]

    def _trade(self, number: int, before: Chunk | None) -> Chunk:
        """Five minutes of trading, going on from those before."""
        random = np.random.default_rng([self._seed, self.day.date.toordinal(), number])
        steps = np.arange(number * STEPS, (number + 1) * STEPS)
        times = self.day.begins + steps * STEP_MS
        shape = (len(self._symbols), STEPS)
        sessions = [times < self.day.opens, times < self.day.closes]
        from_open, from_close = np.abs(times - self.day.opens), np.abs(times - self.day.closes)
        busy = 1 + 0.6 * np.exp(-from_open / 900e3) + 0.5 * np.exp(-from_close / 600e3)
        rates = self._rates * np.select(sessions, [PRE_MARKET_SHARE, 1.0], AFTER_HOURS_SHARE) * busy
        auction = (times == self.day.begins) | (times == self.day.opens) | (times == self.day.closes - STEP_MS)
        traded = (random.random(shape) < rates * STEP_MS / 1000) | auction
        buys = random.random(shape) < 0.5
        sizes = np.ceil(self._sizes * random.lognormal(-0.5, 1.0, shape)) * traded

        middle = self._prices(times)
        spread = np.maximum(np.round(middle * self._spreads, 2), 0.01)
        half = np.floor(spread * 50 + 1e-6) / 100 * ~auction  # in whole cents, like every US price
        price = np.round(np.maximum(middle + np.where(buys, half, -half), 0.01), 2)
        at = _latest_trade(np.where(traded, steps, -1), before)
        last = _held(price, at - steps[0], before, "last")
        fresh = before is None or times[0] == self.day.opens  # the regular session has an open, high, low of its own
        high, low = np.maximum.accumulate(last, axis=1), np.minimum.accumulate(last, axis=1)
        opened = np.repeat(last[:, :1], STEPS, axis=1)
        if before is not None and not fresh:
            high, low = np.maximum(high, before.end("high")), np.minimum(low, before.end("low"))
            opened = np.repeat(before.end("open"), STEPS, axis=1)
        figures = [
            at,
            last,
            opened,
            high,
            low,
            _held(np.maximum(np.where(buys, price - spread, price), 0.01), at - steps[0], before, "bid"),
            _held(np.where(buys, price, price + spread), at - steps[0], before, "ask"),
            random.integers(1, 40, shape) * 100,
            random.integers(1, 40, shape) * 100,
            _held(sizes, at - steps[0], before, "size"),
            *(
                _summed(flow, before, name)
                for name, flow in zip(TOTALS, (sizes, sizes * price, sizes * buys), strict=True)
            ),
        ]
        return Chunk(traded, np.stack([figure.astype(float) for figure in figures]))


def _latest_trade(steps: NDArray[Any], before: Chunk | None) -> NDArray[Any]:
    """For each step the last one at which there was a trade, back into the chunk before."""
    latest: NDArray[Any] = np.maximum.accumulate(steps, axis=1)
    return latest if before is None else np.maximum(latest, before.end("trade_step").astype(np.int64))


def _held(values: Floats, place: NDArray[Any], before: Chunk | None, name: str) -> Floats:
    """`values` held from trade to trade; `place` < 0 stands for a trade in the chunk before."""
    held = np.take_along_axis(values, np.maximum(place, 0), axis=1)
    return held if before is None else np.where(place < 0, before.end(name), held)


def _summed(flow: Floats, before: Chunk | None, name: str) -> Floats:
    """Running total of the day."""
    total: Floats = np.cumsum(flow, axis=1)
    return total if before is None else total + before.end(name)
