"""The catalogue of topics for people, readable at any width."""

from __future__ import annotations

from typing import get_args

from schemas.topics import Topic


def describe(topic: Topic, namespace: str) -> str:
    """A paragraph: name, partitions, retention; key and value; who writes it, who reads it, and what for."""
    kept = "the newest of each key" if topic.retention_days is None else f"{topic.retention_days} days"
    partitions = f"{topic.partitions} partition{'' if topic.partitions == 1 else 's'}"
    return (
        f"{topic.name(namespace)}  {partitions}, keeps {kept}\n"
        f"    {topic.about}\n"
        f"    key {topic.key}; value {value_name(topic)}\n"
        f"    {topic.writers} → {topic.readers}"
    )


def value_name(topic: Topic) -> str:
    """The type or types of a topic's values by name."""
    kinds = get_args(topic.value) or (topic.value,)
    return " or ".join(kind.__name__ for kind in kinds)
