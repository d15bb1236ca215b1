"""`/api/config/parameters/history`: who changed which parameter when, from the archive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from api.answers import answer, documented
from api.paging import Cursor, Limit, cursor_of, place_of
from api.parts import PartsOf
from api.stored import rows_of
from schemas.base import Frozen
from schemas.parameters import Parameters

router = APIRouter(tags=["configuration"])

Value = bool | float | None

DEFAULTS = msgspec.to_builtins(Parameters())

SETS = """
    select version, changed_at, changed_by, position, json from parameter_sets
     where world = %(world)s and book = %(book)s and version < %(below)s
     order by version desc limit %(limit)s"""


class ParameterChange(Frozen):
    """One parameter, as it was and as it became."""

    name: str
    before: Value
    after: Value


class ParameterVersion(Frozen):
    """A set that came into force. `changes` is null where no set before it is stored: there is nothing to compare."""

    version: int
    changed_at: datetime
    changed_by: str  # as the writer said; opening: what a trade date began with; api: a writer who gave no name
    position: int  # offset on ticks from which it counts
    beginning: bool  # the first set there ever was
    changes: list[ParameterChange] | None


class ParameterVersions(Frozen):
    """A page of sets, newest first. `next_cursor` is null on the last page."""

    items: list[ParameterVersion]
    next_cursor: str | None


class _Below(Frozen):
    """Where the next page begins: below this version."""

    v: int


@router.get("/api/config/parameters/history", responses=documented(ParameterVersions))
async def versions(parts: PartsOf, limit: Limit = 50, cursor: Cursor = None) -> Response:
    """Every set of parameters that was in force, newest first, with what it changed.

    A change is written to the log first and stored a moment later: it may be in force before it is here.
    """
    below = place_of(cursor, _Below)
    values = {
        "world": parts.config.namespace,
        "book": parts.tail.book,
        "below": 2**31 - 1 if below is None else below.v,
        "limit": limit + 1,  # the one before the page's last tells what that changed
    }
    rows = await rows_of(parts, SETS, values)
    items = [_version(row, before) for row, before in zip(rows[:limit], [*rows[1:], None], strict=False)]
    more = cursor_of(_Below(v=items[-1].version)) if len(rows) > limit else None
    return answer(ParameterVersions(items=items, next_cursor=more))


def _version(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> ParameterVersion:
    return ParameterVersion(
        version=row["version"],
        changed_at=row["changed_at"].astimezone(UTC),
        changed_by=row["changed_by"],
        position=row["position"],
        beginning=row["version"] == 1,
        changes=None if before is None else changes(before["json"], row["json"]),
    )


def changes(before: Mapping[str, Value], after: Mapping[str, Value]) -> list[ParameterChange]:
    """The parameters in which two stored sets differ. One that a set does not know stood at its default then."""
    was, became = {**DEFAULTS, **before}, {**DEFAULTS, **after}
    return [
        ParameterChange(name=name, before=was.get(name), after=became.get(name))
        for name in dict.fromkeys((*was, *became))
        if was.get(name) != became.get(name)
    ]
