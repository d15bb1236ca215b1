"""Every page at three widths, in both languages and themes, for people to look at.

`python -m tests.browser.screenshots OUT_DIR URL [PATH ...]` writes PNG files and an index.html that shows them.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import product
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.pages import PAGES, WIDTHS, looking

LANGUAGES, THEMES = ("ko", "en"), ("light", "dark")
TALLEST = 12_000  # pixels: an endless list is cut here


async def shoot(page: Page, url: str, path: str, width: int, target: Path) -> None:
    """Write `path` at `width` as one picture of the whole page, with the fixed bars where they belong."""
    await page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    await page.goto(url + path)
    await page.locator("main h1").wait_for()
    await page.locator("[data-feed]").first.wait_for()
    await page.wait_for_timeout(1500)  # charts draw themselves
    tall = await page.evaluate("document.documentElement.scrollHeight")
    await page.set_viewport_size({"width": width, "height": min(max(tall, WIDTHS[width]), TALLEST)})
    await page.wait_for_timeout(300)
    await page.screenshot(path=target)


async def series(browser: Browser, out: Path, url: str, paths: list[str], language: str, theme: str) -> list[str]:
    """All pages for one reader. Returns the names of the files."""
    context = await browser.new_context(reduced_motion="reduce", **looking(url, language=language, theme=theme))
    page = await context.new_page()
    names = []
    for path, width in product(paths, WIDTHS):
        name = f"{path.strip('/') or 'overview'}-{width}-{language}-{theme}.png"
        await shoot(page, url, path, width, out / name)
        names.append(name)
        print(name, flush=True)
    await context.close()
    return names


def index(names: list[str]) -> str:
    shots = "".join(
        f'<figure><a href="{name}"><img src="{name}"></a><figcaption>{name}</figcaption></figure>' for name in names
    )
    style = "body{display:flex;flex-wrap:wrap;gap:16px}figure{margin:0;width:320px}img{width:100%}"
    return f'<!doctype html><meta charset="utf-8"><title>Dashboard</title><style>{style}</style>{shots}'


async def main(out: Path, url: str, paths: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        names: list[str] = []
        for language, theme in product(LANGUAGES, THEMES):
            names += await series(browser, out, url, paths, language, theme)
        await browser.close()
    (out / "index.html").write_text(index(names))
    print(f"{len(names)} pictures in {out}; open {out / 'index.html'}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("python -m tests.browser.screenshots OUT_DIR URL [PATH ...]")
    directory, address, *chosen = sys.argv[1:]
    asyncio.run(main(Path(directory), address.rstrip("/"), chosen or list(PAGES)))
