"""Records that could not be used, with their bytes and place."""

from __future__ import annotations

from schemas.base import Frozen, UtcTime


class DeadLetter(Frozen):
    """One per (topic, partition, offset), whoever reports it first."""

    topic: str
    partition: int
    offset: int
    reason: str
    reported_by: str
    reported_at: UtcTime
    key: bytes | None = None  # base64 in JSON
    value: bytes | None = None
    v: int = 1
