"""Ports that stay the same as long as they can."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runtime.embedded import ports
from schemas.errors import ConfigError


@contextmanager
def taken(port: int) -> Iterator[None]:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", port))
        server.listen()
        yield


def test_a_port_is_the_same_at_the_next_start(tmp_path: Path) -> None:
    first = ports.keep(tmp_path / "ports.json", {"broker": None, "controller": None})
    assert ports.keep(tmp_path / "ports.json", {"broker": None, "controller": None}) == first
    assert first["broker"] != first["controller"]


def test_a_port_that_was_taken_since_is_replaced(tmp_path: Path) -> None:
    first = ports.keep(tmp_path / "ports.json", {"broker": None, "controller": None})
    with taken(first["broker"]):
        second = ports.keep(tmp_path / "ports.json", {"broker": None, "controller": None})
    assert second["broker"] != first["broker"]
    assert second["controller"] == first["controller"]


def test_a_wanted_port_that_is_taken_is_refused_with_its_number(tmp_path: Path) -> None:
    port = ports.free_port()
    with taken(port), pytest.raises(ConfigError, match=str(port)):
        ports.keep(tmp_path / "ports.json", {"broker": port})


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"broker": "x"}'])
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content)
    assert ports.is_free(ports.keep(tmp_path / "ports.json", {"broker": None})["broker"])


def test_a_running_service_is_recalled_only_on_its_own_port(tmp_path: Path) -> None:
    port = ports.keep(tmp_path / "ports.json", {"broker": None})["broker"]
    assert ports.recall(tmp_path / "ports.json", "broker", None, pid=4711) == port
    assert ports.recall(tmp_path / "ports.json", "broker", port, pid=4711) == port
    with pytest.raises(ConfigError, match="4711"):
        ports.recall(tmp_path / "ports.json", "broker", port + 1, pid=4711)
    with pytest.raises(ConfigError, match="4711"):
        ports.recall(tmp_path / "elsewhere.json", "broker", None, pid=4711)


def test_free_ports_lie_below_those_of_outgoing_connections() -> None:
    # A client that retries from the range of outgoing ports (32768 on in Linux) can end up connected to itself.
    assert all(ports.free_port() < 32_768 for _ in range(20))
