"""The container files say what the code means: parts, settings, ports, health, and an image that is complete."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from api import health
from runtime.configs import kis_addresses
from runtime.process import READY_FILE
from runtime.settings import KIS_LIVE_REST, KIS_LIVE_WS, Settings
from schemas.topics import TOPICS

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "build" in service}
SETTINGS = {name.upper() for name in Settings.model_fields}
NOT_SETTINGS = {READY_FILE, "PGPASSWORD"}  # of the supervisor, of libpq
NOT_PASSED = {
    "PTJ_HOME": "the image says it",
    "PTJ_CACHE": "it keeps the jars of the embedded Kafka",
    "PTJ_PROCESSORS": "here it is --scale processor=N",
    "PTJ_BACKTEST_WORKERS": "here it is --scale backtest-worker=N",
    "PTJ_SIGNALS": "a path, which the image would not have",
    "KAFKA_REPLICATION": "the broker is alone",
    "KAFKA_SECURITY_PROTOCOL": "the broker is the container beside",
    "KAFKA_SASL_MECHANISM": "the broker is the container beside",
    "KAFKA_USERNAME": "the broker is the container beside",
    "KAFKA_PASSWORD": "the broker is the container beside",
    "KAFKA_CAFILE": "the broker is the container beside",
}
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def interpolated(value: str, **environment: str) -> str:
    """`value` as compose fills it in: ``${NAME:-default}``, where an empty variable counts as none."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: environment.get(found[1]) or found[2], value)


def settings_of(service: str, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """The settings that a process in `service` reads when compose runs under `environment`."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in SERVICES[service]["environment"].items():
        monkeypatch.setenv(name, interpolated(value, **environment))
    return Settings(_env_file=None)  # type: ignore[call-arg]


def test_has_every_part_of_the_line_and_no_redis():
    expected = {"kafka", "postgres", "setup", "kis-simulator", "producer", "processor", "sink", "api"}
    expected |= {"yahoo-simulator", "backtest-worker"}
    assert set(SERVICES) == expected
    assert {SERVICES[name]["image"] for name in OURS} == {"ptj-signals:${PTJ_IMAGE_TAG:-local}"}
    assert expected - OURS == {"kafka", "postgres"}


def test_is_compose_as_specified():
    specification = Path("/usr/lib/python3/dist-packages/compose/config/compose_spec.json")  # Debian's compose
    if not specification.exists():
        pytest.skip("no Compose specification on this machine")
    jsonschema.Draft7Validator(json.loads(specification.read_text("utf-8"))).validate(COMPOSE)


@pytest.mark.parametrize("environment", [{}, {"KIS_APP_KEY": "k", "KIS_APP_SECRET": "s", "PTJ_API_PORT": "8001"}])
def test_a_compose_command_accepts_it(environment):
    found = [
        command
        for command in (["docker", "compose"], ["docker-compose"])
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0
    ]
    if not found:
        pytest.skip("no compose command on this machine")
    done = subprocess.run(
        [*found[0], "-f", str(ROOT / "compose.yaml"), "config"],
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
    )
    assert done.returncode == 0, done.stderr
    ports = yaml.safe_load(done.stdout)["services"]["api"]["ports"]
    assert environment.get("PTJ_API_PORT", "8000") in str(ports[0])


def test_waits_only_for_what_is_there_and_tells_when_it_is():
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            assert other in SERVICES, f"{name} waits for {other}"
            if how["condition"] == "service_healthy":
                assert "test" in SERVICES[other]["healthcheck"]
            if how["condition"] == "service_completed_successfully":
                assert SERVICES[other]["restart"] == "on-failure"  # else it would be started for ever


def test_health_is_asked_every_10_s_for_5_s_three_times():
    for name, service in SERVICES.items():
        if name == "setup":  # ends; its exit code is its health
            assert service["healthcheck"] == {"disable": True}
            continue
        health = service["healthcheck"]
        assert (health["interval"], health["timeout"], health["retries"]) == ("10s", "5s", 3), name


def test_a_process_of_ours_is_healthy_once_it_said_so_in_this_run():
    """The file lies on a tmpfs, which is empty at each start of the container."""
    for name in OURS - {"setup", "api"}:
        service = SERVICES[name]
        told = service["environment"][READY_FILE]
        assert service["healthcheck"]["test"] == ["CMD", "test", "-f", told]
        assert service["tmpfs"].startswith(str(Path(told).parent))
    asked = re.search(r"http://127\.0\.0\.1:8000(/[\w/]+)", SERVICES["api"]["healthcheck"]["test"][-1])
    assert asked
    assert asked[1] in {route.path for route in health.router.routes}


def test_settings_have_the_names_they_have_everywhere():
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text("utf-8")))
    assert used - SETTINGS == {"PTJ_IMAGE_TAG"}
    for name in OURS:
        assert set(SERVICES[name]["environment"]) - SETTINGS <= NOT_SETTINGS, name


def test_every_setting_is_passed_on_or_left_out_for_a_reason():
    passed = {variable for name in OURS for variable in SERVICES[name]["environment"]}
    assert SETTINGS - passed == set(NOT_PASSED)


def test_without_keys_every_process_is_in_the_demo_world_and_reads_the_simulator(monkeypatch):
    for name in OURS:
        settings = settings_of(name, monkeypatch)
        assert (settings.world, settings.namespace) == ("demo", "demo")
    assert kis_addresses(settings_of("producer", monkeypatch)) == (
        "http://kis-simulator:9443",
        "ws://kis-simulator:9443",
    )
    assert SERVICES["kis-simulator"]["command"][-1] == "9443"


def test_with_keys_every_process_is_in_the_live_world_and_reads_the_broker(monkeypatch):
    keys = {"KIS_APP_KEY": "k", "KIS_APP_SECRET": "s"}
    for name in OURS:
        assert settings_of(name, monkeypatch, **keys).world == "live"
    assert kis_addresses(settings_of("producer", monkeypatch, **keys)) == (KIS_LIVE_REST, KIS_LIVE_WS)


def test_keys_in_the_demo_world_stay_unused(monkeypatch):
    settings = settings_of("producer", monkeypatch, KIS_APP_KEY="k", KIS_APP_SECRET="s", PTJ_WORLD="demo")
    assert kis_addresses(settings)[0] == "http://kis-simulator:9443"


def test_the_password_is_one_and_may_hold_any_character(monkeypatch):
    assert "@postgres:5432/ptj" in SERVICES["sink"]["environment"]["DATABASE_URL"]
    for password in ("ptj_dev_password", "p@ss/w:rd#"):
        for service, variable in (("postgres", "POSTGRES_PASSWORD"), ("sink", "PGPASSWORD")):
            told = interpolated(SERVICES[service]["environment"][variable], POSTGRES_PASSWORD=password)
            assert told == password
    assert interpolated(SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"]) == "ptj_dev_password"
    settings = settings_of("sink", monkeypatch, POSTGRES_PASSWORD="p@ss/w:rd#")
    assert "p@ss/w:rd#" in settings.secrets()


def test_ports_are_the_known_ones_and_open_to_this_machine_only():
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert {port.rpartition(":")[0].partition(":")[0] for listed in ports.values() for port in listed} == {"127.0.0.1"}
    assert [interpolated(port) for port in ports["api"]] == [f"127.0.0.1:{port}:8000" for port in (8000, 3000, 8010)]
    assert ports["kafka"] == ["127.0.0.1:9092:9092"]
    assert ports["postgres"] == ["127.0.0.1:5432:5432"]
    assert set(ports) == {"api", "kafka", "postgres"}


def test_kafka_is_reached_by_the_network_and_by_the_host():
    told = SERVICES["kafka"]["environment"]
    listeners = dict(entry.split("://") for entry in told["KAFKA_LISTENERS"].split(","))
    advertised = dict(entry.split("://") for entry in told["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert advertised == {"NETWORK": "kafka:19092", "HOST": "127.0.0.1:9092"}
    assert {name: listeners[name] for name in advertised} == {"NETWORK": ":19092", "HOST": ":9092"}
    assert SERVICES["processor"]["environment"]["KAFKA_BOOTSTRAP_SERVERS"] == advertised["NETWORK"]
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"  # else a typo makes a topic with wrong settings
    assert all(topic.partitions >= 1 for topic in TOPICS)


def test_images_are_pinned_and_kafka_is_the_embedded_one():
    images = [service["image"] for name, service in SERVICES.items() if name not in OURS]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    for image in images:
        assert re.fullmatch(r"[\w./-]+:\d+\.\d+\.\d+[\w.-]*", image), image
    embedded = (ROOT / "runtime/embedded/jgo.toml").read_text("utf-8")
    version = SERVICES["kafka"]["image"].partition(":")[2]
    assert re.search(rf"kafka_2\.13\W+(version\W+)?{re.escape(version)}\b", embedded)
    assert SERVICES["postgres"]["image"].endswith("-pg16")
    tests = (ROOT / "tests/conftest.py").read_text("utf-8")  # where there is Docker they use the same images
    assert all(f'"{SERVICES[name]["image"]}"' in tests for name in ("kafka", "postgres"))


def test_volumes_are_named_and_used():
    used = {volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert used == set(COMPOSE["volumes"])


def test_every_command_is_one_that_ptj_knows():
    import click
    import typer

    from runtime.cli import app

    commands = [SERVICES[name]["command"] for name in OURS - {"setup"}]
    assert SERVICES["setup"]["entrypoint"] == ["sh", "-ec"]
    (script,) = SERVICES["setup"]["command"]
    commands += [part.split()[1:] for part in script.split(" && ")]
    for words in commands:
        command, arguments = typer.main.get_command(app), list(words)
        while isinstance(command, click.Group) or hasattr(command, "commands"):
            command = command.commands[arguments.pop(0)]
        command.make_context("ptj", arguments)  # raises where an option is unknown


def copied(stage: str = "build") -> list[str]:
    """What a stage of the image takes from the checkout."""
    (text,) = re.findall(rf"^FROM \S+ AS {stage}$(.+?)^FROM ", DOCKERFILE, re.MULTILINE | re.DOTALL)
    lines = re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_the_image_takes_what_exists_and_is_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    for source in copied() + copied("web"):
        assert (ROOT / source).exists(), source
        assert f"!{source.partition('/')[0]}" in ignored, f"{source} would not reach the build"
    assert "*" in ignored
    assert {"**/node_modules", "**/dist"} <= set(ignored)
    assert any(fnmatch("schemas/.env", pattern.replace("**/", "*/")) for pattern in ignored if pattern.startswith("**"))


def test_the_image_takes_every_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= set(copied())


def test_the_image_installs_with_hashes_and_runs_as_nobody_special():
    assert "--require-hashes --requirement requirements.lock" in DOCKERFILE
    assert "--no-deps --no-build-isolation --no-index ." in DOCKERFILE  # our own code, nothing else, not isolated
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "USER ptj" in final
    assert "EXPOSE 8000" in final
    assert "USER root" not in final


def test_the_installed_package_holds_every_file_of_the_checkout(tmp_path):
    """What the image installs is a wheel: a TOML, SQL, HTML or script that is missing there is missing in it."""
    tree = tmp_path / "build"
    tree.mkdir()
    for source in copied():
        origin = ROOT / source
        if origin.is_dir():
            shutil.copytree(origin, tree / source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(origin, tree / source)
    build = "import setuptools.build_meta as backend; print(backend.build_wheel('.'))"
    done = subprocess.run([sys.executable, "-c", build], cwd=tree, capture_output=True, text=True, check=True)
    wheel = zipfile.ZipFile(tree / done.stdout.split()[-1])
    packaged = set(wheel.namelist())
    directories = [source for source in copied() if (ROOT / source).is_dir()]
    tracked = subprocess.run(
        ["git", "ls-files", "--", *directories], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert [file for file in tracked if file not in packaged] == []
