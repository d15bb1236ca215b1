"""The execution stream against a server whose every word a test decides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import websockets
from websockets.asyncio.server import ServerConnection

from producers.clock import MarketClock
from producers.kis.errors import BadCredentials, Temporary
from producers.kis.websocket import MOST_REGISTRATIONS, Executions
from schemas.errors import ConfigError
from tests.support import eventually
from tests.unit.producers.test_parse import EXAMPLE

KEYS = {"DNASAAPL": "AAPL", "DNASMSFT": "MSFT"}
PINGPONG = '{"header":{"tr_id":"PINGPONG","datetime":"20310305093000"}}'


def ack(tr_key: str, code: str = "OPSP0000", rt_cd: str = "0") -> str:
    header: dict[str, Any] = {"tr_id": "HDFSCNT0", "tr_key": tr_key, "encrypt": "N"}
    if rt_cd == "9":
        header = {"tr_id": "(null)", "tr_key": "", "encrypt": "N"}
    return json.dumps({"header": header, "body": {"rt_cd": rt_cd, "msg_cd": code, "msg1": "said"}})


@dataclass
class Server:
    """Answers the n-th subscription of all with `answers[n]`, else with a good acknowledgement."""

    answers: dict[int, list[str | bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # approval key, tr_key
    echoed: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    sockets: list[ServerConnection] = field(default_factory=list)

    async def talk(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        self.sockets.append(socket)
        async for text in socket:
            message = json.loads(text)
            if message["header"].get("tr_id") == "PINGPONG":
                self.echoed.append(str(text))
                continue
            tr_key = message["body"]["input"]["tr_key"]
            self.asked.append((message["header"]["approval_key"], tr_key))
            for answer in self.answers.get(len(self.asked) - 1, [ack(tr_key)]):
                await socket.send(answer, text=True)


@dataclass
class Heard:
    stream: Executions
    opened: int = 0
    prices: list[tuple[str, float | None]] = field(default_factory=list)


@asynccontextmanager
async def streaming(server: Server, speed: float = 100.0) -> AsyncIterator[Heard]:
    issued = 0

    async def approval_key() -> str:
        nonlocal issued
        issued += 1
        return f"A{issued}"

    def opened() -> None:
        heard.opened += 1

    async with websockets.serve(server.talk, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        clock = MarketClock(speed=speed)
        zone = ZoneInfo("America/New_York")
        heard = Heard(
            Executions(
                f"ws://127.0.0.1:{port}",
                KEYS,
                approval_key,
                clock,
                zone,
                opened,
                lambda symbol, reading: heard.prices.append((symbol, reading.last)),
            )
        )
        task = asyncio.create_task(heard.stream.run())
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_every_key_is_subscribed_and_acknowledged():
    server = Server()
    async with streaming(server) as heard:
        await eventually(lambda: heard.stream.state == "ok")
        assert server.asked == [("A1", "DNASAAPL"), ("A1", "DNASMSFT")]
        assert heard.stream.acknowledged == {"AAPL", "MSFT"}
        assert server.paths == ["/tryitout"]
        assert heard.opened == 1


async def test_pingpong_is_echoed_as_it_came():
    server = Server()
    async with streaming(server) as heard:
        await eventually(lambda: heard.stream.state == "ok")
        heard.stream.heard_at = None
        await server.sockets[0].send(PINGPONG)
        await eventually(lambda: server.echoed == [PINGPONG])
        assert heard.stream.heard_within(1000)


async def test_records_are_handed_on_and_what_cannot_be_read_is_dropped():
    server = Server()
    async with streaming(server) as heard:
        await eventually(lambda: heard.stream.state == "ok")
        bad: list[str | bytes] = [
            "0|HDFSCNT0|001|a^b",
            f"1|HDFSCNT0|001|{EXAMPLE}",
            "{",
            '{"a":1}',
            b"\xff\xfe",
        ]
        for frame in bad:
            await server.sockets[0].send(frame, text=True)
        await server.sockets[0].send(f"0|HDFSCNT0|001|{EXAMPLE.replace('AAPL', 'TSLA')}")  # not asked for
        await server.sockets[0].send(f"0|HDFSCNT0|001|{EXAMPLE}")
        await eventually(lambda: heard.prices == [("AAPL", 187.32)])
        assert heard.stream.malformed == len(bad) + 1
        assert heard.stream.connections == 1


async def test_an_unanswered_subscription_is_sent_again():
    server = Server(answers={0: []})
    async with streaming(server) as heard:
        await eventually(lambda: heard.stream.state == "ok")
        assert [key for _, key in server.asked] == ["DNASAAPL", "DNASMSFT", "DNASAAPL"]


async def test_being_subscribed_already_is_as_good():
    server = Server(answers={1: [ack("DNASMSFT", "OPSP0002", "1")]})
    async with streaming(server) as heard:
        await eventually(lambda: heard.stream.state == "ok")


@pytest.mark.parametrize("code", ["OPSP0008", "OPSP0007", "OPSP8992"])
async def test_a_refused_symbol_leaves_the_others(code):
    server = Server(answers={1: [ack("DNASMSFT", code, "1")]})
    async with streaming(server, speed=1.0) as heard:
        await eventually(lambda: "MSFT" in heard.stream.troubles)
        assert heard.stream.acknowledged == {"AAPL"}
        assert heard.stream.troubles["MSFT"].startswith(code)
        assert heard.stream.state == "subscribing"


async def test_a_refused_approval_key_is_replaced():
    server = Server(answers={0: [ack("DNASAAPL", "OPSP0011", "1")]})
    async with streaming(server) as heard:
        await eventually(lambda: heard.stream.state == "ok")
        assert {key for key, _ in server.asked[-2:]} == {"A2"}


async def test_a_key_in_use_is_waited_for_quietly():
    server = Server(answers={0: [ack("", "OPSP8996", "9")]})
    async with streaming(server) as heard:  # a minute of quiet is 0.6 s here
        begun = asyncio.get_running_loop().time()
        await eventually(lambda: heard.stream.state == "in_use", every_s=0.005)
        await eventually(lambda: heard.stream.state == "ok")
        assert asyncio.get_running_loop().time() - begun >= 0.6
        assert heard.stream.connections == 2


@pytest.mark.parametrize(("code", "state"), [("OPSP8991", "unsupported"), ("OPSP8995", "bad_credentials")])
async def test_what_waiting_does_not_mend_is_a_state(code, state):
    server = Server(answers={0: [ack("DNASAAPL", code, "1")]})
    async with streaming(server, speed=1.0) as heard:
        await eventually(lambda: heard.stream.state == state)
        assert heard.stream.trouble is not None
        assert code in heard.stream.trouble


async def test_a_lost_connection_is_opened_anew_and_subscribed_again():
    server = Server()
    async with streaming(server) as heard:
        await eventually(lambda: heard.stream.state == "ok")
        server.sockets[0].transport.abort()
        await eventually(lambda: heard.stream.connections == 2 and heard.stream.state == "ok")
        assert [key for key, _ in server.asked] == ["A1", "A1", "A2", "A2"]
        assert heard.opened == 2


@pytest.mark.parametrize(
    ("error", "state"),
    [(BadCredentials("EGW00103", ""), "bad_credentials"), (Temporary("", "away"), "unreachable")],
)
async def test_an_approval_key_that_is_refused_is_a_state(error, state):
    async def refuse() -> str:
        raise error

    clock, zone = MarketClock(), ZoneInfo("America/New_York")
    stream = Executions("ws://127.0.0.1:1", KEYS, refuse, clock, zone, lambda: None, lambda *_: None)
    task = asyncio.create_task(stream.run())
    await eventually(lambda: stream.state == state)
    task.cancel()


async def never() -> str:
    raise AssertionError("not asked")


def test_a_book_that_is_too_large_is_told():
    keys = {f"DNAS{number}": str(number) for number in range(MOST_REGISTRATIONS + 1)}
    with pytest.raises(ConfigError, match=r"at most 41 .* received 42"):
        Executions("ws://x", keys, never, MarketClock(), ZoneInfo("UTC"), lambda: None, lambda *_: None)
