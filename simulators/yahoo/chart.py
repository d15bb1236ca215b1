"""`/v8/finance/chart/{symbol}`: the reply to a query at a time, in Yahoo's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from schemas.base import from_milliseconds
from simulators.clock import TradingDay, TradingDays
from simulators.kis.wire import Reply
from simulators.yahoo.series import DAY, MINUTES, Listing, Row, Source

DAY_S = 86_400
REACH_DAYS = {"1m": 30, "2m": 60, "5m": 60, "15m": 60, "30m": 60, "90m": 60, "60m": 730, "1h": 730}
MOST_DAYS_OF_1M = 8
VALID = ("1m", "2m", "5m", "15m", "30m", "60m", "90m", "1h", "4h", "1d", "5d", "1wk", "1mo", "3mo")
RANGES = {"1d": 1, "5d": 7, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 366, "2y": 731, "5y": 1827, "10y": 3653}
VALID_RANGES = [*RANGES, "ytd", "max"]


class Charts:
    """Answers chart queries from `source`."""

    def __init__(self, source: Source, days: TradingDays) -> None:
        self._source, self._days = source, days

    def answer(self, symbol: str, query: Mapping[str, str], now_s: int) -> Reply:
        """The chart of `symbol`; keys of `query` in upper case."""
        listing = self._source.listing(symbol)
        if listing is None:
            return refused(404, "Not Found", "No data found, symbol may be delisted")
        interval = query.get("INTERVAL", DAY)
        if interval not in MINUTES and interval != DAY:
            valid = ", ".join(VALID)
            said = f"Invalid input - interval={interval} is not supported. Valid intervals: [{valid}]"
            return refused(422, "Unprocessable Entity", said)
        try:
            begin_s, end_s = self._span(query, listing, now_s)
        except ValueError as error:
            return refused(400, "Bad Request", str(error))
        if begin_s > end_s:
            said = f"Invalid input - start date cannot be after end date. startDate = {begin_s}, endDate = {end_s}"
            return refused(400, "Bad Request", said)
        if (why := _out_of_reach(interval, begin_s, end_s, now_s)) is not None:
            return refused(422, "Unprocessable Entity", why)
        opens_s = int(datetime.combine(listing.first_day, time(), ZoneInfo(listing.timezone)).timestamp())
        if end_s <= opens_s or begin_s > now_s:
            said = f"Data doesn't exist for startDate = {begin_s}, endDate = {end_s}"
            return refused(400, "Bad Request", said)
        return self._chart(listing, interval, begin_s, end_s, now_s, query.get("INCLUDEPREPOST", "") == "true")

    def _chart(self, listing: Listing, interval: str, begin_s: int, end_s: int, now_s: int, extended: bool) -> Reply:
        symbol = listing.symbol
        rows = self._source.rows(symbol, interval, begin_s, end_s, now_s)
        if interval != DAY:
            rows += self._around(listing, interval, begin_s, end_s, now_s, extended)
            rows.sort(key=lambda row: row.start_s)
        rows += _last_trade(rows, interval, now_s, end_s)
        meta = self._meta(listing, interval, begin_s, end_s, now_s, rows)
        result: dict[str, Any] = {"meta": meta}
        if not rows:
            result["indicators"] = {"quote": [{}]} if interval != DAY else {"quote": [{}], "adjclose": [{}]}
            return Reply.of({"chart": {"result": [result], "error": None}})
        events = self._source.events(symbol, begin_s, end_s)
        result["timestamp"] = [row.start_s for row in rows]
        told: dict[str, Any] = {}
        if events.dividends:
            told["dividends"] = {str(at): {"amount": sum_, "date": at} for at, sum_ in events.dividends.items()}
        if events.splits:
            told["splits"] = {
                str(at): {"date": at, "numerator": new, "denominator": old, "splitRatio": f"{new:g}:{old:g}"}
                for at, (new, old) in events.splits.items()
            }
        if told:
            result["events"] = told
        result["indicators"] = {"quote": [_quote(rows)]}
        if interval == DAY:
            later = self._source.events(symbol, begin_s, now_s).dividends
            result["indicators"]["adjclose"] = [{"adjclose": _adjusted(rows, later)}]
        return Reply.of({"chart": {"result": [result], "error": None}})

    def _around(
        self, listing: Listing, interval: str, begin_s: int, end_s: int, now_s: int, extended: bool
    ) -> list[Row]:
        """Bars outside the regular session: as asked, or on early closes the one after it that nobody asked for."""
        around = self._source.extended(listing.symbol, interval, begin_s, end_s, now_s)
        if extended:
            return around
        found = []
        for row in around:
            day = self._days.on_or_after(self._days.date_of(row.start_s * 1000))
            if row.start_s * 1000 == day.closes and day.closes - day.opens < 6 * 3_600_000:
                found.append(row)
        return found

    def _span(self, query: Mapping[str, str], listing: Listing, now_s: int) -> tuple[int, int]:
        if "PERIOD1" in query:
            return int(query["PERIOD1"]), int(query.get("PERIOD2", now_s))
        wanted = query.get("RANGE", "1mo")
        if wanted == "max":
            return int(datetime.combine(listing.first_day, time(), ZoneInfo(listing.timezone)).timestamp()), now_s
        if wanted == "ytd":
            local = from_milliseconds(now_s * 1000).astimezone(ZoneInfo(listing.timezone))
            return int(local.replace(month=1, day=1, hour=0, minute=0, second=0).timestamp()), now_s
        if wanted not in RANGES:
            raise ValueError(f"Invalid input - range={wanted} is not supported. Valid ranges: {VALID_RANGES}")
        return now_s - RANGES[wanted] * DAY_S, now_s

    def _meta(
        self, listing: Listing, interval: str, begin_s: int, end_s: int, now_s: int, rows: Sequence[Row]
    ) -> dict[str, Any]:
        zone = ZoneInfo(listing.timezone)
        now = from_milliseconds(now_s * 1000).astimezone(zone)
        offset = now.utcoffset() or timedelta(0)
        closes = [row.close for row in rows if row.close is not None]
        today = self._days.on_or_after(self._days.date_of(now_s * 1000))
        meta: dict[str, Any] = {
            "currency": listing.currency,
            "symbol": listing.symbol,
            "exchangeName": listing.exchange,
            "fullExchangeName": listing.exchange,
            "instrumentType": listing.kind,
            "firstTradeDate": int(datetime.combine(listing.first_day, time(9, 30), zone).timestamp()),
            "regularMarketTime": now_s,
            "hasPrePostMarketData": listing.kind != "CURRENCY",
            "gmtoffset": int(offset.total_seconds()),
            "timezone": now.strftime("%Z"),
            "exchangeTimezoneName": listing.timezone,
            "regularMarketPrice": closes[-1] if closes else None,
            "longName": listing.name,
            "shortName": listing.name,
            "chartPreviousClose": closes[0] if closes else None,
            "priceHint": 2,
            "currentTradingPeriod": _periods(listing, today, zone),
            "dataGranularity": interval,
            "range": "",
            "validRanges": VALID_RANGES,
        }
        if interval != DAY:
            meta |= {"previousClose": meta["chartPreviousClose"], "scale": 3}
            meta["tradingPeriods"] = self._trading_periods(listing, begin_s, min(end_s, now_s), zone)
        return meta

    def _trading_periods(
        self, listing: Listing, begin_s: int, end_s: int, zone: ZoneInfo
    ) -> list[list[dict[str, Any]]]:
        found = []
        if listing.kind == "CURRENCY":
            at = datetime.combine(from_milliseconds(begin_s * 1000).astimezone(zone).date(), time(), zone)
            while at.timestamp() < end_s:
                if at.weekday() < 5:
                    found.append([_period(int(at.timestamp()), int((at + timedelta(days=1)).timestamp()) - 60, zone)])
                at += timedelta(days=1)
            return found
        day = self._days.on_or_after(self._days.date_of(begin_s * 1000))
        while day.opens < end_s * 1000:
            found.append([_period(day.opens // 1000, day.closes // 1000, zone)])
            day = self._days.after(day)
        return found or [[_period(day.opens // 1000, day.closes // 1000, zone)]]


def refused(status: int, code: str, description: str) -> Reply:
    """An error as the chart service words it."""
    return Reply.of({"chart": {"result": None, "error": {"code": code, "description": description}}}, status)


def _out_of_reach(interval: str, begin_s: int, end_s: int, now_s: int) -> str | None:
    reach = REACH_DAYS.get(interval)
    if reach is None:
        return None
    asked = f"{interval} data not available for startTime={begin_s} and endTime={end_s}."
    if interval == "1m" and end_s - begin_s > MOST_DAYS_OF_1M * DAY_S:
        worth = f"{MOST_DAYS_OF_1M} days worth of 1m granularity data"
        return f"{asked} Only {worth} are allowed to be fetched per request."
    if begin_s < now_s - reach * DAY_S:
        return f"{asked} The requested range must be within the last {reach} days."
    return None


def _last_trade(rows: Sequence[Row], interval: str, now_s: int, end_s: int) -> list[Row]:
    """While a bar is not finished Yahoo adds the newest trade as a bar of its own, without volume."""
    if not rows or rows[-1].close is None or end_s <= now_s:
        return []
    newest, length_s = rows[-1], DAY_S if interval == DAY else MINUTES[interval] * 60
    if interval == DAY or now_s >= newest.start_s + length_s:
        return []
    price = newest.close
    return [Row(now_s, price, price, price, price, 0)]


def _quote(rows: Sequence[Row]) -> dict[str, list[float | int | None]]:
    return {
        "open": [_single(row.open) for row in rows],
        "high": [_single(row.high) for row in rows],
        "low": [_single(row.low) for row in rows],
        "close": [_single(row.close) for row in rows],
        "volume": [row.volume for row in rows],
    }


def _single(price: float | None) -> float | None:
    """Yahoo keeps prices in single precision, hence 385.1199951171875 for 385.12."""
    return None if price is None else float(np.float32(price))


def _adjusted(rows: Sequence[Row], dividends: Mapping[int, float]) -> list[float | None]:
    """Closes less the dividends paid later."""
    found: list[float | None] = []
    factor, waiting = 1.0, sorted(dividends.items())
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        while waiting and waiting[-1][0] > row.start_s and row.close:
            factor *= 1 - waiting.pop()[1] / row.close
        found.append(_single(row.close * factor) if row.close is not None else None)
    return found[::-1]


def _period(start_s: int, end_s: int, zone: ZoneInfo) -> dict[str, Any]:
    local = from_milliseconds(start_s * 1000).astimezone(zone)
    offset = local.utcoffset() or timedelta(0)
    return {
        "timezone": local.strftime("%Z"),
        "end": end_s,
        "start": start_s,
        "gmtoffset": int(offset.total_seconds()),
    }


def _periods(listing: Listing, day: TradingDay, zone: ZoneInfo) -> dict[str, Any]:
    if listing.kind == "CURRENCY":
        start = int(datetime.combine(day.date, time(), zone).timestamp())
        whole = _period(start, start + DAY_S - 60, zone)
        return {"pre": whole | {"end": start}, "regular": whole, "post": whole | {"start": whole["end"]}}
    opens, closes = day.opens // 1000, day.closes // 1000
    return {
        "pre": _period(opens - 19_800, opens, zone),
        "regular": _period(opens, closes, zone),
        "post": _period(closes, closes + 14_400, zone),
    }
