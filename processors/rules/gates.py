"""What stands between a signal to buy and the buy: the day's gold ban (R1), a falling market (R5), the stop line (R4).

Pure folds that every rule shares, so that no rule has to wait for what another one says.
"""

from __future__ import annotations

from msgspec.structs import replace

from processors.rules.days import Day, DayState
from processors.rules.quotes import OK, Quotes
from schemas.base import Frozen, UtcTime
from schemas.ticks import Frame, Session


class Ban(Frozen):
    """Whether gold forbids new buys on this date: decided once, then fixed whatever gold or the parameters do."""

    gold: float | None = None  # newest valid change of gold within the observation, in percent
    banned: bool | None = None  # None: not decided yet
    late: bool = False  # gold was not seen within the observation; the first quote after it decided
    latched_at: UtcTime | None = None


def watch(ban: Ban, day: Day, frame: Frame) -> Ban:
    """`ban` after `frame`.

    The observation is (open, open + gold_observe_minutes]. The newest valid gold tick in it decides, at the first
    frame at or past its end; without one, the first valid gold tick later. With 0 minutes there is nothing to
    observe: the first valid gold tick after the open decides, and is not late. Where a parameter change
    moves the end behind the clock, the newest tick seen until then decides.
    """
    now = frame.event_time
    if ban.banned is not None or now <= day.opens_at:
        return ban
    change = next(
        (tick.change_pct for tick in frame.ticks if tick.symbol == day.registry.gold and tick.state is OK),
        None,
    )
    threshold = day.parameters.gold_threshold_pct
    if now <= day.observed_until and change is not None and change != ban.gold:
        ban = replace(ban, gold=change)
    if now < day.observed_until:
        return ban
    if ban.gold is not None:
        return replace(ban, banned=ban.gold > threshold, latched_at=now)
    if change is not None:
        return replace(ban, banned=change > threshold, late=day.parameters.gold_observe_minutes > 0, latched_at=now)
    return ban


class GatedState(DayState):
    """What the frames of a day add up to before any rule judges: quotes and the gold ban."""

    quotes: Quotes = Quotes()
    ban: Ban = Ban()


def market_down(day: Day, quotes: Quotes) -> bool | None:
    """R5: every index below the threshold. One index known at or above it settles the matter; None is unknown."""
    threshold = day.parameters.bearish_index_threshold_pct
    down: bool | None = True
    for symbol in day.registry.indices:
        change = quotes.change(symbol)
        if change is None:
            down = None
        elif change >= threshold:
            return False
    return down


def at_stop_line(day: Day, quotes: Quotes, symbol: str) -> bool:
    """R4: `symbol` is known to have fallen to the stop line or below; never where the line is switched off."""
    line, change = day.parameters.stop_loss_pct, quotes.change(symbol)
    return line is not None and change is not None and change <= line


def suppressing(
    day: Day, now: GatedState, *, symbol: str | None = None, falling_market: bool = True
) -> tuple[str, ...]:
    """The reasons against a new buy at the newest frame, in canonical order; empty where it is free.

    `symbol` is what would be bought (R4). `falling_market` False leaves R5 out, for what R5 itself advises.
    """
    observing = now.ban.banned is None and not _over(day, now)
    unknown = now.ban.banned is None and not observing
    reasons = []
    if now.ban.banned:
        reasons.append("R1")
    if symbol is not None and at_stop_line(day, now.quotes, symbol):
        reasons.append("R4")
    if falling_market:
        down = market_down(day, now.quotes)
        if down:
            reasons.append("R5")
        unknown = unknown or down is None
    if unknown:
        reasons.append("data")
    if observing or day.session is not Session.REGULAR:  # day trades only: none before and after the regular hours
        reasons.append("session")
    return tuple(reasons)


def _over(day: Day, now: GatedState) -> bool:
    """Whether the observation of gold has ended."""
    return now.event_time is not None and now.event_time > day.opens_at and now.event_time >= day.observed_until
