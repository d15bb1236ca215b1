"""What every request passes: who may write, how large a body may be, and the headers of every answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.config import ApiConfig
from api.errors import ApiError

SAFE = {"GET", "HEAD", "OPTIONS"}

# The page is made of our own files only: no inline script or style, no other origin, no frame around it.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
}


class Guard:
    """Plain ASGI, so that streams pass through untouched."""

    def __init__(self, app: ASGIApp, config: ApiConfig) -> None:
        self._app, self._config = app, config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            headers = Headers(scope=scope)
            if scope["method"] not in SAFE:
                self._may_write(headers)
            limited = self._limited(headers, receive)
        except ApiError as error:
            await error.response()(scope, receive, with_headers)
            return
        await self._app(scope, limited, with_headers)

    def _may_write(self, headers: Headers) -> None:
        """A page of another site must not write with this browser's reach, nor under a name that it made up for us."""
        host = headers.get("host", "")
        allowed = self._config.allowed_hosts
        if "*" not in allowed and _name(host) not in {name.lower() for name in allowed}:
            raise ApiError(400, f"This server does not answer to the name {host!r}.", code="bad_host")
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            if origin not in self._config.allowed_origins:
                raise ApiError(403, f"Pages of {origin!r} may not write here.", code="bad_origin")
        elif origin is None and headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise ApiError(403, "Pages of other sites may not write here.", code="bad_origin")

    def _limited(self, headers: Headers, receive: Receive) -> Receive:
        limit = self._config.body_limit
        declared = headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > limit:
            raise ApiError(413, f"The body may have {limit} bytes.", details={"limit": limit})
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message: dict[str, Any] = dict(await receive())
            taken += len(message.get("body", b""))
            if taken > limit:
                raise ApiError(413, f"The body may have {limit} bytes.", details={"limit": limit})
            return message

        return counted


def _name(host: str) -> str:
    """`host` without its port, in lower case: ``[::1]:8000`` is ``[::1]``."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()
