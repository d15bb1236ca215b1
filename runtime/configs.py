"""From the settings to the small frozen config that each stage takes. Imports a stage only to configure it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.feed import status_file
from runtime.line import running
from runtime.places import Home
from runtime.settings import Settings
from schemas.errors import ConfigError

if TYPE_CHECKING:  # annotations only: a process loads its own stage and no other
    from api.config import ApiConfig
    from processors.worker import ProcessorConfig
    from producers.run import ProducerConfig
    from runtime.backtests.bars import BarsConfig
    from runtime.backtests.worker import WorkerConfig
    from simulators.kis.server import KisSimulatorConfig
    from simulators.yahoo.server import YahooSimulatorConfig
    from sinks.config import SinkConfig
    from transport.kafka import Kafka

DEMO_KEY = "demo"  # the simulator takes any


def kafka_of(settings: Settings) -> Kafka:
    """The brokers: those of KAFKA_BOOTSTRAP_SERVERS, else those of the line that runs here."""
    from transport.kafka import Kafka

    servers = settings.kafka_bootstrap_servers
    if servers is None:
        line = running(Home(settings.home))
        servers = line.kafka if line else None
    if not servers:
        raise ConfigError(_nothing_known("KAFKA_BOOTSTRAP_SERVERS"))
    return Kafka(
        bootstrap_servers=servers,
        security_protocol=settings.kafka_security_protocol,
        sasl_mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username,
        password=settings.kafka_password.get_secret_value() if settings.kafka_password else None,
        cafile=str(settings.kafka_cafile) if settings.kafka_cafile else None,
    )


def namespace_of(settings: Settings) -> str:
    """The namespace: that of PTJ_NAMESPACE, else of the line that runs here, else the world."""
    if settings.ptj_namespace is not None or settings.ptj_world is not None:
        return settings.namespace
    line = running(Home(settings.home))
    return line.namespace if line else settings.namespace


def database_url_of(settings: Settings) -> str:
    """The database: that of DATABASE_URL, else that of the line that runs here."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    line = running(Home(settings.home))
    if line is None or not line.database_url:
        raise ConfigError(_nothing_known("DATABASE_URL"))
    return line.database_url


def _nothing_known(variable: str) -> str:
    return f"{variable}: expected an address or a running line, received neither; start one with `ptj up`"


def kis_addresses(settings: Settings) -> tuple[str, str]:
    """REST and WebSocket base: those of the settings, else of the running line's simulator."""
    if settings.kis_given:
        return settings.kis_given
    line = running(Home(settings.home))
    if line is None or not line.kis_base_url:
        raise ConfigError(_nothing_known("KIS_BASE_URL, KIS_WS_URL"))
    return line.kis_base_url, line.kis_ws_url


def yahoo_address(settings: Settings) -> str | None:
    """Where bars are asked for: PTJ_YAHOO_URL, else in the demo world the running line's simulator; None: Yahoo."""
    if settings.ptj_yahoo_url or settings.world == "live":
        return settings.ptj_yahoo_url
    if settings.ptj_yahoo_simulator_url:
        return settings.ptj_yahoo_simulator_url
    line = running(Home(settings.home))
    if line is None or not line.yahoo_url:
        raise ConfigError(_nothing_known("PTJ_YAHOO_URL"))
    return line.yahoo_url


def bars_config(settings: Settings) -> BarsConfig:
    """Where the bars of a run come from and are kept."""
    from producers.history.yahoo import YahooConfig
    from runtime.backtests.bars import BarsConfig

    return BarsConfig(
        database_url=database_url_of(settings),
        world=namespace_of(settings),
        yahoo=YahooConfig(
            base_url=yahoo_address(settings),
            demo=settings.world == "demo",
            cache_dir=settings.home / "yahoo" / settings.world,
        ),
        archive_dir=settings.home / "archive",
    )


def worker_config(settings: Settings, slot: int) -> WorkerConfig:
    """The backtest worker of `slot`."""
    from runtime.backtests.worker import WorkerConfig
    from schemas.book import load_book
    from schemas.catalogue import load_catalogue

    return WorkerConfig(
        kafka=kafka_of(settings),
        bars=bars_config(settings),
        book=load_book(book_source(settings)),
        catalogue=load_catalogue(settings.ptj_signals),
        name=f"{_host()}-{slot}",
        directory=settings.home / "runs",
    )


def yahoo_simulator_config(
    settings: Settings, *, port: int, host: str, today: date | None, files: tuple[Path, ...], faults: tuple[str, ...]
) -> YahooSimulatorConfig:
    """The Yahoo of a namespace: its time is that of the namespace's KIS simulator unless a date is given."""
    from datetime import datetime, time
    from zoneinfo import ZoneInfo

    from schemas.book import load_book
    from simulators.yahoo.server import YahooSimulatorConfig

    book = load_book(book_source(settings))
    return YahooSimulatorConfig(
        port=port,
        book=book,
        host=host,
        seed=settings.ptj_seed,
        now=datetime.combine(today, time(20), ZoneInfo(book.timezone)) if today else None,
        clock=settings.home / "simulator" / f"{settings.namespace}.json",
        files=files,
        faults=faults,
    )


def book_source(settings: Settings) -> str | Path:
    """The book as `schemas.book.load_book` takes it: a shipped name or a path, relative ones from here."""
    name = settings.ptj_book
    return Path(name) if "/" in name or "." in name else name


def producer_config(settings: Settings) -> ProducerConfig:
    """The producer of the settings' book. Real keys never go to a simulator."""
    from producers.run import ProducerConfig

    base_url, ws_url = kis_addresses(settings)
    app_key, app_secret = DEMO_KEY, DEMO_KEY
    if settings.world == "live" and settings.kis_app_key and settings.kis_app_secret:
        app_key, app_secret = (
            settings.kis_app_key.get_secret_value(),
            settings.kis_app_secret.get_secret_value(),
        )
    return ProducerConfig(
        kafka=kafka_of(settings),
        namespace=settings.namespace,
        book=book_source(settings),
        base_url=base_url,
        ws_url=ws_url,
        app_key=app_key,
        app_secret=app_secret,
        token_dir=settings.home / "tokens",
        feed=settings.ptj_feed,
        speed=settings.ptj_speed,
        status=status_file(Home(settings.home)),
    )


def processor_config(settings: Settings, slot: int) -> ProcessorConfig:
    """The processor of `slot`. Its name in the group is its own for good, so a restart takes up the same work."""
    from processors.worker import ProcessorConfig
    from schemas.catalogue import load_catalogue

    return ProcessorConfig(
        kafka=kafka_of(settings),
        namespace=settings.namespace,
        datadir=settings.home / "processor" / str(slot),
        instance=f"{settings.namespace}-{_host()}-{slot}",
        catalogue=load_catalogue(settings.ptj_signals),
        replication=settings.kafka_replication,
    )


def sink_config(settings: Settings, slot: int) -> SinkConfig:
    """The sink of `slot`: two of one name would take each other's place in the group, in turn."""
    from sinks.config import SinkConfig

    return SinkConfig(
        kafka=kafka_of(settings),
        namespace=settings.namespace,
        database_url=database_url_of(settings),
        archive_dir=settings.home / "archive",
        instance=f"{_host()}-{slot}",
    )


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", socket.gethostname()) or "host"


def report_of_run(settings: Settings) -> Callable[[str], str | None]:
    """What makes the report of a run in HTML. It draws on other stages, which are loaded when it is first asked."""
    database_url, world, demo = database_url_of(settings), settings.namespace, settings.world == "demo"

    def render(run_id: str) -> str | None:
        from runtime.report.rendered import rendered

        return rendered(database_url, world, demo, run_id)

    return render


def api_config(settings: Settings) -> ApiConfig:
    from api.config import LOOPBACK_HOSTS, ApiConfig
    from schemas.catalogue import load_catalogue

    return ApiConfig(
        kafka=kafka_of(settings),
        namespace=settings.namespace,
        database_url=database_url_of(settings),
        catalogue=load_catalogue(settings.ptj_signals),
        book=settings.ptj_book,
        host=settings.ptj_api_host,
        port=settings.ptj_api_port,
        demo=settings.world == "demo",
        rest_only=settings.ptj_feed == "rest",
        token=settings.ptj_api_token.get_secret_value() if settings.ptj_api_token else None,
        secrets=settings.secrets(),
        allowed_hosts=(*LOOPBACK_HOSTS, *settings.allowed_hosts),
        allowed_origins=settings.allowed_origins,
        report=report_of_run(settings),
    )


def simulator_config(
    settings: Settings,
    *,
    port: int,
    host: str,
    replay: Path | None,
    state: Path | None,
    faults: tuple[str, ...],
) -> KisSimulatorConfig:
    """The simulator of a namespace: its clock goes on where that namespace's log stands, a replay's likewise."""
    from schemas.book import load_book
    from simulators.kis.server import KisSimulatorConfig

    served = f".{replay.stem}" if replay else ""
    return KisSimulatorConfig(
        port=port,
        host=host,
        book=load_book(book_source(settings)),
        seed=settings.ptj_seed,
        speed=settings.ptj_speed,
        replay=replay,
        faults=faults,
        state=state or settings.home / "simulator" / f"{settings.namespace}{served}.json",
    )
