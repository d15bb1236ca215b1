"""How the dashboard's files are served, from a directory that stands in for a built one."""

from __future__ import annotations

import gzip

import httpx
import pytest
from fastapi import FastAPI

from api import errors, page

SCRIPT = "console.log('이름');" * 100


@pytest.fixture
def built(tmp_path, monkeypatch):
    home = tmp_path / "dashboard"
    (home / "assets").mkdir(parents=True)
    (home / "index.html").write_text("<title>PTJ</title>", "utf-8")
    (home / "assets" / "index-B1c2.js").write_text(SCRIPT, "utf-8")
    (home / "assets" / "font-A0.woff2").write_bytes(b"wOF2")
    (tmp_path / "secret.html").write_text("secret", "utf-8")
    monkeypatch.setattr(page, "BUILT", home)
    return home


@pytest.fixture
async def browser():
    app = FastAPI()
    errors.install(app)
    app.include_router(page.router)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/market", "/backtests/0123456789ab"])
async def test_its_own_routes_are_its_one_page(built, browser, path):
    answer = await browser.get(path)
    assert (answer.status_code, answer.text) == (200, "<title>PTJ</title>")
    assert answer.headers["cache-control"] == "no-cache"
    again = await browser.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_hashed_files_are_kept_for_a_year_and_packed(built, browser):
    answer = await browser.get("/assets/index-B1c2.js", headers={"Accept-Encoding": "gzip"})
    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), mtime=0)) < len(SCRIPT)
    assert "max-age=31536000" in answer.headers["cache-control"]
    plain = await browser.get("/assets/index-B1c2.js", headers={"Accept-Encoding": "identity"})
    assert (plain.text, plain.headers.get("content-encoding")) == (SCRIPT, None)
    assert plain.headers["etag"] != answer.headers["etag"]
    font = await browser.get("/assets/font-A0.woff2", headers={"Accept-Encoding": "gzip"})
    assert (font.content, font.headers.get("content-encoding")) == (b"wOF2", None)


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/api/nothing", "/..%2Fsecret.html", "/assets/..%2F..%2Fsecret.html", "/page.py"]
)
async def test_nothing_else_is_there(built, browser, path):
    answer = await browser.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_without_a_built_dashboard_the_plain_page_is_served(browser, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "BUILT", tmp_path)
    assert "<html" in (await browser.get("/")).text
    assert (await browser.get("/market")).status_code == 404
