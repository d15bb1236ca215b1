"""JSON answers, encoded once by msgspec."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from schemas.base import encode


def answer(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """`body` (structs, dicts, lists) as JSON. Live answers are never cached."""
    return Response(
        encode(body),
        status_code=status,
        headers={"Cache-Control": "no-store", **(headers or {})},
        media_type="application/json",
    )


def documented(*kinds: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route in OpenAPI; the shapes are added to its components by `api.app`."""
    names = [kind.__name__ for kind in kinds]
    one = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    schema = one[0] if len(one) == 1 else {"anyOf": one}
    return {
        str(status): {"description": HTTPStatus(status).phrase, "content": {"application/json": {"schema": schema}}}
    }


def components(*kinds: Any) -> dict[str, Any]:
    """JSON Schemas of `kinds` and all that they contain, by name."""
    _, found = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return dict(found)
