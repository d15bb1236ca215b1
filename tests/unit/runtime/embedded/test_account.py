"""Where PostgreSQL's user can have files: modes decide, and no mode of what exists is changed."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from runtime.embedded import account as accounts
from runtime.embedded.account import Account, account, can_reach, moved_to, place, readable_copy
from schemas.errors import ConfigError

STRANGER = Account(uid=54_321, user="stranger", group=54_321)  # owns nothing here


@pytest.fixture
def open_directory():
    """One that everyone can enter, as pytest's own is not for root."""
    with TemporaryDirectory() as name:
        path = Path(name).resolve()
        path.chmod(0o755)
        if not can_reach(STRANGER, path):
            pytest.skip(f"{path} lies in a directory that others cannot enter")
        yield path


@pytest.fixture
def closed_directory(open_directory: Path) -> Path:
    path = open_directory / "closed"
    path.mkdir(mode=0o700)
    return path


def test_we_reach_everything_ourselves(closed_directory: Path) -> None:
    assert can_reach(Account(os.geteuid()), closed_directory)


def test_a_closed_directory_on_the_way_keeps_others_out(closed_directory: Path) -> None:
    inside = closed_directory / "inside"
    inside.mkdir(mode=0o755)
    assert not can_reach(STRANGER, inside)
    assert can_reach(STRANGER, closed_directory.parent)
    assert can_reach(Account(os.getuid(), "owner", os.getgid()), inside)


def test_a_file_must_be_readable_and_executable(open_directory: Path) -> None:
    program = open_directory / "program"
    program.touch()
    for mode, reached in ((0o755, True), (0o744, False), (0o700, False)):
        program.chmod(mode)
        assert can_reach(STRANGER, program) is reached


def test_the_place_is_the_wanted_one_when_it_can_be_reached(open_directory: Path) -> None:
    assert place(open_directory / "home" / "postgres", STRANGER) == open_directory / "home" / "postgres"
    assert moved_to(open_directory / "home" / "postgres") is None


def test_the_place_lies_elsewhere_when_the_wanted_one_is_closed_and_stays_there(
    open_directory: Path, closed_directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(accounts, "OUTSIDE", (open_directory / "absent", open_directory))
    first = place(closed_directory / "postgres", STRANGER)
    assert first.parent == open_directory
    assert moved_to(closed_directory / "postgres") == first
    assert can_reach(STRANGER, first)
    assert closed_directory.stat().st_mode & 0o777 == 0o700
    assert len(caplog.records) == 1

    (first / "data").mkdir()
    assert place(closed_directory / "postgres", STRANGER) == first
    assert len(caplog.records) == 1  # said once
    assert place(closed_directory / "other", STRANGER) != first


def test_data_that_were_reachable_once_are_not_left_behind(closed_directory: Path) -> None:
    (closed_directory / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(ConfigError, match="was closed"):
        place(closed_directory / "postgres", STRANGER)


def test_with_no_place_left_the_error_says_what_to_do(closed_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "OUTSIDE", ())
    with pytest.raises(ConfigError, match="PTJ_HOME"):
        place(closed_directory / "postgres", STRANGER)


def test_a_copy_can_be_used_by_everyone(open_directory: Path, closed_directory: Path) -> None:
    source = closed_directory / "package" / "bin"
    source.mkdir(parents=True, mode=0o700)
    (source / "postgres").write_text("program")
    (source / "postgres").chmod(0o700)
    (source / "link").symlink_to("postgres")
    (source / "static.a").touch()
    copy = readable_copy([closed_directory / "package"], closed_directory, open_directory / "copy")
    assert can_reach(STRANGER, copy / "package" / "bin" / "postgres")
    assert (copy / "package" / "bin" / "link").read_text() == "program"
    assert not (copy / "package" / "bin" / "static.a").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root's PostgreSQL has a user of its own")
def test_a_user_runs_it_as_himself() -> None:
    assert account() == Account(os.geteuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_root_runs_it_as_nobody() -> None:
    assert account().user == "nobody"
    assert account().uid != 0
