"""Real closes, served by the simulator's replay to the live line, become the events of a plain loop over the file.

Quotes travel the whole way: KIS protocol, poller, Kafka, Faust, PostgreSQL. The loop shares with it only the rules.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import psycopg
import pytest

from processors.fold import fold, load_rules
from schemas.book import load_book
from schemas.catalogue import load_catalogue
from schemas.parameters import Parameters
from schemas.signals import SignalEvent
from schemas.ticks import Frame, FrameBatch, QuoteState, Session, SessionRecord, Tick
from tests.stages import line_of
from tests.support import eventually

BOOK = load_book("us")
NEW_YORK = ZoneInfo("America/New_York")
REAL = Path(__file__).parents[3] / "shared" / "data" / "us_daily_close.csv"

# Kept beside the repository, not in it: closes of all 16 tickers, 2025-04-08 to 2026-02-13.
real_data = pytest.mark.skipif(not REAL.exists(), reason=f"the file of real closes is not at {REAL}")


def made_up(path: Path, days: int = 12) -> Path:
    """Closes that wander, with a hole, a listing without a base and a fall beyond 60 %."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["symbol", "date", "close"])
        for place, symbol in enumerate(BOOK.symbols):
            close = 20.0 + 3 * place
            first = 1 if symbol == "XXRP" else 0
            for day in range(first, days):
                close *= 1 + ((day * 7 + place * 5) % 11 - 5) / 100
                if (symbol, day) == ("HIMZ", 6):
                    close *= 0.3
                if (symbol, day) != ("SOLT", 5):
                    writer.writerow([symbol, date(2025, 6, 2) + timedelta(days=day + 2 * (day // 5)), f"{close:.6f}"])
    return path


def frames_of(path: Path) -> dict[date, Frame]:
    """One full frame a day at 16:00 New York, from the first date on which every symbol has a close."""
    closes: dict[str, dict[date, float]] = {symbol: {} for symbol in BOOK.symbols}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            closes[row["symbol"]][date.fromisoformat(row["date"])] = round(float(row["close"]), 4)
    days = sorted({day for rows in closes.values() for day in rows})
    begin = next(day for day in days if all(day in rows for rows in closes.values()))
    frames = {}
    for day in (day for day in days if day >= begin):
        at = datetime.combine(day, time(16), NEW_YORK).astimezone(UTC)
        ticks = tuple(tick(symbol, closes[symbol], day) for symbol in BOOK.symbols)
        frames[day] = Frame(book=BOOK.name, event_time=at, ingest_time=at, ticks=ticks)
    return frames


def tick(symbol: str, closes: dict[date, float], day: date) -> Tick:
    """A quote where both prices are known; the broker's own percentage confirms even a change beyond 60 %."""
    earlier = [before for before in closes if before < day]
    if day not in closes or not earlier:
        return Tick(symbol=symbol, state=QuoteState.MISSING)
    last, base = closes[day], closes[max(earlier)]
    change_pct = round((last - base) / base * 100, 2) + 0.0
    return Tick(symbol=symbol, state=QuoteState.OK, last=last, base=base, change_pct=change_pct)


def plain_loop(frames: dict[date, Frame]) -> list[SignalEvent]:
    """The rules over the frames, each day opened with `confirm_sec` 0; no Kafka, no Faust, no tables."""
    events = []
    for rule in load_rules(load_catalogue()):
        state = rule.initial()
        for day, frame in frames.items():
            opens = datetime.combine(day, time(9, 30), NEW_YORK).astimezone(UTC)
            opening = SessionRecord(
                book=BOOK.name,
                trade_date=day,
                session=Session.REGULAR,
                at=opens,
                opens_at=opens,
                closes_at=datetime.combine(day, time(16), NEW_YORK).astimezone(UTC),
                registry=BOOK,
                parameters=Parameters(confirm_sec=0),
                version=1,
            )
            for record in (opening, FrameBatch(book=BOOK.name, frames=(frame,))):
                state, said = fold(rule, state, record, 0)
                events += said
    return events


def judged(verdict: dict | None) -> tuple | None:
    if verdict is None:
        return None
    return verdict["state"], verdict["decision"], verdict["is_actionable"], tuple(verdict["suppressed_by"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("source", ["made up", pytest.param("real", marks=[real_data, pytest.mark.slow])])
async def test_signal_events_are_those_of_the_plain_loop(
    source, kafka, database_url, namespace, parts_home, tmp_path, capsys
):
    path = REAL if source == "real" else made_up(tmp_path / "closes.csv")
    wanted = plain_loop(frames_of(path))
    home = parts_home / namespace
    async with line_of(
        kafka.bootstrap_servers, database_url, home, namespace=namespace, simulate=["--replay", str(path)]
    ) as line:
        await line.start("simulator", "processor-0", "sink", "api", "producer")
        async with httpx.AsyncClient(base_url=line.api_url) as client:

            async def set_at_once() -> bool:
                answer = await client.put("/api/config/parameters", json={"confirm_sec": 0})
                return answer.status_code == 200

            await eventually(set_at_once, timeout_s=30)

        async def all_stored() -> bool:
            return len(await line.stored()) >= len(wanted)

        await eventually(all_stored, timeout_s=200, every_s=0.5)
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        rows = await connection.execute(
            "SELECT trade_date, signal_type, subject, signal_data -> 'before', signal_data -> 'after'"
            " FROM signal_events WHERE namespace = %s",
            (namespace,),
        )
        stored = Counter(
            (day, kind, subject, judged(b), judged(a)) for day, kind, subject, b, a in await rows.fetchall()
        )
    expected = Counter(
        (event.trade_date, event.signal_type, event.subject, verdict(event.before), verdict(event.after))
        for event in wanted
    )
    assert stored == expected
    counts = Counter(event.signal_type for event in wanted)
    with capsys.disabled():
        days = len({event.trade_date for event in wanted})
        print(f"\n  {source}: {days} days, " + ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))


def verdict(said):
    return said and (said.state.value, said.decision, said.is_actionable, tuple(said.suppressed_by))
