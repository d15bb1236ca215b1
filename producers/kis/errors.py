"""What the broker refuses, sorted by remedy. A code counts whatever the HTTP status is: it comes with 200, 403 and 500.

Codes and meanings: the broker's published list (EGW… gateway, OPSQ… request check, MCA… business).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.errors import ConfigError, Unavailable


class KisError(Exception):
    """The broker answered with an error. `code` is its msg_cd or error_code, empty when it gave none."""

    state = "error"  # the word that the status shows

    def __init__(self, code: str, message: str, status: int = 0) -> None:
        self.code, self.message, self.status = code, message.strip(), status
        super().__init__(f"KIS {code or 'reply'}: {self.message or 'no text'} (HTTP {status})")


class Temporary(KisError, Unavailable):
    """A fault on their side or on the way: wait, then ask again."""

    state = "unreachable"
    retry_after_s = 1.0


class RateLimited(KisError, Unavailable):
    """More calls within a second than allowed (EGW00201, HTTP 429)."""

    state = "rate_limited"
    retry_after_s = 0.25


class TokenTooSoon(KisError, Unavailable):
    """A token was asked for within a minute of the one before (EGW00133)."""

    state = "token"
    retry_after_s = 60.0


class TokenRejected(KisError, Unavailable):
    """The access token is invalid, unknown or expired: issue another, once."""

    state = "token"
    retry_after_s = 60.0


class BadCredentials(KisError, ConfigError):
    """The app key or its secret is wrong or missing."""

    state = "bad_credentials"


class NotPermitted(KisError, ConfigError):
    """The account may not use this call, or not from here, or not on this host."""

    state = "not_permitted"


class ClientFault(KisError):
    """The request itself is wrong: a fault of this program, not of the settings; asking again does not help."""

    state = "client_fault"


class NoData(KisError):
    """The broker knows the call and has nothing for this symbol."""

    state = "ok"


def _codes(prefix: str, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in numbers)


def _egw(*numbers: int) -> tuple[str, ...]:
    return tuple(f"EGW{number:05d}" for number in numbers)


_BY_REMEDY: dict[type[KisError], tuple[str, ...]] = {
    Temporary: (
        *_egw(1, 2, 202, 203, 204, 300, 301, 302),
        "OPSQ0001",
        *(f"OPSQ{number:04d}" for number in range(3, 12)),
        *_codes("OPSQ", 1002, 2003, 3001, 3002, 3004),
    ),
    RateLimited: _egw(201),
    TokenTooSoon: _egw(133),
    TokenRejected: _egw(121, 122, 123),
    BadCredentials: _egw(102, 103, 104, 105),
    NotPermitted: _egw(
        3, 4, 101, *range(106, 121), 124, 125, 126, 127, 128, 129, 130, 206, 207, 210, 211, 212, 213, 303, 304
    ),
    ClientFault: (
        *_egw(131, 132, 205, 208, 209),
        "OPSQ0002",
        *_codes("OPSQ", 2000, 2001, 2002, 9995, 9996, 9997, 9998, 9999),
    ),
    NoData: ("MCA05918",),
}
REMEDIES: dict[str, type[KisError]] = {code: kind for kind, codes in _BY_REMEDY.items() for code in codes}


def error_in(status: int, body: Mapping[str, Any]) -> KisError | None:
    """The error that a reply carries, or None for a success.

    Two shapes: ``rt_cd, msg_cd, msg1`` of the calls, ``error_code, error_description`` of the OAuth ones.
    """
    code = str(body.get("error_code") or body.get("msg_cd") or "").strip()
    text = str(body.get("error_description") or body.get("msg1") or "")
    failed = status >= 400 or "error_code" in body or str(body.get("rt_cd", "0")).strip() != "0"
    if not failed:
        return None
    if kind := REMEDIES.get(code):
        return kind(code, text, status)
    if status == 429:
        return RateLimited(code, text, status)
    if status >= 500 or status == 408:
        return Temporary(code, text, status)
    if status in (401, 403):
        return NotPermitted(code, text, status)
    return ClientFault(code, text, status) if status >= 400 else KisError(code, text, status)
