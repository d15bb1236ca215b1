"""The broker's REST calls: token, pace, typed errors. Reads only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from producers.clock import MarketClock
from producers.kis.errors import KisError, NotPermitted, RateLimited, Temporary, TokenRejected, error_in
from producers.kis.pace import Pace
from producers.kis.parse import first_object
from producers.kis.tokens import Issued, Tokens
from schemas.errors import ConfigError
from schemas.parameters import REST_CALLS_PER_SECOND

log = logging.getLogger(__name__)
for chatty in ("httpx", "httpcore"):  # a line per call and more, with headers in the end
    logging.getLogger(chatty).setLevel(logging.WARNING)

QUOTATIONS = "/uapi/overseas-price/v1/quotations/"
PRICE = ("price", "HHDFS00000300")
PRICE_DETAIL = ("price-detail", "HHDFS76200200")  # real accounts only
PAPER_HOST = "openapivts."
NOT_ON_PAPER = "EGW00213"
PAPER_CALLS_PER_SECOND = 1.0  # two are allowed
RATE_LIMIT_TRIES = 3
SETTLED_AFTER_S = 1.0  # a condition is worth a line in the log when it has lasted
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """An app key and its secret, kept out of every repr."""

    app_key: str = field(repr=False)
    app_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A quotation: its fields as text, and when."""

    output: Mapping[str, Any]
    market_time: datetime | None  # as the reply named it; None from the real broker
    received_at: datetime  # wall clock


class KisClient:
    """One app key on one host. `condition` is the newest state of the broker in a word, `trouble` the reason."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        token_dir: Path,
        clock: MarketClock,
        *,
        timeout_s: float = 5.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.paper = PAPER_HOST in base_url
        self.clock = clock
        self.pace = Pace(clock, PAPER_CALLS_PER_SECOND if self.paper else REST_CALLS_PER_SECOND)
        self.condition = "starting"
        self.trouble: str | None = None
        self.calls = 0
        self._since, self._logged = 0.0, self.condition
        self._credentials = credentials
        self._tokens = Tokens(token_dir, self.base_url, credentials.app_key, self._issue, clock)
        try:
            self._http = httpx.AsyncClient(
                base_url=self.base_url,
                timeout=timeout_s,
                limits=httpx.Limits(max_connections=32, max_keepalive_connections=32),
                transport=transport,
                trust_env=httpx.URL(self.base_url).host not in LOOPBACK,  # no proxy for a server on this machine
            )
        except httpx.InvalidURL as error:
            raise ConfigError(f"KIS_BASE_URL: expected an address, received {base_url!r}: {error}") from None

    async def __aenter__(self) -> KisClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def price(self, exchange: str, symbol: str, on_turn: Callable[[], object] = lambda: None) -> Reply:
        """Last, base, rate and volume of a symbol; blanks when `exchange` is not its own.

        `on_turn` is called when the call goes out, after waiting for a token and its turn.
        """
        return await self._quotation(PRICE, exchange, symbol, on_turn)

    async def price_detail(self, exchange: str, symbol: str) -> Reply:
        """The same with open, high and low, without rate. Raises `NotPermitted` on paper hosts."""
        try:
            return await self._quotation(PRICE_DETAIL, exchange, symbol)
        except NotPermitted as error:
            if error.code == NOT_ON_PAPER and not self.paper:
                log.info("broker is a paper one calls_per_second=%s", PAPER_CALLS_PER_SECOND)
                self.paper, self.pace.calls_per_second = True, PAPER_CALLS_PER_SECOND
            raise

    async def approval_key(self) -> str:
        """A fresh key for one WebSocket connection."""
        body = {
            "grant_type": "client_credentials",
            "appkey": self._credentials.app_key,
            "secretkey": self._credentials.app_secret,
        }
        payload, _ = await self._send("POST", "/oauth2/Approval", json=body)
        key = payload.get("approval_key")
        if not isinstance(key, str) or not key:
            raise self._failed(Temporary("", "approval_key: expected text, received none"))
        return key

    @property
    def state(self) -> str:
        """The broker in a word, as the status shows it."""
        return "token" if self._tokens.waiting else self.condition

    async def _quotation(
        self, call: tuple[str, str], exchange: str, symbol: str, on_turn: Callable[[], object] = lambda: None
    ) -> Reply:
        path, tr_id = call
        params = {"AUTH": "", "EXCD": exchange, "SYMB": symbol}
        renewed, limited = False, 0
        while True:
            token = await self._tokens.get()
            await self.pace.turn()
            on_turn()
            headers = {
                "authorization": f"Bearer {token}",
                "appkey": self._credentials.app_key,
                "appsecret": self._credentials.app_secret,
                "tr_id": tr_id,
                "custtype": "P",
            }
            try:
                payload, market_time = await self._send("GET", QUOTATIONS + path, params=params, headers=headers)
            except TokenRejected:
                if renewed:
                    raise
                renewed = True
                await self._tokens.renew(token)
            except RateLimited as error:
                limited += 1
                self.pace.hold(self.clock.wall_seconds(error.retry_after_s))
                if limited == RATE_LIMIT_TRIES:
                    raise
            else:
                return Reply(first_object(payload.get("output")), market_time, datetime.now(UTC))

    async def _issue(self) -> Issued:
        body = {
            "grant_type": "client_credentials",
            "appkey": self._credentials.app_key,
            "appsecret": self._credentials.app_secret,
        }
        payload, _ = await self._send("POST", "/oauth2/tokenP", json=body)
        try:
            return msgspec.convert(payload, Issued, strict=False)
        except msgspec.ValidationError as error:
            raise self._failed(Temporary("", f"token: {error}")) from None

    async def _send(self, method: str, path: str, **request: Any) -> tuple[dict[str, Any], datetime | None]:
        """One exchange: its JSON object and the market time of the reply. Every fault becomes a `KisError`."""
        sent_at = self.clock.ticks()
        self.calls += 1
        try:
            response = await self._http.request(method, path, **request)
        except httpx.HTTPError as error:  # time-outs, refused and broken connections, undecodable bodies
            raise self._failed(Temporary("", type(error).__name__)) from None
        market_time = self.clock.observe(response.headers, sent_at, self.clock.ticks())
        try:
            payload = msgspec.json.decode(response.content)  # refuses half a surrogate pair, which nobody could encode
        except (msgspec.DecodeError, ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            known = error_in(response.status_code, {}) if response.status_code >= 400 else None
            raise self._failed(known or Temporary("", "body: expected a JSON object", response.status_code))
        if refused := error_in(response.status_code, payload):
            raise self._failed(refused)
        self._note("ok", None)
        return payload, market_time

    def _failed(self, error: KisError) -> KisError:
        self._note(error.state, str(error))
        return error

    def _note(self, condition: str, trouble: str | None) -> None:
        now = self.clock.ticks()
        if condition != self.condition:
            self._since = now
        self.condition, self.trouble = condition, trouble
        if condition != self._logged and now - self._since >= SETTLED_AFTER_S:
            level = logging.INFO if condition == "ok" else logging.WARNING
            log.log(level, "broker state=%s was=%s reason=%s", condition, self._logged, trouble)
            self._logged = condition
