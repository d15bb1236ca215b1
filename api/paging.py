"""Pages: a number of items from an offset on, or an opaque cursor that names the place behind the last item."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Query

from api.errors import refused

Limit = Annotated[int, Query(ge=1, le=500, description="Most items of this page.")]
Offset = Annotated[int, Query(ge=0, le=2**31, description="Items to leave out first.")]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]

P = TypeVar("P")


def cursor_of(place: Any) -> str:
    """A struct as the text of a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str | None, kind: type[P]) -> P | None:
    """The struct that `cursor` was made of. Raises 422 for a text that is no cursor of ours."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        raise refused(("cursor", "next_cursor of a page", cursor)) from None
