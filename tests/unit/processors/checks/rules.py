"""One sound rule, and others that each break one promise."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic as ticking
from typing import Any, ClassVar

from msgspec.structs import replace

from processors.rules.days import Day
from processors.rules.engine import UNKNOWN, Judged, State, judged
from schemas.book import Book
from schemas.signals import SignalEvent, Verdict, event_id
from schemas.ticks import Frame


@dataclass(frozen=True, slots=True)
class Sound(Judged):
    """`up` or `down`: whether the index stands above its close."""

    signal_type: ClassVar[str] = "sound"

    def subjects(self, registry: Book) -> dict[str, tuple[str, ...]]:
        return {"SPY": ("SPY",)}

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        change = now.quotes.change("SPY")
        if change is None:
            return {"SPY": UNKNOWN[now.quotes.worst(("SPY",))]}
        return {"SPY": self.verdict(day, now, change)}

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        return judged("up" if change > 0 else "down", change > 0)

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        return {"change_pct": now.quotes.change("SPY")}

    def explain(self, day: Day, now: State, subject: str, verdict: Verdict) -> str:
        return str(verdict.decision)


def renamed(event: SignalEvent, **changed: Any) -> SignalEvent:
    """`event` with other contents, under the id that belongs to them."""
    told = replace(event, **changed)
    named = event_id(told.book, told.signal_type, told.subject, told.event_time, told.after, told.ordinal)
    return replace(told, event_id=named)


class Backdates(Sound):
    """Says at a frame what it claims to have known at the one before."""

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        after, events = super().step(state, frame)
        earlier = state.event_time or frame.event_time
        return after, [renamed(event, event_time=earlier) for event in events]


class Placed(Sound):
    """Judges by the offset of the message, hence by how frames were packed."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        return judged("even" if now.position % 2 else "odd", False)


class TupleState(State):
    last: Any = ()


class Tuples(Sound):
    """Keeps in its state what JSON gives back as something else."""

    state_type: ClassVar[type[State]] = TupleState

    def initial(self) -> State:
        return TupleState()

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        after, events = super().step(state, frame)
        return replace(after, last=(len(frame.ticks),)), events


class CountState(State):
    counts: dict[str, int] = {}


class InPlace(Sound):
    """Changes the state it was given."""

    state_type: ClassVar[type[State]] = CountState

    def initial(self) -> State:
        return CountState(counts={"frames": 0})

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        state.counts["frames"] += 1  # type: ignore[attr-defined]
        return super().step(state, frame)


class Yesterday(Sound):
    """Looks at when the last frame was, be it of the date before."""

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        after, events = super().step(state, frame)
        new = state.event_time is None
        return after, [replace(event, data=event.data | {"new": new}) for event in events]


class Wall(Sound):
    """Reads the clock."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        return judged("up" if datetime.now(day.opens_at.tzinfo).year > 2000 else "down", False)


class Ticking(Sound):
    """Reads a clock under another name."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        return judged("up" if ticking() > 0 else "down", False)


class Dice(Sound):
    """Throws dice."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        return judged("up" if random.choice((1, 1)) else "down", False)


class Reads(Sound):
    """Opens a file."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        return judged("up" if Path(__file__).read_text("utf-8") else "down", False)


class Remembers(Sound):
    """Keeps a count beside its state."""

    seen: ClassVar[list[int]] = [0]

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        self.seen[0] += 1
        return judged("up" if change > 0 else "down", False)


HIDDEN: dict[str, float] = {}


class Global(Sound):
    """Hands what it saw in one book on to the next, through its module."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        highest = HIDDEN["SPY"] = max(HIDDEN.get("SPY", change), change)
        return judged("top" if change == highest else "below", False)


class Chatty(Sound):
    """Says the same again at every frame."""

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        after, events = super().step(state, frame)
        verdict = after.standing.get("SPY")
        if events or verdict is None or after.day is None:
            return after, events
        said = self._event(after.day, after, frame, "SPY", verdict, verdict, ("SPY",))
        return after, [said]


class Misnamed(Sound):
    """Makes up ids of its own."""

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        after, events = super().step(state, frame)
        return after, [replace(event, event_id=event.event_id[::-1]) for event in events]


class Pushy(Sound):
    """Asks people to act though something speaks against it."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        up = judged("up" if change > 0 else "down", change > 0)
        return replace(up, suppressed_by=("R1",)) if change > 1 else up


class Unplain(Sound):
    """Puts into its data what JSON does not know."""

    def describe(self, day: Day, now: State, subject: str, verdict: Verdict) -> dict[str, Any]:
        return {"all": ("SPY", "QQQ")}


class Hashed(Sound):
    """Judges by hashes of texts, which differ between processes."""

    def verdict(self, day: Day, now: State, change: float) -> Verdict:
        odd = sum(hash(f"{change}{number}") % 2 for number in range(16)) > 8
        return judged("up" if odd else "down", False)


class Fragile(Sound):
    """Breaks where a quote is missing."""

    def decide(self, day: Day, now: State) -> dict[str, Verdict]:
        return {"SPY": judged("up" if now.quotes.change("SPY") > 0 else "down", False)}  # type: ignore[operator]


class Silent(Sound):
    """Says nothing at all."""

    def step(self, state: State, frame: Frame) -> tuple[State, list[SignalEvent]]:
        return replace(state, event_time=frame.event_time), []


later = partial(replace)  # a global that is no plain value
