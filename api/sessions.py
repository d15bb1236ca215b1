"""`/api/sessions`: a person's looks at trade dates, with the snapshots that replays took for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Header, Path, Query
from starlette.responses import Response

from api.answers import answer, documented
from api.asked import ground_of
from api.bodies import NotesBody, SessionBody
from api.errors import ApiError, refused
from api.paging import Limit, Offset
from api.parts import Parts, PartsOf
from api.received import Writer, body_of, documented_body, tags_of
from api.snapshots import Snapshot, snapshots_of
from api.stored import rows_of, transaction_of
from schemas.base import Frozen
from transport.asked import check_trade_date

router = APIRouter(tags=["review"])

SessionId = Annotated[int, Path(ge=1, lt=2**63)]
IfMatch = Annotated[str | None, Header(description="The `notes_tag` of the notes that are changed, as ETag tells it.")]

NOTES_TAG = "left(encode(sha256(convert_to(notes, 'UTF8')), 'hex'), 16)"

COLUMNS = f"""
    id, session_date, notes, {NOTES_TAG} as notes_tag, status, created_at, updated_at, data_quality, error,
    params_json as parameters,
    (select count(*)::int from review_snapshots where session_id = review_sessions.id) as snapshot_count,
    (select run_id from runs
      where world = review_sessions.world and kind = 'replay'
        and (request ->> 'session_id')::bigint = review_sessions.id
      order by created_at desc limit 1) as run_id"""

INSERT = """
    insert into review_sessions (world, book, session_date, notes) values (%s, %s, %s, %s) returning id"""

CHANGE = f"""
    update review_sessions set notes = %(notes)s, updated_at = now()
     where world = %(world)s and id = %(id)s and (%(tags)s::text[] is null or {NOTES_TAG} = any(%(tags)s))
    returning id"""

# Whoever replays for the session stops: what it would come to has nowhere to go.
CANCEL = """
    update runs set status = 'cancelled', finished_at = now(), leased_until = null
     where world = %s and kind = 'replay' and (request ->> 'session_id')::bigint = %s
       and status in ('requested', 'running')"""


class ReviewSession(Frozen):
    """One look at one trade date. `status` follows its newest replay, whose id is `run_id`."""

    id: int
    session_date: date
    notes: str
    notes_tag: str  # of the notes alone: a replay that goes on is in nobody's way who writes
    status: Literal["created", "running", "done", "failed"]
    created_at: datetime
    updated_at: datetime
    data_quality: str | None  # the rung of history it rests on
    snapshot_count: int
    error: str | None
    parameters: dict[str, Any] | None
    run_id: str | None


class ReviewSessionWhole(ReviewSession):
    """With a page of its snapshots, when asked for."""

    snapshots: list[Snapshot] | None


class ReviewSessions(Frozen):
    """A page of sessions, newest date first."""

    items: list[ReviewSession]
    total: int


@router.post(
    "/api/sessions",
    status_code=201,
    dependencies=[Writer],
    responses=documented(ReviewSession, status=201),
    openapi_extra=documented_body(SessionBody, {"session_date": "2026-02-10", "notes": ""}),
)
async def create(parts: PartsOf, body: Annotated[SessionBody, Depends(body_of(SessionBody))]) -> Response:
    """Begin a review of a trade date. `POST /api/replay/{date}` with its id fills it with snapshots."""
    check_trade_date(body.session_date, ground_of(parts))
    asked = (parts.config.namespace, parts.tail.book, body.session_date, body.notes)
    async with transaction_of(parts) as connection:
        row = await (await connection.execute(INSERT, asked)).fetchone()
        assert row is not None
    created = await _known(parts, row[0])
    return answer(created, status=201, headers={"Location": f"/api/sessions/{created.id}", **_etag(created)})


@router.get("/api/sessions", responses=documented(ReviewSessions))
async def sessions(
    parts: PartsOf,
    since: Annotated[date | None, Query(alias="from", description="Trade date, inclusive.")] = None,
    until: Annotated[date | None, Query(alias="to", description="Trade date, inclusive.")] = None,
    status: Literal["created", "running", "done", "failed"] | None = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Review sessions, newest date first."""
    if since and until and until < since:
        raise refused(("to", f"a date from {since} on, which is `from`", until))
    filters: list[tuple[str, Any, str]] = [
        ("since", since, "session_date >= %(since)s"),
        ("until", until, "session_date <= %(until)s"),
        ("status", status, "status = %(status)s"),
    ]
    conditions = ["world = %(world)s", "book = %(book)s", *(said for _, value, said in filters if value is not None)]
    values = {name: value for name, value, _ in filters} | {
        "world": parts.config.namespace,
        "book": parts.tail.book,
        "limit": limit,
        "offset": offset,
    }
    source = f"from review_sessions where {' and '.join(conditions)}"
    (total,) = await rows_of(parts, f"select count(*)::int as total {source}", values)
    rows = await rows_of(
        parts,
        f"select {COLUMNS} {source} order by session_date desc, id desc limit %(limit)s offset %(offset)s",
        values,
    )
    items = [msgspec.convert(row, ReviewSession) for row in rows]
    return answer(ReviewSessions(items=items, total=total["total"]))


@router.get("/api/sessions/{session_id}", responses=documented(ReviewSessionWhole))
async def session(
    session_id: SessionId,
    parts: PartsOf,
    snapshots: Annotated[bool, Query(description="With a page of its snapshots.")] = False,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """One session; `limit` and `offset` page through its snapshots, oldest first. `ETag` is that of its notes."""
    known = await _known(parts, session_id)
    page = None
    if snapshots:
        condition = "session_id = %(session_id)s"
        page = (await snapshots_of(parts, condition, {"session_id": session_id}, limit, offset)).items
    return answer(ReviewSessionWhole(**msgspec.structs.asdict(known), snapshots=page), headers=_etag(known))


@router.patch(
    "/api/sessions/{session_id}",
    dependencies=[Writer],
    responses=documented(ReviewSession),
    openapi_extra=documented_body(NotesBody, {"notes": "Gold turned at 10:20."}),
)
async def change(
    session_id: SessionId,
    parts: PartsOf,
    body: Annotated[NotesBody, Depends(body_of(NotesBody))],
    if_match: IfMatch = None,
) -> Response:
    """Write other notes. With `If-Match`, of two writers the second gets 409 and is told what the first wrote."""
    values = {"notes": body.notes, "world": parts.config.namespace, "id": session_id, "tags": tags_of(if_match)}
    async with transaction_of(parts) as connection:
        written = await (await connection.execute(CHANGE, values)).fetchone()
    stands = await _known(parts, session_id)
    if written is None:
        raise _overtaken(stands)
    return answer(stands, headers=_etag(stands))


@router.delete("/api/sessions/{session_id}", status_code=204, dependencies=[Writer])
async def delete(session_id: SessionId, parts: PartsOf) -> Response:
    """Remove a session with its snapshots. A replay that runs for it is cancelled."""
    world = parts.config.namespace
    async with transaction_of(parts) as connection:
        await connection.execute(CANCEL, (world, session_id))
        gone = await connection.execute(
            "delete from review_sessions where world = %s and id = %s returning id", (world, session_id)
        )
        if await gone.fetchone() is None:
            raise _unknown(session_id)
    return Response(status_code=204)


async def _known(parts: Parts, session_id: int) -> ReviewSession:
    values = {"world": parts.config.namespace, "id": session_id}
    rows = await rows_of(
        parts, f"select {COLUMNS} from review_sessions where world = %(world)s and id = %(id)s", values
    )
    if not rows:
        raise _unknown(session_id)
    return msgspec.convert(rows[0], ReviewSession)


def _etag(session: ReviewSession) -> dict[str, str]:
    return {"ETag": f'"{session.notes_tag}"'}


def _overtaken(stands: ReviewSession) -> ApiError:
    return ApiError(
        409,
        f"Someone else changed the notes of session {stands.id} first.",
        code="notes_conflict",
        details={"notes": stands.notes, "notes_tag": stands.notes_tag, "updated_at": stands.updated_at},
        headers=_etag(stands),
    )


def _unknown(session_id: int) -> ApiError:
    return ApiError(404, f"There is no review session {session_id}.", code="unknown_session")


SHAPES = (ReviewSession, ReviewSessions, ReviewSessionWhole)
