"""What one worker folds a second, and how long a quote takes from KIS to a browser.

Throughput: a backlog of full frames of the US book (16 ticks) goes through all five rule agents of one worker process,
timed from the first frame folded to the last agent done. Beside ours run the same agents on stock Faust, a naive Faust
worker (a message per tick, and per tick and agent a write to the table and an awaited send), and decoding and folding
alone, without Kafka. The events on `signals` are compared id for id with those of the pure fold. Medians of several
rounds in turns; memory is the peak of the process.

Latency: from the reply of KIS (a frame's ingest time) to the server-sent event at a client, at 16 ticks/s (simulator,
REST, producer, processor, sink, API, each a process) and, for signals, at 1,000 and 5,000 ticks/s.

    python -m benchmarks.pipeline [--frames N] [--rounds N] [--quick]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import latency as speeds
from benchmarks import throughput as amounts
from benchmarks.latency import Latencies, latency
from benchmarks.market import SEED
from benchmarks.measured import judged
from benchmarks.parts import ROOT, parts
from benchmarks.throughput import MORE, Row, Wrong, throughput

QUICK = {"frames": 3_000, "rounds": 1, "naive_s": 2.0, "real_s": 5.0, "fed_s": 3.0}
WHOLE = {"frames": 24_000, "rounds": 3, "naive_s": 8.0, "real_s": 60.0, "fed_s": 25.0}
ORDER = (
    amounts.NAIVE, amounts.STOCK, amounts.FRAMES, amounts.WITH_BARS, amounts.LIVE, amounts.MANY,
    amounts.LOOP, amounts.LOOP_MANY,
)  # fmt: skip


def opening(frames: int, rounds: int) -> str:
    """What is measured, on what."""
    assert __doc__ is not None
    about = __doc__.partition("\n    python")[0].strip()
    return "\n".join(
        [
            about,
            "",
            f"{cpu()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, load {load()}",
            f"Python {platform.python_version()}, commit {commit()}, seed {SEED},"
            f" {frames:,} frames ({MORE * frames:,} where packed), {rounds} round{'s' * (rounds > 1)}",
            "",
        ]
    )


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def load() -> str:
    """How busy the machine is before anything is measured: above 0, others share it."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + " with changes" * bool(git("status", "--porcelain"))


def throughput_table(rows: dict[str, Row]) -> str:
    naive, stock, ceiling = rows[amounts.NAIVE].rate, rows[amounts.STOCK].rate, rows[amounts.LOOP]
    lines = [f"{'':50}{'ticks/s':>10}{'x naive':>9}{'x stock':>9}{'CPU us/frame':>14}{'peak MB':>9}{'events':>8}"]
    for row in (rows[name] for name in ORDER):
        events = "" if row.events is None else f"{row.events:,}"
        lines.append(
            f"{row.name:50}{row.rate:>10,.0f}{row.rate / naive:>9.1f}{row.rate / stock:>9.2f}"
            f"{row.cpu_us:>14.1f}{row.peak_mb:>9.0f}{events:>8}"
        )
    ours = rows[amounts.FRAMES]
    lines += [
        "",
        "events: on signals, equal id for id to those of the pure fold",
        f"of our CPU a frame, {100 * min(1, ceiling.cpu_us / ours.cpu_us):.0f} % is decoding and folding",
    ]
    return "\n".join(lines)


def latency_table(found: list[Latencies]) -> str:
    hop = found[0].percentile(0.5)
    lines = [
        f"{'':50}{'p50 ms':>8}{'p99 ms':>8}{'max ms':>8}{'x hop':>7}"
        f"{'p50: log':>10}{'worker':>8}{'API':>6}{'samples':>9}"
    ]
    for row in found:
        if not row.samples:
            lines.append(f"{row.name:50}{'no events':>10}")
            continue
        p50, p99, most = row.percentile(0.5), row.percentile(0.99), row.percentile(1.0)
        log, worker, api = (row.percentile(0.5, part) for part in ("to_ticks", "to_said", "to_client"))
        parts = f"{log:>10.1f}{worker:>8.1f}{api:>6.1f}" if row is not found[0] else f"{'':24}"
        lines.append(f"{row.name:50}{p50:>8.1f}{p99:>8.1f}{most:>8.1f}{p50 / hop:>7.1f}{parts}{len(row.samples):>9,}")
    lines += [
        "",
        f"the first {speeds.WARM_UP_S:g} s of each feed are not counted; log: until Kafka has the frame, worker: until"
        "\nit has what the worker says of it, API: until the client has that (the broker's clock tells milliseconds)",
    ]
    return "\n".join(lines)


def aims(rows: dict[str, Row], found: list[Latencies]) -> str:
    """Each aim with what came of it."""
    ours, many = rows[amounts.FRAMES], rows[amounts.MANY]
    memory = max(ours.peak_mb, many.peak_mb)
    told = [
        ("a frame a message, ticks/s", ours.rate, ">=", 80_000.0),
        (f"{amounts.PACKED} frames a message, ticks/s", many.rate, ">=", 200_000.0),
        ("a frame a message, x naive", ours.rate / rows[amounts.NAIVE].rate, ">=", 60.0),
        ("peak MB of a worker", memory, "<=", 120.0),
    ]
    for row in found:
        if row.samples and row.name in (speeds.PRICES, speeds.SIGNALS_16):
            told += [
                (f"{row.name}, p50 ms", row.percentile(0.5), "<=", 15.0),
                (f"{row.name}, p99 ms", row.percentile(0.99), "<=", 50.0),
            ]
    return judged(told)


async def run(given: argparse.Namespace) -> None:
    chosen = QUICK if given.quick else WHOLE
    frames, rounds = given.frames or int(chosen["frames"]), given.rounds or int(chosen["rounds"])
    began = time.monotonic()

    def report(text: str) -> None:
        print(f"  {time.monotonic() - began:5.0f} s  {text}", file=sys.stderr, flush=True)

    print(opening(frames, rounds), flush=True)
    async with parts() as running:
        report("Kafka and PostgreSQL run")
        rows = await throughput(running, frames, rounds, chosen["naive_s"], report)
        # Last: by then the broker's Java is compiled, as it is in a line that has run for some minutes.
        found = await latency(running, chosen["real_s"], chosen["fed_s"], report)
    print(throughput_table(rows), latency_table(found), aims(rows, found), sep="\n\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, help=f"frames of the backlog (default: {WHOLE['frames']:,})")
    parser.add_argument("--rounds", type=int, help=f"runs of each variant (default: {WHOLE['rounds']})")
    parser.add_argument("--quick", action="store_true", help="a minute instead of six; figures are rougher")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a topic made a moment ago has no leader yet
    try:
        asyncio.run(run(parser.parse_args()))
    except Wrong as error:
        sys.exit(f"wrong: {error}")


if __name__ == "__main__":
    main()
