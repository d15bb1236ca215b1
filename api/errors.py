"""Every error a caller sees has one shape: ``{"error": {"code", "message", "details"}}``."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.answers import answer

log = logging.getLogger(__name__)

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "validation_failed",
    503: "unavailable",
}


class ApiError(Exception):
    """An answer that is not a success. `code` is for programs, `message` for people."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers or {})
        self.code = code or CODES.get(status, "error")
        self.details = dict(details or {})

    def response(self) -> Response:
        body = {"error": {"code": self.code, "message": self.message, "details": self.details}}
        return answer(body, status=self.status, headers={"Cache-Control": "no-store", **self.headers})


def install(app: FastAPI) -> None:
    """Give `app` the one error shape, for its own errors and for the framework's."""

    @app.exception_handler(ApiError)
    async def ours(_: Request, error: ApiError) -> Response:
        return error.response()

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        message = {
            404: f"There is nothing at {request.url.path}.",
            405: f"{request.method} is not possible at {request.url.path}.",
        }.get(error.status_code, str(error.detail))
        return ApiError(error.status_code, message, headers=error.headers).response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        faults = [
            {
                "field": ".".join(str(part) for part in fault["loc"] if part not in ("query", "path", "body")),
                "expected": fault["msg"],
                "received": fault.get("input"),
            }
            for fault in error.errors()
        ]
        named = ", ".join(fault["field"] for fault in faults)
        return ApiError(422, f"Not valid: {named}.", details={"faults": faults}).response()

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        # Starlette re-raises after this answer, and the server logs the trace; the caller sees none of it.
        return ApiError(500, "Something went wrong inside the server.", code="internal").response()
