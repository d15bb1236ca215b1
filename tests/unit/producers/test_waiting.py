"""What waits while the broker is away, and what of it is still to be written afterwards."""

from __future__ import annotations

from producers.day import Enter, Open
from producers.log import Log
from producers.sessions import Sessions
from producers.waiting import Cut, Opening, merged, remaining
from schemas.ticks import Session
from tests.builders import BOOK, TRADE_DATE, at, frame

SESSIONS = Sessions("XNYS", "America/New_York")
DAY = SESSIONS.day(TRADE_DATE)
NEXT = SESSIONS.following(TRADE_DATE)
assert DAY is not None


def cut(clock: str, full: bool = True, **changes: float) -> Cut:
    return Cut(frame(clock, changes or {"GLD": 1.0}, partial=True), full)


def symbols(waiting: Cut) -> dict[str, float | None]:
    return {tick.symbol: tick.change_pct for tick in waiting.frame.ticks}


def test_a_full_frame_takes_the_place_of_any_other():
    newer = cut("10:00:01", GLD=2.0)
    assert merged(cut("10:00", GLD=1.0, SPY=1.0), newer) is newer


def test_changes_are_laid_over_the_frame_that_waits():
    both = merged(cut("10:00", GLD=1.0, SPY=1.0), cut("10:00:01", full=False, GLD=2.0))
    assert symbols(both) == {"GLD": 2.0, "SPY": 1.0}
    assert both.frame.event_time == at("10:00:01")
    assert both.full


def log(**state: object) -> Log:
    fold = Log(BOOK.name)
    for name, value in state.items():
        setattr(fold, name, value)
    return fold


def test_what_the_log_holds_is_not_written_again():
    waiting = [
        Opening(Open(DAY, Session.PRE, at("09:00")), BOOK),
        cut("09:00"),
        Enter(DAY, Session.REGULAR, at("09:30")),
    ]
    held = log(trade_date=TRADE_DATE, session=Session.REGULAR, last_frame=at("09:00"))
    assert remaining(waiting, held) == []
    assert remaining(waiting, log()) == waiting


def test_records_keep_their_order_and_frames_between_them_are_merged():
    regular, after = Enter(DAY, Session.REGULAR, at("09:30")), Enter(DAY, Session.AFTER, at("16:00"))
    opening = Opening(Open(NEXT, Session.PRE, at("09:20", NEXT.trade_date)), BOOK)
    waiting = [cut("09:29"), regular, cut("10:00"), cut("10:01"), cut("10:02"), after, cut("16:01"), opening]
    held = log(trade_date=TRADE_DATE, session=Session.PRE, last_frame=at("09:28"))
    assert remaining(waiting, held) == [cut("09:29"), regular, cut("10:02"), after, cut("16:01"), opening]
