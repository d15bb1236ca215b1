"""What the API needs to know. `runtime/settings.py` builds it from the environment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.catalogue import SignalType
from transport.asked import LIMITS, Limits
from transport.kafka import Kafka

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class ApiConfig:
    """One API process. Times in wall seconds."""

    kafka: Kafka
    namespace: str  # demo, live or replay.x
    database_url: str = field(repr=False)
    catalogue: tuple[SignalType, ...]
    book: str = "us"  # name of a shipped book or path of a TOML file; the opening of the day outranks it
    host: str = "127.0.0.1"
    port: int = 8000
    more_ports: tuple[int, ...] = ()  # the same API on further ports
    demo: bool = False  # pages and answers say DEMO
    rest_only: bool = False  # quotes come by polling, which bounds refresh_interval_sec
    token: str | None = field(default=None, repr=False)  # writes need it as a bearer token when it is set
    secrets: tuple[str, ...] = field(default=(), repr=False)  # never told, whatever record they may stand in
    allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS  # names in Host that may write, without port; `*` allows all
    allowed_origins: tuple[str, ...] = ()  # other origins that may read and write, like http://localhost:5173
    body_limit: int = 64 * 1024  # bytes
    tick_interval_s: float = 0.1  # a symbol or view goes to a client at once, then at most this often
    status_interval_s: float = 2.0
    signal_queue: int = 4096  # events waiting for one client before it is disconnected
    send_timeout_s: float = 20.0  # a client that takes nothing for this long is disconnected
    confirm_timeout_s: float = 10.0  # how long a parameter change may take to come back from the log
    limits: Limits = LIMITS  # of runs; beyond them they are refused
    # Id of a finished run to its report in HTML, None when it is gone; blocks, raises `Unavailable`. None: no reports.
    report: Callable[[str], str | None] | None = field(default=None, repr=False)
    kafka_silence_s: float = 3.0  # no fetch answered for this long: Kafka is away
