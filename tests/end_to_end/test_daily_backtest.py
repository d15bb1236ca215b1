"""A file of daily closes goes in by `ptj bars import`, runs as a backtest, and says what a plain loop over it says."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from processors.fold import fold, load_rules
from producers.sessions import Day, Sessions
from schemas.book import load_book
from schemas.catalogue import load_catalogue
from schemas.parameters import Parameters
from schemas.signals import SignalEvent
from schemas.ticks import Frame, FrameBatch, QuoteState, Session, SessionRecord, Tick
from tests.builders import canonical
from tests.end_to_end.test_replay_of_closes import REAL, made_up, real_data
from tests.integration.test_cli_runs import ptj
from tests.running import runs_on

BOOK = load_book("us")
ABSURD_PCT = 60.0  # nobody confirms it: the file has no second source

STORED = """
    select event_id from signal_events where namespace = %s order by event_time, signal_type, subject, ordinal"""


def closes_of(path: Path) -> dict[str, dict[date, float]]:
    closes: dict[str, dict[date, float]] = {symbol: {} for symbol in BOOK.symbols}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            closes[row["symbol"]][date.fromisoformat(row["date"])] = round(float(row["close"]), 4)
    return closes


def tick(symbol: str, closes: dict[date, float], day: date) -> Tick:
    earlier = [before for before in closes if before < day]
    if day not in closes or not earlier:
        return Tick(symbol=symbol, state=QuoteState.MISSING)
    last, base = closes[day], closes[max(earlier)]
    change_pct = round((last - base) / base * 100, 2) + 0.0
    if abs(change_pct) > ABSURD_PCT:
        return Tick(symbol=symbol, state=QuoteState.SUSPECT, last=last, base=base)
    return Tick(symbol=symbol, state=QuoteState.OK, last=last, base=base, change_pct=change_pct)


def plain_loop(closes: dict[str, dict[date, float]], days: list[Day]) -> list[SignalEvent]:
    """The rules over one frame a day, at the real close; no Kafka, no Faust, no database."""
    events = []
    for rule in load_rules(load_catalogue()):
        state = rule.initial()
        for day in days:
            opening = SessionRecord(
                book=BOOK.name,
                trade_date=day.trade_date,
                session=Session.REGULAR,
                at=day.opens_at,
                opens_at=day.opens_at,
                closes_at=day.closes_at,
                registry=BOOK,
                parameters=Parameters(confirm_sec=0),
                version=1,
            )
            ticks = tuple(tick(symbol, closes[symbol], day.trade_date) for symbol in BOOK.symbols)
            frame = Frame(book=BOOK.name, event_time=day.closes_at, ingest_time=day.closes_at, ticks=ticks)
            for record in (opening, FrameBatch(book=BOOK.name, frames=(frame,))):
                state, said = fold(rule, state, record, 0)
                events += said
    return sorted(events, key=canonical)


@pytest.mark.parametrize("source", ["made up", pytest.param("real", marks=real_data)])
async def test_a_file_of_closes_runs_as_a_backtest(source, kafka, database_url, namespace, tmp_path):
    path = REAL if source == "real" else made_up(tmp_path / "closes.csv")
    closes, sessions = closes_of(path), Sessions(BOOK.calendar, BOOK.timezone)
    dates = sorted({day for rows in closes.values() for day in rows})
    days = [found for day in dates[1:] if (found := sessions.day(day)) is not None]
    line = await runs_on(kafka, database_url, namespace, tmp_path)
    told = await ptj(line, "bars", "import", str(path))
    assert told.returncode == 0, told.stderr
    span = ("--start", str(days[0].trade_date), "--end", str(days[-1].trade_date))
    async with line.working():
        told = await ptj(line, "backtest", *span, "--interval", "1d", "--json")
    assert told.returncode == 0, told.stderr
    said = json.loads(told.stdout)
    assert said["result"]["portfolio"] is None
    assert "no day trade" in said["result"]["no_portfolio_because"]
    wanted = [event.event_id for event in plain_loop(closes, days)]
    stored = [event_id for (event_id,) in await line.rows(STORED, said["run_id"])]
    assert len(wanted) > 100
    assert stored == wanted
