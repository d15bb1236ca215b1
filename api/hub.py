"""Many clients, one tail: frames are encoded once, each client keeps its own small queue.

Prices and views conflate: a symbol goes out at once and then at most every `tick_interval_s`, its newest value only;
several that wait go out together, at least `FRAME_GAP_S` after the frame before. (Judging each symbol by itself keeps
the delay of a quiet feed near zero; one window for all symbols would hold most ticks back for half a window.)
Signals never conflate: their queue is bounded, and a client that lets it fill up is disconnected and can resume.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime

from msgspec import UNSET

from api.config import ApiConfig
from api.registry import entries_of
from api.state import Live
from api.stream_shapes import Config, StreamReset, StreamSnapshot
from api.wire import EventId, shown_id, signal_frame, sse, told
from schemas.base import encode
from schemas.signals import SignalEvent

log = logging.getLogger(__name__)

FRAME_GAP_S = 0.01


class Client:
    """What waits for one connection. `prices`: whether it wants ticks."""

    def __init__(self, config: ApiConfig, *, prices: bool) -> None:
        self.prices, self.closed, self.dropped = prices, False, False
        self.first_offset = 0  # events of `signals` below it were read from the log already
        self._interval, self._limit = config.tick_interval_s, config.signal_queue
        self._now: deque[bytes] = deque()
        self._status: bytes | None = None
        self._quotes: dict[str, bytes] = {}
        self._views: dict[str, bytes] = {}
        self._sent: dict[str, float] = {}  # loop time at which a symbol or view last went out
        self._frame_at = 0.0
        self._event = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def tell(self, frame: bytes, offset: int | None = None) -> None:
        """Queue a frame that must not be lost. `offset`: of a signal event."""
        if self.closed or (offset is not None and offset < self.first_offset):
            return
        if len(self._now) >= self._limit:
            self.dropped = True
            self.close()
            return
        self._now.append(frame)
        self._event.set()

    def tell_status(self, frame: bytes) -> None:
        self._status = frame
        self._event.set()

    def show(self, quotes: dict[str, bytes], views: dict[str, bytes]) -> None:
        """Newest values by symbol and by view; what waits under the same name is replaced."""
        if self.prices:
            self._quotes.update(quotes)
        self._views.update(views)
        if self._quotes or self._views:
            self._event.set()

    def forget(self) -> None:
        """Throw away what waits: it comes from a log that is gone."""
        self._now.clear()
        self._quotes.clear()
        self._views.clear()

    def close(self) -> None:
        self.closed = True
        self.forget()
        if self._timer is not None:
            self._timer.cancel()
        self._event.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """What there is to send, as soon as it may be sent, until the client is closed."""
        loop = asyncio.get_running_loop()
        while True:
            await self._event.wait()
            self._event.clear()
            if self.closed:
                return
            chunk = self._take(loop.time())
            if (self._quotes or self._views) and not self._event.is_set():
                self._wake_at(loop)
            if chunk:
                yield chunk

    def _take(self, now: float) -> bytes:
        out = list(self._now)
        self._now.clear()
        if now >= self._frame_at:
            quotes, views = self._due(self._quotes, now), self._due(self._views, now)
            if quotes:
                out.append(b'event: tick\ndata: {"tickers":{%s}}\n\n' % b",".join(quotes))
            if views:
                out.append(b'event: view\ndata: {"views":[%s]}\n\n' % b",".join(views))
            if quotes or views:
                self._frame_at = now + FRAME_GAP_S
        if self._status is not None:
            out.append(self._status)
            self._status = None
        return b"".join(out)

    def _due(self, waiting: dict[str, bytes], now: float) -> list[bytes]:
        names = [name for name in waiting if now - self._sent.get(name, -1.0) >= self._interval]
        self._sent.update(dict.fromkeys(names, now))
        return [waiting.pop(name) for name in names]

    def _wake_at(self, loop: asyncio.AbstractEventLoop) -> None:
        first = min(self._sent.get(name, 0.0) for name in (*self._quotes, *self._views)) + self._interval
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(max(first, self._frame_at), self._event.set)


class Hub:
    """All clients of the process and the frames they share."""

    def __init__(self, config: ApiConfig, live: Live) -> None:
        self._config, self._live = config, live
        self._clients: set[Client] = set()
        self._snapshots: dict[bool, tuple[float, bytes]] = {}
        self._closing = False
        self.loaded = asyncio.Event()  # there is something to show

    def client(self, *, prices: bool) -> Client:
        """A client that hears nothing until it joins."""
        client = Client(self._config, prices=prices)
        if self._closing:
            client.close()
        return client

    def join(self, client: Client, first_offset: int) -> None:
        """From now on `client` hears everything; of `signals`, what is at `first_offset` or behind it."""
        client.first_offset = first_offset
        if not client.closed:
            self._clients.add(client)

    def leave(self, client: Client) -> None:
        client.close()
        self._clients.discard(client)
        if client.dropped:
            log.warning("client.dropped reason=slow waiting=%d", self._config.signal_queue)

    @property
    def listening(self) -> int:
        return len(self._clients)

    # What happens.

    def events(self, events: Iterable[tuple[EventId, SignalEvent]]) -> None:
        for at, event in events:
            frame = signal_frame(at, event, self._config.namespace)
            for client in list(self._clients):
                client.tell(frame, at.offset)
        self._snapshots.clear()

    def show(self, symbols: Iterable[str], views: Iterable[str]) -> None:
        """These quotes and views are new."""
        self._snapshots.clear()
        if not self._clients:
            return
        quotes, pictures = self.quote_parts(symbols), self.view_parts(views)
        for client in self._clients:
            client.show(quotes, pictures)

    def config(self) -> None:
        self._tell(self.config_frame())

    def status(self) -> None:
        self._snapshots.clear()
        frame = self.status_frame()
        for client in self._clients:
            client.tell_status(frame)

    def forget(self) -> None:
        """The log is another one than before: what waits for clients is void."""
        for client in self._clients:
            client.forget()

    def reset(self, reason: str) -> None:
        """Every client starts over with a snapshot."""
        self._snapshots.clear()
        for client in list(self._clients):
            client.forget()
            client.first_offset = 0
            client.tell(reset_frame(reason) + self.snapshot_frame(prices=client.prices))

    def close(self) -> None:
        self._closing = True
        for client in list(self._clients):
            client.close()

    async def beat(self) -> None:
        """A status for everyone, for ever: the heartbeat that a browser can see."""
        while True:
            await asyncio.sleep(self._config.status_interval_s)
            self.status()

    def _tell(self, frame: bytes) -> None:
        self._snapshots.clear()
        for client in list(self._clients):
            client.tell(frame)

    # Frames.

    def quote_parts(self, symbols: Iterable[str]) -> dict[str, bytes]:
        now, live = datetime.now(UTC), self._live
        return {symbol: encode(symbol) + b":" + encode(live.price_of(symbol, now)) for symbol in symbols}

    def view_parts(self, keys: Iterable[str]) -> dict[str, bytes]:
        return {key: encode(self._live.views[key]) for key in keys if key in self._live.views}

    def status_frame(self) -> bytes:
        return sse("status", encode(self._live.status()))

    def config_frame(self) -> bytes:
        return sse("config", encode(parameters_in_force(self._live)))

    def snapshot_frame(self, *, prices: bool) -> bytes:
        """Everything, with the id of the newest event: read before the views, so no event can fall between."""
        now = datetime.now(UTC)
        kept = self._snapshots.get(prices)
        if kept is not None and now.timestamp() - kept[0] < 0.5:
            return kept[1]
        live = self._live
        body = StreamSnapshot(
            id=shown_id(live.newest),
            status=live.status(now),
            config=parameters_in_force(live),
            signals=entries_of(self._config.catalogue),
            views=live.current_views(),
            events=[told(event, live.namespace) for _, event in live.recent],
            prices=live.prices(now) if prices else UNSET,
        )
        frame = sse("snapshot", encode(body), live.newest)
        self._snapshots[prices] = (now.timestamp(), frame)
        return frame


def parameters_in_force(live: Live) -> Config | None:
    if live.parameters is None:
        return None
    return Config(version=live.version, updated_at=live.changed_at, parameters=live.parameters)


def reset_frame(reason: str) -> bytes:
    return sse("reset", encode(StreamReset(reason=reason)))
