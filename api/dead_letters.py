"""`/api/dead-letters`: records that could not be used, from the archive, with a look at what they hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.answers import answer, documented
from api.errors import refused
from api.paging import Limit, Offset
from api.parts import Parts, PartsOf
from api.preview import HEAD_BYTES, preview, readable
from api.stored import rows_of
from schemas.base import Frozen
from schemas.topics import TOPICS

router = APIRouter(tags=["health"])

COUNT = """
    select count(*)::int as total, count(*) filter (where reinjected_at is null)::int as waiting
      from dead_letters where namespace = %(namespace)s and (%(topic)s::text is null or topic = %(topic)s)"""

LETTERS = """
    select topic, partition, record_offset, reason, reported_by, reported_at, reinjected_at,
           octet_length(value) as size, substring(value from 1 for %(head)s) as head
      from dead_letters where namespace = %(namespace)s and (%(topic)s::text is null or topic = %(topic)s)
     order by reported_at desc, topic, partition, record_offset desc limit %(limit)s offset %(offset)s"""


class Letter(Frozen):
    """A record that could not be used. What looks like a secret in `reason` and `preview` is three stars."""

    place: str  # like demo.ticks[2]@1841, as `ptj dead-letters --only` takes it
    topic: str
    partition: int
    offset: int
    reason: str
    reported_by: str
    reported_at: datetime
    reinjected_at: datetime | None  # when it was put back onto its topic
    size: int | None  # bytes of the value; null: it is not kept
    content: Literal["text", "bytes", "none"]
    preview: str | None  # how a text begins
    cut: bool  # there is more than the preview shows


class Letters(Frozen):
    """A page of dead letters, newest first. `waiting`: those of `total` that were not put back."""

    items: list[Letter]
    total: int
    waiting: int


@router.get("/api/dead-letters", responses=documented(Letters))
async def dead_letters(
    parts: PartsOf,
    topic: Annotated[str | None, Query(max_length=249, description="Like ticks, or demo.ticks.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Response:
    """Dead letters of this namespace, newest first. `ptj dead-letters --reinject` puts back those that may go back."""
    values = {
        "namespace": parts.config.namespace,
        "topic": None if topic is None else _topic(parts, topic),
        "limit": limit,
        "offset": offset,
        "head": HEAD_BYTES,
    }
    (count,) = await rows_of(parts, COUNT, values)
    rows = await rows_of(parts, LETTERS, values)
    items = [_letter(row, parts.config.secrets) for row in rows]
    return answer(Letters(items=items, total=count["total"], waiting=count["waiting"]))


def _topic(parts: Parts, given: str) -> str:
    """The full name. Raises 422 for one that is no topic of this namespace."""
    known = {topic.suffix: topic.name(parts.config.namespace) for topic in TOPICS}
    if given in known.values():
        return given
    if given not in known:
        raise refused(("topic", f"one of {', '.join(known)}", given))
    return known[given]


def _letter(row: dict[str, Any], secrets: tuple[str, ...]) -> Letter:
    content, shown, cut = preview(row["head"], row["size"], secrets)
    return Letter(
        place=f"{row['topic']}[{row['partition']}]@{row['record_offset']}",
        topic=row["topic"],
        partition=row["partition"],
        offset=row["record_offset"],
        reason=readable(row["reason"], secrets),
        reported_by=readable(row["reported_by"], secrets),
        reported_at=row["reported_at"].astimezone(UTC),
        reinjected_at=row["reinjected_at"] and row["reinjected_at"].astimezone(UTC),
        size=row["size"],
        content=content,
        preview=shown,
        cut=cut,
    )
