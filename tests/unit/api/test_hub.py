"""One client's queue: what conflates, what does not, and when it is too slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from api.hub import Client, Hub
from api.state import Live
from api.wire import EventId
from tests.builders import BOOK
from tests.serving import api_config, event
from transport.kafka import Kafka

CONFIG = api_config(Kafka("nowhere:1"), "demo", tick_interval_s=0.05, signal_queue=5)


async def chunk(chunks: AsyncIterator[bytes]) -> bytes:
    return await asyncio.wait_for(anext(chunks), 2)


async def test_a_symbol_goes_out_at_once_then_its_newest_value() -> None:
    client = Client(CONFIG, prices=True)
    loop = asyncio.get_running_loop()
    async with aclosing(client.chunks()) as chunks:
        client.show({"GLD": b'"GLD":1'}, {})
        assert await chunk(chunks) == b'event: tick\ndata: {"tickers":{"GLD":1}}\n\n'
        sent = loop.time()
        client.show({"GLD": b'"GLD":2'}, {})
        client.show({"GLD": b'"GLD":3'}, {})
        assert await chunk(chunks) == b'event: tick\ndata: {"tickers":{"GLD":3}}\n\n'
        assert loop.time() - sent >= 0.045


async def test_a_quiet_symbol_does_not_wait_for_a_busy_one() -> None:
    client = Client(CONFIG, prices=True)
    loop = asyncio.get_running_loop()
    async with aclosing(client.chunks()) as chunks:
        client.show({"GLD": b'"GLD":1'}, {})
        await chunk(chunks)
        sent = loop.time()
        client.show({"GLD": b'"GLD":2', "SPY": b'"SPY":1'}, {})
        assert await chunk(chunks) == b'event: tick\ndata: {"tickers":{"SPY":1}}\n\n'
        assert loop.time() - sent < 0.04
        assert await chunk(chunks) == b'event: tick\ndata: {"tickers":{"GLD":2}}\n\n'


async def test_signals_never_conflate_and_keep_their_order() -> None:
    client = Client(CONFIG, prices=False)
    async with aclosing(client.chunks()) as chunks:
        for n in range(5):
            client.tell(b"%d;" % n, n)
        client.show({"GLD": b"not wanted"}, {"gold:GLD": b"7"})
        assert await chunk(chunks) == b'0;1;2;3;4;event: view\ndata: {"views":[7]}\n\n'


async def test_what_was_read_from_the_log_is_not_told_again() -> None:
    client = Client(CONFIG, prices=False)
    client.first_offset = 3
    async with aclosing(client.chunks()) as chunks:
        for n in range(5):
            client.tell(b"%d;" % n, n)
        assert await chunk(chunks) == b"3;4;"


async def test_a_full_queue_ends_the_client_and_nobody_else() -> None:
    hub = Hub(CONFIG, Live("demo", True, BOOK))
    slow, quick = hub.client(prices=False), hub.client(prices=False)
    hub.join(slow, 0)
    hub.join(quick, 0)
    async with aclosing(quick.chunks()) as chunks:
        for n in range(8):
            hub.events([(EventId(n, 0, "ab"), event(n))])
            assert b"id: %d.0.ab" % n in await chunk(chunks)
    assert (slow.dropped, slow.closed, quick.closed) == (True, True, False)
    assert [part async for part in slow.chunks()] == []
    hub.leave(slow)
    assert hub.listening == 1


async def test_after_the_hub_closed_nobody_waits() -> None:
    hub = Hub(CONFIG, Live("demo", True, BOOK))
    early = hub.client(prices=True)
    hub.join(early, 0)
    hub.close()
    late = hub.client(prices=True)
    hub.join(late, 0)
    for client in (early, late):
        assert [part async for part in client.chunks()] == []
