"""Ports on loopback: free ones, and the same ones again after a restart."""

from __future__ import annotations

import json
import logging
import random
import socket
from collections.abc import Collection, Mapping
from pathlib import Path

from schemas.errors import ConfigError

log = logging.getLogger(__name__)

# Below the ports that systems hand to outgoing connections (32768 and up on Linux, 49152 elsewhere): a client
# that keeps trying a dead server's port from among those ends up connected to itself and so takes the port.
CHOICE = range(20_000, 30_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on 127.0.0.1:`port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(avoid: Collection[int] = ()) -> int:
    """A port nobody listens on, outside `avoid`. Drawn at random, so that two who ask at once differ."""
    for port in random.sample(CHOICE, 200):
        if port not in avoid and is_free(port):
            return port
    raise ConfigError(f"no free port found on 127.0.0.1 between {CHOICE.start} and {CHOICE.stop}")


def kept(file: Path) -> dict[str, int]:
    """The ports that `file` remembers; none when there is no such file or it is not to be read."""
    try:
        return {str(name): int(port) for name, port in json.loads(file.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def recall(file: Path, name: str, wanted: int | None, pid: int) -> int:
    """The port of `name`, which runs as `pid` already. Raises `ConfigError` when it is not the wanted one."""
    port = kept(file).get(name)
    if port is None:
        raise ConfigError(f"{file}: expected the port of process {pid}, which runs already: end it and start again")
    if wanted not in (None, port):
        raise ConfigError(f"{name} port: expected {port}, on which it runs already as process {pid}, received {wanted}")
    return port


def keep(file: Path, wanted: Mapping[str, int | None]) -> dict[str, int]:
    """Choose a port per name and remember it in `file`: the wanted one, else last time's, else any that is free.

    Raises `ConfigError` when a wanted port is taken; one of last time that is taken is replaced and that is logged.
    """
    before, chosen = kept(file), dict[str, int]()
    for name, port in wanted.items():
        if port is not None:
            if not is_free(port):
                raise ConfigError(f"{name} port: expected a free one, {port} is in use by another program")
            chosen[name] = port
            continue
        last = before.get(name)
        if last is not None and is_free(last):
            chosen[name] = last
            continue
        chosen[name] = free_port(avoid=chosen.values())
        if last is not None:
            log.warning("port taken name=%s port=%d instead=%d", name, last, chosen[name])
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps(chosen) + "\n")
    draft.replace(file)
    return chosen
