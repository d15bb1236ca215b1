"""A replay served by the simulator: each date is one opening and one frame, whatever happens on the way."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from schemas.parameters import Parameters
from schemas.ticks import Frame, FrameBatch, Session, SessionRecord
from tests.producing import BOOK, NEW_YORK, World, world
from tests.support import eventually

# Ten trading days around an early close (13:00 on 2025-07-03), a holiday and two weekends.
DATES = [date(2025, 6, 27), date(2025, 6, 30), *(date(2025, 7, day) for day in (1, 2, 3, 7, 8, 9, 10, 11))]


def close(symbol: str, day: date) -> float:
    """Closes that are easy to recompute: they wander by whole cents around 100."""
    return round(100 + (hash_of(symbol) * 31 + day.toordinal() * 17) % 700 / 100, 4)


def hash_of(symbol: str) -> int:
    return sum(ord(letter) * place for place, letter in enumerate(symbol, 1))


@pytest.fixture
def closes(tmp_path) -> Path:
    path = tmp_path / "closes.csv"
    rows = [f"{symbol},{day},{close(symbol, day)}" for day in DATES for symbol in BOOK.symbols]
    path.write_text("\n".join(["symbol,date,close", *rows]))
    return path


def wanted(place: int) -> dict[str, tuple[str, float, float | None, float | None]]:
    """What the frame of a date must hold: state, last, base, change by symbol."""
    day, before = DATES[place], DATES[place - 1] if place else None
    cut = {}
    for symbol in BOOK.symbols:
        last, base = close(symbol, day), close(symbol, before) if before else None
        change = None if base is None else round((last - base) / base * 100, 2) + 0.0
        cut[symbol] = ("missing" if base is None else "ok", last, base, change)
    return cut


def found(frame: Frame) -> dict[str, tuple[str, float | None, float | None, float | None]]:
    return {tick.symbol: (tick.state.value, tick.last, tick.base, tick.change_pct) for tick in frame.ticks}


async def replayed(line: World) -> list[tuple[SessionRecord, Frame]]:
    """Wait for the end; return each date's opening and frame, having seen that there is nothing else."""

    async def done() -> bool:
        line.check()
        return len(await line.frames()) == len(DATES)

    await eventually(done, 40)
    await line.told("replay_done", True)
    records = await line.records()
    pairs = []
    for opening, batch in zip(records[::2], records[1::2], strict=True):
        assert isinstance(opening, SessionRecord)
        assert isinstance(batch, FrameBatch)
        pairs.append((opening, batch.frames[0]))
    return pairs


async def test_each_date_is_one_opening_and_one_frame(kafka, namespace, tmp_path, closes):
    simulator = {"replay": closes, "speed": 100.0}
    async with world(kafka, namespace, tmp_path, simulator, parameters=Parameters(confirm_sec=0)) as line:
        await line.start()
        pairs = await replayed(line)
    assert [opening.trade_date for opening, _ in pairs] == DATES
    for place, (opening, frame) in enumerate(pairs):
        at_16 = datetime.combine(DATES[place], time(16), NEW_YORK).astimezone(UTC)
        assert frame.event_time == at_16
        assert (opening.session, opening.at) == (Session.REGULAR, at_16)
        assert opening.opens_at < at_16 <= opening.closes_at, "16:00 is regular, on an early close too"
        assert found(frame) == wanted(place)
        assert [tick.symbol for tick in frame.ticks] == list(BOOK.symbols)


async def test_faults_on_the_way_cost_no_symbol(kafka, namespace, tmp_path, closes):
    faults = (
        "timeout:GLD,1",
        "http_500:SPY,2",
        "truncated_json:COIN,2",
        "blank_fields:CONL,2",
        "EGW00201:6",
        "429:4",
    )
    simulator = {"replay": closes, "speed": 100.0, "faults": faults}
    async with world(kafka, namespace, tmp_path, simulator) as line:
        await line.start()
        pairs = await replayed(line)
    assert [found(frame) for _, frame in pairs] == [wanted(place) for place in range(len(DATES))]


async def test_a_restart_on_the_way_repeats_no_date(kafka, namespace, tmp_path, closes):
    async with world(kafka, namespace, tmp_path, {"replay": closes, "speed": 4.0}) as line:
        await line.start()
        await line.more_frames(3)
        assert line.producer is not None
        await line.producer.stop()
        await line.start()
        pairs = await replayed(line)
    assert [opening.trade_date for opening, _ in pairs] == DATES
    assert [found(frame) for _, frame in pairs] == [wanted(place) for place in range(len(DATES))]
