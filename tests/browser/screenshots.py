"""Every page at three widths, in both languages and themes, for people to look at.

`python -m tests.browser.screenshots OUT_DIR URL [NAME ...]` writes PNG files and an index.html that shows them. A name
is a path like `/twins`; what is a click away, like `why`, `settings` or `drawer`; or the page of a run that the line
has, like `backtest-finished` or `compare`.
"""

from __future__ import annotations

import asyncio
import sys
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.pages import PAGES, WIDTHS, looking

LANGUAGES, THEMES = ("ko", "en"), ("light", "dark")
TALLEST = 12_000  # pixels: an endless list is cut here


class Scene(NamedTuple):
    """A path, what is clicked there (a selector), and from which width down or up it is there to be clicked."""

    path: str
    click: str | None = None
    widest: int = max(WIDTHS)
    narrowest: int = min(WIDTHS)


OPENED = {
    "why": Scene("/", "main button[aria-label$='왜?'], main button[aria-label$='why?']"),
    "why-event": Scene("/signals", "main li[data-event] button"),
    "why-ticker": Scene("/tickers", "main td button"),
    "settings": Scene("/", "header button[aria-haspopup=dialog]"),
    "drawer": Scene("/", "header button[aria-expanded]", widest=768, narrowest=481),
    "more": Scene("/", "[class*=tabs] > button", widest=480),
    "form": Scene("/backtests/new"),
    "form-sweep": Scene("/backtests/new", "main [value=sweep]"),
    "no-page": Scene("/nowhere"),
    "no-run": Scene("/backtests/000000000000"),
}


def of_runs(runs: list[dict[str, Any]]) -> dict[str, Scene]:
    """The newest run of each kind and status, and a comparison."""
    scenes = {}
    for run in reversed(runs):
        place = "review" if run["kind"] == "replay" else "backtests"
        scenes[f"{run['kind']}-{run['status']}"] = Scene(f"/{place}/{run['run_id']}")
    finished = [run["run_id"] for run in runs if (run["kind"], run["status"]) == ("backtest", "finished")]
    if len(finished) > 1:
        scenes["compare"] = Scene(f"/backtests?compare={','.join(finished[:3])}")
    return scenes


async def shoot(page: Page, url: str, scene: Scene, width: int, target: Path) -> None:
    """Write a scene at `width`: the whole page with the fixed bars where they belong, or the window after a click."""
    await page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    await page.goto(url + scene.path)
    await page.locator("main h1").wait_for()
    await page.locator("[data-feed]").first.wait_for()
    await page.wait_for_timeout(1500)  # charts draw themselves
    if scene.click:
        await page.locator(scene.click).first.click(force=True)
        await page.wait_for_timeout(500)
    for _ in range(0 if scene.click and "value=" not in scene.click else 2):  # what arrives late makes it taller
        tall = await page.evaluate("document.documentElement.scrollHeight")
        await page.set_viewport_size({"width": width, "height": min(max(tall, WIDTHS[width]), TALLEST)})
        await page.wait_for_timeout(300)
    await page.screenshot(path=target)


async def series(
    browser: Browser, out: Path, url: str, scenes: dict[str, Scene], language: str, theme: str
) -> list[str]:
    """All scenes for one reader. Returns the names of the files."""
    context = await browser.new_context(reduced_motion="reduce", **looking(url, language=language, theme=theme))
    page = await context.new_page()
    names = []
    for (about, scene), width in product(scenes.items(), WIDTHS):
        if not scene.narrowest <= width <= scene.widest:
            continue
        name = f"{about}-{width}-{language}-{theme}.png"
        await shoot(page, url, scene, width, out / name)
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


async def main(out: Path, url: str, chosen: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        asking = await playwright.request.new_context()
        runs = (await (await asking.get(f"{url}/api/runs?limit=200")).json())["items"]
        scenes = {path.strip("/") or "overview": Scene(path) for path in PAGES} | OPENED | of_runs(runs)
        if unknown := [name for name in chosen if name.strip("/") not in scenes and name != "/"]:
            sys.exit(f"NAME: expected some of {', '.join(scenes)}, received {', '.join(unknown)}")
        if chosen:
            scenes = {name: scenes[name] for name in (one.strip("/") or "overview" for one in chosen)}
        names: list[str] = []
        for language, theme in product(LANGUAGES, THEMES):
            names += await series(browser, out, url, scenes, language, theme)
        await browser.close()
    (out / "index.html").write_text(index(names))
    print(f"{len(names)} pictures in {out}; open {out / 'index.html'}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("python -m tests.browser.screenshots OUT_DIR URL [NAME ...]")
    directory, address, *some = sys.argv[1:]
    asyncio.run(main(Path(directory), address.rstrip("/"), some))
