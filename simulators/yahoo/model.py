"""Charts of the simulated market's past, and of the won.

All intervals are added up from the same minutes, and a day's last close is what the living market opens from.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from schemas.base import from_milliseconds
from schemas.book import Book
from simulators.clock import TradingDay, TradingDays
from simulators.past import FIRST_DAY, LISTED, MINUTE_MS, Minutes, past_of
from simulators.waves import Floats
from simulators.yahoo.series import DAY, MINUTES, Events, Listing, Row, added_up

WON = "KRW=X"
LONDON = ZoneInfo("Europe/London")
KEPT_DAYS = 2000  # times intervals: the hours and days of three years
EXCHANGES = {"NAS": "NGM", "NYS": "NYQ", "AMS": "PCX"}
PAYERS = {"SPY": 0.0031, "QQQ": 0.0014}  # dividend of a quarter as a share of the price
QUARTER_MONTHS = (3, 6, 9, 12)
GoldUp = Callable[[TradingDay], bool]


class ModelSource:
    """The market model under one seed. `gold_up`: how gold stands on a day when it decides it."""

    def __init__(self, book: Book, seed: int, days: TradingDays, gold_up: GoldUp | None = None) -> None:
        self._book, self._days = book, days
        self._past = past_of(book, seed)
        self._gold_up = gold_up or (lambda day: self._past.number(day) % 2 == 1)
        self._kept: OrderedDict[tuple[str, date], dict[str, list[Row]]] = OrderedDict()

    def listing(self, symbol: str) -> Listing | None:
        if symbol == WON:
            return Listing(WON, "USD/KRW", "CURRENCY", "CCY", "Europe/London", FIRST_DAY, "KRW")
        ticker = self._book.by_symbol.get(symbol)
        if ticker is None:
            return None
        kind = "EQUITY" if ticker.leverage == 1 and ticker.category == "conditional_target" else "ETF"
        first = max(FIRST_DAY, LISTED.get(symbol, FIRST_DAY))
        return Listing(symbol, ticker.name_en, kind, EXCHANGES[ticker.exchange], self._book.timezone, first)

    def rows(self, symbol: str, interval: str, begin_s: int, end_s: int, now_s: int) -> list[Row]:
        if symbol == WON:
            return list(_won(interval, begin_s, min(end_s, now_s)))
        found: list[Row] = []
        for day in self._between(symbol, begin_s, min(end_s, now_s)):
            if now_s * 1000 >= day.closes:
                rows = self._day(day, interval)[symbol]
            else:
                rows = self._bars(self._past.minutes(day, self._gold_up(day)), interval, now_s * 1000)[symbol]
            found += [row for row in rows if begin_s <= row.start_s < end_s]
        return found

    def extended(self, symbol: str, interval: str, begin_s: int, end_s: int, now_s: int) -> list[Row]:
        if symbol == WON or interval == DAY:
            return []
        length_s = MINUTES[interval] * 60
        found: list[Row] = []
        for day in self._between(symbol, begin_s, min(end_s, now_s)):
            trading = self._past.trading(day, self._gold_up(day))
            place = self._book.symbols.index(symbol)
            for first, last in ((day.begins, day.opens), (day.closes, day.ends)):
                starts = np.arange(first // 1000, min(last // 1000, end_s, now_s), length_s)
                starts = starts[starts >= begin_s]
                if len(starts):
                    samples = np.linspace(0, length_s * 1000 - 250, 3).astype(np.int64)
                    prices = trading.middle(starts * 1000, samples)[place].reshape(len(starts), 3)
                    found += [
                        Row(int(at), float(p[0]), float(p.max()), float(p.min()), float(p[-1]), 0)
                        for at, p in zip(starts, prices, strict=True)
                    ]
        return found

    def events(self, symbol: str, begin_s: int, end_s: int) -> Events:
        if symbol not in PAYERS:
            return Events()
        paid: dict[int, float] = {}
        place = self._book.symbols.index(symbol)
        for day in self._between(symbol, begin_s, end_s):
            if _is_ex_date(day.date) and begin_s <= day.opens // 1000 < end_s:
                paid[day.opens // 1000] = round(float(self._past.bases(day)[place]) * PAYERS[symbol], 3)
        return Events(dividends=paid)

    def _between(self, symbol: str, begin_s: int, end_s: int) -> Iterator[TradingDay]:
        listing = self.listing(symbol)
        first = max(self._days.date_of(begin_s * 1000), listing.first_day if listing else FIRST_DAY)
        day = self._days.on_or_after(first)
        while day.opens < end_s * 1000:
            yield day
            day = self._days.after(day)

    def _day(self, day: TradingDay, interval: str) -> dict[str, list[Row]]:
        """The bars of a whole day, of all symbols and usual intervals: who asks for one asks for the others next."""
        if (interval, day.date) not in self._kept:
            minutes = self._past.minutes(day, self._gold_up(day))
            for each in {interval, "1h", DAY}:
                self._kept[each, day.date] = self._bars(minutes, each, day.closes)
            while len(self._kept) > KEPT_DAYS:
                self._kept.popitem(last=False)
        return self._kept[interval, day.date]

    def _bars(self, minutes: Minutes, interval: str, now_ms: int) -> dict[str, list[Row]]:
        """The bars of every symbol as far as `now_ms`."""
        count = int(np.searchsorted(minutes.starts_ms, now_ms - MINUTE_MS + 1))
        step = len(minutes.starts_ms) if interval == DAY else MINUTES[interval]
        bars = -(-count // step)
        if not bars:
            return {symbol: [] for symbol in self._book.symbols}

        def folded(values: NDArray[Any], blank: float) -> NDArray[Any]:
            """Shape (symbols, bars, minutes of a bar); `blank` where nothing traded."""
            whole = np.full((len(values), bars * step), blank, values.dtype)
            whole[:, :count] = np.where(minutes.traded[:, :count], values[:, :count], blank)
            return whole.reshape(len(values), bars, step)

        traded: NDArray[np.bool_] = folded(minutes.traded, False)
        first, last = traded.argmax(2)[..., None], step - 1 - traded[..., ::-1].argmax(2)[..., None]
        columns = [
            np.take_along_axis(folded(minutes.open, 0.0), first, 2)[..., 0],
            folded(minutes.high, 0.0).max(2),
            folded(minutes.low, np.inf).min(2),
            np.take_along_axis(folded(minutes.close, 0.0), last, 2)[..., 0],
            folded(minutes.volume, 0).sum(2),
        ]
        starts = (minutes.starts_ms[::step][:bars] // 1000).tolist()
        any_trade: NDArray[np.bool_] = np.any(traded, axis=2)
        return {
            symbol: _rows(starts, any_trade[place].tolist(), [column[place].tolist() for column in columns])
            for place, symbol in enumerate(self._book.symbols)
        }


def _rows(starts: list[int], traded: list[bool], columns: list[list[Any]]) -> list[Row]:
    """Yahoo leaves some of the bars without a trade out and gives others as blanks."""
    return [
        Row(start, *values) if is_traded else Row(start, None, None, None, None, None)
        for number, (start, is_traded, *values) in enumerate(zip(starts, traded, *columns, strict=True))
        if is_traded or number % 2 == 0
    ]


def _is_ex_date(day: date) -> bool:
    """The third Friday of a quarter's last month."""
    return day.month in QUARTER_MONTHS and day.weekday() == 4 and 15 <= day.day <= 21


def _won(interval: str, begin_s: int, end_s: int) -> Iterator[Row]:
    """Won per dollar, from Monday to Friday by London's clocks; it never rests in between."""
    length_s = 86_400 if interval == DAY else MINUTES[interval] * 60
    if interval == DAY:
        first = from_milliseconds(begin_s * 1000).astimezone(LONDON)
        start = first.replace(hour=0, minute=0, second=0, microsecond=0)
        starts = []
        while start.timestamp() < end_s:
            starts.append(int(start.timestamp()))
            start += timedelta(days=1)  # by the calendar: a day of a change of clocks has 23 or 25 hours
    else:
        starts = list(range(begin_s - begin_s % -length_s, end_s, length_s))
    for at in starts:
        if at >= begin_s and from_milliseconds(at * 1000).astimezone(LONDON).weekday() < 5:
            times = np.arange(at, min(at + length_s, end_s) + 1, 60.0 if length_s <= 3600 else 900.0)
            rates = np.round(_rate(times), 2).tolist()
            row = added_up([Row(at, rate, rate, rate, rate, 0) for rate in rates], at)
            if row is not None:
                yield row


def _rate(times_s: Floats) -> Floats:
    days = times_s / 86_400
    slow = 0.025 * np.sin(days / 97) + 0.012 * np.sin(days / 23 + 1) + 0.004 * np.sin(days / 5.1 + 2)
    rate: Floats = 1400 * (1 + slow + 0.0012 * np.sin(days * 6.3) + 0.0004 * np.sin(days * 61))
    return rate
