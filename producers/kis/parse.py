"""Vendor text to readings and ticks. Vendor names end here.

A blank, zero or unreadable price is a state, never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from schemas.errors import Malformed, shown
from schemas.ticks import QuoteState, Tick

RATE_TOLERANCE = 0.05  # percentage points between our change and the broker's
ABSURD_PCT = 60.0  # a change beyond it needs the broker's own rate as a witness: splits leave a stale base
MOST_SHARES = 2**53  # beyond it a JSON number is no longer exact, and no day sees so many
DIGITS = 4  # decimals of a US price, where the reply does not tell

EXECUTIONS = "HDFSCNT0"
FIELDS = (
    *("RSYM", "SYMB", "ZDIV", "TYMD", "XYMD", "XHMS", "KYMD", "KHMS", "OPEN", "HIGH", "LOW", "LAST", "SIGN"),
    *("DIFF", "RATE", "PBID", "PASK", "VBID", "VASK", "EVOL", "TVOL", "TAMT", "BIVL", "ASVL", "STRN", "MTYP"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reply or record says of a symbol. None: the field was blank, zero where none can be, or unreadable."""

    last: float | None
    base: float | None  # the previous regular close, by the record itself
    rate: float | None = None  # percent of base, as the broker computed it
    open: float | None = None
    high: float | None = None
    low: float | None = None
    volume: int | None = None
    bid: float | None = None
    ask: float | None = None
    traded_at: datetime | None = None
    fault: str | None = None  # the first of last and base that is missing, in words


def number(text: object) -> float | None:
    """A finite number from text that may be padded, signed with `+`, or blank. None when it is none."""
    try:
        value = float(str(text).strip())
    except ValueError:
        return None
    return value if isfinite(value) and "_" not in str(text) else None


def price(text: object, digits: int = DIGITS) -> float | None:
    """A price > 0, rounded to `digits` decimals; a zero is the broker's way to say that there is none."""
    value = number(text)
    if value is None:
        return None
    rounded = round(value, digits)
    return rounded if rounded > 0 else None


def count(text: object) -> int | None:
    """Shares: a whole number >= 0, or None."""
    value = number(text)
    return int(value) if value is not None and 0 <= value <= MOST_SHARES else None


def from_price(output: Mapping[str, Any]) -> Reading:
    """The `price` call: last, base, rate, volume. It tells no open, high or low."""
    digits = _digits(output.get("zdiv"))
    return Reading(
        last=price(output.get("last"), digits),
        base=price(output.get("base"), digits),
        rate=_directed(output.get("rate"), output.get("sign")),
        volume=count(output.get("tvol")),
        fault=_fault(output, digits),
    )


def from_detail(output: Mapping[str, Any]) -> Reading:
    """The `price-detail` call: prices of the day as well, but no rate."""
    digits = _digits(output.get("zdiv"))
    return Reading(
        last=price(output.get("last"), digits),
        base=price(output.get("base"), digits),
        open=price(output.get("open"), digits),
        high=price(output.get("high"), digits),
        low=price(output.get("low"), digits),
        volume=count(output.get("tvol")),
        fault=_fault(output, digits),
    )


def from_execution(record: Mapping[str, str], zone: ZoneInfo) -> Reading:
    """A record of the execution stream. Its base is LAST minus the signed DIFF."""
    digits = _digits(record["ZDIV"])
    last = price(record["LAST"], digits)
    diff = _directed(record["DIFF"], record["SIGN"])
    base = None if last is None or diff is None else price(last - diff, digits)
    return Reading(
        last=last,
        base=base,
        rate=_directed(record["RATE"], record["SIGN"]),
        open=price(record["OPEN"], digits),
        high=price(record["HIGH"], digits),
        low=price(record["LOW"], digits),
        volume=count(record["TVOL"]),
        bid=price(record["PBID"], digits),
        ask=price(record["PASK"], digits),
        traded_at=_local(record["XYMD"], record["XHMS"], zone),
        fault=None if last is not None else _expected_price("last", record["LAST"]),
    )


def records(frame: str) -> list[dict[str, str]]:
    """The records of a data frame ``FLAG|TR_ID|COUNT|PAYLOAD`` of the execution stream.

    Several records follow each other with the field separator only, and later versions may append fields to each, so
    the width is measured. Raises `Malformed`.
    """
    parts = frame.split("|", 3)
    if len(parts) != 4:
        raise Malformed("frame", "FLAG|TR_ID|COUNT|PAYLOAD", frame)
    flag, tr_id, told, payload = parts
    if flag != "0":
        raise Malformed("flag", "0, since executions are never encrypted", flag)
    if tr_id != EXECUTIONS:
        raise Malformed("tr_id", EXECUTIONS, tr_id)
    if not (told.isascii() and told.isdigit() and int(told)):
        raise Malformed("count", "a number of records > 0", told)
    fields = payload.split("^")
    width, rest = divmod(len(fields), int(told))
    if rest or width < len(FIELDS):
        raise Malformed("payload", f"{int(told)} records of {len(FIELDS)} fields or more", f"{len(fields)} fields")
    return [dict(zip(FIELDS, fields[at : at + len(FIELDS)], strict=True)) for at in range(0, len(fields), width)]


def tick(symbol: str, reading: Reading, base: float | None, source: str, day: Reading | None = None) -> Tick:
    """The quote of `symbol`: `reading` judged against `base`, with open, high and low from `day` where it has none."""
    state, change_pct, reason = judge(reading, base)
    low, high = _range(reading, day)
    return Tick(
        symbol=symbol,
        state=state,
        last=reading.last,
        base=base,
        change_pct=change_pct,
        open=reading.open or (day.open if day else None),
        high=high,
        low=low,
        volume=reading.volume,
        bid=reading.bid,
        ask=reading.ask,
        traded_at=reading.traded_at,
        source=source,
        reason=reason,
    )


def judge(reading: Reading, base: float | None) -> tuple[QuoteState, float | None, str | None]:
    """The state of a quote, its change in percent of `base` (only when ok), and why it is not ok."""
    if reading.last is None or base is None:
        return QuoteState.MISSING, None, reading.fault or "base: the previous close is not known"
    change_pct = round((reading.last - base) / base * 100, 2) + 0.0  # -0.0 becomes 0.0
    apart = None if reading.rate is None else abs(change_pct - reading.rate)
    if apart is not None and apart > RATE_TOLERANCE + 1e-9:
        return (
            QuoteState.SUSPECT,
            None,
            f"change {change_pct:.2f} % against the broker's {reading.rate:.2f} %",
        )
    if abs(change_pct) > ABSURD_PCT and apart is None:
        return (
            QuoteState.SUSPECT,
            None,
            f"change {change_pct:.2f} % is beyond {ABSURD_PCT:.0f} % and unconfirmed",
        )
    return QuoteState.OK, change_pct, None


def first_object(output: object) -> Mapping[str, Any]:
    """`output` of a reply, which may be an object or an array of one; empty when it is neither."""
    if isinstance(output, Sequence) and not isinstance(output, str):
        output = output[0] if output else None
    return output if isinstance(output, Mapping) else {}


def _range(reading: Reading, day: Reading | None) -> tuple[float | None, float | None]:
    """Low and high of the day. Those of `day` may be some seconds old, so the last price widens them."""
    if reading.high is not None or day is None or reading.last is None:
        return reading.low, reading.high
    low = min(day.low, reading.last) if day.low else None
    high = max(day.high, reading.last) if day.high else None
    return low, high


def _digits(zdiv: object) -> int:
    text = str(zdiv).strip()
    return int(text) if text in {"0", "1", "2", "3", "4", "5", "6"} else DIGITS


def _directed(text: object, sign: object) -> float | None:
    """A magnitude with the direction of the sign code (1, 2 up, 4, 5 down); signed text keeps its own."""
    value = number(text)
    if value is None or value < 0 or "+" in str(text):
        return value
    return -value if str(sign).strip() in {"4", "5"} else value


def _fault(output: Mapping[str, Any], digits: int) -> str | None:
    for field in ("last", "base"):
        if price(output.get(field), digits) is None:
            return _expected_price(field, output.get(field))
    return None


def _expected_price(field: str, received: object) -> str:
    return f"{field}: expected a number > 0, received {shown(received)}"


def _local(day: str, clock: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.strptime(day + clock, "%Y%m%d%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
