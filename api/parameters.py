"""`/api/config/parameters`: what is in force, and how to change it at one position of the stream for all agents."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from api.answers import answer, documented
from api.errors import ApiError
from api.hub import parameters_in_force
from api.parts import Parts, PartsOf
from api.prices import no_data_yet
from api.received import Authorization, ChangedBy, authorize, json_object, name_of, tags_of
from api.stream_shapes import Config
from api.writing import append
from schemas.base import Frozen, encode
from schemas.errors import Unavailable
from schemas.parameters import Parameters, limits, merged
from schemas.ticks import ParametersChange
from schemas.topics import TICKS, partition_of

log = logging.getLogger(__name__)

router = APIRouter(tags=["configuration"])


class Limit(Frozen):
    """What a form needs to know of a parameter."""

    min: float | None
    max: float | None
    nullable: bool  # null turns it off
    default: bool | float | None
    unit: str
    step: float
    note: str


class ParametersAnswer(Config):
    """The parameters in force with the limits of each by its name."""

    limits: dict[str, Limit]


IfMatch = Annotated[str | None, Header(description="The version that the change is based on, as ETag tells it.")]

CHANGES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "Any subset of the parameters."},
                "example": {"stop_loss_pct": -2.5},
            }
        },
    }
}


@router.get("/api/config/parameters", responses=documented(ParametersAnswer))
async def current(parts: PartsOf) -> Response:
    """The parameters in force, with limits for forms. `ETag` is the version."""
    if parts.live.parameters is None:
        raise no_data_yet(parts, "No trade date has been opened yet, so no parameters are in force.")
    return _full(parts)


@router.put("/api/config/parameters", openapi_extra=CHANGES, responses=documented(ParametersAnswer))
async def change(
    request: Request,
    parts: PartsOf,
    if_match: IfMatch = None,
    changed_by: ChangedBy = None,
    authorization: Authorization = None,
) -> Response:
    """Change any subset. Of two writers at once the first in the log wins, and the other one gets 409.

    The answer comes after the change was read back from the log: from its position on every agent judges by it.
    """
    authorize(parts.config.token, authorization)
    name, changes = name_of(changed_by), await json_object(request)
    live = parts.live
    if live.parameters is None:
        raise no_data_yet(parts, "No trade date has been opened yet, so there is nothing to change.")
    if not live.kafka_up:
        raise _away("Kafka does not answer, so nothing can be changed now.")
    version = live.version
    tags = tags_of(if_match)
    if tags is not None and str(version) not in tags:
        raise _conflict(f"The version in force is {version}, not {if_match}.", version)
    wanted = merged(live.parameters, changes, symbols=len(live.book.symbols), rest_only=parts.config.rest_only)
    if isinstance(wanted, list):
        faults = [{"field": f.field, "expected": f.expected, "received": f.received} for f in wanted]
        said = "; ".join(f"{f.field}: expected {f.expected}" for f in wanted)
        raise ApiError(422, f"Nothing was changed. {said}.", details={"faults": faults})
    if wanted != live.parameters:
        await _write(parts, wanted, version, name)
    return _full(parts)


async def _write(parts: Parts, wanted: Parameters, version: int, name: str) -> None:
    """Append the change and wait until the tail has met it. Returns when it won; raises 409 or 503 otherwise."""
    config, book = parts.config, parts.tail.book
    record = ParametersChange(
        book=book,
        version=version + 1,
        replaces=version,
        parameters=wanted,
        changed_at=datetime.now(UTC),
        changed_by=name,
        request_id=uuid.uuid4().hex,
    )
    outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    parts.tail.outcomes[record.request_id] = outcome
    try:
        await append(config.kafka, TICKS.name(config.namespace), book.encode(), encode(record), partition_of(book))
        async with asyncio.timeout(config.confirm_timeout_s):
            won = await outcome
    except Unavailable as error:
        raise _away(f"The change could not be written: {error}. Read the parameters before trying again.") from None
    except TimeoutError:
        waited = f"{config.confirm_timeout_s:g} s"
        raise _away(
            f"The change was written but did not come back within {waited}. Read the parameters again."
        ) from None
    finally:
        parts.tail.outcomes.pop(record.request_id, None)
    log.info("parameters.%s version=%d replaces=%d", "changed" if won else "lost", record.version, version)
    if not won:
        raise _conflict(f"Someone else changed version {version} first.", parts.live.version)


def _full(parts: Parts) -> Response:
    config = parameters_in_force(parts.live)
    if config is None:
        raise no_data_yet(parts, "No trade date has been opened yet.")
    body = ParametersAnswer(
        version=config.version,
        updated_at=config.updated_at,
        parameters=config.parameters,
        limits={name: Limit(**told) for name, told in limits().items()},
    )
    return answer(body, headers={"ETag": f'"{config.version}"'})


def _conflict(message: str, version: int) -> ApiError:
    return ApiError(
        409, message, code="version_conflict", details={"version": version}, headers={"ETag": f'"{version}"'}
    )


def _away(message: str) -> ApiError:
    return ApiError(503, message, code="kafka_unavailable", headers={"Retry-After": "2"})
