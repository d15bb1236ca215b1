"""What people may set is read as they mean it, and refused in a sentence that helps."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runtime.settings import KIS_LIVE_REST, KIS_LIVE_WS, Settings, load_settings
from schemas.errors import ConfigError

EXAMPLE = Path(__file__).parents[3] / ".env.example"
KEYS = {"KIS_APP_KEY": "PSkey0123456789", "KIS_APP_SECRET": "verysecretsecret"}


def read(bare: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        bare.setenv(name, value)
    return load_settings()


def test_without_any_setting_it_is_the_demo_world_on_loopback(bare):
    settings = read(bare)
    assert (settings.world, settings.namespace, settings.page) == ("demo", "demo", "http://127.0.0.1:8000/")
    assert settings.kis_given is None  # a simulator of our own
    assert settings.home.is_absolute()


def test_keys_make_it_the_live_world(bare):
    settings = read(bare, **KEYS)
    assert (settings.world, settings.namespace) == ("live", "live")
    assert settings.kis_given == (KIS_LIVE_REST, KIS_LIVE_WS)


def test_demo_can_be_asked_for_beside_keys(bare):
    assert read(bare, PTJ_WORLD="demo", **KEYS).kis_given is None


def test_an_empty_value_is_unset(bare):
    settings = read(bare, PTJ_API_PORT="", PTJ_WORLD="", KIS_APP_KEY="", PTJ_FEED="", DATABASE_URL="")
    assert settings == read(bare)


def test_the_environment_wins_over_the_file(bare, tmp_path):
    file = tmp_path / ".env"
    file.write_text("PTJ_API_PORT=8001\nPTJ_SEED=11\n")
    settings = read(bare, PTJ_ENV_FILE=str(file), PTJ_API_PORT="8002")
    assert (settings.ptj_api_port, settings.ptj_seed) == (8002, 11)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"PTJ_API_PORT": "abc"}, 'PTJ_API_PORT: expected a whole number, received "abc"'),
        ({"PTJ_API_PORT": "70000"}, 'PTJ_API_PORT: expected at most 65535, received "70000"'),
        ({"PTJ_SPEED": "0"}, 'PTJ_SPEED: expected more than 0, received "0"'),
        ({"PTJ_SPEED": "fast"}, 'PTJ_SPEED: expected a number, received "fast"'),
        ({"PTJ_WORLD": "prod"}, 'PTJ_WORLD: expected demo or live, received "prod"'),
        (
            {"PTJ_NAMESPACE": "Live!"},
            "PTJ_NAMESPACE: expected lower-case letters, digits, - and _, parts joined by dots",
        ),
        (
            {"KIS_BASE_URL": "kis.com"},
            "KIS_BASE_URL: expected an address that starts with http:// or https://",
        ),
        (
            {"PTJ_WORLD": "live"},
            "KIS_APP_KEY, KIS_APP_SECRET: expected both with PTJ_WORLD=live, received none",
        ),
        ({"KIS_APP_KEY": "x"}, "KIS_APP_SECRET: expected a value beside KIS_APP_KEY, received none"),
        ({**KEYS, "PTJ_SPEED": "5"}, "PTJ_SPEED: expected 1 in the live world, received 5"),
        (
            {"PTJ_NAMESPACE": "live"},
            "PTJ_NAMESPACE: expected another name in the demo world, received 'live'",
        ),
        (
            {"KIS_BASE_URL": "http://h:1"},
            "KIS_BASE_URL, KIS_WS_URL: expected both or neither in the demo world, received one",
        ),
    ],
)
def test_a_bad_value_names_variable_expected_and_received(bare, variables, sentence):
    with pytest.raises(ConfigError, match=f"^{re.escape(sentence)}"):
        read(bare, **variables)


def test_several_bad_values_are_told_at_once(bare):
    with pytest.raises(ConfigError, match=r"PTJ_SEED: .*; PTJ_API_PORT: "):
        read(bare, PTJ_API_PORT="x", PTJ_SEED="y")


def test_no_error_shows_a_secret(bare):
    with pytest.raises(ConfigError) as error:
        read(bare, DATABASE_URL="mysql://ptj:hunter2hunter2@host/db")
    assert "hunter2" not in str(error.value)
    assert str(error.value).startswith("DATABASE_URL: expected an address that starts with postgresql://")


def test_no_repr_shows_a_secret(bare):
    settings = read(bare, DATABASE_URL="postgresql://ptj:hunter2hunter2@host/db", PTJ_API_TOKEN="tokentoken", **KEYS)
    assert not re.search("hunter2|tokentoken|verysecret|PSkey", repr(settings))
    assert {"hunter2hunter2", "tokentoken", "verysecretsecret", "PSkey0123456789"} <= set(settings.secrets())


def test_a_percent_encoded_password_is_a_secret_in_both_forms(bare):
    settings = read(bare, DATABASE_URL="postgresql://ptj:p%40ss%2Fword@host/db")
    assert {"p%40ss%2Fword", "p@ss/word"} <= set(settings.secrets())


def test_settings_do_not_change_after_the_start(bare):
    with pytest.raises(ValueError, match="frozen"):
        read(bare).ptj_seed = 8


def test_the_page_of_a_server_that_listens_everywhere_is_reached_here(bare):
    assert read(bare, PTJ_API_HOST="0.0.0.0", PTJ_API_PORT="9000").page == "http://127.0.0.1:9000/"


def test_a_list_is_separated_by_commas(bare):
    assert read(bare, PTJ_ALLOWED_HOSTS="a.example, b.example,").allowed_hosts == ("a.example", "b.example")


def test_a_simulator_elsewhere_gives_both_addresses(bare):
    assert read(bare, PTJ_SIMULATOR_URL="http://sim:1").kis_given == ("http://sim:1", "ws://sim:1")


def test_the_example_has_every_variable_with_a_word_and_no_other():
    lines = EXAMPLE.read_text().splitlines()
    named = [line.partition("=")[0] for line in lines if re.match(r"[A-Z_]+=", line)]
    assert named == list(dict.fromkeys(named))
    assert set(named) == {name.upper() for name in Settings.model_fields}
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert re.match(r"# \S", lines[number - 1]), f"{line}: has no word of explanation above it"


def test_the_example_as_it_is_changes_nothing(bare):
    assert read(bare, PTJ_ENV_FILE=str(EXAMPLE)) == read(bare, PTJ_ENV_FILE="")


def test_a_misspelt_name_in_the_file_is_told_with_what_was_meant(bare, tmp_path):
    (tmp_path / ".env").write_text("PTJ_SPED=3\nOTHER_PROGRAM=1\n")
    bare.setenv("PTJ_ENV_FILE", str(tmp_path / ".env"))
    with pytest.raises(ConfigError, match=r"received PTJ_SPED \(PTJ_SPEED\?\)"):
        load_settings()
