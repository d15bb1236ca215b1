"""Secrets out of text: those that are known, and what looks like one in a text that someone else wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"
SHORTEST_SECRET = 6  # shorter ones are words of their own and would mask half a text

# A name that means a secret, then its value: quoted, quoted within a quoted text, an object, or one word. A quote that
# is never closed reaches to the end, since the text may be cut there.
_NAMED = re.compile(
    r"""(?P<name>(?:secret|passw(?:or)?d|passwd|pwd|token|app_?key|api_?key|approval_?key|private_?key|access_?key
                 |authorization|credential|cookie|cano|account_?no)[\w-]{0,40}(?P<quote>\\*["'])?\s*[:=]\s*)
        (?:"(?:[^"\\]|\\.)*(?:"|\\?$)
          |'(?:[^'\\]|\\.)*(?:'|\\?$)
          |(?P<within>\\+["']).*?(?:(?P=within)|$)
          |[{\[].*
          |(?:(?:bearer|basic)\s+)?[^\s,;&}\]"']+)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_SCHEME = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{16,}", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(://)[^\s/:@\"']{0,200}:[^\s\"']{1,400}@")
_SIGNED_TOKEN = re.compile(r"\beyJ[\w.-]{8,}")  # JWT: what KIS gives as an access token
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)", re.DOTALL
)
_OPAQUE = re.compile(r"[\w+/=-]{80,}", re.ASCII)  # like the app secret of KIS, whatever it stands under


def masked(text: str, secrets: Iterable[str]) -> str:
    """`text` without `secrets`. The longest first: a secret that contains another is masked whole."""
    for secret in sorted({s for s in secrets if len(s) >= SHORTEST_SECRET}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def without_credentials(text: str) -> str:
    """`text` with stars for whatever looks like a secret. It rather hides too much than too little."""
    text = _PRIVATE_KEY.sub(MASK, text)
    text = _NAMED.sub(rf"\g<name>{MASK}", text)
    text = _SCHEME.sub(rf"\1 {MASK}", text)
    text = _IN_ADDRESS.sub(rf"\1{MASK}@", text)
    text = _SIGNED_TOKEN.sub(MASK, text)
    return _OPAQUE.sub(MASK, text)
