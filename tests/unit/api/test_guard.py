"""Who may write: names, origins and lengths, without a server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.datastructures import Headers

from api.errors import ApiError
from api.guard import Guard, _name
from tests.serving import api_config
from transport.kafka import Kafka

CONFIG = api_config(Kafka("nowhere:1"), "demo", allowed_origins=("http://friend.example",))


async def nothing(*_: object) -> None: ...


def refused(headers: dict[str, str], **changes: object) -> int | None:
    """The status that a write with `headers` gets, None when it may pass."""
    guard = Guard(nothing, replace(CONFIG, **changes))
    try:
        guard._may_write(Headers({"host": "localhost:8000", **headers}))
    except ApiError as error:
        return error.status
    return None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"host": "127.0.0.1"}, None),
        ({"host": "[::1]:8000"}, None),
        ({"host": "LOCALHOST:3000"}, None),
        ({"host": "evil.example"}, 400),
        ({"host": "localhost.evil.example:8000"}, 400),
        ({"host": ""}, 400),
        ({"origin": "http://localhost:8000"}, None),
        ({"origin": "http://friend.example"}, None),
        ({"origin": "http://localhost:8001"}, 403),  # another program on this machine
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"origin": "http://localhost:8000.evil.example"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "none"}, None),
    ],
)
def test_who_may_write(headers: dict[str, str], status: int | None) -> None:
    assert refused(headers) == status


def test_a_star_allows_any_name_but_no_other_origin() -> None:
    assert refused({"host": "box.lan:8000"}, allowed_hosts=("*",)) is None
    assert refused({"host": "box.lan", "origin": "http://evil.example"}, allowed_hosts=("*",)) == 403


@pytest.mark.parametrize(
    ("host", "name"),
    [("a.b:80", "a.b"), ("A.B", "a.b"), ("[2001:DB8::1]:80", "[2001:db8::1]"), ("[::1]", "[::1]"), ("", "")],
)
def test_a_host_without_its_port(host: str, name: str) -> None:
    assert _name(host) == name
