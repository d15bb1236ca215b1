"""Where things are: the checkout, its `.env`, and what `PTJ_HOME` holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ConfigError


def base_directory() -> Path:
    """What relative paths mean: the checkout, so that `ptj ps` finds the line from any terminal; else here."""
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()


def env_file() -> Path | None:
    """The file of settings: PTJ_ENV_FILE (empty: none), else `.env` of the checkout."""
    named = os.environ.get("PTJ_ENV_FILE")
    if named is None:
        return base_directory() / ".env"
    return Path(named) if named else None


@dataclass(frozen=True, slots=True)
class Home:
    """The directories under `PTJ_HOME`. `run` goes with the line; all else outlives it."""

    root: Path

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def line(self) -> Path:
        """What the supervisor says of the line, as JSON."""
        return self.run / "line.json"

    @property
    def lock(self) -> Path:
        """Held by the supervisor as long as it lives, however it dies."""
        return self.run / "lock"

    def log_of(self, name: str) -> Path:
        return self.log / f"{name}.log"

    def ready_file(self, name: str) -> Path:
        return self.run / f"{name}.ready"

    def create(self) -> None:
        """Make what is missing. `run` is private: it names addresses with their passwords. Raises `ConfigError`."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.log.mkdir(exist_ok=True)
            self.run.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            said = f"received {self.root}: {error.strerror}"
            raise ConfigError(f"PTJ_HOME: expected a directory that can be written, {said}") from None
