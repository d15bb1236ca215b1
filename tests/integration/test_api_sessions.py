"""Review sessions: made, listed, read, changed and removed, and how they follow the replays that run for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from psycopg.types.json import Jsonb

from sinks import runs
from tests.builders import at
from tests.reviewing import Desk, desk
from transport.kafka import Kafka

DAY = "2026-02-10"


@pytest.fixture
async def at_desk(kafka: Kafka, namespace: str, database_url: str) -> AsyncIterator[Desk]:
    async with desk(kafka, namespace, database_url) as found:
        yield found


async def create(at_desk: Desk, session_date: str = DAY, notes: str = "") -> int:
    response = await at_desk.api.client.post("/api/sessions", json={"session_date": session_date, "notes": notes})
    assert response.status_code == 201, response.text
    assert response.headers["location"] == f"/api/sessions/{response.json()['id']}"
    return int(response.json()["id"])


async def read(at_desk: Desk, session_id: int) -> Any:
    return await at_desk.api.get(f"/api/sessions/{session_id}")


async def test_a_session_is_made_and_read(at_desk: Desk) -> None:
    session_id = await create(at_desk, notes="금이 오른 날")
    told = await read(at_desk, session_id)
    assert (told["session_date"], told["notes"], told["status"]) == (DAY, "금이 오른 날", "created")
    assert (told["snapshot_count"], told["run_id"], told["data_quality"], told["snapshots"]) == (0, None, None, None)


async def test_what_is_no_trading_day_makes_no_session(at_desk: Desk) -> None:
    cases: list[tuple[Any, int, str]] = [
        ({"session_date": "2026-02-14"}, 400, "not_a_trading_day"),  # a Saturday
        ({"session_date": "2026-02-16"}, 400, "not_a_trading_day"),  # Presidents' Day
        ({"session_date": "2126-02-15"}, 400, "date_in_future"),
        ({"session_date": "10.2.2026"}, 422, "validation_failed"),
        ({"session_date": DAY, "status": "done"}, 422, "validation_failed"),
        ({"session_date": DAY, "notes": "a\0b"}, 422, "validation_failed"),
        ({"session_date": DAY, "notes": "x" * 10_001}, 422, "validation_failed"),
        ({}, 422, "validation_failed"),
    ]
    for body, status, code in cases:
        response = await at_desk.api.client.post("/api/sessions", json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (status, code), response.text
    response = await at_desk.api.client.post("/api/sessions", json={"session_date": "2026-02-16"})
    assert response.json()["error"]["details"] == {"would_work": ["2026-02-13", "2026-02-17"]}
    assert await at_desk.count("review_sessions") == 0


async def test_sessions_are_listed_newest_date_first(at_desk: Desk) -> None:
    old, new, again = [await create(at_desk, day) for day in ("2026-02-09", "2026-02-11", "2026-02-09")]
    await at_desk.database.execute("update review_sessions set status = 'done' where id = %s", (old,))
    await at_desk.database.execute(
        "insert into review_sessions (world, session_date) values ('elsewhere', '2026-02-10')"
    )
    cases = {
        "": [new, again, old],
        "status=done": [old],
        "from=2026-02-10": [new],
        "to=2026-02-09": [again, old],
        "from=2026-02-09&to=2026-02-09&status=created": [again],
        "limit=1&offset=1": [again],
        "from=2026-03-01": [],
    }
    for query, wanted in cases.items():
        page = await at_desk.api.get(f"/api/sessions?{query}")
        assert [one["id"] for one in page["items"]] == wanted, query
    assert (await at_desk.api.get("/api/sessions?limit=1"))["total"] == 3
    for query in ("status=asked", "from=x", "from=2026-02-10&to=2026-02-09", "limit=0"):
        assert (await at_desk.api.client.get(f"/api/sessions?{query}")).status_code == 422, query


async def test_a_session_that_is_not_there(at_desk: Desk) -> None:
    for call in (at_desk.api.client.get, at_desk.api.client.delete):
        response = await call("/api/sessions/77")
        assert (response.status_code, response.json()["error"]["code"]) == (404, "unknown_session")
        assert (await call("/api/sessions/0")).status_code == 422
        assert (await call(f"/api/sessions/{2**63}")).status_code == 422


async def test_notes_are_changed(at_desk: Desk) -> None:
    session_id = await create(at_desk, notes="금이 오른 날")
    before = await read(at_desk, session_id)
    response = await change(at_desk, session_id, "금은 10:20에 꺾였다")
    told = response.json()
    assert (response.status_code, told["notes"]) == (200, "금은 10:20에 꺾였다")
    assert response.headers["etag"] == f'"{told["notes_tag"]}"' != f'"{before["notes_tag"]}"'
    assert datetime.fromisoformat(told["updated_at"]) > datetime.fromisoformat(before["updated_at"])
    whole = await read(at_desk, session_id)
    assert (whole, whole["created_at"]) == ({**told, "snapshots": None}, before["created_at"])
    assert (await change(at_desk, session_id, "")).json()["notes"] == ""


async def test_of_two_who_change_the_same_notes_the_second_is_told(at_desk: Desk) -> None:
    session_id = await create(at_desk, notes="아침")
    read_by_both = (await at_desk.api.client.get(f"/api/sessions/{session_id}")).headers["etag"]
    first = await change(at_desk, session_id, "아침에 샀다", read_by_both)
    second = await change(at_desk, session_id, "아침에 팔았다", read_by_both)
    assert (first.status_code, second.status_code) == (200, 409)
    error, stands = second.json()["error"], first.json()
    assert (error["code"], error["details"]) == (
        "notes_conflict",
        {name: stands[name] for name in ("notes", "notes_tag", "updated_at")},
    )
    assert second.headers["etag"] == first.headers["etag"]
    assert (await read(at_desk, session_id))["notes"] == "아침에 샀다"
    assert (await change(at_desk, session_id, "둘 다", second.headers["etag"])).status_code == 200
    assert (await change(at_desk, session_id, "아무튼", "*")).status_code == 200


async def test_a_replay_that_goes_on_is_in_nobodys_way_who_writes(at_desk: Desk) -> None:
    session_id = await create(at_desk, notes="아침")
    known = (await read(at_desk, session_id))["notes_tag"]
    run_id = await at_desk.ask(f"/api/replay/{DAY}", session_id=session_id)
    changed = await change(at_desk, session_id, "아침과 낮", f'"{known}"')
    assert (changed.status_code, changed.json()["status"], changed.json()["run_id"]) == (200, "running", run_id)


async def test_notes_that_cannot_be_change_nothing(at_desk: Desk) -> None:
    session_id = await create(at_desk, notes="아침")
    path = f"/api/sessions/{session_id}"
    for body in ({}, {"notes": None}, {"notes": 7}, {"notes": "a\0b"}, {"notes": "x" * 10_001},
                 {"notes": "낮", "session_date": DAY}):  # fmt: skip
        response = await at_desk.api.client.patch(path, json=body)
        assert (response.status_code, response.json()["error"]["code"]) == (422, "validation_failed"), body
    text = await at_desk.api.client.patch(path, content="낮", headers={"Content-Type": "text/plain"})
    foreign = await at_desk.api.client.patch(path, json={"notes": "낮"}, headers={"Origin": "http://elsewhere.example"})
    assert (text.status_code, foreign.status_code) == (415, 403)
    assert (await read(at_desk, session_id))["notes"] == "아침"
    gone = await change(at_desk, session_id + 1, "낮")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "unknown_session")
    await at_desk.database.execute("update review_sessions set world = 'elsewhere' where id = %s", (session_id,))
    assert (await change(at_desk, session_id, "낮")).status_code == 404


async def change(at_desk: Desk, session_id: int, notes: str, if_match: str | None = None) -> httpx.Response:
    headers = {} if if_match is None else {"If-Match": if_match}
    return await at_desk.api.client.patch(f"/api/sessions/{session_id}", json={"notes": notes}, headers=headers)


async def test_a_session_follows_its_newest_replay(at_desk: Desk) -> None:
    session_id = await create(at_desk)
    first = await at_desk.ask(f"/api/replay/{DAY}", session_id=session_id, parameters={"confirm_sec": 1})
    told = await read(at_desk, session_id)
    assert (told["status"], told["run_id"], told["parameters"]) == ("running", first, {"confirm_sec": 1})

    busy = await at_desk.api.client.post(f"/api/replay/{DAY}", json={"session_id": session_id})
    assert (busy.status_code, busy.json()["error"]["details"]) == (409, {"run_id": first})

    await runs.fail(at_desk.database, await at_desk.claim(), "Yahoo does not answer")
    told = await read(at_desk, session_id)
    assert (told["status"], told["error"]) == ("failed", "Yahoo does not answer")

    second = await at_desk.ask(f"/api/replay/{DAY}", session_id=session_id)
    assert (await read(at_desk, session_id))["error"] is None
    await at_desk.finish(await at_desk.claim(), result={"data_quality": {"interval": "1m"}})
    told = await read(at_desk, session_id)
    assert (told["status"], told["run_id"], told["data_quality"]) == ("done", second, "1m")

    third = await at_desk.ask(f"/api/replay/{DAY}", session_id=session_id)
    assert (await at_desk.api.client.delete(f"/api/runs/{third}")).status_code == 202
    told = await read(at_desk, session_id)
    assert (told["status"], told["error"]) == ("failed", "the replay was cancelled")
    await at_desk.database.execute("update runs set status = 'failed' where run_id = %s", (first,))
    assert (await read(at_desk, session_id))["error"] == "the replay was cancelled"  # an older one moves nothing


async def test_a_replay_of_another_date_does_not_fit_a_session(at_desk: Desk) -> None:
    session_id = await create(at_desk)
    response = await at_desk.api.client.post("/api/replay/2026-02-11", json={"session_id": session_id})
    assert response.status_code == 422
    assert "a session of 2026-02-11; this one is of 2026-02-10" in response.json()["error"]["message"]
    assert await at_desk.count("runs") == 0


async def test_snapshots_in_pages_and_gone_with_their_session(at_desk: Desk) -> None:
    session_id, other = await create(at_desk), await create(at_desk)
    run_id = await at_desk.ask(f"/api/replay/{DAY}", session_id=session_id)
    for n in reversed(range(5)):
        await snapshot(at_desk, n, session_id, run_id)
    await snapshot(at_desk, 9, other, None)
    told = await at_desk.api.get(f"/api/sessions/{session_id}?snapshots=true&limit=2&offset=2")
    assert told["snapshot_count"] == 5
    assert [one["tickers"] for one in told["snapshots"]] == [{"n": 2}, {"n": 3}]
    assert told["snapshots"][0]["snapshot_time"] == "2026-02-10T14:42:00Z"
    page = await at_desk.api.get(f"/api/runs/{run_id}/snapshots?limit=1")
    assert ([one["tickers"] for one in page["items"]], page["total"]) == ([{"n": 0}], 5)
    assert (await at_desk.api.client.delete(f"/api/sessions/{session_id}")).status_code == 204
    assert (await at_desk.api.client.delete(f"/api/sessions/{session_id}")).status_code == 404
    assert await at_desk.count("review_snapshots") == 1
    assert (await at_desk.api.get(f"/api/runs/{run_id}"))["status"] == "cancelled"


async def test_snapshots_without_a_session_go_with_their_run(at_desk: Desk) -> None:
    session_id = await create(at_desk)
    linked = await at_desk.ask(f"/api/replay/{DAY}", session_id=session_id)
    await snapshot(at_desk, 1, session_id, linked)
    await at_desk.finish(await at_desk.claim())
    alone = await at_desk.ask(f"/api/replay/{DAY}")
    await snapshot(at_desk, 1, None, alone)
    await at_desk.finish(await at_desk.claim())
    assert (await at_desk.api.get(f"/api/runs/{alone}/snapshots"))["total"] == 1
    for run_id in (linked, alone):
        assert (await at_desk.api.client.delete(f"/api/runs/{run_id}")).status_code == 204
    told = await at_desk.api.get(f"/api/sessions/{session_id}?snapshots=true")
    assert (told["status"], len(told["snapshots"])) == ("done", 1)
    assert await at_desk.count("review_snapshots") == 1


async def snapshot(at_desk: Desk, n: int, session_id: int | None, run_id: str | None) -> None:
    """The n-th minute after 09:40."""
    await at_desk.database.execute(
        "insert into review_snapshots (session_id, world, run_id, snapshot_time, tickers_json, signals_json)"
        " values (%s, %s, %s, %s, %s, '{}')",
        (session_id, at_desk.world, run_id, at("09:40") + timedelta(minutes=n), Jsonb({"n": n})),
    )
