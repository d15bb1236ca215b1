"""What a partition says so far: the fold that a producer goes on from."""

from __future__ import annotations

from dataclasses import dataclass

from producers.log import Log
from schemas.base import encode
from schemas.parameters import Parameters
from schemas.ticks import Session
from tests.builders import BOOK, TRADE_DATE, at, batch, change, frame, opening, session


@dataclass
class Record:
    offset: int
    value: bytes
    timestamp: int = 0


def folded(*records: object) -> Log:
    log = Log(BOOK.name)
    for offset, record in enumerate(records):
        log.apply(Record(offset, record if isinstance(record, bytes) else encode(record)))
    return log


def test_the_day_stands_where_its_records_say():
    log = folded(opening(), batch(frame("10:00", {"GLD": 1.0})), session(Session.AFTER))
    assert (log.trade_date, log.session, log.last_frame) == (TRADE_DATE, Session.AFTER, at("10:00"))
    assert (log.version, log.registry, log.position) == (1, BOOK, 2)


def test_an_empty_log_has_neither_date_nor_version():
    log = folded()
    assert (log.trade_date, log.version, log.parameters, log.last_frame) == (None, 0, None, None)


def test_the_first_change_of_a_version_wins():
    log = folded(opening(), change(2, 1, confirm_sec=9), change(2, 1, confirm_sec=5), change(3, 2, confirm_sec=7))
    assert (log.version, log.parameters) == (3, Parameters(confirm_sec=7))


def test_a_repeated_opening_changes_nothing_but_the_session():
    log = folded(opening(), change(2, 1, confirm_sec=9), opening())
    assert log.version == 2
    assert log.slipped is None


def test_a_change_that_slipped_in_before_the_opening_is_remembered():
    tuesday, wednesday = opening(), opening(day=TRADE_DATE.replace(day=11))
    log = folded(tuesday, change(2, 1, confirm_sec=9), wednesday)
    assert (log.version, log.slipped) == (1, change(2, 1, confirm_sec=9))


def test_it_is_forgotten_when_another_change_of_that_version_came_first():
    tuesday, wednesday = opening(), opening(day=TRADE_DATE.replace(day=11))
    log = folded(tuesday, change(2, 1, confirm_sec=9), wednesday, change(2, 1, confirm_sec=5))
    assert log.slipped is None
    assert log.parameters == Parameters(confirm_sec=5)


def test_what_does_not_parse_is_passed_over_and_counted_as_read():
    log = folded(opening(), b"not json", batch(frame("10:00", {"GLD": 1.0})))
    assert (log.position, log.last_frame) == (2, at("10:00"))


def test_a_record_is_folded_once():
    log = folded(opening(), change(2, 1, confirm_sec=9))
    log.apply(Record(1, encode(change(3, 2, confirm_sec=4))))
    assert log.version == 2
