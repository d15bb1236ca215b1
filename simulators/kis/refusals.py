"""The broker's refusals: codes, texts, HTTP states, and the limit on calls a second.

Which HTTP state goes with a code is only partly known, so a client has to read the code whatever the state is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from simulators.kis.wire import Reply

CALLS_A_SECOND, PAPER_CALLS_A_SECOND = 20, 2

GATEWAY = {
    "EGW00101": (403, "유효하지 않은 요청입니다."),
    "EGW00102": (403, "AppKey는 필수입니다."),
    "EGW00103": (403, "유효하지 않은 AppKey입니다."),
    "EGW00104": (403, "AppSecret은 필수입니다."),
    "EGW00105": (403, "유효하지 않은 AppSecret입니다."),
    "EGW00115": (403, "grant_type은 필수입니다."),
    "EGW00116": (403, "지원하지 않는 grant_type입니다."),
    "EGW00121": (500, "유효하지 않은 token 입니다."),
    "EGW00123": (500, "기간이 만료된 token 입니다."),
    "EGW00133": (403, "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)"),
    "EGW00201": (500, "초당 거래건수를 초과하였습니다."),
    "EGW00205": (500, "credentials_type이 유효하지 않습니다.(Bearer)"),
    "EGW00213": (500, "모의투자 TR 이 아닙니다."),
    "OPSQ0002": (200, "없는 서비스 코드 입니다"),
    "OPSQ2001": (200, "ERROR INPUT FIELD NOT FOUND"),
    "OPSQ9999": (200, "JSON ERROR (tr_id)"),
}


def refused(code: str, status: int | None = None) -> Reply:
    """A refusal of a quotation: the normal envelope."""
    usual, text = GATEWAY[code]
    return Reply.of({"rt_cd": "1", "msg_cd": code, "msg1": text}, status or usual)


def refused_oauth(code: str) -> Reply:
    """A refusal of the OAuth paths, which have an envelope of their own."""
    status, text = GATEWAY[code]
    return Reply.of({"error_description": text, "error_code": code}, status)


class RateLimit:
    """At most `calls` in any 1,000 market ms. Refused calls do not count."""

    def __init__(self, calls: int, now_ms: Callable[[], int]) -> None:
        self._calls, self._now_ms = calls, now_ms
        self._times: dict[str, deque[int]] = {}

    def allows(self, app_key: str) -> bool:
        now, times = self._now_ms(), self._times.setdefault(app_key, deque())
        while times and not 0 <= now - times[0] < 1000:
            times.popleft()
        if len(times) >= self._calls:
            return False
        times.append(now)
        return True
