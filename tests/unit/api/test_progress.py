"""The board of runs, and the ids of their streams."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.progress import RUNS, STEPS, Board
from api.run_stream import Seen, seen_by
from schemas.runs import RunKind, RunProgress, RunStatus


def step(run_id: str, progress: float = 0.5) -> RunProgress:
    return RunProgress(
        run_id=run_id,
        world="demo",
        kind=RunKind.BACKTEST,
        status=RunStatus.RUNNING,
        attempt=1,
        progress=progress,
        phase="streaming",
        at=datetime(2026, 2, 10, 15, tzinfo=UTC),
    )


def test_steps_behind_an_offset_and_the_newest():
    board = Board()
    for offset, run_id in enumerate(["a", "b", "a", "a"]):
        board.take(offset, step(run_id, offset / 10))
    assert [found.offset for found in board.after("a", -1)] == [0, 2, 3]
    assert [found.offset for found in board.after("a", 2)] == [3]
    newest = board.newest("a")
    assert newest is not None
    assert newest.progress == 0.3
    assert board.newest("c") is None


def test_a_step_read_twice_is_kept_once():
    board = Board()
    for offset in (0, 1, 0, 1):
        board.take(offset, step("a"))
    assert len(board.after("a", -1)) == 2


def test_memory_is_bounded_and_the_longest_silent_run_goes_first():
    board = Board()
    for offset in range(STEPS + 5):
        board.take(offset, step("a"))
    assert len(board.after("a", -1)) == STEPS
    for n in range(RUNS):
        board.take(STEPS + 5 + n, step(f"run{n}"))
    assert board.newest("a") is None
    assert board.newest("run0") is not None


def test_news_reach_those_who_wait_for_this_run():
    board = Board()
    with board.news("a") as a, board.news("b") as b:
        board.take(0, step("a"))
        assert (a.is_set(), b.is_set()) == (True, False)
        board.close()
        assert b.is_set()
    with board.news("c") as late:
        assert late.is_set()


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        (None, Seen()),
        ("", Seen()),
        ("p.17", Seen(step=17)),
        (" r.3.2 ", Seen(2**63, 3, 2)),
        ("done", Seen(done=True)),
        ("17.0.ab", None),
        ("p.x", None),
        ("r.3", None),
        ("p.٣", None),
    ],
)
def test_ids(said, seen):
    assert seen_by(said) == seen
