"""The producer on a real Kafka: it goes on where the log stands, and follows its clock, its parameters and its book."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from producers.line import ClockBehind
from producers.run import run
from schemas.base import encode
from schemas.book import load_book
from schemas.errors import ConfigError
from schemas.parameters import Parameters
from schemas.signals import DayView, day_key
from schemas.ticks import FrameBatch, ParametersChange, QuoteState, Session, SessionRecord
from schemas.topics import TICKS, VIEWS, partition_of
from tests.builders import batch, change, frame
from tests.line import publish
from tests.producing import BOOK, NEW_YORK, TUESDAY_10, started, world
from tests.support import eventually
from transport.kafka import ensure_topics, make_producer

FAST = {"speed": 5.0}


@pytest.fixture
async def topics(kafka, namespace):
    await ensure_topics(kafka, namespace)


@pytest.mark.parametrize("feed", ["rest", "websocket", "auto"])
async def test_every_symbol_gets_a_quote_each_interval(kafka, namespace, tmp_path, feed):
    async with world(kafka, namespace, tmp_path, feed=feed) as line:
        await line.start()
        await line.more_frames(1)
        begun = (await line.frames())[-1].event_time

        async def later() -> bool:
            return (await line.frames())[-1].event_time > begun + timedelta(seconds=5)

        await eventually(later)
        full = [frame for frame in await line.frames() if frame.event_time > begun and len(frame.ticks) == 16]
        # 5 s at one full frame a second; one may be late on a busy machine
        assert len(full) >= 4
        for frame_ in full:
            assert [tick.symbol for tick in frame_.ticks] == list(BOOK.symbols)
            assert {tick.state for tick in frame_.ticks} == {QuoteState.OK}
        assert (await line.simulator())["tokens_issued"] == 1
        assert line.status()["feed"] == ("rest" if feed == "rest" else "websocket")


async def test_the_first_record_opens_the_trade_date_with_book_and_parameters(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, feed="rest", parameters=Parameters(confirm_sec=0)) as line:
        await line.start()
        await line.more_frames(2)
        opening, *others = await line.records()
    assert isinstance(opening, SessionRecord)
    assert (opening.trade_date.isoformat(), opening.session, opening.version) == ("2026-02-10", "regular", 1)
    assert (opening.registry, opening.parameters) == (BOOK, Parameters(confirm_sec=0))
    assert opening.opens_at == datetime(2026, 2, 10, 14, 30, tzinfo=UTC)
    assert opening.closes_at == datetime(2026, 2, 10, 21, 0, tzinfo=UTC)
    assert all(isinstance(record, FrameBatch) for record in others)


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_restart_goes_on_in_the_same_trade_date(kafka, namespace, tmp_path, end):
    async with world(kafka, namespace, tmp_path, FAST) as line:
        for _ in range(3):
            producer = await line.start()
            await line.more_frames(4)
            await getattr(producer, end)()
        await line.frames()  # which looks at the order of event times
        assert [record.session for record in await line.sessions()] == ["regular"]
        assert (await line.simulator())["tokens_issued"] == 1


async def test_a_restart_keeps_the_book_of_the_opening(kafka, namespace, tmp_path):
    path = tmp_path / "book.toml"
    text = (load_book.__globals__["BOOKS"] / "us.toml").read_text("utf-8")
    path.write_text(text, "utf-8")
    async with world(kafka, namespace, tmp_path, FAST, feed="rest", book=path) as line:
        producer = await line.start()
        await line.more_frames(2)
        await producer.stop()
        path.write_text(text.replace('label = "은행 (HOOD ↔ COIN)"', 'label = "Bank"'), "utf-8")
        await line.start()
        await line.more_frames(2)
        assert len(await line.sessions()) == 1
        await line.set_clock(TUESDAY_10 + timedelta(days=1))

        async def opened() -> bool:
            return (await line.sessions())[-1].trade_date.day == 11

        await eventually(opened)
        openings = [record.registry for record in await line.sessions() if record.registry]
        assert [book.pairs[1].label for book in openings] == ["은행 (HOOD ↔ COIN)", "Bank"]


async def test_parameters_in_the_stream_are_followed(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, FAST, feed="rest") as line:
        await line.start()
        await line.more_frames(2)
        await publish(
            kafka, namespace, [change(2, 1, refresh_interval_sec=5.0), change(2, 1, refresh_interval_sec=1.0)]
        )
        await line.told("parameter_version", 2)
        frames = (await line.more_frames(4))[1:]
        gaps = [b.event_time - a.event_time for a, b in pairwise(frames)]
        assert all(gap > timedelta(seconds=3.5) for gap in gaps), "the first of two changes counts: 5 s"


async def test_a_night_closes_the_date_with_one_frame_and_opens_the_next(kafka, namespace, tmp_path):
    evening = datetime(2026, 2, 10, 19, 59, 50, tzinfo=NEW_YORK)
    async with world(kafka, namespace, tmp_path, FAST) as line:
        await line.start()
        await line.more_frames(1)
        await line.set_clock(evening)

        async def opened() -> bool:
            return [record.session for record in await line.sessions()] == [
                "regular",
                "after",
                "closed",
                "pre",
            ]

        await eventually(opened)
        await line.more_frames(3)
        records = await line.records()
        _, after, closed, pre = await line.sessions()
        assert closed.at == datetime(2026, 2, 11, 1, tzinfo=UTC)  # 20:00 New York
        assert closed.trade_date == after.trade_date
        assert pre.trade_date.isoformat() == "2026-02-11"
        between = records[records.index(closed) + 1 : records.index(pre)]
        assert len(between) == 1
        [last] = between[0].frames
        assert len(last.ticks) == 16
        assert last.snapshot
        assert closed.at < last.event_time < pre.at
        await line.frames()


async def test_session_records_stand_before_the_first_frame_beyond_them(kafka, namespace, tmp_path):
    early = datetime(2026, 2, 10, 9, 25, tzinfo=NEW_YORK)
    async with world(kafka, namespace, tmp_path, FAST | {"start": early}) as line:
        await line.start()
        await line.more_frames(1)
        await line.set_clock(early + timedelta(minutes=4, seconds=55))

        async def entered() -> bool:
            return [record.session for record in await line.sessions()] == ["pre", "regular"]

        await eventually(entered)
        await line.more_frames(2)
        at = None
        for record in await line.records():
            if isinstance(record, SessionRecord) and record.session is Session.REGULAR:
                at = record.at
            elif isinstance(record, FrameBatch):
                assert (record.frames[0].event_time > record_open(at)) == (at is not None)


def record_open(at: datetime | None) -> datetime:
    return at or datetime(2026, 2, 10, 14, 30, tzinfo=UTC)


async def test_a_market_too_fast_for_polls_uses_the_stream_only(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, {"speed": 60.0}) as line:
        await line.start()
        frames = await line.more_frames(60)
        # The first quotes come from the price call, until each symbol has traded.
        assert {tick.source for tick in frames[-1].ticks} == {"websocket"}
        assert line.status()["feed"] == "websocket"
        gaps = [b.event_time - a.event_time for a, b in pairwise(frames)]
        assert sorted(gaps)[len(gaps) // 2] < timedelta(seconds=3)


async def test_a_clock_far_behind_the_log_is_told_with_both_times(kafka, namespace, tmp_path, topics):
    await publish(kafka, namespace, [batch(frame(datetime(2026, 2, 11, 12, tzinfo=UTC), {"GLD": 1.0}))])
    async with world(kafka, namespace, tmp_path, feed="rest") as line:
        producer = await line.start()
        with pytest.raises(ClockBehind, match=r"2026-02-11T12:00:00.*2026-02-10T15:00"):
            await asyncio.wait_for(producer.task, 20)


async def test_a_clock_shortly_behind_the_log_is_waited_out(kafka, namespace, tmp_path, topics):
    ahead = TUESDAY_10 + timedelta(seconds=8)  # of the market: within a second of this one
    await publish(kafka, namespace, [batch(frame(ahead, {"GLD": 1.0}))])
    async with world(kafka, namespace, tmp_path, {"speed": 10.0}, feed="rest") as line:
        await line.start()
        assert (await line.more_frames(2))[0].event_time > ahead


async def test_the_view_of_the_day_outlives_the_log(kafka, namespace, tmp_path, topics):
    """The log has neither opening nor change any more; the view names version 7."""
    opens_at = datetime(2026, 2, 10, 14, 30, tzinfo=UTC)
    view = DayView(
        book="us",
        trade_date=TUESDAY_10.date(),
        session=Session.REGULAR,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(hours=6.5),
        opening_offset=0,
        parameters=Parameters(confirm_sec=9),
        version=7,
        event_time=opens_at,
        position=3,
    )
    await put_view(kafka, namespace, view)
    async with world(kafka, namespace, tmp_path, feed="rest") as line:
        await line.start()
        await line.more_frames(1)
        [opening] = await line.sessions()  # the stream that the view tells of is gone, so its date opens anew
        assert (opening.version, opening.parameters) == (7, Parameters(confirm_sec=9))


async def test_the_view_of_the_day_is_gone_on_from(kafka, namespace, tmp_path):
    async with world(kafka, namespace, tmp_path, FAST, feed="rest") as line:
        producer = await line.start()
        await line.more_frames(3)
        await producer.stop()
        [opening] = await line.sessions()
        newest = (await line.frames())[-1]
        view = DayView(
            book="us",
            trade_date=opening.trade_date,
            session=opening.session,
            opens_at=opening.opens_at,
            closes_at=opening.closes_at,
            opening_offset=0,
            parameters=Parameters(),
            version=1,
            event_time=newest.event_time,
            position=len(await line.records()) - 1,
        )
        await put_view(kafka, namespace, view)
        await publish(kafka, namespace, [change(2, 1, refresh_interval_sec=2.0)])
        await line.start()
        await line.more_frames(2)
        await line.told("parameter_version", 2)
        assert len(await line.sessions()) == 1


async def test_a_change_that_slipped_in_before_an_opening_is_appended_again(kafka, namespace, tmp_path, monkeypatch):
    async with world(kafka, namespace, tmp_path, FAST, feed="rest") as line:
        await line.start()
        await line.more_frames(1)
        slip = change(2, 1, refresh_interval_sec=3.0)

        import producers.publisher

        make = producers.publisher.Publisher._send

        async def send(self, record):
            """Right before the opening of the next date somebody else's change is appended."""
            if isinstance(record, SessionRecord) and record.trade_date.day == 11 and record.parameters:
                await publish(kafka, namespace, [slip])
            return await make(self, record)

        monkeypatch.setattr(producers.publisher.Publisher, "_send", send)
        await line.set_clock(TUESDAY_10 + timedelta(days=1))

        async def repeated() -> bool:
            changes = [record for record in await line.records() if isinstance(record, ParametersChange)]
            return changes == [slip, replace(slip, replaces=1)]

        await eventually(repeated)
        openings = [record for record in await line.sessions() if record.parameters]
        assert [record.version for record in openings] == [1, 1]
        await line.told("parameter_version", 2)


async def put_view(kafka, namespace: str, view: DayView) -> None:
    producer = make_producer(kafka)
    await producer.start()
    try:
        await producer.send_and_wait(VIEWS.name(namespace), encode(view), day_key("us").encode())
    finally:
        await producer.stop()


async def test_a_record_that_does_not_parse_stops_nothing(kafka, namespace, tmp_path, topics):
    await publish(kafka, namespace, [b"not json", b'{"kind":"frames","book":"us","frames":[{}]}'])
    async with world(kafka, namespace, tmp_path, feed="rest") as line:
        await line.start()
        await eventually(lambda: line.status().get("frames", 0) >= 2)
        line.check()


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"feed": "carrier pigeon"}, "feed"),
        ({"speed": 0.0}, "speed"),
        ({"app_key": ""}, "KIS_APP_KEY"),
        ({"base_url": "localhost"}, "KIS_BASE_URL"),
        ({"ws_url": "http://localhost"}, "KIS_WS_URL"),
        ({"book": "mars"}, "book"),
    ],
)
async def test_settings_that_cannot_work_are_told_at_once(kafka, namespace, tmp_path, option, said):
    async with world(kafka, namespace, tmp_path) as line:
        with pytest.raises(ConfigError, match=said):
            await started(run, line.config(**option))


def test_the_log_is_the_books_partition():
    assert partition_of("us") == 0
    assert TICKS.name("demo") == "demo.ticks"
