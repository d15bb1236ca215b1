"""A look at bytes that anyone may have written: as text only, without what looks like a secret, a few lines at most."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from typing import Literal

from schemas.masking import masked, without_credentials

HEAD_BYTES = 4096  # of a value are looked at
LONGEST = 300  # characters that are shown
BLURRED = 256  # characters at the end of a head that was cut are not shown: half a secret is not known as one
BEGINNING = 12  # characters by which a known secret is told where a text ends within it

Content = Literal["text", "bytes", "none"]


def preview(head: bytes | None, size: int | None, secrets: Iterable[str] = ()) -> tuple[Content, str | None, bool]:
    """What the value is, how it begins, and whether there is more. `head`: the first `HEAD_BYTES` of its `size`."""
    if head is None or size is None:
        return "none", None, False
    whole = size <= len(head)
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "bytes", None, False
    if any(ord(letter) < 32 and letter not in "\t\n\r" for letter in text):
        return "bytes", None, False
    shown = readable(text, secrets)
    if not whole:
        shown = shown[:-BLURRED]
    return "text", shown[:LONGEST], not whole or len(shown) > LONGEST


def readable(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with stars for secrets, those of this server and what looks like one, and nothing invisible in it."""
    known = tuple(secrets)
    begun = [secret[:BEGINNING] for secret in known if len(secret) > BEGINNING]
    plain = without_credentials(masked(masked(text, known), begun))
    return "".join(letter if letter.isprintable() or letter in "\t\n" else _escaped(letter) for letter in plain)


def _escaped(letter: str) -> str:
    """Marks that turn the direction of text around, and others that have no shape, as their number."""
    return letter.encode("unicode_escape").decode()
