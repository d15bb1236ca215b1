"""What the sinks need to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from transport.kafka import Kafka


@dataclass(frozen=True, slots=True)
class SinkConfig:
    """One process of sinks. More of them share the work, each with an `instance` of its own."""

    kafka: Kafka
    namespace: str  # of the main line, hence also the world of its rows: demo or live
    database_url: str = field(repr=False)  # carries the password
    archive_dir: Path  # <archive_dir>/<world>/<book>/<trade_date>.parquet
    batch_max: int = 1000  # records in one transaction
    ticks_linger_s: float = 5.0  # daily rows are rewritten this often, not once a frame
    instance: str | None = None  # static group membership, like host-slot: a restart takes over at once

    @property
    def group(self) -> str:
        """The consumer group of signals, bars and dead letters; ticks are read by ``<group>.ticks``."""
        return group_of(self.namespace)


def group_of(namespace: str) -> str:
    """The consumer group whose offsets tell how much of `signals` is stored."""
    return f"{namespace}.sink"
