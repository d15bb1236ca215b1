"""Numbers and words of reports: a sign always, a real minus, a dash for what is not known."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from schemas.runs import FEE_PRESETS, Fees

NEW_YORK = ZoneInfo("America/New_York")
NOTHING = "—"
MINUS = "\N{MINUS SIGN}"
REASONS = {
    "twin": "twin pair",
    "conditional": "conditional",
    "bearish": "bearish defence",
    "stop_loss": "stop loss",
    "twin_converge": "twin converged",
    "eod_close": "end of day",
}
MODELS = {"rule_text": "rule_text", "v1": "v1 (as the first engine)"}


def number(value: float | None, digits: int = 2) -> str:
    """`1,234.50`, and `−1,234.50` below zero."""
    if value is None:
        return NOTHING
    text = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and float(text.replace(",", "")) else text


def signed(value: float | None, digits: int = 2) -> str:
    """The same with a plus above zero; what rounds to zero has no sign."""
    text = number(value, digits)
    return f"+{text}" if value is not None and value > 0 and float(text.replace(",", "")) else text


def percent(value: float | None, digits: int = 2) -> str:
    """A change: `+0.42 %`."""
    return NOTHING if value is None else f"{signed(value, digits)} %"


def share(value: float | None, digits: int = 1) -> str:
    """A part of a whole: `42.9 %`, no sign."""
    return NOTHING if value is None else f"{number(value, digits)} %"


def usd(value: float | None) -> str:
    return NOTHING if value is None else f"{number(value)} USD"


def count(many: int, one: str, more: str = "") -> str:
    """`1 day`, `2 days`."""
    return f"{many:,} {one if many == 1 else more or one + 's'}"


def reason(name: str) -> str:
    """A reason to buy or sell in words; one that nobody translated stands as it is."""
    return REASONS.get(name, name.replace("_", " "))


def clock(at: datetime) -> str:
    """When it was in New York: `2026-02-10 10:05`."""
    return at.astimezone(NEW_YORK).strftime("%Y-%m-%d %H:%M")


def span(first: date | None, last: date | None) -> str:
    return NOTHING if first is None else str(first) if first == last else f"{first} to {last}"


def fees(of: Fees) -> str:
    """`standard (0.25 % + 0.1 % FX a side, SEC 0.00278 %)`."""
    name = next((name for name, preset in FEE_PRESETS.items() if preset == of), "own")
    if name == "none":
        return name
    parts = [f"{of.commission_pct:g} % commission"]
    parts += [f"{of.fx_spread_pct:g} % FX"] if of.fx_spread_pct else []
    said = f"{' + '.join(parts)} a side"
    return f"{name} ({said}{f', {of.sec_fee_pct:g} % SEC on sales' if of.sec_fee_pct else ''})"
