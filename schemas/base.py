"""The ground that every event stands on: frozen structs, aware UTC times, one JSON encoder."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, dataclass_transform

import msgspec

from schemas.errors import NOTHING, Malformed
from schemas.wording import expected

UtcTime = Annotated[datetime, msgspec.Meta(tz=True)]  # naive times are refused at the door
Price = Annotated[float, msgspec.Meta(gt=0)]  # quote currency per share


if TYPE_CHECKING:

    @dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
    class _FrozenMeta(msgspec.StructMeta):
        """Tells type checkers what msgspec does anyway: children of a frozen struct are frozen."""
else:
    _FrozenMeta = msgspec.StructMeta


class Frozen(msgspec.Struct, frozen=True, kw_only=True, metaclass=_FrozenMeta):
    """An event or a part of one. Unknown fields are ignored: last month's reader survives today's writer."""


_MISSING = re.compile(r"Object missing required field `(\w+)`")
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
        raise _malformed(decode.type, value, str(error), where) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("value", f"JSON ({error})", value[:60], where) from None


def _malformed(kind: Any, value: bytes, error: str, where: str) -> Malformed:
    said, _, path = error.partition(" - at ")
    field = path.strip("`").removeprefix("$").lstrip(".")
    if missing := _MISSING.match(said):
        field = f"{field}.{missing[1]}" if field else missing[1]
    try:
        whole = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # a number too great, text that is not UTF-8
        whole = None
    wanted = expected(kind, field, whole) or said.removeprefix("Expected ").replace("`", "")
    return Malformed(field or "value", wanted, NOTHING if missing else _at(whole, field, value), where)


def _at(whole: object, field: str, value: bytes) -> object:
    """What stands at `field` of the record, for the error message; else the start of `value`."""
    found: Any = whole
    try:
        for part in re.findall(r"[^.\[\]]+", field):
            found = found[int(part) if isinstance(found, list) else part]
    except (LookupError, TypeError, ValueError):
        found = value[:60]
    return value[:60] if whole is None else found


def milliseconds(time: datetime) -> int:
    """`time` as whole milliseconds since 1970, the resolution of event time."""
    return round(time.timestamp() * 1000)


def from_milliseconds(ms: int) -> datetime:
    """The aware UTC time that `milliseconds` was made from."""
    return datetime.fromtimestamp(ms / 1000, UTC)
