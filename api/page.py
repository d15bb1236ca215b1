"""The pages: the built dashboard where there is one, else the plain first page. Nothing is loaded from elsewhere."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from api.errors import ApiError

router = APIRouter(include_in_schema=False)

PLAIN = Path(__file__).parent / "static"
BUILT = Path(__file__).parent / "dashboard"  # what `make web` leaves here; not in the repository
HASHED = "assets"  # files whose names change with their content
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
PACKED = frozenset((".html", ".css", ".js", ".json", ".svg"))  # the others are packed already
A_YEAR = "public, max-age=31536000, immutable"


class File(NamedTuple):
    content: bytes
    packed: bytes | None
    tag: str


@lru_cache(maxsize=256)
def _read(path: Path, _: int) -> File:
    """What is at `path`; the second argument is the time of its last change."""
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0) if path.suffix in PACKED else None
    return File(content, packed, hashlib.blake2b(content, digest_size=12).hexdigest())


@router.get("/static/{name}")
async def plain(
    request: Request,
    name: str,
    if_none_match: str | None = Header(None),
    accept_encoding: str = Header(""),
) -> Response:
    return _answer(request, PLAIN, name, if_none_match, accept_encoding)


@router.get("/favicon.ico")
async def icon(request: Request) -> Response:
    return _answer(request, PLAIN, "icon.svg", None, "")


@router.get("/{path:path}")
async def page(
    request: Request,
    path: str,
    if_none_match: str | None = Header(None),
    accept_encoding: str = Header(""),
) -> Response:
    """A file of the dashboard; for its own routes, which have no dot in them, its one page."""
    built = (BUILT / "index.html").is_file()
    if path == "" or (built and "." not in path.rpartition("/")[2] and not path.startswith("api/")):
        path = "index.html"
    return _answer(request, BUILT if built else PLAIN, path, if_none_match, accept_encoding)


def _answer(request: Request, home: Path, name: str, known: str | None, encodings: str) -> Response:
    path = (home / name).resolve()
    if path.suffix not in TYPES or not path.is_relative_to(home.resolve()) or not path.is_file():
        raise ApiError(404, f"There is nothing at {request.url.path}.")
    file = _read(path, path.stat().st_mtime_ns)
    lasting = home is BUILT and path.parent.name == HASHED
    packed = file.packed if "gzip" in encodings else None
    tag = f'"{file.tag}{"-gzip" if packed else ""}"'
    headers = {"ETag": tag, "Cache-Control": A_YEAR if lasting else "no-cache", "Vary": "Accept-Encoding"}
    if known == tag:
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(packed or file.content, headers=headers, media_type=TYPES[path.suffix])
