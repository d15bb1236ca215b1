"""The quotes and bars agents as folds: conflation at snapshots, #day, minutes that are (start, end]."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from processors.bars import Bars
from processors.folders import at_snapshots
from processors.quotes import Quotes
from schemas.base import decoder, encode
from schemas.book import load_book
from schemas.parameters import Parameters
from schemas.quotes import Bar, Quote
from schemas.signals import DayView
from schemas.ticks import Frame, FrameBatch, ParametersChange, QuoteState, Session, SessionRecord, Tick

OPEN = datetime(2026, 2, 10, 14, 30, tzinfo=UTC)  # 09:30 New York
BOOK = load_book("us")


def session(name: Session, minutes: float, *, opening: bool = False, days: int = 0) -> SessionRecord:
    shift = timedelta(days=days)
    return SessionRecord(
        book="us",
        trade_date=(OPEN + shift).date(),
        session=name,
        at=OPEN + shift + timedelta(minutes=minutes),
        opens_at=OPEN + shift,
        closes_at=OPEN + shift + timedelta(minutes=390),
        registry=BOOK if opening else None,
        parameters=Parameters() if opening else None,
        version=4 if opening else 0,
    )


def frame(seconds: float, *, snapshot: bool = False, **last: float | None) -> Frame:
    ticks = tuple(
        Tick(
            symbol=symbol,
            state=QuoteState.OK if price else QuoteState.MISSING,
            last=price,
            base=100.0,
            change_pct=None if price is None else round(price - 100, 2),
            volume=1000 + int(seconds),
        )
        for symbol, price in last.items()
    )
    at = OPEN + timedelta(seconds=seconds)
    return Frame(book="us", event_time=at, ingest_time=at, ticks=ticks, snapshot=snapshot)


def batch(*frames: Frame) -> FrameBatch:
    return FrameBatch(book="us", frames=frames)


def told(folder, records):
    """All outputs of `records`, folded with a trip of the state through JSON behind each of them."""
    state, outputs = folder.initial(), []
    decode = decoder(folder.state_type).decode
    for position, record in enumerate(records):
        state, said = folder.fold(state, record, position)
        state = decode(encode(state))
        outputs.extend(said)
    return outputs


OPENING = session(Session.REGULAR, 0, opening=True)


def test_quotes_are_told_only_where_a_frame_asks_and_then_all_that_waited():
    outputs = told(
        Quotes(), [OPENING, batch(frame(1, GLD=101.0, SPY=99.0)), batch(frame(2, GLD=102.0), frame(3, snapshot=True))]
    )
    quotes = {out.key: out.value for out in outputs if isinstance(out.value, Quote)}
    assert {key: quote.tick.last for key, quote in quotes.items()} == {"us:GLD": 102.0, "us:SPY": 99.0}
    assert all(out.current for out in outputs)


def test_a_frame_seen_again_is_not_told_again():
    first = batch(frame(1, snapshot=True, GLD=101.0))
    outputs = told(Quotes(), [OPENING, first, first])
    assert sum(isinstance(out.value, Quote) for out in outputs) == 1


def test_day_names_the_opening_and_follows_session_and_parameters():
    change = ParametersChange(
        book="us", version=5, replaces=4, parameters=Parameters(confirm_sec=0), changed_at=OPEN, request_id="a"
    )
    loser = ParametersChange(
        book="us", version=5, replaces=4, parameters=Parameters(confirm_sec=9), changed_at=OPEN, request_id="b"
    )
    records = [OPENING, OPENING, change, loser, session(Session.AFTER, 390), session(Session.REGULAR, 391)]
    days = [out.value for out in told(Quotes(), records) if isinstance(out.value, DayView)]
    assert [(day.version, day.session, day.opening_offset) for day in days] == [
        (4, Session.REGULAR, 0),
        (5, Session.REGULAR, 0),
        (5, Session.AFTER, 0),
    ]
    assert days[-1].parameters.confirm_sec == 0, "the first change that replaces version 4 wins"


def bars(*records) -> list[Bar]:
    return [out.value for out in told(Bars(), [OPENING, *records])]


def test_a_minute_holds_its_end_and_not_its_start():
    closed = bars(batch(frame(0.5, GLD=100.0), frame(60, GLD=103.0)), batch(frame(60.001, GLD=90.0), frame(121)))
    assert [(bar.start, bar.open, bar.high, bar.low, bar.close, bar.ticks) for bar in closed] == [
        (OPEN, 100.0, 103.0, 100.0, 103.0, 2),
        (OPEN + timedelta(minutes=1), 90.0, 90.0, 90.0, 90.0, 1),
    ]


def test_volume_of_a_bar_is_what_the_day_gained():
    closed = bars(batch(frame(1, GLD=100.0), frame(50, GLD=100.0), frame(100, GLD=100.0), frame(200)))
    # day volume is 1000 + seconds: the first bar counts from its first quote, the second from the end of the first
    assert [bar.volume for bar in closed] == [49, 50]


@pytest.mark.parametrize("price", [None])
def test_a_missing_quote_makes_no_bar(price):
    assert bars(batch(frame(1, GLD=price), frame(70, GLD=price))) == []


def test_bars_that_form_are_closed_by_the_next_trade_date_in_their_own_session():
    closed = bars(
        batch(frame(30, GLD=101.0)), session(Session.AFTER, 390), session(Session.PRE, -330, opening=True, days=1)
    )
    assert [(bar.trade_date, bar.session, bar.close) for bar in closed] == [(OPEN.date(), Session.REGULAR, 101.0)]


def test_a_batch_is_cut_behind_each_frame_that_asks_for_views():
    frames = [frame(1), frame(2, snapshot=True), frame(3), frame(4, snapshot=True), frame(5)]
    parts = [[f.event_time.second for f in part.frames] for part in at_snapshots(batch(*frames))]
    assert parts == [[1, 2], [3, 4], [5]]
    whole = batch(frame(1), frame(2, snapshot=True))
    assert list(at_snapshots(whole)) == [whole]
