"""HTTP/1.1 and WebSocket on one port, down to the bytes.

A framework would refuse to do what a broker does on a bad day: say nothing, end in the middle of a body, put bytes
that are no UTF-8 into a text frame. Parsing is left to h11 and websockets, which do no I/O of their own.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import h11
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol

log = logging.getLogger(__name__)
READ_BYTES, HEAD_BYTES, BODY_BYTES, BEHIND_BYTES = 1 << 16, 1 << 16, 1 << 20, 8 << 20


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]  # keys in upper case: the broker does not tell cases apart
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    local: bool  # the caller is on this machine


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` as it goes out; `of` makes JSON of a value."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        content = {"content-type": "application/json; charset=utf-8"}
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), content | dict(headers or {}))


class Socket:
    """One WebSocket connection. Sending does not wait: who reads too slowly is cut off, as a broker does."""

    def __init__(self, protocol: ServerProtocol, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._protocol, self._reader, self._writer = protocol, reader, writer

    @property
    def is_open(self) -> bool:
        return self._protocol.state is State.OPEN and not self._writer.is_closing()

    def send(self, text: str | bytes) -> None:
        """Send a text frame; bytes go out as they are, be they UTF-8 or not."""
        if self.is_open:
            self._protocol.send_text(text.encode() if isinstance(text, str) else text)
            self._flush()
            if self._writer.transport.get_write_buffer_size() > BEHIND_BYTES:
                self.drop()

    def drop(self) -> None:
        """End the connection without a closing handshake."""
        self._writer.transport.abort()

    def close(self, code: int, reason: str = "") -> None:
        if self.is_open:
            self._protocol.send_close(code, reason)
            self._flush()

    async def received(self) -> AsyncIterator[Frame]:
        """Text, ping and pong frames as they come; ends with the connection. Pings are answered by themselves."""
        while self.is_open:
            try:
                data = await self._reader.read(READ_BYTES)
            except ConnectionError:
                return
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            self._flush()
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.PING, Opcode.PONG):
                    yield event
            if not data:
                return

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._writer.write(data)
            elif self._writer.can_write_eof():
                self._writer.write_eof()


Answer = Callable[[Request], Awaitable[Reply | None]]
Talk = Callable[[Socket], Awaitable[None]]


class Wire:
    """Listens on one port; `answer` replies to a request (None: never), `talk` holds a WebSocket conversation."""

    def __init__(self, answer: Answer, talk: Talk, headers: Callable[[], Mapping[str, str]]) -> None:
        self._answer, self._talk, self._headers = answer, talk, headers
        self._conversations: set[asyncio.Task[Any]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; the port, which is a free one when `port` is 0. Raises `OSError` when it is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=HEAD_BYTES)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._conversations:
            task.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._conversations.add(task)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if b"upgrade: websocket" in head.lower():
                await self._converse(head, reader, writer)
            else:
                await self._requests(head, reader, writer)
        except (
            ConnectionError,
            asyncio.IncompleteReadError,
            asyncio.LimitOverrunError,
            h11.RemoteProtocolError,
        ):
            pass  # the other side went away or does not speak HTTP
        except asyncio.CancelledError:
            if not writer.is_closing():
                writer.transport.abort()
        except Exception:
            log.exception("conversation=failed")
        finally:
            self._conversations.discard(task)
            writer.close()

    async def _requests(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(head)
        peer = writer.get_extra_info("peername") or ("",)
        local = str(peer[0]) in {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
        while (request := await _request(connection, reader, local)) is not None:
            reply = await self._answer(request)
            if reply is None:  # silence, until the caller has had enough of it
                while await reader.read(READ_BYTES):
                    pass
                return
            headers = dict(self._headers()) | {"content-length": str(len(reply.body))} | dict(reply.headers)
            start = h11.Response(status_code=reply.status, headers=list(headers.items()), reason=b"")
            sent = [
                connection.send(start),
                connection.send(h11.Data(data=reply.body)),
                connection.send(h11.EndOfMessage()),
            ]
            writer.write(b"".join(part for part in sent if part))
            await writer.drain()
            if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                return
            connection.start_next_cycle()

    async def _converse(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = ServerProtocol(max_size=BODY_BYTES)
        protocol.receive_data(head)
        for event in protocol.events_received():
            if isinstance(event, Handshake):
                response = protocol.accept(event)
                for name, value in self._headers().items():
                    response.headers.pop(name, None)
                    response.headers[name] = value
                protocol.send_response(response)
        socket = Socket(protocol, reader, writer)
        socket._flush()
        if socket.is_open:
            await self._talk(socket)
            socket.close(1000)


async def _request(connection: h11.Connection, reader: asyncio.StreamReader, local: bool) -> Request | None:
    """The next request on `connection`; None when there is none to come."""
    start: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Request):
            start = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > BODY_BYTES:
                return None
        elif isinstance(event, h11.EndOfMessage) and start is not None:
            url = urlsplit(start.target.decode("latin-1"))
            query = {key.upper(): value for key, value in parse_qsl(url.query, keep_blank_values=True)}
            headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start.headers}
            return Request(start.method.decode(), url.path, query, headers, body, local)
        else:
            return None
