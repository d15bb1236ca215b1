"""What a field expects, in words that a person who never saw the code understands."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

_PART = re.compile(r"[^.\[\]]+|(?<=\[)\.\.\.(?=\])")  # ``[...]`` is the value of any key
_TYPES = {
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "integer": "a whole number",
}
_FORMATS = {
    "date-time": "a time with a zone, like 2026-02-13T14:30:00Z",
    "date": "a date, like 2026-02-13",
}


@lru_cache(maxsize=64)
def _schema(kind: Any) -> dict[str, Any]:
    try:
        return msgspec.json.schema(kind)
    except TypeError:  # no JSON Schema says what this is
        return {}


def expected(kind: Any, path: str, value: object = None) -> str | None:
    """What the field at `path` (like ``frames[0].ticks[3].last``) of a `kind` should be; None where nobody knows.

    `value` is the whole record: its tag tells which kind of record it is.
    """
    document = _schema(kind)
    shape: dict[str, Any] = document
    for part in _PART.findall(path):
        shape = _child(document, shape, part, value)
        value = _within(value, part)
    return _words(document, shape) or None


def _options(document: dict[str, Any], shape: dict[str, Any]) -> list[dict[str, Any]]:
    while "$ref" in shape:
        shape = document["$defs"][shape["$ref"].rpartition("/")[2]]
    return [found for option in shape.get("anyOf", ()) for found in _options(document, option)] or [shape]


def _child(document: dict[str, Any], shape: dict[str, Any], part: str, value: object) -> dict[str, Any]:
    options = _options(document, shape)
    tag = shape.get("discriminator", {}).get("propertyName")
    if tag == part:
        return {"enum": list(shape["discriminator"]["mapping"])}
    if tag:
        named = [option for option in options if option["properties"][tag]["enum"] == [_within(value, tag)]]
        options = named or options
    for option in options:
        fields = option.get("properties", {})
        for found in (fields.get(part), option.get("items"), option.get("additionalProperties")):
            if isinstance(found, dict):
                return found
    return {}


def _within(value: object, part: str) -> object:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    return None


def _words(document: dict[str, Any], shape: dict[str, Any]) -> str:
    return " or ".join(dict.fromkeys(filter(None, map(_plain, _options(document, shape)))))


def _plain(shape: dict[str, Any]) -> str:
    kind = shape.get("type")
    if "enum" in shape:
        values = [str(value) for value in shape["enum"]]
        return values[0] if len(values) == 1 else f"one of {', '.join(values)}"
    if kind in ("number", "integer"):
        return _TYPES.get(kind, "a number") + _limits(shape)
    if kind == "string":
        pattern = f" that matches {shape['pattern']}" if "pattern" in shape else ""
        return _FORMATS.get(shape.get("format", ""), "base64 text" if "contentEncoding" in shape else f"text{pattern}")
    return _TYPES.get(str(kind), "")


def _limits(shape: dict[str, Any]) -> str:
    if "minimum" in shape and "maximum" in shape:
        return f" from {shape['minimum']:,} to {shape['maximum']:,}"
    signs = {"minimum": ">=", "exclusiveMinimum": ">", "maximum": "<=", "exclusiveMaximum": "<"}
    told = [f"{sign} {shape[keyword]:,.10g}" for keyword, sign in signs.items() if keyword in shape]
    return f" {' and '.join(told)}" if told else ""
