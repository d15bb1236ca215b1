"""The API as a stage: uvicorn in this process and on this loop."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from api.app import create_app
from api.config import ApiConfig
from schemas.errors import ConfigError

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn without signal handlers of its own, which tells when it answers."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to whoever runs the process

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


async def run(config: ApiConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve until `stop` is set. Raises `ConfigError` when a port is taken."""
    sockets = listen(config)
    app = create_app(config)
    settings = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
    )

    def told() -> None:
        ports = ",".join(str(one.getsockname()[1]) for one in sockets)
        log.info("api.listening host=%s ports=%s namespace=%s", config.host, ports, config.namespace)
        ready()

    server = Server(settings, told)
    serving = asyncio.create_task(server.serve(sockets=sockets), name="api.serve")
    ends = {serving, asyncio.create_task(stop.wait()), asyncio.create_task(app.state.broken.wait())}
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        app.state.parts.close_streams()  # streams end first, or the server would wait for them
        server.should_exit = True
        await serving
    finally:
        for task in ends:
            task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        for one in sockets:
            one.close()
    if app.state.error is not None:
        raise app.state.error
    if not server.started:
        raise RuntimeError("the server did not start")


def listen(config: ApiConfig) -> list[socket.socket]:
    """Bound sockets for every port. Port 0 takes any free one."""
    sockets: list[socket.socket] = []
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    for port in dict.fromkeys((config.port, *config.more_ports)):
        one = socket.socket(family, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((config.host, port))
        except OSError as error:
            for bound in [*sockets, one]:
                bound.close()
            why = "it is in use" if error.errno == errno.EADDRINUSE else str(error)
            raise ConfigError(f"port: expected a free port on {config.host}, received {port}: {why}") from None
        sockets.append(one)
    return sockets
