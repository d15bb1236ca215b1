"""Dead letters over HTTP: newest first, in pages, by topic, and without what must not be told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from schemas.dead_letters import DeadLetter
from sinks.dead_letters import DeadLetters, note_reinjected
from sinks.migrate import migrate
from tests.builders import at
from tests.described import fits, schema_of
from tests.serving import Api, serving_a_day
from transport.kafka import Kafka

PATH = "/api/dead-letters"
OWN = "the-password-of-this-server"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    await migrate(database_url)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def api(kafka: Kafka, namespace: str, database_url: str, database: psycopg.AsyncConnection) -> AsyncIterator[Api]:
    async with serving_a_day(kafka, namespace, database_url=database_url, secrets=(OWN,)) as api:
        yield api


def letter(namespace: str, offset: int, topic: str = "ticks", value: bytes | None = b"{}", **more: Any) -> DeadLetter:
    """One that was reported `offset` minutes after 10:00."""
    told = {"reason": "last: expected a number > 0", "reported_by": "gold", **more}
    moment = at("10:00") + timedelta(minutes=offset)
    return DeadLetter(topic=f"{namespace}.{topic}", partition=2, offset=offset, reported_at=moment, value=value, **told)


async def store(database: psycopg.AsyncConnection, namespace: str, *letters: DeadLetter) -> None:
    await DeadLetters(namespace).write(database, [(one, n) for n, one in enumerate(letters)])


async def test_none_is_an_empty_page(api: Api) -> None:
    assert await api.get(PATH) == {"items": [], "total": 0, "waiting": 0}


async def test_they_come_newest_first_and_in_pages(api: Api, database: psycopg.AsyncConnection, namespace: str) -> None:
    letters = [letter(namespace, n, "ticks" if n % 2 else "bars") for n in range(5)]
    await store(database, namespace, *letters)
    await store(database, "another", letter("another", 9))
    assert await note_reinjected(database, namespace, letters[3])
    told = await api.get(PATH)
    fits(schema_of(PATH), told)
    assert [one["offset"] for one in told["items"]] == [4, 3, 2, 1, 0]
    assert (told["total"], told["waiting"]) == (5, 4)
    newest, put_back = told["items"][:2]
    assert newest["place"] == f"{namespace}.bars[2]@4"
    assert (newest["reason"], newest["reported_by"]) == ("last: expected a number > 0", "gold")
    assert (newest["reported_at"], newest["reinjected_at"]) == ("2026-02-10T15:04:00Z", None)
    assert put_back["reinjected_at"] is not None
    pages = [await api.get(f"{PATH}?limit=2&offset={offset}") for offset in (0, 2, 4)]
    assert [one for page in pages for one in page["items"]] == told["items"]
    for topic in ("ticks", f"{namespace}.ticks"):
        some = await api.get(f"{PATH}?topic={topic}")
        assert [one["offset"] for one in some["items"]] == [3, 1]
        assert (some["total"], some["waiting"]) == (2, 1)
    assert (await api.get(f"{PATH}?topic=signals"))["total"] == 0
    for query in ("topic=nope", "topic=another.ticks", "limit=0", "offset=-1", "reason=x"):
        assert (await api.client.get(f"{PATH}?{query}")).status_code == 422, query


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ('{"last":"","이름":"금"}'.encode(), ("text", '{"last":"","이름":"금"}', False)),
        (b"\x00\xff", ("bytes", None, False)),
        (None, ("none", None, False)),
        (b"x " * 50_000, ("text", "x " * 150, True)),
    ],
)
async def test_a_look_at_the_value(
    api: Api, database: psycopg.AsyncConnection, namespace: str, value: bytes | None, wanted: Any
) -> None:
    await store(database, namespace, letter(namespace, 1, value=value))
    (one,) = (await api.get(PATH))["items"]
    assert (one["content"], one["preview"], one["cut"]) == wanted
    assert one["size"] == (None if value is None else len(value))


async def test_no_secret_comes_out(api: Api, database: psycopg.AsyncConnection, namespace: str) -> None:
    value = b'{"header":{"appkey":"PSx7Qk2mVw9","tr_id":"H0GSCNT0"},"note":"' + OWN.encode() + b'"}'
    reason = f"""value: expected JSON, received b'{{"access_token":"PSx7Qk2mVw9' ({OWN})"""
    await store(database, namespace, letter(namespace, 1, value=value, reason=reason, reported_by=OWN))
    answer = await api.client.get(PATH)
    assert OWN not in answer.text
    assert "PSx7Qk2mVw9" not in answer.text
    (one,) = answer.json()["items"]
    assert one["preview"] == '{"header":{"appkey":***,"tr_id":"H0GSCNT0"},"note":"***"}'
    assert OWN not in repr(api.config)


async def test_what_looks_like_a_page_is_only_text(api: Api, database: psycopg.AsyncConnection, namespace: str) -> None:
    await store(database, namespace, letter(namespace, 1, value=b"<script>alert(1)</script>"))
    answer = await api.client.get(PATH)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["items"][0]["preview"] == "<script>alert(1)</script>"


async def test_without_a_database_it_says_so(kafka: Kafka, namespace: str) -> None:
    async with serving_a_day(kafka, namespace) as api:
        answer = await api.client.get(PATH)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
