"""The broker's WebSocket: subscriptions, PINGPONG, executions (HDFSCNT0)."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import time
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from websockets.frames import Opcode

from schemas.base import from_milliseconds
from schemas.book import Book
from simulators.kis.acknowledgements import answer
from simulators.kis.credentials import Credentials
from simulators.kis.disturbed import disturbed, listing
from simulators.kis.faults import Faults
from simulators.kis.fields import SEOUL, execution
from simulators.kis.wire import Socket
from simulators.source import Source
from simulators.trading import Quote

log = logging.getLogger(__name__)
TR_ID = "HDFSCNT0"
REGISTRATIONS = 41
LOOK_EVERY_S = 0.02  # wall: trades since the last look go out, several of a symbol in one frame
MISSES, PATIENCE_S = (
    3,
    10.0,
)  # unanswered PINGPONGs, and the least wall time, after which a connection is closed
LONGEST_PERIOD_S, SHORTEST_PERIOD_S = 10.0, 0.05  # wall seconds between two PINGPONGs
ACK_DELAY_S = 5.0
TR_KEY = re.compile(r"^([DR])(NAS|NYS|AMS|BAQ|BAY|BAA)([A-Z0-9./-]{1,16})$")


@dataclass(eq=False, slots=True)
class Session:
    """A connection. It holds its app key from its first good subscription until it ends."""

    socket: Socket
    heard_at: float  # wall, monotonic
    pinged_at: float
    app_key: str | None = None
    keys: dict[str, str] = field(default_factory=dict)  # tr_key: symbol


class Stream:
    """All connections of a simulator; `run` feeds them."""

    def __init__(
        self,
        book: Book,
        source: Source,
        credentials: Credentials,
        faults: Faults,
        pingpong_s: float,
        paper: bool,
    ) -> None:
        """`pingpong_s`: market seconds between two PINGPONGs; at most 10 s of wall time."""
        self._book, self._source, self._credentials = book, source, credentials
        self._faults, self._paper, self._pingpong_s = faults, paper, pingpong_s
        self._zone = ZoneInfo(book.timezone)
        self._sent_ms: int | None = None
        self._connected = asyncio.Event()
        self.sessions: set[Session] = set()

    async def talk(self, socket: Socket) -> None:
        """Hold one conversation, until either side ends it."""
        now = time.monotonic()
        session = Session(socket, heard_at=now, pinged_at=now)
        self.sessions.add(session)
        self._connected.set()
        log.info("websocket=opened sessions=%d", len(self.sessions))
        try:
            async for frame in socket.received():
                session.heard_at = time.monotonic()  # text, ping and pong all answer a PINGPONG
                if frame.opcode is Opcode.TEXT:
                    self._take(session, bytes(frame.data))
        finally:
            self.sessions.discard(session)
            log.info("websocket=closed registrations=%d sessions=%d", len(session.keys), len(self.sessions))

    async def run(self) -> None:
        """Send what there is to send, until cancelled."""
        while True:
            if not self.sessions:
                self._sent_ms = None
                self._connected.clear()
                await self._connected.wait()
            await asyncio.sleep(LOOK_EVERY_S)
            if any(session.keys for session in self.sessions) and self._faults.take("dropped_socket"):
                log.info("websocket=dropped")
                for session in [session for session in self.sessions if session.keys]:
                    session.socket.drop()
            silent = self._faults.find("silent_socket") is not None
            self._ping(silent)
            self._send_executions(silent)

    def _ping(self, silent: bool) -> None:
        now = time.monotonic()
        period = self._pingpong_s / self._source.clock.speed
        period = min(max(period, SHORTEST_PERIOD_S), LONGEST_PERIOD_S)
        seoul = from_milliseconds(self._source.clock.now_ms()).astimezone(SEOUL)
        text = json.dumps({"header": {"tr_id": "PINGPONG", "datetime": f"{seoul:%Y%m%d%H%M%S}"}})
        for session in self.sessions:
            if silent or now - session.pinged_at < period:
                continue
            session.pinged_at = now
            if now - session.heard_at > max(MISSES * period, PATIENCE_S) + period:
                log.info("websocket=unanswered")
                session.socket.close(1000, "PINGPONG")
            else:
                session.socket.send(text)

    def _send_executions(self, silent: bool) -> None:
        now = self._source.clock.now_ms()
        since, self._sent_ms = self._sent_ms, now
        if since is None or silent or now <= since:
            return
        wanted = {key: symbol for session in self.sessions for key, symbol in session.keys.items()}
        for key, symbol in wanted.items():
            if key != f"D{listing(self._book, self._faults, symbol)}{symbol}":
                continue  # found at another exchange, or a feed that this account has not paid for
            if trades := self._source.trades(symbol, since, now):
                frame = self._frame(key, symbol, trades)
                for session in self.sessions:
                    if key in session.keys:
                        session.socket.send(frame)

    def _frame(self, key: str, symbol: str, trades: list[Quote]) -> str | bytes:
        records = []
        for quote in trades:
            shown, rate_off, blank = disturbed(quote, self._faults)
            records.append(execution(shown, key, self._zone, rate_off, blank))
        if self._faults.active:
            if self._faults.take("encrypted_frame", symbol):
                secret = base64.b64encode(key.encode().ljust(64, b"\x9c")).decode()
                return f"1|{TR_ID}|001|{secret}"
            if self._faults.take("malformed_frame", symbol):
                return f"0|{TR_ID}|002|{records[-1]}^{records[-1][:40]}"
            if self._faults.take("invalid_utf8", symbol):
                return f"0|{TR_ID}|001|{records[-1]}".encode() + b"\xff\xfe"
            if self._faults.take("extra_field", symbol):
                records = [f"{record}^0" for record in records]
        return f"0|{TR_ID}|{len(records):03d}|{'^'.join(records)}"

    def _take(self, session: Session, text: bytes) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            session.socket.send(answer("OPSP9999"))
            return
        header = message.get("header") if isinstance(message, dict) else None
        if isinstance(header, dict) and header.get("tr_id") == "PINGPONG":
            return
        delay = self._faults.take("ack_delay")
        if delay is None:
            session.socket.send(self._register(session, message))
            return
        wait_s = (ACK_DELAY_S if delay.value is None else delay.value) / self._source.clock.speed
        loop = asyncio.get_running_loop()
        loop.call_later(wait_s, lambda: session.socket.send(self._register(session, message)))

    def _register(self, session: Session, message: Any) -> str:
        """Subscribe or unsubscribe as `message` says; the answer to send."""
        header = message.get("header") if isinstance(message, dict) else None
        if not isinstance(header, dict):
            return answer("OPSP9998")
        body = message.get("body")
        if not isinstance(body, dict):
            return answer("OPSP9992")
        wish = body.get("input")
        if not isinstance(wish, dict):
            return answer("OPSP9991")
        tr_id, tr_key = str(wish.get("tr_id") or ""), str(wish.get("tr_key") or "")
        app_key = self._credentials.approved(str(header.get("approval_key")))
        code = self._refusal(session, header, tr_id, tr_key, app_key)
        if code is None and header["tr_type"] == "1":
            session.app_key = app_key
            session.keys[tr_key] = tr_key[4:]
            code = "OPSP0000"
        elif code is None:
            del session.keys[tr_key]
            code = "OPSP0001"
        return answer(code, tr_id, tr_key)

    def _refusal(
        self, session: Session, header: dict[str, Any], tr_id: str, tr_key: str, app_key: str | None
    ) -> str | None:
        if app_key is None:
            return "OPSP0011"
        if any(other.app_key == app_key and other.socket.is_open for other in self.sessions - {session}):
            return "OPSP8996"
        if header.get("tr_type") not in ("1", "2"):
            return "OPSP8997"
        if header.get("custtype") not in ("P", "B"):
            return "OPSP8998"
        if tr_id != TR_ID or self._paper:
            return "OPSP8991"
        if not tr_key:
            return "OPSP9990"
        if not TR_KEY.match(tr_key):
            return "OPSP8992"
        if header["tr_type"] == "2":
            return None if tr_key in session.keys else "OPSP0003"
        if tr_key in session.keys:
            return "OPSP0002"
        return "OPSP0008" if len(session.keys) >= REGISTRATIONS else None
