"""Changing parameters: one place in the log, one winner, and every way to be refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from schemas.base import decoder, encode
from schemas.parameters import Parameters
from schemas.ticks import ParametersChange, TickRecord
from tests.builders import change
from tests.line import ticks_of
from tests.serving import Api, Line, api_config, listening, serving
from tests.support import eventually
from transport.kafka import Kafka

PATH = "/api/config/parameters"


@pytest.fixture
async def line(kafka: Kafka, namespace: str) -> AsyncIterator[Line]:
    async with Line(kafka, namespace) as line:
        yield line


@pytest.fixture
async def api(line: Line) -> AsyncIterator[Api]:
    await line.open()
    async with serving(api_config(line.kafka, line.namespace)) as api:
        await api.loaded()
        yield api


async def changes_on(line: Line) -> list[ParametersChange]:
    decode = decoder(TickRecord).decode
    found = [decode(value) for _, value in await ticks_of(line.kafka, line.namespace)]
    return [one for one in found if isinstance(one, ParametersChange)]


async def test_tells_the_set_with_limits_and_its_version_as_tag(api: Api) -> None:
    response = await api.client.get(PATH)
    body = response.json()
    assert response.headers["etag"] == '"1"'
    assert body["version"] == 1
    assert body["parameters"]["stop_loss_pct"] == -3.0
    limit = body["limits"]["stop_loss_pct"]
    assert (limit["min"], limit["max"], limit["step"], limit["unit"]) == (-50, -0.1, 0.5, "%")
    assert (limit["default"], limit["nullable"]) == (-3.0, True)


async def test_a_change_is_answered_when_it_stands_in_the_log(api: Api, line: Line) -> None:
    async with listening(api) as reader:
        await reader.until("snapshot")
        response = await api.client.put(PATH, json={"stop_loss_pct": -2.5}, headers={"If-Match": '"1"'})
        body = response.json()
        assert (response.status_code, body["version"], body["parameters"]["stop_loss_pct"]) == (200, 2, -2.5)
        assert response.headers["etag"] == '"2"'
        assert body["updated_at"] is not None
        (told,) = await reader.until("config")
        assert (told.data["version"], told.data["parameters"]["stop_loss_pct"]) == (2, -2.5)
    (written,) = await changes_on(line)
    assert (written.version, written.replaces, written.parameters.stop_loss_pct) == (2, 1, -2.5)
    assert (await api.get(PATH)) == body


async def test_what_changes_nothing_is_not_written(api: Api, line: Line) -> None:
    for body in ({}, {"stop_loss_pct": -3.0}):
        response = await api.client.put(PATH, json=body)
        assert (response.status_code, response.json()["version"]) == (200, 1)
    assert await changes_on(line) == []


async def test_of_two_writers_at_once_one_gets_409(line: Line, api: Api) -> None:
    async with serving(api_config(line.kafka, line.namespace)) as other:
        await other.loaded()
        answers = await asyncio.gather(
            api.client.put(PATH, json={"stop_loss_pct": -2.0}), other.client.put(PATH, json={"stop_loss_pct": -4.0})
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        lost = next(answer.json() for answer in answers if answer.status_code == 409)
        assert lost["error"]["code"] == "version_conflict"
        assert won["version"] == 2
        for each in (api, other):
            await eventually(lambda each=each: _version(each, 2))
            assert (await each.get(PATH))["parameters"] == won["parameters"]


async def test_the_loser_in_the_log_changes_nothing(api: Api, line: Line) -> None:
    await line.ticks(change(2, 1, stop_loss_pct=-2.0), change(2, 1, stop_loss_pct=-9.0))
    await line.ticks(change(7, 5, stop_loss_pct=-8.0))
    await line.ticks(change(3, 2, stop_loss_pct=-2.0, confirm_sec=5.0))
    await eventually(lambda: _version(api, 3))
    assert (await api.get(PATH))["parameters"]["stop_loss_pct"] == -2.0


async def test_a_stale_tag_is_409(api: Api) -> None:
    response = await api.client.put(PATH, json={"stop_loss_pct": -2.5}, headers={"If-Match": '"7"'})
    assert (response.status_code, response.json()["error"]["details"]) == (409, {"version": 1})
    for tag in ("*", "1", 'W/"1"', '"9", "1"'):
        assert (await api.client.put(PATH, json={}, headers={"If-Match": tag})).status_code == 200


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"stop_loss_pct": 3}, ["stop_loss_pct"]),
        ({"stop_loss_pct": "low", "nonsense": 1}, ["nonsense", "stop_loss_pct"]),
        ({"pair_gap_sell_threshold": 2}, ["pair_gap_sell_threshold"]),
        ({"split_buy_interval_min": 1.5}, ["split_buy_interval_min"]),
        ([1], ["body"]),
        (None, ["body"]),
    ],
)
async def test_a_fault_is_named_and_nothing_is_changed(api: Api, line: Line, body: Any, fields: list[str]) -> None:
    response = await api.client.put(PATH, content=encode(body), headers={"Content-Type": "application/json"})
    assert response.status_code == 422
    faults = response.json()["error"]["details"]["faults"]
    assert [fault["field"] for fault in faults] == fields
    assert all({"field", "expected", "received"} <= set(fault) for fault in faults)
    assert await changes_on(line) == []


async def test_polling_bounds_the_interval(line: Line) -> None:
    await line.open()
    async with serving(api_config(line.kafka, line.namespace, rest_only=True)) as api:
        await api.loaded()
        response = await api.client.put(PATH, json={"refresh_interval_sec": 0.5})
        assert response.status_code == 422
        assert "16 symbols at 18 calls a second" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({}, b"{}", 415),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json"}, b"\xff", 400),
        ({"Content-Type": "application/json"}, b"[" * 60_000, 400),
        ({"Content-Type": "application/json"}, b'{"a":"' + b"x" * 70_000 + b'"}', 413),
        ({"Content-Type": "application/json", "Origin": "https://evil.example"}, b"{}", 403),
        ({"Content-Type": "application/json", "Origin": "null"}, b"{}", 403),
        ({"Content-Type": "application/json", "Host": "evil.example"}, b"{}", 400),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, b"{}", 403),
        ({"Content-Type": "application/json; charset=utf-8"}, b"{}", 200),
    ],
)
async def test_writes_are_guarded(api: Api, headers: dict[str, str], content: bytes, status: int) -> None:
    response = await api.client.put(PATH, content=content, headers=headers)
    assert response.status_code == status
    if status != 200:
        assert set(response.json()["error"]) == {"code", "message", "details"}


async def test_a_body_without_a_length_is_bounded_too(api: Api) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 10_000

    response = await api.client.put(PATH, content=endless(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


async def test_our_own_page_and_named_origins_may_write(line: Line) -> None:
    await line.open()
    friend = "http://friend.example:3000"
    async with serving(api_config(line.kafka, line.namespace, allowed_origins=(friend,))) as api:
        await api.loaded()
        for origin in (api.url, friend):
            response = await api.client.put(PATH, json={}, headers={"Origin": origin})
            assert response.status_code == 200, origin
        assert response.headers["access-control-allow-origin"] == friend
        for method in ("PUT", "POST", "PATCH", "DELETE"):
            asked = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "If-Match"}
            preflight = await api.client.options(PATH, headers={"Origin": friend, **asked})
            assert preflight.status_code == 200, method


async def test_a_token_guards_writes_and_nothing_else(line: Line) -> None:
    await line.open()
    async with serving(api_config(line.kafka, line.namespace, token="s3cret-가")) as api:
        await api.loaded()
        assert (await api.client.get(PATH)).status_code == 200
        for given in (None, "Bearer wrong", "Basic s3cret", "Bearer"):
            response = await api.client.put(PATH, json={}, headers={"Authorization": given} if given else {})
            assert response.status_code == 401, given
            assert response.headers["www-authenticate"].startswith("Bearer")
        right = "Bearer s3cret-가".encode()
        response = await api.client.put(PATH, json={}, headers=httpx.Headers([(b"authorization", right)]))
        assert response.status_code == 200
        assert "s3cret" not in repr(api.config)


async def test_a_change_that_does_not_come_back_is_503(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    await line.open()

    async def swallowed(*_: object, **__: object) -> int:
        return 0

    monkeypatch.setattr("api.parameters.append", swallowed)
    async with serving(api_config(line.kafka, line.namespace, confirm_timeout_s=0.2)) as api:
        await api.loaded()
        response = await api.client.put(PATH, json={"stop_loss_pct": -2.5})
        assert (response.status_code, response.json()["error"]["code"]) == (503, "kafka_unavailable")


async def test_the_version_survives_a_restart_whatever_the_log_still_holds(line: Line) -> None:
    await line.open()
    (offset,) = await line.ticks(change(2, 1, stop_loss_pct=-2.0))
    await line.day(position=offset, version=2, parameters=Parameters(stop_loss_pct=-2.0))
    await line.ticks(change(3, 2, stop_loss_pct=-1.0))  # after what #day has seen
    async with serving(api_config(line.kafka, line.namespace)) as api:
        await api.loaded()
        told = await api.get(PATH)
        assert (told["version"], told["parameters"]["stop_loss_pct"]) == (3, -1.0)


async def _version(api: Api, version: int) -> bool:
    return bool((await api.get(PATH))["version"] == version)
