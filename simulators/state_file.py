"""What a simulator remembers over a restart: one small JSON file, replaced as a whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from schemas.errors import ConfigError


class StateFile:
    """A JSON object kept at `path`, or in memory only when there is none.

    `update` returns when the file holds the new values. It survives kill -9 at any instant: the old file stays
    until the new one is complete. Raises `ConfigError` when the file exists and is no JSON object.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.values: dict[str, Any] = {}
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            found = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            return
        except (ValueError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"simulator state {path}: expected JSON, received {error}; remove it to begin anew"
            ) from None
        if not isinstance(found, dict):
            raise ConfigError(f"simulator state {path}: expected a JSON object; remove it to begin anew")
        self.values = found

    def update(self, **values: Any) -> None:
        """Set `values` and write the file."""
        self.values = self.values | values
        if self._path is None:
            return
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        beside.write_text(json.dumps(self.values), "utf-8")
        os.replace(beside, self._path)
