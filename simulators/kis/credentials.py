"""Access tokens and approval keys.

The rule of `/oauth2/tokenP`, as the broker's samples state it: one call a minute, or HTTP 403 with EGW00133, whatever
the call would have given; a refused call does not start the minute anew. Within 6 h of its issue the same token comes
back with the expiry it had (`expires_in`: what is left); later a new one, while the old one stays good to its end. A
token that was revoked or made invalid is not given again. All times are market time.

A token carries its own proof, so one that was issued before the simulator was restarted is still good.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from typing import Any

LIFE_MS, SAME_MS, MINUTE_MS = 86_400_000, 6 * 3_600_000, 60_000


class Credentials:
    """`now_ms` gives an axis of market time; `accepted` the key pair to insist on, None standing for any text."""

    def __init__(self, now_ms: Callable[[], int], seed: int, accepted: tuple[str | None, str | None]) -> None:
        self._now_ms, self._accepted = now_ms, accepted
        self._key = f"simulator {seed}".encode()
        self._latest: dict[str, tuple[str, int]] = {}  # app key: token, issued at
        self._asked: dict[str, int] = {}
        self._invalid: set[str] = set()
        self._approvals: dict[str, tuple[str, int]] = {}  # approval key: app key, issued at
        self.issued = 0

    def refusal(self, app_key: str | None, app_secret: str | None) -> str | None:
        """The code that says what is wrong with a key pair; None when nothing is."""
        for given, wanted, missing, wrong in zip(
            (app_key, app_secret),
            self._accepted,
            ("EGW00102", "EGW00104"),
            ("EGW00103", "EGW00105"),
            strict=True,
        ):
            if not given:
                return missing
            if wanted is not None and given != wanted:
                return wrong
        return None

    def issue(self, app_key: str) -> tuple[str, int] | None:
        """Token and the instant of its end; None when the minute is not over."""
        now = self._now_ms()
        if 0 <= now - self._asked.get(app_key, now - MINUTE_MS) < MINUTE_MS:
            return None
        self._asked[app_key] = now
        token, issued = self._latest.get(app_key, ("", now - SAME_MS))
        if not 0 <= now - issued < SAME_MS or token in self._invalid:
            token, issued = (
                self._signed({"appkey": _digest(app_key), "iat": now, "jti": uuid.uuid4().hex}),
                now,
            )
            self._latest[app_key] = token, issued
            self.issued += 1
        return token, issued + LIFE_MS

    def revoke(self, token: str) -> bool:
        """Make `token` invalid; False when it is none of ours."""
        self._invalid.add(token)
        return self._claims(token) is not None

    def verdict(self, token: str, app_key: str) -> str | None:
        """None when `token` may be used with `app_key`, else the code."""
        claims = self._claims(token)
        if claims is None or claims.get("appkey") != _digest(app_key):
            return "EGW00121"
        if token in self._invalid or self._now_ms() - int(claims["iat"]) >= LIFE_MS:
            return "EGW00123"
        return None

    def approve(self, app_key: str) -> str:
        """A fresh approval key; earlier ones stay good for their 24 h."""
        key = str(uuid.uuid4())
        self._approvals[key] = app_key, self._now_ms()
        return key

    def approved(self, key: str) -> str | None:
        """The app key behind an approval key that is good, else None."""
        app_key, issued = self._approvals.get(key, ("", 0))
        return app_key if app_key and self._now_ms() - issued < LIFE_MS else None

    def _signed(self, claims: dict[str, Any]) -> str:
        parts = [_text(json.dumps(part).encode()) for part in ({"alg": "HS512", "typ": "JWT"}, claims)]
        return ".".join([*parts, self._seal(".".join(parts))])

    def _seal(self, text: str) -> str:
        return _text(hmac.new(self._key, text.encode(), hashlib.sha512).digest())

    def _claims(self, token: str) -> dict[str, Any] | None:
        body, _, seal = token.rpartition(".")
        if not body or not hmac.compare_digest(self._seal(body).encode(), seal.encode()):
            return None
        middle = body.split(".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return claims


def _digest(app_key: str) -> str:
    return hashlib.sha256(app_key.encode()).hexdigest()[:16]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
