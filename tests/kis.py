"""A running KIS simulator, and a client that says what tests do with it: httpx and websockets."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import websockets

from schemas.book import load_book
from simulators.kis.server import KisSimulatorConfig, run

BOOK = load_book("us")
NEW_YORK = ZoneInfo("America/New_York")
TUESDAY_10 = datetime(2026, 6, 30, 10, tzinfo=NEW_YORK)
PRICE, DETAIL = ("price", "HHDFS00000300"), ("price-detail", "HHDFS76200200")
PAIR = {"appkey": "key", "appsecret": "secret"}


class Client:
    """What a test does with a simulator, in its words."""

    def __init__(self, http: httpx.AsyncClient, port: int) -> None:
        self.http, self.port, self.token = http, port, ""

    async def issue(self, **body) -> httpx.Response:
        return await self.http.post("/oauth2/tokenP", json={"grant_type": "client_credentials", **PAIR, **body})

    async def log_in(self) -> None:
        self.token = (await self.issue()).json()["access_token"]

    async def quotation(self, symbol="GLD", exchange=None, call=PRICE, **headers) -> httpx.Response:
        listed = BOOK.by_symbol.get(symbol)
        path, tr_id = call
        wanted = {"authorization": f"Bearer {self.token}", **PAIR, "tr_id": tr_id, "custtype": "P", **headers}
        return await self.http.get(
            f"/uapi/overseas-price/v1/quotations/{path}",
            params={"AUTH": "", "EXCD": exchange or (listed.exchange if listed else "NAS"), "SYMB": symbol},
            headers={name: value for name, value in wanted.items() if value is not None},
        )

    async def output(self, symbol="GLD", **wish) -> dict[str, str]:
        reply = (await self.quotation(symbol, **wish)).json()
        assert reply["rt_cd"] == "0", reply
        return reply["output"]

    async def control(self, method: str, path: str, /, **body) -> dict:
        reply = await self.http.request(method, f"/__control/{path}", json=body or None)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def fault(self, name: str, **limits) -> None:
        await self.control("POST", "faults", name=name, **limits)

    async def approval(self) -> str:
        body = {"grant_type": "client_credentials", "appkey": "key", "secretkey": "secret"}
        return (await self.http.post("/oauth2/Approval", json=body)).json()["approval_key"]

    def connect(self, path: str = "/tryitout"):
        return websockets.connect(f"ws://127.0.0.1:{self.port}{path}", ping_interval=None, open_timeout=5)


@asynccontextmanager
async def simulator(**wish):
    """A running simulator on a free port, with a client that has a token."""
    stop, up, ports = asyncio.Event(), asyncio.Event(), []
    config = KisSimulatorConfig(**{"port": 0, "book": BOOK, "start": TUESDAY_10, "on_port": ports.append, **wish})
    serving = asyncio.create_task(run(config, stop, up.set))
    waiting = asyncio.create_task(up.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if serving.done():
        serving.result()
    try:
        base = f"http://127.0.0.1:{ports[0]}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=5) as http:
            client = Client(http, ports[0])
            await client.log_in()
            yield client
    finally:
        stop.set()
        await serving


def wish(key: str, tr_key: str = "DAMSGLD", tr_type: str = "1", tr_id: str = "HDFSCNT0", custtype: str = "P") -> str:
    header = {"approval_key": key, "custtype": custtype, "tr_type": tr_type, "content-type": "utf-8"}
    return json.dumps({"header": header, "body": {"input": {"tr_id": tr_id, "tr_key": tr_key}}})


async def frame(socket, kind: str, within_s: float = 5.0) -> str:
    """The next message that is an acknowledgement (`ack`), a PINGPONG (`ping`) or data (`data`)."""
    async with asyncio.timeout(within_s):
        while True:
            text = await socket.recv()
            found = "data" if text[0] != "{" else "ping" if "PINGPONG" in text else "ack"
            if found == kind:
                return text


async def told(socket, text: str) -> dict:
    await socket.send(text)
    return json.loads(await frame(socket, "ack"))
