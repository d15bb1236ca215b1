"""What a writing request brings: the right to write, and a JSON body that fits its model or is refused in words."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

import msgspec
from fastapi import Depends, Header, Request
from pydantic import BaseModel, ValidationError

from api.errors import ApiError, refused, validation_error
from api.parts import PartsOf

LONGEST_NAME = 60  # characters
NOBODY = "api"  # a writer who gave no name

Authorization = Annotated[str | None, Header(description="`Bearer <token>` when the server has a token.")]

ChangedBy = Annotated[
    str | None,
    Header(description=f"Who changes it, for the history: percent-encoded UTF-8, {LONGEST_NAME} characters."),
]

M = TypeVar("M", bound=BaseModel)


def authorize(token: str | None, authorization: str | None) -> None:
    """Raise 401 unless `authorization` carries the server's token, where it has one."""
    if token is None:
        return
    scheme, _, given = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode("latin-1"), token.encode()):
        said = "A token is needed to write." if authorization is None else "The token is not the right one."
        raise ApiError(401, said, headers={"WWW-Authenticate": 'Bearer realm="ptj"'})


async def _writer(parts: PartsOf, authorization: Authorization = None) -> None:
    authorize(parts.config.token, authorization)


Writer = Depends(_writer)  # in `dependencies` of a route: who calls it may write


def name_of(changed_by: str | None) -> str:
    """The name that a writer gave; nobody checks it. Raises 422 for what is not one line of text."""
    if changed_by is None:
        return NOBODY
    try:
        if not changed_by.isascii() or re.search("%(?![0-9A-Fa-f]{2})", changed_by):
            raise ValueError
        name = unquote(changed_by, errors="strict").strip()
    except ValueError:
        raise refused(("Changed-By", "percent-encoded UTF-8", changed_by)) from None
    if len(name) > LONGEST_NAME or not name.isprintable():
        wanted = f"a name of at most {LONGEST_NAME} characters without control characters"
        raise refused(("Changed-By", wanted, name))
    return name or NOBODY


def tags_of(if_match: str | None) -> list[str] | None:
    """The tags that an `If-Match` names; None lets every one pass."""
    tags = [one.strip().removeprefix("W/").strip('"') for one in (if_match or "*").split(",")]
    return None if "*" in tags else tags


async def raw_body(request: Request) -> bytes:
    """The bytes of a JSON body. Raises 415 for another type."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise ApiError(415, "The body must be application/json.")
    return await request.body()


async def json_object(request: Request) -> Mapping[str, Any]:
    """The body as an object of any shape. Raises 400, 415 or 422."""
    try:
        found = msgspec.json.decode(await raw_body(request))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(str(error)) from None
    if not isinstance(found, dict):
        raise refused(("body", "an object of parameters", found))
    return found


def body_of(model: type[M], *, optional: bool = False) -> Callable[[Request], Awaitable[M]]:
    """A dependency that reads a `model`, strictly. `optional`: no body at all stands for the defaults."""

    async def received(request: Request) -> M:
        if optional and not await request.body():
            return model()
        raw = await raw_body(request)
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            faults = error.errors(include_url=False)
            if faults[0]["type"] == "json_invalid":
                raise _not_json(faults[0]["msg"].removeprefix("Invalid JSON: ")) from None
            raise validation_error(faults, known=tuple(model.model_fields)) from None

    return received


def documented_body(model: type[BaseModel], example: Mapping[str, Any], *, required: bool = True) -> dict[str, Any]:
    """The `openapi_extra` of a route that takes a `model`; `api.app` adds the model to the components."""
    content = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}, "example": example}
    return {"requestBody": {"required": required, "content": {"application/json": content}}}


def _not_json(why: str) -> ApiError:
    return ApiError(400, f"The body is not JSON: {why}.", code="bad_json")
