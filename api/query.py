"""A query parameter that nobody reads is a mistake of whoever sent it: a filter misspelt must not answer with all."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant

from api.errors import refused


def known_query(request: Request) -> None:
    """Raises 422 that names the parameters which the route does not have, and those which it has."""
    if not request.query_params:
        return
    known = list(dict.fromkeys(_names(request.scope["route"].dependant)))
    wanted = f"one of {', '.join(known)}" if known else "no query at all"
    strangers = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if strangers:
        raise refused(*((name, wanted, request.query_params[name]) for name in strangers))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for part in dependant.dependencies:
        yield from _names(part)
