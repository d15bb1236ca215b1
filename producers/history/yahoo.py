"""Bars from Yahoo, through yfinance as it is, or from the simulator that stands in for Yahoo in the demo world.

yfinance takes a session of ours, which sends everything to the configured address when there is one. Which of the two
answered is checked on every reply, so the worlds never mix. It is imported where a request is made: it brings pandas
and lxml, 100 MB that nobody else needs.

What Yahoo does and we undo: `end` is exclusive; bars bear their start; an unfinished bar and a copy of the last trade
come at the end; minutes without trades come as blanks or not at all.
"""

from __future__ import annotations

import asyncio
import logging
import math
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import sleep
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from producers.history.ladder import Window, is_final
from producers.sessions import Day, Sessions
from schemas.base import from_milliseconds
from schemas.errors import ConfigError, Unavailable
from schemas.history import DAILY, INTERVALS, DailyBar, HistoryBar

log = logging.getLogger(__name__)

CHART = "/v8/finance/chart/"
MARKET_TIME = "x-market-time"  # a header that only the simulator sends: its time in ms
PAUSES_S = (1.0, 3.0, 8.0)  # before the second try and the ones after it
WAY_OUT = "try again later, or give the bars as a file to `ptj bars import`"
HOPELESS = ("must be within the last", "allowed to be fetched per request", "invalid input")
BEFORE_ANY_BAR = time(4)  # of a day; its midnight may be out of reach already
NOTHING = ("data doesn't exist", "no price data found")  # before the symbol was listed; a span without trading
SOURCE = "yahoo"

_one_at_a_time = threading.Lock()  # yfinance keeps one session, one cookie and one cache a process


@dataclass(frozen=True, slots=True)
class YahooConfig:
    """`base_url`: a simulator, or a way to Yahoo; None: Yahoo itself. `demo`: whether only a simulator may answer."""

    base_url: str | None
    demo: bool
    cache_dir: Path  # where yfinance keeps time zones and its cookie
    timeout_s: float = 30.0
    pauses_s: Sequence[float] = PAUSES_S

    def __post_init__(self) -> None:
        if self.demo and self.base_url is None:
            raise ConfigError(
                "PTJ_YAHOO_URL: expected the address of a simulator in the demo world, received none; "
                "`ptj up` starts one"
            )

    @property
    def name(self) -> str:
        return f"the Yahoo simulator at {self.base_url}" if self.demo else "Yahoo"


@dataclass(frozen=True, slots=True)
class Split:
    """`ratio`: new shares for one old."""

    symbol: str
    split_date: date
    ratio: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one window brought. `listed` is False where Yahoo does not know the symbol."""

    window: Window
    bars: tuple[HistoryBar, ...] = ()
    daily: tuple[DailyBar, ...] = ()
    splits: tuple[Split, ...] = ()
    listed: bool = True


@dataclass(slots=True)
class _Answer:
    rows: list[tuple[datetime, float, float, float, float, float]] = field(default_factory=list)
    splits: list[tuple[datetime, float]] = field(default_factory=list)
    listed: bool = True


async def fetch(
    config: YahooConfig,
    sessions: Sessions,
    windows: Sequence[Window],
    now: datetime,
    on_progress: Callable[[int, int, Window], None] = lambda done, of, window: None,
) -> AsyncIterator[Fetched]:
    """Fetch `windows` one after the other, in a thread; `now` is market time: unfinished days are left out.

    Raises `Unavailable`: one sentence, when Yahoo refuses or does not answer several times.
    """
    for number, window in enumerate(windows):
        on_progress(number, len(windows), window)
        answer = await asyncio.to_thread(_ask, config, window, sessions.zone)
        yield _cleaned(answer, window, sessions, now)
    if windows:
        on_progress(len(windows), len(windows), windows[-1])


async def market_now(config: YahooConfig) -> datetime:
    """The time by which days are over: the simulator's in the demo world, else the clock's. Raises `Unavailable`."""
    if not config.demo:
        return datetime.now(UTC)
    import httpx

    try:
        async with httpx.AsyncClient(
            base_url=config.base_url or "", timeout=config.timeout_s, trust_env=False
        ) as client:
            told = (await client.get("/v1/test/getcrumb")).headers.get(MARKET_TIME)
    except httpx.HTTPError as error:
        raise Unavailable(f"{config.name} does not answer: {error}") from None
    if told is None:
        raise _foreign(config)
    return from_milliseconds(int(told))


def _ask(config: YahooConfig, window: Window, zone: ZoneInfo) -> _Answer:
    """One request, repeated while there is hope."""
    for pause_s in (*config.pauses_s, None):
        try:
            with _one_at_a_time:
                return _history(config, window, zone)
        except Unavailable as error:
            if pause_s is None:
                raise
            log.warning("asking again symbol=%s interval=%s error=%s", window.symbol, window.interval, error)
            sleep(pause_s)
    raise AssertionError  # the last round returns or raises


def _history(config: YahooConfig, window: Window, zone: ZoneInfo) -> _Answer:
    import yfinance
    from curl_cffi.requests.exceptions import RequestException
    from yfinance.data import YfData
    from yfinance.exceptions import YFException, YFRateLimitError

    warnings.filterwarnings("ignore", module="yfinance")  # what it should change for the next pandas
    _place_cache(yfinance, config.cache_dir)
    yfinance.config.debug.hide_exceptions = False
    YfData.cache_get.cache_clear()  # it would give a refusal again without asking, and holds on to whole replies
    begin, session = datetime.combine(window.first, BEFORE_ANY_BAR, zone), _session(config)
    try:
        ticker = yfinance.Ticker(window.symbol, session=session)
        frame = ticker.history(
            interval=window.interval,
            start=window.first.isoformat() if window.interval == DAILY else begin,
            end=(window.last + timedelta(days=1)).isoformat(),  # exclusive
            auto_adjust=False,  # else a dividend moves the close before it
            prepost=False,
            actions=True,
            timeout=config.timeout_s,
        )
    except YFRateLimitError:
        raise Unavailable(f"{config.name} refuses: too many requests; try again in some minutes", 60) from None
    except YFException as error:
        return _without_rows(config, window, str(error), session.chart_status)
    except (RequestException, OSError) as error:
        if session.chart_status == 404:
            return _Answer(listed=False)
        raise Unavailable(f"{config.name} does not answer ({_short(error)}); {WAY_OUT}") from None
    except (ValueError, KeyError, TypeError, IndexError) as error:  # what is no chart, yfinance trips over
        raise Unavailable(f"{config.name} answers with something else than bars ({_short(error)}); {WAY_OUT}") from None
    return _rows(frame)


def _session(config: YahooConfig) -> Any:
    """A browser's session for yfinance that goes to `base_url`, and takes answers of the right world only."""
    from curl_cffi import CurlOpt, requests

    to = urlsplit(config.base_url) if config.base_url else None

    class Session(requests.Session):  # type: ignore[type-arg]
        chart_status = 0  # of the newest chart: yfinance does not tell a refusal from an empty one

        def request(self, method: Any, url: str, *args: Any, **options: Any) -> Any:
            if to is not None:
                url = urlsplit(url)._replace(scheme=to.scheme, netloc=to.netloc).geturl()
            response = super().request(method, url, *args, **options)
            if (MARKET_TIME in response.headers) is not config.demo:
                raise _foreign(config)
            if CHART in url:
                self.chart_status = response.status_code
            return response

    if config.demo:  # on this machine: no proxy on the way, and no browser to pass for
        return Session(curl_options={CurlOpt.NOPROXY: "*"})
    return Session(impersonate="chrome")


def _foreign(config: YahooConfig) -> ConfigError:
    if config.demo:
        return ConfigError(f"PTJ_YAHOO_URL: expected a simulator in the demo world, received {config.base_url}")
    return ConfigError(f"PTJ_YAHOO_URL: expected Yahoo in the live world, received a simulator at {config.base_url}")


def _place_cache(yfinance: Any, directory: Path) -> None:
    from yfinance.cache import _TzDBManager

    if _TzDBManager.get_location() != str(directory):
        yfinance.set_tz_cache_location(str(directory))


def _without_rows(config: YahooConfig, window: Window, said: str, status: int) -> _Answer:
    """No bars, where that is what Yahoo says; where it refuses, whatever yfinance makes of it, an error."""
    text = said.lower()
    if status == 404:
        return _Answer(listed=False)
    if status in (200, 400) and any(words in text for words in NOTHING):
        return _Answer()
    sentence = (
        f"{config.name} refuses {window.interval} bars of {window.symbol}: {said.removeprefix(f'${window.symbol}: ')}"
    )
    if any(words in text for words in HOPELESS):
        raise ConfigError(sentence)
    raise Unavailable(sentence)


def _rows(frame: Any) -> _Answer:
    answer = _Answer()
    if frame.empty:
        return answer
    times = [moment.to_pydatetime() for moment in frame.index]
    columns = [frame[name].tolist() for name in ("Open", "High", "Low", "Close", "Volume")]
    answer.rows = list(zip(times, *columns, strict=True))
    if "Stock Splits" in frame.columns:
        answer.splits = [
            (at, ratio) for at, ratio in zip(times, frame["Stock Splits"].tolist(), strict=True) if ratio > 0
        ]
    return answer


def _cleaned(answer: _Answer, window: Window, sessions: Sessions, now: datetime) -> Fetched:
    """The finished bars of whole days, on the interval's grid, with prices > 0."""
    days: dict[date, Day | None] = {}
    bars: list[HistoryBar] = []
    daily: list[DailyBar] = []
    for at, *values in answer.rows:
        on = at.date() if window.interval == DAILY else at.astimezone(sessions.zone).date()
        if on not in days:
            days[on] = sessions.day(on)
        day = days[on]
        if day is None or not window.first <= on <= window.last or not _priced(values[:4]):
            continue
        opened, high, low, close = (round(value, 6) for value in values[:4])
        prices: dict[str, Any] = {
            "open": opened,
            "close": close,
            "high": max(opened, high, low, close),  # told with less precision than the others at times
            "low": min(opened, high, low, close),
            "volume": int(values[4]) if values[4] >= 0 else None,
        }
        if window.interval == DAILY:
            daily.append(
                DailyBar(
                    symbol=window.symbol, trade_date=on, source=SOURCE, provisional=not is_final(day, now), **prices
                )
            )
        elif is_final(day, now) and (at - day.opens_at) % INTERVALS[window.interval] == timedelta(0):
            session = day.session(at + timedelta(seconds=1))
            bars.append(
                HistoryBar(
                    symbol=window.symbol,
                    interval=window.interval,
                    start=at.astimezone(UTC),
                    trade_date=on,
                    session=session,
                    source=SOURCE,
                    **prices,
                )
            )
    splits = [Split(window.symbol, at.astimezone(sessions.zone).date(), ratio) for at, ratio in answer.splits]
    return Fetched(window, tuple(bars), tuple(daily), tuple(splits), answer.listed)


def _priced(values: Sequence[float]) -> bool:
    return all(math.isfinite(value) and value > 0 for value in values)


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text.split(" See https://")[0][:200].rstrip(".")
