"""A broker in a function, for clients whose answers a test decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from producers.clock import MarketClock
from producers.kis.client import Credentials, KisClient

KEYS = Credentials("K" * 36, "S" * 180)
Answer = Callable[[httpx.Request], httpx.Response]


def reply(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, content=body if isinstance(body, bytes) else json.dumps(body), headers=headers)


def quotation(symbol: str = "GLD", **fields: str) -> httpx.Response:
    """A good reply of the price call: 1.00 % above a base of 100."""
    output = {"rsym": f"DAMS{symbol}", "zdiv": "4", "base": "100.0000", "last": "101.0000", "sign": "2"}
    output |= {"diff": "1.0000", "rate": "+1.00", "tvol": "1000"}
    return reply({"output": output | fields, "rt_cd": "0", "msg_cd": "MCA00000", "msg1": "ok"})


def refusal(code: str, status: int = 500) -> httpx.Response:
    return reply({"rt_cd": "1", "msg_cd": code, "msg1": "refused"}, status)


class Broker:
    """Issues tokens T1, T2, … and answers quotations with `answer`. `calls`: what was asked, by path."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer: Answer = answer or (lambda request: quotation(request.url.params["SYMB"]))
        self.issued = 0
        self.calls: list[str] = []
        self.tokens: list[str] = []  # of the quotations
        self.issue_answers: list[httpx.Response] = []  # instead of a token

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request.url.path)
        if request.url.path == "/oauth2/tokenP":
            if self.issue_answers:
                return self.issue_answers.pop(0)
            self.issued += 1
            return reply({"access_token": f"T{self.issued}", "token_type": "Bearer", "expires_in": 86400})
        if request.url.path == "/oauth2/Approval":
            return reply({"approval_key": f"A{len(self.calls)}"})
        self.tokens.append(request.headers["authorization"].removeprefix("Bearer "))
        return self.answer(request)

    def client(self, directory: Path, clock: MarketClock | None = None, host: str = "http://kis.test") -> KisClient:
        # A fast market, so that limits which are kept in market time cost a test nothing.
        clock = clock or MarketClock(speed=1000)
        return KisClient(host, KEYS, directory, clock, transport=httpx.MockTransport(self))


def by_symbol(answers: Mapping[str, Any]) -> Answer:
    """Answer each symbol with its own reply; a function is called for one."""

    def answer(request: httpx.Request) -> httpx.Response:
        found = answers.get(request.url.params["SYMB"]) or quotation(request.url.params["SYMB"])
        return found(request) if callable(found) else found

    return answer
