"""The broker's REST calls: who may ask, how often, and what they get."""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import formatdate
from typing import Any

from schemas.base import from_milliseconds
from schemas.book import Book
from simulators.kis.credentials import Credentials
from simulators.kis.disturbed import disturbed, listing
from simulators.kis.faults import Faults
from simulators.kis.fields import DETAIL_FIELDS, PRICE_FIELDS, SEOUL, blanked, detail_fields, price_fields
from simulators.kis.refusals import CALLS_A_SECOND, PAPER_CALLS_A_SECOND, RateLimit, refused, refused_oauth
from simulators.kis.wire import Reply, Request
from simulators.source import Source

log = logging.getLogger(__name__)
QUOTATIONS = "/uapi/overseas-price/v1/quotations/"


@dataclass(frozen=True, slots=True)
class Quotation:
    tr_id: str
    fields: tuple[str, ...]
    paper: bool  # offered to paper accounts
    steps: bool  # a replay counts it as read


SERVICES = {
    QUOTATIONS + "price": Quotation("HHDFS00000300", PRICE_FIELDS, paper=True, steps=True),
    QUOTATIONS + "price-detail": Quotation("HHDFS76200200", DETAIL_FIELDS, paper=False, steps=False),
}


class Rest:
    """Answers requests from `source`. Every reply says in its headers what time the market has."""

    def __init__(self, book: Book, source: Source, credentials: Credentials, faults: Faults, paper: bool) -> None:
        self._book, self._source, self._credentials = book, source, credentials
        self._faults, self._paper = faults, paper
        calls = PAPER_CALLS_A_SECOND if paper else CALLS_A_SECOND
        self._limit = RateLimit(calls, source.clock.passed_ms)
        self.calls: Counter[str] = Counter()

    def market_headers(self) -> dict[str, str]:
        """`Date` and `X-Market-Time` (ms) are market time, `X-Market-Speed` market seconds a wall second."""
        now = self._source.clock.now_ms()
        date, speed = formatdate(now / 1000, usegmt=True), f"{self._source.clock.speed:g}"
        return {"Date": date, "X-Market-Time": str(now), "X-Market-Speed": speed, **self._source.headers()}

    async def answer(self, request: Request) -> Reply | None:
        """The reply to a request of the broker's API; None when a fault wants none."""
        self.calls[request.path] += 1
        headers = self.market_headers()  # of the instant the quote is of: a replay may step on afterwards
        symbol = request.query.get("SYMB")
        if (broken := self._broken(request, symbol)) is not None:
            reply = broken
        elif self._faults.take("timeout", symbol, request.path):
            return None
        elif request.path.startswith("/oauth2/"):
            reply = self._oauth(request)
        else:
            reply = self._quotation(request)
        return replace(reply, headers={**headers, **self._source.headers(), **reply.headers})

    def _broken(self, request: Request, symbol: str | None) -> Reply | None:
        path = request.path
        if self._faults.take("429", symbol, path):
            return refused("EGW00201", 429)
        if self._faults.take("EGW00201", symbol, path):
            return refused("EGW00201")
        if self._faults.take("http_500", symbol, path):
            return Reply(500, b"<html><body>Internal Server Error</body></html>", {"content-type": "text/html"})
        if self._faults.take("expired_token", symbol, path):
            self._credentials.revoke(request.headers.get("authorization", "").removeprefix("Bearer "))
            return refused("EGW00123")
        return None

    def _oauth(self, request: Request) -> Reply:
        try:
            body: Any = json.loads(request.body or b"null")
        except ValueError:
            body = None
        if request.method != "POST" or not isinstance(body, dict):
            return refused_oauth("EGW00101")
        secret = "secretkey" if request.path == "/oauth2/Approval" else "appsecret"
        app_key = str(body.get("appkey") or "")
        if (code := self._credentials.refusal(app_key, body.get(secret))) is not None:
            return refused_oauth(code)
        if request.path == "/oauth2/revokeP":
            known = self._credentials.revoke(str(body.get("token", "")))
            return (
                Reply.of({"code": 200, "message": "접근토큰 폐기에 성공하였습니다."})
                if known
                else refused_oauth("EGW00121")
            )
        if body.get("grant_type") != "client_credentials":
            return refused_oauth("EGW00116" if body.get("grant_type") else "EGW00115")
        if request.path == "/oauth2/Approval":
            return Reply.of({"approval_key": self._credentials.approve(app_key)})
        if request.path != "/oauth2/tokenP":
            return refused_oauth("EGW00101")
        issued = self._credentials.issue(app_key)
        if issued is None:
            return refused_oauth("EGW00133")
        token, ends_ms = issued
        left = timedelta(milliseconds=ends_ms - self._source.clock.passed_ms() + self._source.ahead_ms())
        ends = (from_milliseconds(self._source.clock.now_ms()) + left).astimezone(SEOUL)
        return Reply.of(
            {
                "access_token": token,
                "access_token_token_expired": f"{ends:%Y-%m-%d %H:%M:%S}",
                "token_type": "Bearer",
                "expires_in": int(left.total_seconds()),
            }
        )

    def _quotation(self, request: Request) -> Reply:
        headers, query = request.headers, request.query
        app_key = headers.get("appkey", "")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        service, tr_id = SERVICES.get(request.path), headers.get("tr_id", "")
        code = self._credentials.refusal(app_key, headers.get("appsecret"))
        if code is None and scheme and scheme != "Bearer":
            code = "EGW00205"
        code = code or self._credentials.verdict(token, app_key)
        if code is None and not self._limit.allows(app_key):
            code = "EGW00201"
        if code is None and not tr_id:
            code = "OPSQ9999"
        if code is not None or service is None or service.tr_id != tr_id or request.method != "GET":
            return refused(code or "OPSQ0002")
        if self._paper and not service.paper:
            return refused("EGW00213")
        if "EXCD" not in query or "SYMB" not in query:
            return refused("OPSQ2001")
        symbol, exchange = query["SYMB"], query["EXCD"]
        output, healthy = self._output(service, symbol, exchange)
        envelope = {"output": output, "rt_cd": "0", "msg_cd": "MCA00000", "msg1": "정상처리 되었습니다."}
        reply = Reply.of(
            envelope, headers={"tr_id": tr_id, "tr_cont": "", "gt_uid": f"{sum(self.calls.values()):032d}"}
        )
        if self._faults.take("truncated_json", symbol, request.path):
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        if healthy and service.steps:
            self._source.was_read(symbol)
        return reply

    def _output(self, service: Quotation, symbol: str, exchange: str) -> tuple[dict[str, str], bool]:
        """Fields of a quotation, and whether they are what they should be."""
        listed = listing(self._book, self._faults, symbol)
        quote = self._source.quote(symbol) if exchange == listed else None
        if quote is None:
            # a symbol without a row on a replayed date counts as read, one asked at a wrong exchange does not
            return dict.fromkeys(service.fields, ""), exchange == listed
        shown, rate_off, blank = disturbed(quote, self._faults)
        rsym = f"D{exchange}{symbol}"
        fields = price_fields(shown, rsym, rate_off) if service.steps else detail_fields(shown, rsym)
        return blanked(fields) if blank else fields, shown is quote and not rate_off and not blank
