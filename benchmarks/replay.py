"""A year of 5-minute bars through Kafka and five Faust agents, beside the same rules and an engine without either.

``python -m benchmarks.replay [--years 1]`` prints, in one run:

- **engine**: the usual in-process engine for this job: bars indexed by time once, then per bar a dict of changes,
  five functions and a portfolio;
- **pure**: the rules of the catalogue folded in a plain loop, decoding included, without Kafka;
- **streaming**: the same messages published, folded by five agents with a table each, every event read back;
- **portfolio**: the fold of ticks and events into trades and figures.

Below it, for a year with its bars in PostgreSQL and a worker that waits: seconds to a run's first progress, of the
whole command ``ptj backtest --json``, and of a sweep over a hundred parameter sets on two workers.

Bars come from a seeded model. The events of the streaming row must be those of the pure row, id for id.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import platform
import subprocess
from collections.abc import Iterator
from time import perf_counter

from benchmarks.commands import backtest, commands, first_progress, lanes, span, sweep
from benchmarks.engine import engine
from benchmarks.history import BOOK, DAYS_A_YEAR, SEED, records
from benchmarks.parts import ROOT, Parts, parts
from processors.fold import fold, load_rules
from processors.portfolio.run import run as fold_portfolio
from processors.portfolio.signals import Signals
from runtime.backtests.attempt import Attempt, Said, agents, canonical, replayed
from schemas.base import decoder, encode
from schemas.catalogue import load_catalogue
from schemas.runs import RunKind, RunRequest
from schemas.signals import SignalEvent
from schemas.ticks import End, Frame, FrameBatch, TickRecord

RECORD = decoder(TickRecord)


def pure(messages: list[bytes]) -> tuple[float, list[SignalEvent]]:
    """Seconds and events of the catalogue's rules in a plain loop; a message is decoded once for all."""
    begun = perf_counter()
    rules = load_rules(load_catalogue())
    states = [rule.initial() for rule in rules]
    events: list[SignalEvent] = []
    for position, message in enumerate(messages):
        record = RECORD.decode(message)
        for number, rule in enumerate(rules):
            states[number], said = fold(rule, states[number], record, position)
            events += said
    return perf_counter() - begun, events


async def streaming(on: Parts, messages: list[bytes], number: int) -> tuple[float, float, list[Said]]:
    """Seconds until the agents stand, seconds from the first message to the last end marker, and the events."""
    attempt = Attempt(on.kafka, f"replay.bench{number}.1", BOOK.name, load_catalogue(), on.home / f"run{number}")
    begun = perf_counter()
    async with agents(attempt) as worker:
        ready = perf_counter()
        events = await replayed(attempt, worker, messages, lambda share: None, lambda said: None)
        return ready - begun, perf_counter() - ready, events


async def measure(years: list[int]) -> None:
    print(
        f"{'years':>5} {'ticks':>10} {'events':>8} {'engine s':>9} {'pure s':>8} {'streaming s':>12} {'x engine':>9}",
        end="",
    )
    print(f" {'x pure':>7} {'portfolio s':>12} {'agents start s':>15}")
    async with parts() as on:
        for number, count in enumerate([0, *years]):  # the first, of ten days, warms up and is not shown
            days = DAYS_A_YEAR * count or 10
            messages = [encode(record) for record in [*records(days), End(book=BOOK.name)]]
            engine_s = engine(records(days))
            gc.collect()
            gc.freeze()  # as every worker does; what this process made to compare with is no part of the work
            pure_s, wanted = pure(messages)
            ids = [event.event_id for event in sorted(wanted, key=canonical)]
            del wanted
            start_s, stream_s, events = await streaming(on, messages, number)
            if [event.event_id for event in events] != ids:
                raise SystemExit("the agents said something else than the pure fold: no figure is worth anything")
            first, last = span(days)
            request = RunRequest(kind=RunKind.BACKTEST, start=first, end=last)
            begun = perf_counter()
            fold_portfolio(request, map(RECORD.decode, messages), Signals(events), interval="5m", twin=False)
            fold_s = perf_counter() - begun
            if count:
                ticks = sum(len(frame.ticks) for frame in frames_of(messages))
                print(
                    f"{count:>5} {ticks:>10,} {len(events):>8,} {engine_s:>9.2f} {pure_s:>8.2f} {stream_s:>12.2f}",
                    end="",
                )
                print(f" {stream_s / engine_s:>9.2f} {stream_s / pure_s:>7.2f} {fold_s:>12.2f} {start_s:>15.2f}")


async def measure_commands() -> None:
    days = DAYS_A_YEAR
    engine_s = engine(records(days))
    async with parts() as on, commands(on, days) as world:
        await backtest(world, days)  # warms up
        progress_s = await first_progress(world, days)
        seconds, events = await backtest(world, days)
        peak = world.peak_mb()
        await world.worker().start()
        swept_s = await sweep(world, days)
        print(f"\na year on a running line, {events:,} events")
        told("from the request to its first progress", f"{progress_s:.2f} s")
        told("ptj backtest, the whole command", f"{seconds:.2f} s, {seconds / engine_s:.2f} x engine")
        told("memory of its worker at most", f"{peak:.0f} MB")
        told(f"a sweep of {lanes()} on two workers", f"{swept_s:.1f} s, {swept_s / seconds:.1f} x one run")
        told("memory of a worker at most", f"{world.peak_mb():.0f} MB")


def told(name: str, value: str) -> None:
    print(f"  {name:<42} {value}", flush=True)


def frames_of(messages: list[bytes]) -> Iterator[Frame]:
    for message in messages:
        record = RECORD.decode(message)
        if isinstance(record, FrameBatch):
            yield from record.frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, nargs="*", default=[1, 2, 5], help="default: 1 2 5")
    parser.add_argument("--streaming-only", action="store_true", help="leave out the commands")
    print(__doc__)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    print(f"machine {platform.processor() or platform.machine()}, Python {platform.python_version()}, ", end="")
    print(f"seed {SEED}, commit {commit.stdout.strip() or 'none'}\n")
    asked = parser.parse_args()
    asyncio.run(measure(asked.years))
    if not asked.streaming_only:
        asyncio.run(measure_commands())


if __name__ == "__main__":
    main()
