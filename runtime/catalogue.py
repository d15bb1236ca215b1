"""The catalogue of topics as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

from schemas.topics import Topic

if TYPE_CHECKING:
    from rich.table import Table


def table(topics: Sequence[Topic], namespace: str) -> Table:
    """One row per topic: name, key, value, partitions, retention, and who writes and reads it."""
    from rich.table import Table

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("topic", "key", "value", "partitions", "kept", "written by", "read by"):
        shown.add_column(heading, header_style="dim", overflow="fold")
    for topic in topics:
        kept = "newest of each key" if topic.retention_days is None else f"{topic.retention_days} days"
        shown.add_row(
            topic.name(namespace),
            topic.key,
            value_name(topic),
            str(topic.partitions),
            kept,
            topic.writers,
            topic.readers,
        )
    return shown


def value_name(topic: Topic) -> str:
    """The type or types of a topic's values by name."""
    kinds = get_args(topic.value) or (topic.value,)
    return ", ".join(kind.__name__ for kind in kinds)
