"""A log line is one line: time, level, name, message; logs are set aside when they are large."""

from __future__ import annotations

import logging
import re

from runtime.logs import Line, rotate
from runtime.showlogs import last_lines


def line(message: str, *args: object, secrets: tuple[str, ...] = ()) -> str:
    record = logging.LogRecord("sinks.run", logging.INFO, __file__, 1, message, args, None)
    return Line(secrets).format(record)


def test_a_line_tells_time_level_name_and_message():
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO sinks\.run wrote rows=3", line("wrote rows=%d", 3)
    )


def test_a_secret_within_another_is_masked_with_it():
    assert line("key=%s", "abcdefgh-long", secrets=("abcdefgh", "abcdefgh-long")).endswith("key=***")


def test_a_word_is_no_secret():
    assert line("the ptj line", secrets=("ptj",)).endswith("the ptj line")


def test_a_large_log_is_set_aside_and_the_oldest_goes(tmp_path):
    log = tmp_path / "api.log"
    for text in ("first", "second", "third", "fourth"):
        log.write_text(text)
        rotate(log, keep=2, over_bytes=3)
    assert not log.exists()
    assert [(tmp_path / f"api.log.{n}").read_text() for n in (1, 2)] == ["fourth", "third"]
    assert not (tmp_path / "api.log.3").exists()


def test_a_small_log_is_written_on(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("few")
    rotate(log)
    assert log.read_text() == "few"


def test_the_last_lines_are_the_last(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("".join(f"line {n}\n" for n in range(100_000)))
    assert last_lines(log, 2) == ["line 99998", "line 99999"]
    assert last_lines(log, 0) == []
