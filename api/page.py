"""The first page at `/`: plain files, no build step, nothing from elsewhere."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from api.errors import ApiError

router = APIRouter(include_in_schema=False)

FILES = Path(__file__).parent / "static"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@lru_cache(maxsize=64)
def _read(path: Path, _: int) -> tuple[bytes, str]:
    """The bytes of `path` and their tag; the second argument is the time of its last change."""
    content = path.read_bytes()
    return content, f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


@router.get("/")
@router.get("/static/{name}")
async def page(request: Request, name: str = "index.html", if_none_match: str | None = Header(None)) -> Response:
    path = FILES / name
    if path.suffix not in TYPES or path.parent != FILES or not path.is_file():
        raise ApiError(404, f"There is nothing at {request.url.path}.")
    content, tag = _read(path, path.stat().st_mtime_ns)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=TYPES[path.suffix])


@router.get("/favicon.ico")
async def icon(request: Request) -> Response:
    return await page(request, "icon.svg", None)
