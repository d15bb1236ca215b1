"""How far runs are, as their topic tells it: the newest steps of each, and who waits for the next. No I/O in here."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from schemas.runs import RunProgress

STEPS = 400  # kept of one run
RUNS = 200  # kept at all, the longest silent goes first


class Step(NamedTuple):
    """One record of the topic. `offset` names it to a client that resumes."""

    offset: int
    progress: RunProgress


class Board:
    """What clients of the streams of runs look at."""

    def __init__(self) -> None:
        self._steps: OrderedDict[str, deque[Step]] = OrderedDict()
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self.closed = False

    def take(self, offset: int, progress: RunProgress) -> None:
        """A step that was read; one that is known already changes nothing."""
        steps = self._steps.setdefault(progress.run_id, deque(maxlen=STEPS))
        if steps and steps[-1].offset >= offset:
            return
        steps.append(Step(offset, progress))
        self._steps.move_to_end(progress.run_id)
        if len(self._steps) > RUNS:
            self._steps.popitem(last=False)
        for waiting in self._waiting.get(progress.run_id, ()):
            waiting.set()

    def newest(self, run_id: str) -> RunProgress | None:
        steps = self._steps.get(run_id)
        return steps[-1].progress if steps else None

    def after(self, run_id: str, offset: int) -> list[Step]:
        """The steps of a run behind `offset`, oldest first."""
        return [step for step in self._steps.get(run_id, ()) if step.offset > offset]

    def forget(self) -> None:
        """The topic is another one under the same name: offsets start over."""
        self._steps.clear()

    @contextmanager
    def news(self, run_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at each step of `run_id`, and when the process ends."""
        event = asyncio.Event()
        if self.closed:
            event.set()
        self._waiting.setdefault(run_id, set()).add(event)
        try:
            yield event
        finally:
            waiting = self._waiting[run_id]
            waiting.discard(event)
            if not waiting:
                del self._waiting[run_id]

    def close(self) -> None:
        """End every stream."""
        self.closed = True
        for waiting in self._waiting.values():
            for event in waiting:
                event.set()
