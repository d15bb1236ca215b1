"""The ground that every event stands on: frozen structs, aware UTC times, one JSON encoder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from schemas.errors import Malformed

UtcTime = Annotated[datetime, msgspec.Meta(tz=True)]  # naive times are refused at the door
Price = Annotated[float, msgspec.Meta(gt=0)]  # quote currency per share


class Frozen(msgspec.Struct, frozen=True, kw_only=True):
    """An event or a part of one. Unknown fields are ignored: last month's reader survives today's writer."""


_encoder = msgspec.json.Encoder()
encode = _encoder.encode


def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """A reusable decoder that checks `kind` while it parses; feed it to `parse`."""
    return msgspec.json.Decoder(kind)


def parse(decode: msgspec.json.Decoder[Any], value: bytes | None, where: str) -> Any:
    """Decode one record or raise `Malformed`, which names the field, what was expected and what came.

    `where` is the position of the record, like ``live.ticks[2]@1841``.
    """
    if value is None:
        raise Malformed("value", "a JSON object", None, where)
    try:
        return decode.decode(value)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$").lstrip(".") or "value"
        raise Malformed(field, said.replace("Expected ", "").replace("`", ""), _at(value, field), where) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("value", f"JSON ({error})", value[:60], where) from None


def _at(value: bytes, field: str) -> object:
    """What stands at `field` of the JSON in `value`, for the error message; the whole start when it is not plain."""
    try:
        found: object = msgspec.json.decode(value)
        for part in field.replace("[", ".[").split("."):
            if part.startswith("["):
                found = found[int(part[1:-1])]  # type: ignore[index]
            elif part and part != "value":
                found = found[part]  # type: ignore[index]
        return found
    except (msgspec.DecodeError, LookupError, TypeError, ValueError, RecursionError):
        return value[:60]


def milliseconds(time: datetime) -> int:
    """`time` as whole milliseconds since 1970, the resolution of event time."""
    return round(time.timestamp() * 1000)


def from_milliseconds(ms: int) -> datetime:
    """The aware UTC time that `milliseconds` was made from."""
    return datetime.fromtimestamp(ms / 1000, UTC)
