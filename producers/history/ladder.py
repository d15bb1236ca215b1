"""Which bars serve a span of trade dates: own ticks, then 1m, 5m, 1h, 1d; and what to ask Yahoo for.

Yahoo's bars within a day slide out of reach: 1m after 30 days, 5m after 60, 1h after 730, all counted in calendar
days (`schemas.history.REACH_DAYS`). What is stored stays in reach for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from producers.sessions import Day, Sessions
from schemas.errors import ConfigError
from schemas.history import DAILY, REACH_DAYS, runs_of
from schemas.trading_days import FINAL_AFTER

TICKS = "ticks"
LADDER = (TICKS, "1m", "5m", "1h", DAILY)
REQUEST_DAYS = {"1m": 7, "5m": 60, "1h": 730}  # calendar days of one request
LOOK_BACK = timedelta(days=14)  # where the close before a span is looked for


@dataclass(frozen=True, slots=True)
class Window:
    """One request: the bars of `symbol` on [first, last], both included."""

    symbol: str
    interval: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be fetched. `cached`: by interval and date, of how many symbols; `archived`: days of own ticks."""

    symbols: int
    cached: Mapping[str, Mapping[date, int]]
    archived: AbstractSet[date] = frozenset()

    def serves(self, interval: str, day: date, today: date) -> bool:
        """Whether every symbol's bars of `day` are stored or can be fetched."""
        if interval == TICKS:
            return day in self.archived
        return in_reach(interval, day, today) or self.cached.get(interval, {}).get(day, 0) >= self.symbols

    def helps(self, interval: str, day: date) -> bool:
        """Whether there are bars of some symbols at least."""
        return self.cached.get(interval, {}).get(day, 0) > 0


def in_reach(interval: str, day: date, today: date) -> bool:
    """Whether Yahoo still gives bars of `day`."""
    return interval == DAILY or (interval in REACH_DAYS and (today - day).days <= REACH_DAYS[interval])


def trade_days(sessions: Sessions, start: date, end: date, now: datetime) -> list[Day]:
    """The trade dates of [start, end], all of which are over at `now`. Raises `ConfigError`: a sentence, a way out."""
    if end < start:
        raise ConfigError(f"end: expected a date on or after the start, {start}, received {end}")
    last = last_final(sessions, now)
    if end > last and _has_trading(sessions, max(start, last + timedelta(days=1)), end):
        field, received = ("start", start) if start > last else ("end", end)
        raise ConfigError(f"{field}: expected a trade date that is over, received {received}; the last one is {last}")
    days = [day for day in map(sessions.day, _dates(start, end)) if day is not None]
    if not days:
        around = (
            f"the exchange trades on {sessions.previous(start).trade_date} and {sessions.following(end).trade_date}"
        )
        span = f"{start}" if start == end else f"{start} to {end}"
        raise ConfigError(f"start, end: expected a span with a trade date, received {span}; {around}")
    return days


def choose(asked: str, days: Sequence[date], today: date, known: Known) -> str:
    """The rung for `days`: the first that has them all, or the one asked for.

    Raises `ConfigError` that says what would work.
    """
    if asked == "auto":
        return next(interval for interval in LADDER if _served(interval, days, today, known) == len(days))
    if asked not in LADDER:
        raise ConfigError(f"interval: expected auto, {', '.join(LADDER)}, received {asked!r}")
    lacking = [day for day in days if not known.serves(asked, day, today) and not known.helps(asked, day)]
    if not lacking:
        return asked
    works = [other for other in LADDER if _served(other, days, today, known) == len(days)]
    if asked == TICKS:
        raise ConfigError(
            f"interval: expected archived ticks of {_said(days)}, received none of {_said(lacking)}; "
            f"would work: {', '.join(works)}"
        )
    since = today - timedelta(days=REACH_DAYS[asked])
    raise ConfigError(
        f"interval: Yahoo has {asked} bars since {since} and {_said(lacking)} "
        f"{'is' if len(lacking) == 1 else 'are'} not stored; for {_said(days)} would work: {', '.join(works)}; "
        f"{_shorter(asked, days, today, known)}or bring bars of your own: ptj bars import FILE --interval {asked}"
    )


def windows(interval: str, lacking: Mapping[str, Sequence[date]], days: Sequence[date], today: date) -> list[Window]:
    """The requests that bring `lacking` dates by symbol, none larger than Yahoo allows or out of its reach."""
    found = []
    for symbol, dates in lacking.items():
        wanted = [day for day in dates if in_reach(interval, day, today)]
        for first, last in runs_of(days, wanted):
            begin = first
            while begin <= last:
                end = last if interval == DAILY else min(last, begin + timedelta(days=REQUEST_DAYS[interval] - 1))
                found.append(Window(symbol, interval, begin, end))
                begin = end + timedelta(days=1)
    return found


def is_final(day: Day, now: datetime) -> bool:
    """Whether the bars of `day` change no more."""
    return now >= day.closes_at + FINAL_AFTER


def last_final(sessions: Sessions, now: datetime) -> date:
    """The newest trade date whose bars change no more."""
    today = now.astimezone(sessions.zone).date()
    day = sessions.day(today)
    return today if day is not None and is_final(day, now) else sessions.previous(today).trade_date


def _has_trading(sessions: Sessions, first: date, last: date) -> bool:
    # A trading day comes within a month of any date, so a far end need not be walked to.
    return any(sessions.day(day) is not None for day in _dates(first, min(last, first + timedelta(days=30))))


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _served(interval: str, days: Sequence[date], today: date, known: Known) -> int:
    return sum(known.serves(interval, day, today) for day in days)


def _said(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _shorter(asked: str, days: Sequence[date], today: date, known: Known) -> str:
    """The newest part of the span that would do at the interval asked for."""
    begin = len(days)
    while begin and known.serves(asked, days[begin - 1], today):
        begin -= 1
    return f"{asked} from {days[begin]} on; " if begin < len(days) else ""
