"""Logs are followed as they are written, line by line, and into the file that replaces them."""

from __future__ import annotations

import threading

import pytest

from runtime.places import Home
from runtime.showlogs import follow_logs, log_files
from schemas.errors import ConfigError


def test_whole_lines_are_followed_and_a_replaced_log_from_its_start(tmp_path):
    log = tmp_path / "api.log"
    log.write_text("old\n")
    followed = follow_logs([log])

    def write(text: str) -> None:
        with log.open("a") as file:
            file.write(text)

    threading.Timer(0.2, write, ["one\nhalf"]).start()  # logs are opened at their end by the first step, just below
    assert next(followed) == ("api", "one")
    write(" a line\n")
    assert next(followed) == ("api", "half a line")
    log.rename(tmp_path / "api.log.1")
    log.write_text("new\n")
    assert next(followed) == ("api", "new")


def test_an_unknown_name_is_told_with_those_there_are(tmp_path):
    home = Home(tmp_path)
    home.create()
    for name in ("api", "sink"):
        home.log_of(name).write_text("")
    assert [path.stem for path in log_files(home, None)] == ["api", "sink"]
    with pytest.raises(ConfigError, match="name: expected one of api, sink, received"):
        log_files(home, "apy")
