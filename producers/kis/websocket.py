"""The execution stream HDFSCNT0: one connection, its subscriptions and their acknowledgements.

The library's own decoding of text is off: the broker now and then sends bytes that are not UTF-8, for which a strict
reader closes the connection, and the key then stays in use for a long time.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidURI, WebSocketException

from producers.clock import MarketClock
from producers.kis.errors import KisError
from producers.kis.parse import EXECUTIONS, Reading, from_execution, records
from schemas.errors import ConfigError, Malformed, Unavailable

log = logging.getLogger(__name__)
logging.getLogger("websockets.client").setLevel(logging.INFO)  # below it tells every frame, keys included

PATH = "/tryitout"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MOST_REGISTRATIONS = 41  # of an app key, over all streams
SUBSCRIBE_EVERY_S = 0.05  # market seconds
ACK_WITHIN_S = 10.0  # market seconds, then the subscription is sent again
QUIET_S = 60.0  # market seconds of silence after "already in use": retries keep the old session alive
UNSUPPORTED_PAUSE_S = 600.0  # market seconds before a host without this stream is asked again
SILENT_AFTER_S = 60.0  # market seconds without data or PINGPONG, after which a connection is given up
LEAST_SILENT_S = 15.0  # wall
LEAST_BACKOFF_S, MOST_BACKOFF_S = 0.5, 15.0  # wall

ACKNOWLEDGED = {"OPSP0000", "OPSP0002"}  # subscribed; subscribed already
IN_USE = "OPSP8996"
FULL = "OPSP0008"
KEY_REFUSED = {"OPSP0011"}
UNSUPPORTED = {"OPSP8991"}  # the stream is unknown here, as on paper hosts
BAD_CREDENTIALS = {"OPSP0010", "OPSP8995", "OPSP9994", "OPSP9996"}


class Hangup(Exception):
    """Give the connection up and wait `pause_s` wall seconds; None: the usual backoff."""

    def __init__(self, state: str, reason: str, pause_s: float | None = None) -> None:
        super().__init__(reason)
        self.state, self.pause_s = state, pause_s


class Executions:
    """Keeps `keys` (tr_key to symbol) subscribed and hands every record to `on_record`.

    `state` is a word for the status: connecting, subscribing, ok, in_use, unsupported, bad_credentials, unreachable.
    """

    def __init__(
        self,
        url: str,
        keys: Mapping[str, str],
        approval_key: Callable[[], Awaitable[str]],
        clock: MarketClock,
        zone: ZoneInfo,
        on_open: Callable[[], None],
        on_record: Callable[[str, Reading], None],
    ) -> None:
        if len(keys) > MOST_REGISTRATIONS:
            raise ConfigError(
                f"book: expected at most {MOST_REGISTRATIONS} tickers on the execution stream of one key, "
                f"received {len(keys)}; use the feed rest"
            )
        self.state = "connecting"
        self.trouble: str | None = None
        self.acknowledged: set[str] = set()  # symbols
        self.troubles: dict[str, str] = {}  # symbols
        self.heard_at: float | None = None  # in the clock's ticks: data or PINGPONG on this connection
        self.connections = 0
        self.malformed = 0
        self._url = url if urlsplit(url).path.strip("/") else url.rstrip("/") + PATH
        self._keys, self._approval_key = dict(keys), approval_key
        self._clock, self._zone = clock, zone
        self._on_open, self._on_record = on_open, on_record
        self._pong: str | None = None

    def heard_within(self, market_seconds: float) -> bool:
        """Whether the connection said anything lately."""
        return (
            self.heard_at is not None
            and self._clock.market_seconds(self._clock.ticks() - self.heard_at) <= market_seconds
        )

    async def run(self) -> None:
        """Connect, subscribe, read, and do so again after each loss, for ever."""
        backoff_s = LEAST_BACKOFF_S
        while True:
            try:
                await self._session()
                raise Hangup("unreachable", "the connection was closed")
            except Hangup as hangup:
                state, reason, pause_s = hangup.state, str(hangup), hangup.pause_s
            except ConfigError as error:  # of the approval key
                state, reason, pause_s = "bad_credentials", str(error), self._clock.wall_seconds(QUIET_S)
            except InvalidURI as error:
                raise ConfigError(f"KIS_WS_URL: expected ws://…, received {self._url!r}: {error}") from None
            except TimeoutError:
                state, reason, pause_s = "unreachable", "the connection does not open, or says nothing", None
            except (Unavailable, KisError, WebSocketException, OSError) as error:
                state, reason, pause_s = "unreachable", f"{type(error).__name__}: {error}", None
            if self.acknowledged:
                backoff_s = LEAST_BACKOFF_S  # it worked, so the loss is a new one
            self.acknowledged.clear()
            self.heard_at = None
            self._note(state, reason)
            if pause_s is None:
                pause_s = backoff_s * random.uniform(0.5, 1.0)
                backoff_s = min(2 * backoff_s, MOST_BACKOFF_S)
            await asyncio.sleep(pause_s)

    async def _session(self) -> None:
        key = await self._approval_key()  # a used one may be refused
        async with connect(
            self._url,
            open_timeout=10,
            close_timeout=1,
            max_size=2**20,
            compression=None,
            ping_interval=None,  # the broker has a PINGPONG of its own, and need not answer control frames
            proxy=None if urlsplit(self._url).hostname in LOOPBACK else True,
        ) as socket:
            self.connections += 1
            self._on_open()
            self._note("subscribing", None)
            subscribing = asyncio.create_task(self._subscribe(socket, key))
            try:
                while True:
                    async with asyncio.timeout(max(self._clock.wall_seconds(SILENT_AFTER_S), LEAST_SILENT_S)):
                        message: bytes = await socket.recv(decode=False)
                    self._received(message)
                    if self._pong is not None:
                        await socket.send(self._pong)
                        self._pong = None
            finally:
                subscribing.cancel()

    async def _subscribe(self, socket: ClientConnection, key: str) -> None:
        """Subscribe one by one; send those again that no acknowledgement came for."""
        while True:
            for tr_key, symbol in self._keys.items():
                if symbol in self.acknowledged or symbol in self.troubles:
                    continue
                with suppress(ConnectionClosed):  # the reader sees it too
                    await socket.send(subscription(key, tr_key))
                await asyncio.sleep(self._clock.wall_seconds(SUBSCRIBE_EVERY_S))
            await asyncio.sleep(self._clock.wall_seconds(ACK_WITHIN_S))
            self.troubles.clear()  # ask those again that were refused, now and then

    def _received(self, message: bytes) -> None:
        try:
            text = message.decode()
            if text.startswith("{"):
                self._control(text)
            else:
                read = records(text)
                self._heard()
                for record in read:
                    self._record(record)
        except (Malformed, UnicodeDecodeError) as error:
            self.malformed += 1
            if self.malformed & (self.malformed - 1) == 0:  # the 1st, 2nd, 4th, 8th …
                log.warning("websocket frame dropped count=%s reason=%s", self.malformed, error)

    def _record(self, record: dict[str, str]) -> None:
        symbol = self._keys.get(record["RSYM"])
        if symbol is None or record["SYMB"] != symbol:
            raise Malformed("RSYM, SYMB", "a subscribed symbol", f"{record['RSYM']}, {record['SYMB']}")
        self._on_record(symbol, from_execution(record, self._zone))

    def _control(self, text: str) -> None:
        try:
            message = msgspec.json.decode(text)
            header: dict[str, Any] = message["header"]
            tr_id = header.get("tr_id")
            if tr_id == "PINGPONG":
                self._heard()
                self._pong = text
                return
            body: dict[str, Any] = message["body"]
            code, reason = str(body["msg_cd"]), f"{body['msg_cd']} {body.get('msg1', '')}".strip()
        except (msgspec.DecodeError, LookupError, ValueError, TypeError, AttributeError, RecursionError):
            raise Malformed("message", "an acknowledgement or PINGPONG", text) from None
        self._heard()
        self._answered(code, reason, self._keys.get(str(header.get("tr_key") or "")))

    def _answered(self, code: str, reason: str, symbol: str | None) -> None:
        """Act on the answer to a subscription; system errors name no symbol, so the code is looked at first."""
        if code in ACKNOWLEDGED and symbol is not None:
            self.acknowledged.add(symbol)
            self.troubles.pop(symbol, None)
            if len(self.acknowledged) == len(self._keys):
                self._note("ok", None)
        elif code == IN_USE:
            raise Hangup("in_use", reason, self._clock.wall_seconds(QUIET_S))
        elif code in KEY_REFUSED:
            raise Hangup("unreachable", reason)
        elif code in UNSUPPORTED:
            raise Hangup("unsupported", reason, self._clock.wall_seconds(UNSUPPORTED_PAUSE_S))
        elif code in BAD_CREDENTIALS:
            raise Hangup("bad_credentials", reason, self._clock.wall_seconds(QUIET_S))
        elif symbol is not None:
            if symbol not in self.troubles:
                log.warning("subscription refused symbol=%s reason=%s", symbol, reason)
            self.troubles[symbol] = reason
        else:
            raise Hangup("unreachable", reason)

    def _heard(self) -> None:
        self.heard_at = self._clock.ticks()

    def _note(self, state: str, trouble: str | None) -> None:
        if state != self.state:
            level = logging.INFO if trouble is None else logging.WARNING
            log.log(level, "websocket state=%s was=%s reason=%s", state, self.state, trouble)
        self.state, self.trouble = state, trouble


def subscription(approval_key: str, tr_key: str) -> str:
    """The message that asks for the executions of `tr_key`."""
    header = {"approval_key": approval_key, "custtype": "P", "tr_type": "1", "content-type": "utf-8"}
    return json.dumps({"header": header, "body": {"input": {"tr_id": EXECUTIONS, "tr_key": tr_key}}})


def key_of(exchange: str, symbol: str) -> str:
    """The tr_key of the free US feed."""
    return f"D{exchange}{symbol}"
