"""The catalogue of signals: what there is, by name. Only processors turn `rule` into code."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from schemas.base import Frozen
from schemas.errors import ConfigError

SHIPPED = Path(__file__).parent / "signals.toml"


class SignalType(Frozen):
    """One signal: its name on topics, tables and rows, and where its rule is."""

    type: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    rule: Annotated[str, msgspec.Meta(pattern=r"^[\w.]+:\w+$")]
    title_en: str = ""
    title_ko: str = ""


def load_catalogue(path: Path | None = None) -> tuple[SignalType, ...]:
    """Read the catalogue, by default the one that ships. Raises `ConfigError` that names the field at fault."""
    path = path or SHIPPED
    try:
        raw = tomllib.loads(path.read_text("utf-8")).get("signal", [])
        signals = msgspec.convert(raw, tuple[SignalType, ...])
    except FileNotFoundError:
        raise ConfigError(f"signals: expected a TOML file, received {str(path)!r}, which does not exist") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"signals {path}: {error}") from None
    names = [signal.type for signal in signals]
    if len(set(names)) != len(names):
        raise ConfigError(f"signals {path}: type: expected each once, received {names}")
    return signals
