"""The port of the page: whether it is free, and who holds it when it is not."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import closing
from pathlib import Path

from schemas.errors import ConfigError


def check_free(host: str, port: int) -> None:
    """Return when a server could listen there now; else raise `ConfigError` that says who or what is in the way."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: a closed one is no hindrance
            probe.bind(address)
    except PermissionError:
        raise ConfigError(f"PTJ_API_PORT: expected a port that this user may open, received {port}") from None
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise ConfigError(f"PTJ_API_HOST: expected an address of this machine, received {host!r}") from None
        raise ConfigError(
            f"PTJ_API_PORT: expected a free port, received {port}, which {holder(port)} uses; set another one"
        ) from None


def holder(port: int) -> str:
    """Who listens on `port`, like ``python3 (pid 4711)``; ``another program`` where the system does not tell."""
    try:
        inodes = _listening_inodes(port)
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and _holds(process, inodes):
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    except OSError:
        pass
    return "another program"


def _listening_inodes(port: int) -> set[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not os.path.exists(table):
            continue
        for row in Path(table).read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:  # 0A: LISTEN
                found.add(f"socket:[{fields[9]}]")
    return found


def _holds(process: Path, inodes: set[str]) -> bool:
    try:
        return any(os.readlink(descriptor) in inodes for descriptor in (process / "fd").iterdir())
    except OSError:  # gone, or not ours to look at
        return False
