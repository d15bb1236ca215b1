"""Which records a moment makes due. Tuesday 2026-02-10 and Wednesday the 11th, New York time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from producers.day import Closing, DayState, Due, Enter, Open, after, records_due, takes_frames
from producers.sessions import Sessions
from schemas.ticks import Session

NEW_YORK = ZoneInfo("America/New_York")
SESSIONS = Sessions("XNYS", "America/New_York")
TUESDAY, WEDNESDAY = date(2026, 2, 10), date(2026, 2, 11)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-02-{text}").replace(tzinfo=NEW_YORK).astimezone(UTC)


def state(session: str, last_frame: str | None = None, trade_date: date = TUESDAY) -> DayState:
    return DayState(trade_date, Session(session), at(last_frame) if last_frame else None)


def told(due: Due) -> str:
    """A due record in words: what, date, session, New York time."""
    match due:
        case Closing(moment):
            return f"closing frame {moment.astimezone(NEW_YORK):%d %H:%M:%S.%f}"[:-3]
        case Open(day, session, moment):
            return f"open {day.trade_date:%d} {session.value} {moment.astimezone(NEW_YORK):%d %H:%M:%S}"
        case Enter(day, session, moment):
            return f"enter {day.trade_date:%d} {session.value} {moment.astimezone(NEW_YORK):%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        pytest.param(DayState(), "10 10:00", ["open 10 regular 10 10:00:00"], id="the first of a log"),
        pytest.param(DayState(), "14 12:00", ["open 13 closed 14 12:00:00"], id="the first of a log, on a Saturday"),
        pytest.param(state("regular", "10 10:00"), "10 10:01", [], id="nothing changes"),
        pytest.param(state("pre", "10 09:29"), "10 09:30", [], id="the open belongs to pre"),
        pytest.param(state("pre", "10 09:29"), "10 09:30:01", ["enter 10 regular 10 09:30:00"], id="a boundary"),
        pytest.param(
            state("pre", "10 09:00"),
            "10 17:00",
            ["enter 10 regular 10 09:30:00", "enter 10 after 10 16:00:00"],
            id="two boundaries, as after a restart",
        ),
        pytest.param(state("after", "10 19:59"), "10 20:00:01", ["enter 10 closed 10 20:00:00"], id="the close"),
        pytest.param(state("closed", "10 20:00:01"), "10 23:00", [], id="the night"),
        pytest.param(state("closed", "10 20:00:01"), "11 04:00", [], id="the last moment of the night"),
        pytest.param(state("closed", "10 20:00:01"), "11 04:00:01", ["open 11 pre 11 04:00:01"], id="the next date"),
        pytest.param(
            state("after", "10 19:59:59"),
            "11 09:20",
            ["enter 10 closed 10 20:00:00", "closing frame 10 20:00:00.001", "open 11 pre 11 09:20:00"],
            id="a clock that skips the night",
        ),
        pytest.param(
            state("regular", "10 15:00"),
            "11 09:31",
            [
                "enter 10 after 10 16:00:00",
                "enter 10 closed 10 20:00:00",
                "closing frame 10 20:00:00.001",
                "open 11 regular 11 09:31:00",
            ],
            id="a clock that jumps from one session into another date",
        ),
        pytest.param(
            state("closed", "10 19:59:59"),
            "11 09:20",
            ["closing frame 10 20:00:00.001", "open 11 pre 11 09:20:00"],
            id="closed, and the frame after it still due",
        ),
        pytest.param(
            state("closed", "10 20:00:01"),
            "11 09:20",
            ["open 11 pre 11 09:20:00"],
            id="closed, and its frame was made",
        ),
        pytest.param(state("regular", "11 10:00", WEDNESDAY), "10 10:00", [], id="a clock before the open date"),
    ],
)
def test_what_a_moment_makes_due(before, now, due):
    assert [told(record) for record in records_due(before, SESSIONS, at(now), quotes=True)] == due


def test_a_date_whose_quotes_are_unknown_just_ends():
    # A producer that was away over the night has no last quotes to close the date with.
    due = records_due(state("after", "10 19:00"), SESSIONS, at("11 10:00"), quotes=False)
    assert [told(record) for record in due] == ["open 11 regular 11 10:00:00"]


@pytest.mark.parametrize(
    ("before", "now", "due"),
    [
        (DayState(), "10 16:00", ["open 10 regular 10 16:00:00"]),
        (state("regular", "10 16:00"), "10 16:00", []),
        (state("regular", "10 16:00"), "11 16:00", ["open 11 regular 11 16:00:00"]),
        (state("regular", "11 16:00", WEDNESDAY), "10 16:00", []),
    ],
)
def test_a_replay_only_opens(before, now, due):
    assert [told(record) for record in records_due(before, SESSIONS, at(now), frozen=True, quotes=True)] == due


def test_a_replay_of_an_early_close_is_regular_at_16():
    now = datetime(2025, 7, 3, 16, tzinfo=NEW_YORK)
    [opening] = records_due(DayState(), SESSIONS, now, frozen=True)
    assert isinstance(opening, Open)
    assert (opening.session, opening.day.session(now), opening.day.closes_at) == ("regular", "regular", now)


def walk(moments: list[datetime]) -> list[tuple[datetime, str]]:
    """Fold `moments` as a line does, a frame wherever one may be made: (time, what) in the order of writing."""
    written: list[tuple[datetime, str]] = []
    current = DayState()
    for now in moments:
        for due in records_due(current, SESSIONS, now, quotes=True):
            current = after(current, due)
            time = due.event_time if isinstance(due, Closing) else due.at
            written.append((time, "frame" if isinstance(due, Closing) else told(due)))
        if takes_frames(current, SESSIONS):
            current = DayState(current.trade_date, current.session, now)
            written.append((now, "frame"))
    return written


@pytest.mark.parametrize("step_s", [7, 601, 3600, 5 * 3600, 23 * 3600])
def test_whatever_the_pace_time_only_goes_forward_and_a_close_has_one_frame(step_s):
    begin = at("05 08:00:00.500")
    moments = [begin + timedelta(seconds=step_s * step) for step in range(9 * 24 * 3600 // step_s)]
    written = walk(moments)
    times = [time for time, _ in written]
    assert times == sorted(times)
    frames = [time for time, what in written if what == "frame"]
    assert len(set(frames)) == len(frames)
    openings = [what for _, what in written if what.startswith("open")]
    assert len(openings) == len({what.split()[1] for what in openings}), "each date opens once"
    for place, (_, what) in enumerate(written):
        if "closed" in what:
            following = [kind for _, kind in written[place + 1 : place + 3]]
            assert following[:1] in (["frame"], []), "one frame follows the close"
            assert following[1:2] in ([], [w for w in following[1:2] if w.startswith("open")]), "then the next date"


def test_no_frame_before_an_opening():
    assert not takes_frames(DayState(), SESSIONS)
