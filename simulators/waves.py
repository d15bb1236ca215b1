"""How the symbols of a book move over one day: percent change from the previous close, a pure function of time.

A *channel* is a cause of movement: the market, gold, crypto, a sector, the gap of a pair, the stress of one ticker,
and one channel of each symbol's own. It is one slow swing, which carries the rules over their thresholds every few
minutes, plus ten waves from 7 s to 90 min whose amplitude grows with the root of the period, like that of a random
walk. A symbol is a weighted sum of channels: a follower is its lead less the gap, a fund with leverage 2 is twice
its underlying. Being a sum of sines the whole needs no memory: any instant is computed directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from schemas.book import Book, Pair
from simulators.clock import TradingDay

Floats = NDArray[np.float64]

PERIODS_S = np.array([7.0, 13.0, 23.0, 41.0, 79.0, 151.0, 311.0, 700.0, 1900.0, 5200.0])
ROUGHNESS = np.sqrt(PERIODS_S) / np.sqrt(PERIODS_S).sum()  # all waves at their crest together make 1
UNDERLYING = {"CONL": "COIN"}  # funds whose underlying can be in a book too
GOLD_PUSH_PCT, GOLD_PUSH_S, GOLD_PUSH_EDGE_S = (
    0.6,
    75.0,
    30.0,
)  # around the instant at which gold decides the day
GOLD_DECIDES_S = 1800.0  # after the opening: the end of the book's observation of gold


@dataclass(frozen=True, slots=True)
class Channel:
    """`centre` and `swing` in percent, `period_s` of the swing, `rough`: bound of the other waves, in percent."""

    centre: float = 0.0
    swing: float = 0.0
    period_s: float = 300.0
    rough: float = 0.0


class Mixture:
    """Channels and weights of a book: who moves with whom. `victim` is the ticker under stress on a day."""

    def __init__(self, book: Book, victim: str) -> None:
        self.channels: dict[str, Channel] = {
            "market": Channel(swing=0.34, period_s=250, rough=0.16),
            "gold": Channel(swing=0.26, period_s=210, rough=0.14),
            "crypto": Channel(swing=1.5, period_s=270, rough=0.7),
            "stress": Channel(centre=-2.6, swing=1.15, period_s=190, rough=0.4),
        }
        self._rows: dict[str, dict[str, float]] = {}
        for place, symbol in enumerate(book.indices):
            self._row(symbol, Channel(rough=0.06 + 0.04 * place), market=1 + 0.3 * place)
        self._row(book.gold, Channel(rough=0.04), gold=1.0)
        for place, pair in enumerate(book.pairs):
            # two gaps mostly lag behind (a buy when wide), every third swings to both sides
            gap = Channel(0.3, 1.95, 235, 0.3) if place % 3 == 2 else Channel(0.85, 1.3, 200, 0.3)
            self._pair(pair, gap)
        for place, symbol in enumerate(book.triggers):
            self._row(symbol, Channel(rough=0.45), crypto=1.15 - 0.1 * place)
        for symbol in book.defensives:
            own, causes = Channel(0.4, 0.7, 520, 0.8), {"market": 0.6}
            if symbol == victim:
                own, causes = Channel(rough=0.2), {"stress": 1.0}
            self._row(symbol, own, **causes)
        for ticker in book.tickers:
            self._row(ticker.symbol, Channel(0.2, 0.5, 440, 0.8), market=0.8 * ticker.leverage, crypto=0.2)
        for fund, underlying in UNDERLYING.items():
            if fund in self._rows and underlying in self._rows:
                half = {cause: weight / 2 for cause, weight in self._rows[fund].items()}
                self._rows[underlying] = half | {underlying: 0.2}
        names = list(self.channels)
        self.weights: Floats = np.array(
            [[self._rows[symbol].get(name, 0.0) for name in names] for symbol in book.symbols], dtype=float
        )

    def _row(self, symbol: str, own: Channel, **causes: float) -> None:
        if symbol not in self._rows:  # the first role that names a symbol shapes it
            self.channels[symbol] = own
            self._rows[symbol] = causes | {symbol: 1.0}

    def _pair(self, pair: Pair, gap: Channel) -> None:
        if pair.key == "coin":
            self._row(pair.lead, Channel(0.4, rough=0.3), crypto=0.9)
        else:
            sector = f"sector:{pair.key}"
            self.channels[sector] = Channel(0.9, 1.0, 420, 0.9)
            self._row(pair.lead, Channel(rough=0.3), market=1.0, **{sector: 1.0})
        if pair.follow not in self._rows:
            name = f"gap:{pair.key}"
            self.channels |= {name: gap, pair.follow: Channel(rough=0.06)}
            self._rows[pair.follow] = self._rows[pair.lead] | {name: -1.0, pair.follow: 1.0}


@lru_cache(maxsize=64)
def _mixture(book: Book, victim: str) -> Mixture:
    return Mixture(book, victim)


class Waves:
    """One day of a book: `at(times)` gives the change in percent of every symbol."""

    def __init__(self, book: Book, seed: int, day: TradingDay, drift: Floats, gold_up: bool) -> None:
        """`drift`: percent by which each symbol moves, beside its waves, from open to close."""
        ordinal = day.date.toordinal()
        victims = book.defensives or (book.target,)
        mixture = _mixture(book, victims[ordinal % len(victims)])
        random = np.random.default_rng([seed, ordinal])
        count, octaves = len(mixture.channels), len(PERIODS_S)
        specs = list(mixture.channels.values())
        self._weights = mixture.weights
        self._centre = np.array([[c.centre] for c in specs])
        self._swing = np.array([[c.swing] for c in specs]) * random.uniform(0.95, 1.05, (count, 1))
        self._omega = 2 * np.pi / (np.array([[c.period_s] for c in specs]) * random.uniform(0.9, 1.1, (count, 1)))
        self._phase = random.uniform(0, 2 * np.pi, (count, 2, 1))
        self._rough = np.array([[c.rough] for c in specs])[:, :, None] * ROUGHNESS[:, None]
        periods = PERIODS_S * random.uniform(0.85, 1.15, (count, octaves))
        self._omegas = 2 * np.pi / periods[:, :, None]
        self._phases = random.uniform(0, 2 * np.pi, (count, octaves, 1))
        self._drift, self._day = drift[:, None], day
        push = GOLD_PUSH_PCT if gold_up else -GOLD_PUSH_PCT
        self._push = np.array([[push if symbol == book.gold else 0.0] for symbol in book.symbols])

    def at(self, times_ms: NDArray[np.int64]) -> Floats:
        """Change in percent of the previous close, shape (symbols, times)."""
        t = (times_ms - self._day.begins) / 1000.0
        waves = np.sin(self._omegas * t + self._phases)
        return self._change(t, np.einsum("cow,cot->ct", self._rough, waves))

    def on_grid(self, coarse_ms: NDArray[np.int64], fine_ms: NDArray[np.int64]) -> Floats:
        """The same at all sums of a coarse and a fine time, shape (symbols, coarse times fine).

        A sine of a sum is made of sines of its parts, so a day takes a tenth of the sines.
        """
        coarse, fine = (coarse_ms - self._day.begins) / 1000.0, fine_ms / 1000.0
        begun = self._rough.swapaxes(1, 2) * np.exp(1j * (self._omegas * coarse + self._phases)).swapaxes(1, 2)
        waves = (begun @ np.exp(1j * self._omegas * fine)).imag
        return self._change((coarse[:, None] + fine).ravel(), waves.reshape(len(waves), -1))

    def _change(self, t: Floats, rough: Floats) -> Floats:
        """`t` in s since the day began; `rough`: what the waves of each channel come to, shape (channels, times)."""
        open_s, close_s = (
            (self._day.opens - self._day.begins) / 1000,
            (self._day.closes - self._day.begins) / 1000,
        )
        wobble = 0.7 * np.sin(self._omega * t / 5.3 + self._phase[:, 1])
        swing = self._swing * np.sin(self._omega * t + self._phase[:, 0] + wobble)
        lively = 0.7 + 0.6 * np.exp(-np.abs(t - open_s) / 1200) + 0.2 * np.exp(-np.abs(t - close_s) / 1200)
        day_share = np.clip((t - open_s) / (close_s - open_s), 0, 1)
        decides = np.abs(t - open_s - GOLD_DECIDES_S)
        pushed = np.clip((GOLD_PUSH_S - decides) / GOLD_PUSH_EDGE_S, 0, 1)
        change: Floats = self._weights @ (self._centre + swing + rough * lively)
        return change + self._drift * day_share + self._push * pushed
