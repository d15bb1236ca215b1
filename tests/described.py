"""Answers held against the OpenAPI document: what is sent is what is described, no field more and none less."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

import jsonschema

from api.openapi import document

DOCUMENT = document()
OPEN = {"BearishNow"}  # it carries a field for each index of the book


def schema_of(path: str, method: str = "get", status: int = 200) -> dict[str, Any]:
    """The schema of an answer. `path` may be one that was asked for, like ``/api/prices/GLD?x=1``."""
    asked = path.partition("?")[0]
    fits = [known for known in DOCUMENT["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), asked)]
    route = asked if asked in fits else fits[0]
    told: dict[str, Any] = DOCUMENT["paths"][route][method]["responses"][str(status)]["content"]["application/json"]
    return dict(told["schema"])


def fits(schema: dict[str, Any], body: Any) -> None:
    """Raises `jsonschema.ValidationError` where `body` has a field that is not described, lacks one, or has another."""
    shapes = deepcopy(DOCUMENT["components"]["schemas"])
    for name, shape in shapes.items():
        if shape.get("properties") and name not in OPEN:
            shape["additionalProperties"] = False
    whole = {**schema, "components": {"schemas": shapes}}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(body)


def shape(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
