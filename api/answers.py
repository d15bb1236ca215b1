"""JSON answers, encoded once by msgspec."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

import msgspec
from starlette.responses import Response

from schemas.base import Frozen, encode

REF = "#/components/schemas/{name}"


def answer(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` (structs, dicts, lists) as JSON. Live answers are never cached."""
    return Response(
        encode(body),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type="application/json",
    )


def documented(
    *kinds: Any, status: int | Literal["default"] = 200, about: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route in OpenAPI; the shapes are added to its components by `api.app`."""
    told, _ = msgspec.json.schema_components(kinds, ref_template=REF)
    schema = told[0] if len(told) == 1 else {"anyOf": list(told)}
    described = about or HTTPStatus(int(status)).phrase
    return {str(status): {"description": described, "content": {"application/json": {"schema": schema}}}}


def documented_stream(events: type[Frozen]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a stream: `x-events` names the shape whose fields are the data of each event by its name."""
    content = {"schema": {"type": "string"}, "x-events": {"$ref": REF.format(name=events.__name__)}}
    return {"200": {"description": "Server-sent events, their data JSON.", "content": {"text/event-stream": content}}}


def components(*kinds: Any) -> dict[str, Any]:
    """JSON Schemas of `kinds` and all that they contain, by name. An answer leaves out only what may be unset."""
    _, found = msgspec.json.schema_components(kinds, ref_template=REF)
    return {name: _whole(schema) for name, schema in found.items()}


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with the fields that have a default among those that are there: they are written like the others."""
    fields = schema.get("properties", {})
    needed = [name for name, told in fields.items() if name in schema["required"] or "default" in told]
    return {**schema, "required": needed} if fields else schema
