"""A change of code starts again just what reads it."""

from __future__ import annotations

import pytest

from runtime.reload import changed_packages, parts_to_restart, stamps

PARTS = ("kafka", "topics", "simulator", "processor", "processor-1", "sink", "api", "producer")


@pytest.mark.parametrize(
    ("packages", "restarted"),
    [
        ({"api"}, ["api"]),
        ({"processors"}, ["processor", "processor-1"]),
        ({"simulators", "sinks"}, ["simulator", "sink"]),
        ({"schemas"}, ["simulator", "processor", "processor-1", "sink", "api", "producer"]),
        (set(), []),
    ],
)
def test_the_parts_that_read_a_package_start_again(packages, restarted):
    assert parts_to_restart(packages, PARTS) == restarted


def test_new_changed_and_deleted_files_count_and_drafts_do_not(tmp_path):
    for name in ("api/app.py", "sinks/run.py", "schemas/us.toml", "api/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    packages = ("api", "sinks", "schemas", "none")
    before = stamps(packages, tmp_path)
    (tmp_path / "api/new.py").write_text("")
    (tmp_path / "sinks/run.py").unlink()
    (tmp_path / "schemas/.us.toml.swp").write_text("")
    assert changed_packages(before, stamps(packages, tmp_path), tmp_path) == {"api", "sinks"}
