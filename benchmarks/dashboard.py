"""What the dashboard costs a reader's browser, and how long a change takes from Kafka to the screen.

A minute of a whole line (simulator over WebSocket, producer, processor, sink, API, each a process) is looked at and
recorded. Then the line ends and a stand plays the recording: as it was (16 symbols change each second), with 500
changes a second, and sixty times as fast for an hour of it. Chromium is Debian's, headless and without a GPU, at
1440 x 900. The main thread's share is its own CPU time; the baseline is a page on which little moves.

    python -m benchmarks.dashboard [--quick] [--keep FILE] [--recording FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import msgspec
from playwright.async_api import Browser

from benchmarks.latency import appended, log_of
from benchmarks.looking import Pixel, chromium, look, percentile
from benchmarks.measured import judged
from benchmarks.parts import Parts, ours, parts
from benchmarks.pipeline import commit, cpu, load
from benchmarks.recording import Recording, record
from benchmarks.stages import Line, line
from benchmarks.stand import CHANGES, HOUR_S, RUSH_AFTER_S, RUSH_S
from runtime.children import end, spawn
from runtime.embedded.child import last_lines
from runtime.embedded.ports import free_port
from schemas.base import decoder, encode
from schemas.quotes import Quote
from schemas.signals import SignalEvent
from schemas.topics import QUOTES, SIGNALS

QUIET = "/parameters"
PATHS = (QUIET, "/", "/market", "/twins", "/conditional", "/bearish", "/tickers", "/signals", "/health")
TURN_EVERY_S = 2.0  # thresholds turned to and fro, so that there are signals to time
TURNS = (
    {"stop_loss_pct": -0.1, "pair_gap_entry_threshold": 0.2, "pair_gap_sell_threshold": 0.1, "confirm_sec": 0.0},
    {"stop_loss_pct": -20.0, "pair_gap_entry_threshold": 5.0, "pair_gap_sell_threshold": 4.0, "confirm_sec": 0.0},
)
QUICK = {"record_s": 20.0, "busy_s": 5.0, "signals_s": 15.0}
WHOLE = {"record_s": 60.0, "busy_s": 20.0, "signals_s": 60.0}


@dataclass(slots=True)
class Found:
    """Everything that was measured. Sizes in kB as sent, times in ms, shares in percent of a core."""

    scripts: dict[str, float] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)  # by path, over the recording
    line_busy: float = 0.0
    frames: dict[str, tuple[float, float]] = field(default_factory=dict)  # in the rush: a second, longest gap
    signals: tuple[int, int] = (0, 0)  # of the rush: shown, sent
    heap: tuple[float, float] = (0.0, 0.0)  # MB before and after the hour
    prices: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)


def say(text: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


async def over_the_line(browser: Browser, chosen: dict[str, float], found: Found) -> Recording:
    """The whole line at work: how long prices and signals take to the screen, and the recording."""
    async with parts() as running, line(running, feed="auto") as whole:
        say("a line runs")
        async with look(browser, f"{whole.api_url}/tickers") as page:
            await page.note_pixels()
            recording, found.line_busy = await asyncio.gather(
                record(whole.api_url, chosen["record_s"]), page.busy_pct(chosen["record_s"])
            )
            found.prices = await price_lags(running, whole, await page.pixels())
        say(f"recorded {len(recording.messages):,} messages, timed {len(found.prices):,} prices")
        async with look(browser, f"{whole.api_url}/signals") as page:
            await page.page.get_by_role("radio", name="모든 판정").check()
            await page.note_pixels()
            await turned(whole.api_url, chosen["signals_s"])
            found.events = await event_lags(running, whole, await page.pixels())
        say(f"timed {len(found.events):,} signals")
    return recording


async def turned(api_url: str, seconds: float) -> None:
    """Change thresholds to and fro, as a person could."""
    async with httpx.AsyncClient(base_url=api_url, timeout=15) as client:
        for turn in range(round(seconds / TURN_EVERY_S)):
            await client.put("/api/config/parameters", json=TURNS[turn % 2])
            await asyncio.sleep(TURN_EVERY_S)


async def price_lags(on: Parts, running: Line, pixels: list[Pixel]) -> list[float]:
    """For each price that was painted, since Kafka had the frame that brought it."""
    decode, ticks = decoder(Quote).decode, await appended(on, running.namespace)
    told: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)  # symbol and text: when said, position
    for record_ in await log_of(on, QUOTES, running.namespace, 0):
        quote = decode(record_.value)
        if quote.tick.last is not None:
            told[quote.tick.symbol, f"{quote.tick.last:,.2f}"].append((record_.timestamp, quote.position))
    lags = []
    for pixel in pixels:
        known = told.get((pixel.of, pixel.text), [])
        before = bisect_right(known, (round(pixel.at_ms) + 1, 0))
        if pixel.kind == "price" and before > 0 and known[before - 1][1] in ticks:
            lags.append(pixel.at_ms - ticks[known[before - 1][1]])
    return lags


async def event_lags(on: Parts, running: Line, pixels: list[Pixel]) -> list[float]:
    """For each signal event that was painted, since Kafka had the frame that it judges."""
    decode, ticks = decoder(SignalEvent).decode, await appended(on, running.namespace)
    said = {
        event.event_id: event.position
        for record_ in await log_of(on, SIGNALS, running.namespace, 0)
        for event in [decode(record_.value)]
    }
    return [pixel.at_ms - ticks[said[pixel.of]] for pixel in pixels if pixel.kind == "event" and pixel.of in said]


@asynccontextmanager
async def stand(recording: Recording) -> AsyncIterator[str]:
    """A server of the recording in a process of its own; its address."""
    with TemporaryDirectory(prefix="ptj-stand-") as name:
        home, port = Path(name), free_port()
        (home / "recording.json").write_bytes(encode(recording))
        program = ours("stand", str(home / "recording.json"), "--port", str(port))
        process = await spawn(program, home / "stand.log")
        url = f"http://127.0.0.1:{port}"
        try:
            async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(60):
                while process.returncode is None:
                    try:
                        (await client.get("/api/health")).raise_for_status()
                        break
                    except httpx.TransportError:
                        await asyncio.sleep(0.1)
                else:
                    raise RuntimeError(f"the stand ended: {last_lines(home / 'stand.log', 8)}")
            yield url
        finally:
            await end(process, program)


async def over_the_recording(browser: Browser, url: str, chosen: dict[str, float], found: Found) -> None:
    async with look(browser, url, drawn_s=1.0) as page:
        found.scripts = await page.scripts_kb()
    for path in PATHS:
        async with look(browser, url + path) as page:
            found.busy[path] = await page.busy_pct(chosen["busy_s"])
        say(f"{path}: {found.busy[path]:.1f} %")
    for path in ("/", "/signals"):
        await choose(url, "rush")
        async with look(browser, url + path, drawn_s=RUSH_AFTER_S) as page:
            found.frames[path] = await page.frames(RUSH_S)
        say(f"{path} in the rush: {found.frames[path][0]:.0f} frames/s")
    await signals_of_a_rush(browser, url, found)
    await choose(url, "hour")
    async with look(browser, url, drawn_s=2.0) as page:
        before = await page.heap_mb()
        await asyncio.sleep(HOUR_S + 5)
        found.heap = before, await page.heap_mb()
    say(f"an hour: {found.heap[0]:.1f} to {found.heap[1]:.1f} MB")


async def choose(url: str, stream: str) -> list[str]:
    async with httpx.AsyncClient(base_url=url) as client:
        ids: list[str] = (await client.post(f"/__stand/{stream}")).raise_for_status().json()
        return ids


async def signals_of_a_rush(browser: Browser, url: str, found: Found) -> None:
    """Every event of it must stand in the feed."""
    sent = set(await choose(url, "rush"))
    async with look(browser, f"{url}/signals", drawn_s=RUSH_AFTER_S + RUSH_S + 2) as page:
        await page.page.get_by_role("radio", name="모든 판정").check()
        rows: list[str] = await page.page.locator("main li[data-event]").evaluate_all(
            "(rows) => rows.map((row) => row.dataset.event.slice(0, 8))"
        )
        found.signals = len(sent & set(rows)), len(sent)


def table(found: Found) -> str:
    quiet = found.busy[QUIET]
    lines = [f"{'main thread, 16 symbols each second':44}{'% of a core':>12}{'x quiet page':>14}"]
    lines += [f"  {path:42}{share:>12.1f}{share / quiet:>14.1f}" for path, share in found.busy.items()]
    lines.append(f"  {'/tickers beside the whole line':42}{found.line_busy:>12.1f}{found.line_busy / quiet:>14.1f}")
    lines += ["", f"{f'{CHANGES} changes a second':44}{'frames/s':>12}{'longest ms':>14}"]
    lines += [f"  {path:42}{rate:>12.1f}{gap:>14.0f}" for path, (rate, gap) in found.frames.items()]
    lines += ["", f"{'from Kafka to pixels, whole line':44}{'p50 ms':>12}{'p99 ms':>14}{'samples':>10}"]
    for name, lags in (("prices", found.prices), ("signals", found.events)):
        if lags:
            p50, p99 = percentile(lags, 0.5), percentile(lags, 0.99)
            lines.append(f"  {name:42}{p50:>12.0f}{p99:>14.0f}{len(lags):>10,}")
    largest = sorted(found.scripts.items(), key=lambda pair: -pair[1])[:4]
    named = ", ".join(f"{name} {size:.0f} kB" for name, size in largest)
    lines += ["", f"the first view loads {len(found.scripts)} scripts, the largest {named}"]
    return "\n".join(lines)


def aims(found: Found) -> str:
    """Each aim with what came of it."""
    charts = sum(size for name, size in found.scripts.items() if "lightweight-charts" in name)
    first = sum(found.scripts.values()) - charts
    before, after = found.heap
    shown, sent = found.signals
    told = [
        ("JavaScript of the first view, kB gzipped", first, "<=", 250.0),
        ("busiest page's main thread, %", max(found.busy.values()), "<=", 5.0),
        ("fewest frames/s in the rush", min(rate for rate, _ in found.frames.values()), ">=", 50.0),
        (f"signals lost of the {sent} of the rush", float(sent - shown), "<=", 0.0),
        (f"growth of memory over an hour, % of {before:.1f} MB", 100 * (after / before - 1), "<=", 15.0),
    ]
    return judged(told, digits=1)


async def run(given: argparse.Namespace) -> None:
    chosen, found = QUICK if given.quick else WHOLE, Found()
    assert __doc__ is not None
    print(f"{__doc__.partition(chr(10) + '    python')[0].strip()}\n")
    print(f"{cpu()}, load {load()}, commit {commit()}", flush=True)
    async with chromium() as browser:
        print(f"Chromium {browser.version}\n", flush=True)
        if given.recording:
            recording = msgspec.json.decode(given.recording.read_bytes(), type=Recording)
        else:
            recording = await over_the_line(browser, chosen, found)
        if given.keep:
            given.keep.write_bytes(encode(recording))
        async with stand(recording) as url:
            await over_the_recording(browser, url, chosen, found)
    print(table(found), aims(found), sep="\n\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three minutes instead of seven; figures are rougher")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep the recording")
    parser.add_argument("--recording", type=Path, metavar="FILE", help="use a kept one and start no line")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a topic made a moment ago has no leader yet
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
