"""What the line is made of under given settings, and what its parts are told."""

from __future__ import annotations

import pytest

from runtime.children import Program
from runtime.configs import book_source, producer_config, sink_config
from runtime.embedded.child import Child
from runtime.places import Home
from runtime.plan import make_plan
from runtime.settings import load_settings
from schemas.errors import ConfigError


async def answers() -> bool:
    return True


KAFKA = Child("kafka", Program(("java",)), "127.0.0.1:20001", answers)
POSTGRES = Child("postgres", Program(("postgres",)), "postgresql://ptj:hunter2@127.0.0.1:20002/ptj", answers)
OUTSIDE = {"KAFKA_BOOTSTRAP_SERVERS": "broker:9092", "DATABASE_URL": "postgresql://ptj@db/ptj"}
KEYS = {"KIS_APP_KEY": "real-key", "KIS_APP_SECRET": "real-secret"}


@pytest.fixture
def settings(bare, tmp_path):
    def read(**variables: str):
        for name, value in {"PTJ_HOME": str(tmp_path), **variables}.items():
            bare.setenv(name, value)
        return load_settings()

    return read


def test_with_nothing_given_everything_is_started(settings, tmp_path):
    plan = make_plan(settings(), Home(tmp_path), KAFKA, POSTGRES)
    assert [service.name for service in plan.services] == [
        "kafka", "postgres", "topics", "migrations", "simulator", "processor", "sink", "api", "producer", "yahoo",
        "backtest",
    ]  # fmt: skip
    after = {service.name: service.after for service in plan.services}
    assert after["producer"] == ("topics", "simulator", "processor")
    told = plan.services[-1].program.env
    assert told["KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:20001"
    assert told["DATABASE_URL"] == POSTGRES.address
    assert told["KIS_BASE_URL"].replace("http", "ws") == told["KIS_WS_URL"]
    assert not any("hunter2" in service.about for service in plan.services)
    assert "hunter2" not in repr(plan)


def test_parts_that_are_given_from_outside_are_left_out(settings, tmp_path):
    plan = make_plan(settings(**OUTSIDE, **KEYS), Home(tmp_path), None, None)
    assert [service.name for service in plan.services] == [
        "topics",
        "migrations",
        "processor",
        "sink",
        "api",
        "producer",
        "backtest",
    ]
    assert plan.services[0].after == ()


def test_each_processor_has_a_name_and_a_slot(settings, tmp_path):
    plan = make_plan(settings(PTJ_PROCESSORS="3"), Home(tmp_path), KAFKA, POSTGRES)
    slots = {s.name: s.program.argv[-1] for s in plan.services if s.name.startswith("processor")}
    assert slots == {"processor": "0", "processor-1": "1", "processor-2": "2"}


def test_the_simulator_keeps_its_port(settings, tmp_path):
    first, second = (make_plan(settings(), Home(tmp_path), KAFKA, POSTGRES) for _ in range(2))
    assert first.kis_base_url == second.kis_base_url


def test_the_speed_reaches_both_sides(settings, tmp_path):
    plan = make_plan(settings(PTJ_SPEED="20"), Home(tmp_path), KAFKA, POSTGRES)
    told = {service.name: service.program.env for service in plan.services}
    assert told["simulator"]["PTJ_SPEED"] == told["producer"]["PTJ_SPEED"] == "20"


def test_real_keys_never_go_to_a_simulator(settings):
    demo = producer_config(settings(PTJ_WORLD="demo", PTJ_SIMULATOR_URL="http://127.0.0.1:1", **OUTSIDE, **KEYS))
    assert (demo.app_key, demo.app_secret) == ("demo", "demo")
    assert (demo.base_url, demo.ws_url) == ("http://127.0.0.1:1", "ws://127.0.0.1:1")


def test_the_live_world_uses_them(settings):
    live = producer_config(settings(**OUTSIDE, **KEYS))
    assert (live.app_key, live.app_secret, live.namespace) == ("real-key", "real-secret", "live")
    assert "real-" not in repr(live)


def test_without_an_address_and_without_a_line_a_stage_says_so(settings):
    with pytest.raises(ConfigError, match=r"KAFKA_BOOTSTRAP_SERVERS: expected an address or a running line"):
        sink_config(settings(), 0)


@pytest.mark.parametrize(("given", "is_path"), [("us", False), ("my/book.toml", True), ("book.toml", True)])
def test_a_book_is_a_shipped_name_or_a_path(settings, given, is_path):
    assert isinstance(book_source(settings(PTJ_BOOK=given)), str) is not is_path
