"""The catalogue of signals, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.catalogue import SHIPPED, load_catalogue
from schemas.errors import ConfigError


def test_the_five_signals_ship_in_order():
    assert [signal.type for signal in load_catalogue()] == ["gold", "twin_pairs", "conditional", "stop_loss", "bearish"]
    assert all(signal.title_en and signal.title_ko for signal in load_catalogue())


def test_a_catalogue_of_ones_own_may_have_any_number(tmp_path: Path):
    path = tmp_path / "signals.toml"
    path.write_text("")
    assert load_catalogue(path) == ()
    path.write_text(SHIPPED.read_text("utf-8") + '[[signal]]\ntype = "mine"\nrule = "my.rules:Mine"\n', "utf-8")
    assert load_catalogue(path)[-1].rule == "my.rules:Mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[signal]]\ntype = "Gold"\nrule = "a:B"\n', "matching regex"),
        ('[[signal]]\ntype = "gold"\nrule = "a.B"\n', "matching regex"),
        ('[[signal]]\ntype = "gold"\n', "rule"),
        ('[[signal]]\ntype = "a"\nrule = "a:B"\n[[signal]]\ntype = "a"\nrule = "a:C"\n', "each once, received"),
        ("[[signal]\n", "signals"),
    ],
)
def test_names_what_is_wrong(tmp_path: Path, text: str, said: str):
    path = tmp_path / "signals.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_catalogue(path)
    assert str(path) in str(raised.value)
    assert said in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match="which does not exist"):
        load_catalogue(tmp_path / "none.toml")
