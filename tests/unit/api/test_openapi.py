"""The OpenAPI document: every JSON answer has a shape, and a body that is not of a shape is told from one that is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.described import DOCUMENT, fits, shape

ANSWERS = [(path, method, told) for path, methods in DOCUMENT["paths"].items() for method, told in methods.items()]


@pytest.mark.parametrize(("path", "method", "told"), ANSWERS, ids=[f"{method} {path}" for path, method, _ in ANSWERS])
def test_every_answer_has_a_shape(path: str, method: str, told: dict[str, Any]) -> None:
    done = {status: answer for status, answer in told["responses"].items() if status.startswith("2")}
    assert done
    for status, answer in done.items():
        content = answer.get("content", {})
        if status == "204":
            assert content == {}
        elif "text/event-stream" in content:
            assert (
                content["text/event-stream"]["x-events"]["$ref"].rpartition("/")[2] in DOCUMENT["components"]["schemas"]
            )
        elif "text/html" in content:
            assert path.endswith(".html")
        else:
            assert content["application/json"]["schema"] not in ({}, {"type": "object"}), status
    assert told["responses"]["default"]["content"]["application/json"]["schema"] == shape("ErrorAnswer")


def test_every_shape_that_is_named_is_there() -> None:
    named = set(_references(DOCUMENT))
    assert named
    assert {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]} >= named


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for one in part:
            yield from _references(one)


def test_what_is_not_described_is_found() -> None:
    with pytest.raises(jsonschema.ValidationError):
        fits(shape("Alive"), {"status": "ok", "more": 1})
    with pytest.raises(jsonschema.ValidationError):
        fits(shape("Alive"), {})
