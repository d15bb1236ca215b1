"""Errors sorted by what to do next. Anything else ends the process, which starts again from its last commit."""

from __future__ import annotations


class ConfigError(Exception):
    """Mend the setting, then start again."""


class Unavailable(Exception):
    """Something outside is away; wait `retry_after_s`, then try again."""

    def __init__(self, what: str, retry_after_s: float = 1.0) -> None:
        super().__init__(what)
        self.retry_after_s = retry_after_s


class _Nothing:
    def __repr__(self) -> str:
        return "nothing"


NOTHING = _Nothing()  # received where a field is missing


class Malformed(Exception):
    """A record that does not parse: it goes to the dead letters and the stream goes on."""

    def __init__(self, field: str, expected: str, received: object, where: str = "") -> None:
        self.field, self.expected, self.received, self.where = field, expected, received, where
        place = f" ({where})" if where else ""
        super().__init__(f"{field}: expected {expected}, received {shown(received)}{place}")


def shown(value: object, limit: int = 80) -> str:
    """`value` as a person should read it in an error: quoted, on one line, cut at `limit` characters."""
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    text = text.replace("\n", "\\n").encode("utf-8", "backslashreplace").decode()  # half a surrogate pair is no text
    return text if len(text) <= limit else text[: limit - 1] + "…"
