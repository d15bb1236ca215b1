"""Who changed which parameter when: from a change over the API through log and sink to the history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.described import fits, schema_of
from tests.serving import Api, serving_a_day
from tests.storing import sink
from tests.support import eventually
from transport.kafka import Kafka

PATH = "/api/config/parameters"
HISTORY = f"{PATH}/history"


@pytest.fixture
async def api(kafka: Kafka, namespace: str, database_url: str, tmp_path: Path) -> AsyncIterator[Api]:
    """An API with a sink beside it, over a day that was opened with version 1."""
    options = {"database_url": database_url, "allowed_origins": ("http://friend.example",)}
    async with (
        sink(kafka, namespace, database_url, tmp_path),
        serving_a_day(kafka, namespace, **options) as api,
    ):
        yield api


async def put(api: Api, by: str | None = None, **changes: Any) -> Any:
    answer = await api.client.put(PATH, json=changes, headers={"Changed-By": by} if by is not None else {})
    assert answer.status_code == 200, answer.text
    fits(schema_of(PATH, "put"), answer.json())
    return answer.json()


async def stored(api: Api, version: int) -> Any:
    """The history once that version is stored."""

    async def there() -> Any:
        answer = await api.client.get(HISTORY)
        items = answer.json().get("items")  # none while the sink makes the tables
        return answer.json() if items and items[0]["version"] == version else None

    return await eventually(there, 30)


async def test_a_change_is_told_with_who_made_it_and_what_it_changed(api: Api) -> None:
    await stored(api, 1)
    changed = await put(api, "%EA%B9%80%EC%B2%A0%EC%88%98", pair_gap_entry_threshold=1.8, stop_loss_pct=None)
    await put(api, stop_loss_pct=-2.5)
    told = await stored(api, 3)
    fits(schema_of(HISTORY), told)
    third, second, first = told["items"]
    assert (third["changed_by"], second["changed_by"], first["changed_by"]) == ("api", "김철수", "opening")
    assert second["changed_at"] == changed["updated_at"]
    assert second["changes"] == [
        {"name": "pair_gap_entry_threshold", "before": 1.5, "after": 1.8},
        {"name": "stop_loss_pct", "before": -3.0, "after": None},
    ]
    assert third["changes"] == [{"name": "stop_loss_pct", "before": None, "after": -2.5}]
    assert [(one["beginning"], one["changes"] is None) for one in told["items"]] == [
        (False, False),
        (False, False),
        (True, True),
    ]
    assert third["position"] > second["position"] > first["position"]
    assert told["next_cursor"] is None


async def test_pages_meet_without_a_gap_and_keep_what_each_changed(api: Api) -> None:
    for n in range(1, 5):
        await put(api, f"writer {n}", confirm_sec=float(3 + n))
    whole = (await stored(api, 5))["items"]
    seen: list[Any] = []
    cursor = ""
    while True:
        page = await api.get(f"{HISTORY}?limit=2{cursor}")
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        assert len(page["items"]) == 2
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == whole
    assert [one["changed_by"] for one in seen] == ["writer 4", "writer 3", "writer 2", "writer 1", "opening"]


async def test_what_is_no_name_changes_nothing(api: Api) -> None:
    for given in ("a%0Ab", "x" * 61, "%ff"):
        answer = await api.client.put(PATH, json={"stop_loss_pct": -2.5}, headers={"Changed-By": given})
        assert answer.status_code == 422
        assert answer.json()["error"]["details"]["faults"][0]["field"] == "Changed-By"
    assert (await api.get(PATH))["version"] == 1


async def test_other_pages_may_send_a_name(api: Api) -> None:
    answer = await api.client.options(
        PATH,
        headers={
            "Origin": "http://friend.example",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "changed-by,content-type,if-match",
        },
    )
    assert answer.status_code == 200
    assert "Changed-By" in answer.headers["access-control-allow-headers"]


async def test_only_sets_of_this_world_and_book_are_told(api: Api, database_url: str, namespace: str) -> None:
    await stored(api, 1)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as database:
        for world, book in (("elsewhere", "us"), (namespace, "kr")):
            await database.execute(
                "insert into parameter_sets (world, book, version, json, changed_at, position)"
                " values (%s, %s, 9, '{}', now(), 1)",
                (world, book),
            )
    assert [one["version"] for one in (await api.get(HISTORY))["items"]] == [1]


async def test_without_a_database_it_says_so(kafka: Kafka, namespace: str) -> None:
    async with serving_a_day(kafka, namespace) as api:
        answer = await api.client.get(HISTORY)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "database_unavailable")
        for query in ("limit=0", "cursor=%21", "version=1"):
            assert (await api.client.get(f"{HISTORY}?{query}")).status_code == 422, query
