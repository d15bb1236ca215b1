"""What the line is made of under given settings: which parts, in which order, with which addresses."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime.children import Program
from runtime.embedded import ports
from runtime.places import Home
from runtime.settings import Settings
from runtime.supervisor import Service

if TYPE_CHECKING:
    from runtime.embedded.child import Child
    from runtime.embedded.jars import Report


@dataclass(frozen=True, slots=True)
class Plan:
    """The services in order of their start, and the addresses that they share."""

    services: tuple[Service, ...]
    kafka: str
    database_url: str = field(repr=False)
    kis_base_url: str
    kis_ws_url: str
    yahoo_url: str = ""  # of the simulator that stands in for it


def prepare_embedded(settings: Settings, home: Home, report: Report | None = None) -> tuple[Child | None, Child | None]:
    """Kafka and PostgreSQL of our own where no address is set; None where one is. Blocks, the first time for long."""
    kafka = postgres = None
    if settings.kafka_bootstrap_servers is None:
        from runtime.embedded import kafka as embedded_kafka

        kafka = embedded_kafka.prepare(home.root, cache=settings.cache, report=report)
    if settings.database_url is None:
        from runtime.embedded import postgres as embedded_postgres

        postgres = embedded_postgres.prepare(home.root, password=settings.postgres_password.get_secret_value())
    return kafka, postgres


def make_plan(settings: Settings, home: Home, kafka: Child | None, postgres: Child | None) -> Plan:
    """The whole line. Parts that are given by an address from outside are left out."""
    kafka_address = kafka.address if kafka else settings.kafka_bootstrap_servers or ""
    database_url = (
        postgres.address if postgres else settings.database_url.get_secret_value() if settings.database_url else ""
    )
    kis_port = None
    if settings.kis_given is None:
        kis_port = ports.keep(home.root / "simulator-port.json", {"kis": None})["kis"]
    base_url, ws_url = settings.kis_given or (f"http://127.0.0.1:{kis_port}", f"ws://127.0.0.1:{kis_port}")
    yahoo_port, yahoo_url = None, settings.ptj_yahoo_url or ""
    if settings.world == "demo" and not yahoo_url:
        yahoo_port = ports.keep(home.root / "yahoo-port.json", {"yahoo": None})["yahoo"]
        yahoo_url = f"http://127.0.0.1:{yahoo_port}"
    env = environment(settings, kafka_address, database_url, base_url, ws_url) | {"PTJ_YAHOO_URL": yahoo_url}

    services: list[Service] = []

    def add(name: str, *command: str, after: tuple[str, ...] = (), once: bool = False, about: str = "") -> None:
        present = {service.name for service in services}
        known = tuple(other for other in after if other in present)
        services.append(Service(name, ptj(*command, env=env), after=known, once=once, about=about))

    for child in (kafka, postgres):
        if child is not None:
            where = child.address.rpartition("@")[2]  # never the password
            services.append(Service(child.name, child.program, probe=child.probe, final_codes=(), about=where))
    add("topics", "topics", "--quiet", after=("kafka",), once=True, about="created what was missing")
    add("migrations", "db", "migrate", after=("postgres",), once=True, about="applied what was missing")
    if kis_port is not None:
        about = f"{base_url}, stands in for KIS" + (
            f", speed {settings.ptj_speed:g}" if settings.ptj_speed != 1 else ""
        )
        add("simulator", "simulate", "kis", "--port", str(kis_port), about=about)
    processors = tuple(processor_name(slot) for slot in range(settings.ptj_processors))
    for slot, name in enumerate(processors):
        add(name, "processor", "--slot", str(slot), after=("topics",), about="ticks to signals")
    add("sink", "sink", after=("topics", "migrations"), about="signals to PostgreSQL")
    add("api", "api", after=("topics", "migrations"), about=settings.page)
    add("producer", "producer", after=("topics", "simulator", *processors), about="KIS to ticks")
    if yahoo_port is not None:
        add("yahoo", "simulate", "yahoo", "--port", str(yahoo_port), after=("producer",), about="stands in for Yahoo")
    for slot in range(settings.ptj_backtest_workers):
        name = f"backtest-{slot}" if slot else "backtest"
        command = ("backtest-worker", "--slot", str(slot))
        add(name, *command, after=("topics", "migrations", "producer", "yahoo"), about="runs over history")
    return Plan(tuple(services), kafka_address, database_url, base_url, ws_url, yahoo_url)


def processor_name(slot: int) -> str:
    return f"processor-{slot}" if slot else "processor"


def ptj(*command: str, env: Mapping[str, str]) -> Program:
    """A command of ours as a child: the same Python, unbuffered, so that the log of a killed one is whole."""
    return Program((sys.executable, "-u", "-m", "runtime.cli", *command), env=env)


def environment(settings: Settings, kafka: str, database_url: str, base_url: str, ws_url: str) -> dict[str, str]:
    """What the parts are told beyond what they read themselves: the addresses, and options of this start."""
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATABASE_URL": database_url,
        "PTJ_HOME": str(settings.home),
        "PTJ_SPEED": f"{settings.ptj_speed:g}",
        "PTJ_WORLD": settings.world,
        "PTJ_NAMESPACE": settings.namespace,
        "KIS_BASE_URL": base_url,
        "KIS_WS_URL": ws_url,
    }
    return told
