"""Every error a caller sees has one shape: ``{"error": {"code", "message", "details"}}``."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.answers import answer, documented
from schemas.base import Frozen
from transport.asked import BUSY_SESSION, NO_SESSION, NO_TRADING, NOT_VALID, NOT_YET, Refused

log = logging.getLogger(__name__)

PLACES = ("query", "path", "body", "preset", "own")  # of a fault: where it came from, or which of several shapes

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
    429: "too_many",
    503: "unavailable",
}

REFUSED = {NOT_VALID: 422, NOT_YET: 400, NO_TRADING: 400, NO_SESSION: 404, BUSY_SESSION: 409}


class Problem(Frozen):
    """`code` is for programs, `message` for people; what `details` has depends on the code."""

    code: str
    message: str
    details: dict[str, Any]


class ErrorAnswer(Frozen):
    """Every answer that is not a success, but for the whole picture that health gives with its 503."""

    error: Problem


DOCUMENTED = documented(ErrorAnswer, status="default", about="It could not be done, and why.")


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
        body = ErrorAnswer(error=Problem(code=self.code, message=self.message, details=self.details))
        return answer(body, status=self.status, headers={"Cache-Control": "no-store", **self.headers})


def refused(*faults: tuple[str, str, object]) -> ApiError:
    """422 for (field, what was expected, what was received)."""
    told = [{"field": field, "expected": expected, "received": received} for field, expected, received in faults]
    said = "; ".join(f"{field}: expected {expected}" if field else expected for field, expected, _ in faults)
    return ApiError(422, f"Not valid: {said}.", details={"faults": told})


def refusal(error: Refused) -> ApiError:
    """A run that cannot be, as the answer to who asked for it."""
    whole = refused(*((f.field, f"{f.expected}{f.ways_out}", f.received) for f in error.faults))
    if error.code == NOT_VALID:
        return whole
    return ApiError(REFUSED[error.code], whole.message, code=error.code, details=error.details)


def validation_error(found: Sequence[Mapping[str, Any]], known: Sequence[str] = ()) -> ApiError:
    """422 for the errors of a pydantic model, in words. `known`: the fields that it has."""
    return refused(*(_fault(error, known) for error in found))


def _fault(error: Mapping[str, Any], known: Sequence[str]) -> tuple[str, str, object]:
    field = ".".join(str(part) for part in error["loc"] if part not in PLACES)
    kind, received = error["type"], error.get("input")
    if kind == "missing":
        return field, "a value", None
    if kind == "extra_forbidden":
        wanted = f"one of the fields {', '.join(known)}" if known and "." not in field else "no such field"
        return field, wanted, received
    if kind.startswith("date_"):
        return field, "a date like 2026-02-13", received
    if kind in ("literal_error", "enum"):
        return field, f"one of {error['ctx']['expected']}", received
    said = re.sub(r"^(Input should be|Value error,|String should have) ", "", error["msg"])
    return field, said.replace("at most", "text of at most", 1) if kind == "string_too_long" else said, received


def install(app: FastAPI) -> None:
    """Give `app` the one error shape, for its own errors and for the framework's."""

    @app.exception_handler(ApiError)
    async def ours(_: Request, error: ApiError) -> Response:
        return error.response()

    @app.exception_handler(Refused)
    async def cannot_be(_: Request, error: Refused) -> Response:
        return refusal(error).response()

    @app.exception_handler(HTTPException)
    async def framework(request: Request, error: HTTPException) -> Response:
        message = {
            404: f"There is nothing at {request.url.path}.",
            405: f"{request.method} is not possible at {request.url.path}.",
        }.get(error.status_code, str(error.detail))
        return ApiError(error.status_code, message, headers=error.headers).response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return validation_error(error.errors()).response()

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        # Starlette re-raises after this answer, and the server logs the trace; the caller sees none of it.
        return ApiError(500, "Something went wrong inside the server.", code="internal").response()
