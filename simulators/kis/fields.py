"""Quotes in the broker's words: every value a text, `zdiv` decimals, `diff` without its sign, `rate` with a whim."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

from schemas.base import from_milliseconds
from simulators.trading import Quote

ZDIV = 4
KRW_PER_USD = 1391.5
ORDERABLE = "매매 가능"
SEOUL = ZoneInfo("Asia/Seoul")
PRICE_FIELDS = ("rsym", "zdiv", "base", "pvol", "last", "sign", "diff", "rate", "tvol", "tamt", "ordy")
DETAIL_FIELDS = (
    *(
        "rsym",
        "zdiv",
        "curr",
        "last",
        "open",
        "high",
        "low",
        "base",
        "pvol",
        "pamt",
        "tvol",
        "tamt",
        "tomv",
        "mcap",
    ),
    *("shar", "uplp", "dnlp", "h52p", "h52d", "l52p", "l52d", "perx", "pbrx", "epsx", "bpsx", "vnit"),
    *("t_xprc", "t_xdif", "t_xrat", "t_xsgn", "p_xprc", "p_xdif", "p_xrat", "p_xsng", "t_rate", "p_rate"),
    *("e_ordyn", "e_hogau", "e_icod", "e_parp", "etyp_nm"),
)
WORDS = {"rsym", "zdiv", "curr", "ordy", "e_ordyn"}  # what stays when numbers are blank


def price(value: float | None) -> str:
    return "" if value is None else f"{value:.{ZDIV}f}"


def change(quote: Quote, rate_off: float = 0.0) -> tuple[str, str, str]:
    """sign, diff, rate. Upward rates come with a plus sign or a blank, zero with a blank, as the broker has it."""
    if quote.last is None or quote.base is None:
        return "0", price(0.0), " 0.00"
    diff = quote.last - quote.base
    rate = round(100 * diff / quote.base + rate_off, 2) + 0.0  # no -0.0
    sign = "2" if diff > 0 else "5" if diff < 0 else "3"
    lead = "" if rate < 0 else "+" if rate > 0 and round(quote.last * 100) % 2 else " "
    return sign, price(abs(diff)), f"{lead}{rate:.2f}"


def price_fields(quote: Quote, rsym: str, rate_off: float = 0.0) -> dict[str, str]:
    """`output` of the price call."""
    sign, diff, rate = change(quote, rate_off)
    return {
        "rsym": rsym,
        "zdiv": str(ZDIV),
        "base": price(quote.base or 0.0),
        "pvol": str(quote.previous_volume),
        "last": price(quote.last),
        "sign": sign,
        "diff": diff,
        "rate": rate,
        "tvol": str(quote.volume),
        "tamt": f"{quote.value:.0f}",
        "ordy": ORDERABLE,
    }


def detail_fields(quote: Quote, rsym: str) -> dict[str, str]:
    """`output` of the price-detail call; what is unknown is an empty text."""
    base, last = quote.base or 0.0, quote.last or 0.0
    given = price_fields(quote, rsym)
    fields = dict.fromkeys(DETAIL_FIELDS, "") | {key: given[key] for key in given if key in DETAIL_FIELDS}
    return fields | {
        "curr": "USD",
        "open": price(quote.open),
        "high": price(quote.high),
        "low": price(quote.low),
        "pamt": f"{quote.previous_volume * base:.0f}",
        "uplp": price(0.0),
        "dnlp": price(0.0),
        "h52p": price(max(base, last) * 1.31),
        "l52p": price(min(base, last) * 0.62),
        "vnit": "1",
        "t_xprc": f"{last * KRW_PER_USD:.0f}",
        "t_xdif": f"{abs(last - base) * KRW_PER_USD:.0f}",
        "t_xrat": given["rate"],
        "t_xsgn": given["sign"],
        "p_xprc": f"{base * KRW_PER_USD:.0f}",
        "t_rate": f"{KRW_PER_USD:.2f}",
        "p_rate": f"{KRW_PER_USD:.2f}",
        "e_ordyn": ORDERABLE,
        "e_hogau": "0.0100",
    }


def blanked(fields: dict[str, str]) -> dict[str, str]:
    """`fields` with every number an empty text."""
    return {key: value if key in WORDS else "" for key, value in fields.items()}


def execution(quote: Quote, rsym: str, zone: ZoneInfo, rate_off: float = 0.0, blank: bool = False) -> str:
    """One record of HDFSCNT0: 26 fields joined by `^`."""
    sign, diff, rate = change(quote, rate_off)
    xymd, xhms = _stamps(quote.at_ms // 1000, zone)
    kymd, khms = _stamps(quote.at_ms // 1000, SEOUL)
    strength = 100 * quote.bought / quote.sold if quote.sold else 0.0
    numbers = [
        *(price(value) for value in (quote.open, quote.high, quote.low, quote.last)),
        *(sign, diff, rate),
        *(price(quote.bid), price(quote.ask), str(quote.bid_size), str(quote.ask_size), str(quote.size)),
        *(str(quote.volume), f"{quote.value:.0f}", str(quote.sold), str(quote.bought), f"{strength:.2f}"),
    ]
    if blank:
        numbers = [""] * len(numbers)
    head = [rsym, quote.symbol, str(ZDIV), _compact(quote.trade_date), xymd, xhms, kymd, khms]
    return "^".join([*head, *numbers, quote.session])


@lru_cache(maxsize=64)
def _stamps(second: int, zone: ZoneInfo) -> tuple[str, str]:
    local = from_milliseconds(second * 1000).astimezone(zone)
    return f"{local:%Y%m%d}", f"{local:%H%M%S}"


@lru_cache(maxsize=8)
def _compact(day: date) -> str:
    return f"{day:%Y%m%d}"
