"""The one catalogue of topics: name, key, value, partitions, clean-up, retention, and who writes and reads them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from schemas.dead_letters import DeadLetter
from schemas.quotes import Bar, Quote
from schemas.runs import RunProgress
from schemas.signals import DayView, SignalEvent, SignalView
from schemas.ticks import TickRecord

DAY_MS = 24 * 60 * 60 * 1000
TICK_PARTITIONS = 8  # from the start: Faust's tables cannot follow a change

# A book's partition stands here, not in a hash: the same for every client, and no two busy books meet by chance.
BOOK_PARTITIONS = {"us": 0}

# Without these nothing is ever compacted and each restart takes longer than the one before (measured).
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.bytes": str(4 * 1024 * 1024),
    "segment.ms": "60000",
    "min.cleanable.dirty.ratio": "0.1",
    "max.compaction.lag.ms": "60000",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic of a namespace; `suffix` follows ``<namespace>.``."""

    suffix: str
    key: str
    value: Any
    partitions: int
    writers: str
    readers: str
    about: str
    retention_days: int | None = None  # None: compacted, kept for ever
    settings: dict[str, str] = field(default_factory=dict)

    def name(self, namespace: str) -> str:
        return f"{namespace}.{self.suffix}"

    def config(self) -> dict[str, str]:
        """What the broker is told. Append time: records stamped with an old event time would be deleted at once."""
        kept = (
            COMPACTED
            if self.retention_days is None
            else {"cleanup.policy": "delete", "retention.ms": str(self.retention_days * DAY_MS)}
        )
        return {"message.timestamp.type": "LogAppendTime", **kept, **self.settings}


TICKS = Topic(
    "ticks",
    "<book>",
    TickRecord,
    TICK_PARTITIONS,
    "producer, api (parameters)",
    "every agent",
    "frames of quotes, parameter changes, sessions",
    retention_days=7,
)
SIGNALS = Topic(
    "signals",
    "<book>:<signal_type>:<subject>",
    SignalEvent,
    1,
    "rule agents",
    "sink, api, subscribers",
    "edges: a verdict changed",
    retention_days=90,
)
VIEWS = Topic(
    "views",
    "<book>:<signal_type>:<subject>, <book>:#day",
    SignalView | DayView,
    1,
    "rule and quotes agents",
    "api, producer",
    "the current picture of every signal, and of the trade date",
)
QUOTES = Topic(
    "quotes",
    "<book>:<symbol>",
    Quote,
    1,
    "quotes agent",
    "api",
    "the newest quote of every symbol",
)
BARS = Topic(
    "bars",
    "<book>:<symbol>",
    Bar,
    1,
    "bars agent",
    "sink, charts",
    "closed 1-minute bars in event time",
    retention_days=7,
)
DEAD_LETTERS = Topic(
    "dead-letters",
    "<topic>",
    DeadLetter,
    1,
    "all",
    "sink, api",
    "records that could not be used",
    retention_days=30,
)

RUNS = Topic(
    "runs",
    "<run_id>",
    RunProgress,
    1,
    "backtest workers",
    "api, ptj",
    "progress of runs",
    retention_days=7,
)

TOPICS = (TICKS, SIGNALS, VIEWS, QUOTES, BARS, DEAD_LETTERS, RUNS)


def partition_of(book: str) -> int:
    """The partition of `<namespace>.ticks` that carries `book`."""
    return BOOK_PARTITIONS.get(book, TICK_PARTITIONS - 1)


def in_replay(topic: Topic) -> Topic:
    """`topic` as a replay has it: one partition, since one book is replayed at a time, and nothing compacted."""
    return replace(topic, partitions=1, retention_days=topic.retention_days or 7)


REPLAY_TOPICS = tuple(in_replay(topic) for topic in (TICKS, SIGNALS, VIEWS, DEAD_LETTERS))


def changelog(table: str, partitions: int = TICK_PARTITIONS) -> Topic:
    """The changelog of an agent's table. Faust would make it by itself, but while the group forms already."""
    return Topic(
        f"processor-{table}-changelog",
        "<book>",
        bytes,
        partitions,
        f"{table} agent",
        f"{table} agent",
        "the state of an agent, for recovery",
    )


def app_id(namespace: str) -> str:
    """The Faust app, hence the consumer group, of a namespace."""
    return f"{namespace}.processor"
