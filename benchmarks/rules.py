"""Frames per second through the rules, each alone and all together, with and without decoding the record.

A frame is the whole US book with every price moved by 0.01 to 0.02 %, far from each threshold, so that no verdict
changes: what nearly every frame is. `edges` is the worst case beside it, where each frame turns most verdicts. The
ratio is against decoding alone, the least that any program reading ticks must do. Times are CPU time of this process.

    python -m benchmarks.rules [--frames N]
"""

from __future__ import annotations

import argparse
import platform
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from processors.fold import Rule, fold, load_rules
from schemas.base import decoder, encode
from schemas.book import load_book
from schemas.catalogue import load_catalogue
from schemas.parameters import Parameters
from schemas.ticks import Frame, FrameBatch, QuoteState, Session, SessionRecord, Tick, TickRecord

BOOK = load_book("us")
OPENS = datetime(2026, 2, 10, 14, 30, tzinfo=UTC)
ROUNDS = 5  # the best of so many runs is told: the others measure the machine's other work


def opening() -> SessionRecord:
    return SessionRecord(
        book=BOOK.name,
        trade_date=OPENS.date(),
        session=Session.REGULAR,
        at=OPENS,
        opens_at=OPENS,
        closes_at=OPENS + timedelta(hours=6, minutes=30),
        registry=BOOK,
        parameters=Parameters(confirm_sec=0),
        version=1,
    )


def frames(count: int, swing: float) -> list[Frame]:
    """`count` full frames, a second apart, from 10:00 on; changes go up and down by `swing` around calm levels."""
    level = {pair.lead: 0.9 for pair in BOOK.pairs} | {BOOK.gold: -0.5, **dict.fromkeys(BOOK.triggers, -1.0)}
    made = []
    for n in range(count):
        moment = OPENS + timedelta(minutes=30, seconds=n)
        changes = {s: round(level.get(s, 0.2) + (swing if n % 2 else -swing) + 0.01 * (n % 3), 2) for s in BOOK.symbols}
        ticks = tuple(
            Tick(
                symbol=symbol,
                state=QuoteState.OK,
                last=round(100 + change, 2),
                base=100.0,
                change_pct=change,
                open=100.1,
                high=101.2,
                low=99.3,
                volume=123_456 + n,
            )
            for symbol, change in changes.items()
        )
        made.append(Frame(book=BOOK.name, event_time=moment, ingest_time=moment, ticks=ticks))
    return made


def best(run: Callable[[], Any]) -> float:
    """CPU seconds of the fastest of `ROUNDS` runs."""
    times = []
    for _ in range(ROUNDS):
        started = process_time()
        run()
        times.append(process_time() - started)
    return min(times)


def folding(rules: Sequence[Rule[Any]], records: Sequence[TickRecord]) -> Callable[[], None]:
    ready = [fold(rule, rule.initial(), opening(), 0)[0] for rule in rules]

    def run() -> None:
        for rule, state in zip(rules, ready, strict=True):
            for position, record in enumerate(records, 1):
                state, _ = fold(rule, state, record, position)

    return run


def main() -> None:
    """Print a table of frames/s and microseconds per frame."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=5_000, help="frames per run (default: %(default)s)")
    count = parser.parse_args().frames
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    print(f"{platform.machine()}, Python {platform.python_version()}, commit {commit.stdout.strip() or 'unknown'}")
    print(f"{count} frames of {len(BOOK.symbols)} ticks, best of {ROUNDS}\n")

    rules = load_rules(load_catalogue())
    decode = decoder(TickRecord).decode
    calm, wild = frames(count, 0.0), frames(count, 4.0)
    calm_records = [FrameBatch(book=BOOK.name, frames=(frame,)) for frame in calm]
    packed = [FrameBatch(book=BOOK.name, frames=tuple(calm[at : at + 64])) for at in range(0, count, 64)]
    wild_records = [FrameBatch(book=BOOK.name, frames=(frame,)) for frame in wild]
    raw = [encode(record) for record in calm_records]
    raw_packed = [encode(record) for record in packed]
    baseline = best(lambda: [decode(value) for value in raw])

    print(f"{'':34}{'frames/s':>12}{'us/frame':>10}{'x decoding':>12}")

    def tell(name: str, seconds: float) -> None:
        print(f"{name:34}{count / seconds:>12,.0f}{seconds / count * 1e6:>10.2f}{seconds / baseline:>12.2f}")

    tell("decoding, one frame a record", baseline)
    for rule in rules:
        tell(rule.signal_type, best(folding([rule], calm_records)))
    tell("all", best(folding(rules, calm_records)))
    tell("all, 64 frames a record", best(folding(rules, packed)))
    tell("all, decoded by each", best(lambda: [folding([rule], [decode(v) for v in raw])() for rule in rules]))
    tell(
        "all, decoded by each, 64 a record",
        best(lambda: [folding([rule], [decode(v) for v in raw_packed])() for rule in rules]),
    )
    tell("all, edges at each frame", best(folding(rules, wild_records)))
    state, _ = fold(rules[-1], fold(rules[-1], rules[-1].initial(), opening(), 0)[0], calm_records[0], 1)
    size = len(encode(state))
    print(f"\nstate of {rules[-1].signal_type}: {size:,} bytes, encoded in {best(lambda: encode(state)) * 1e6:.1f} us")


if __name__ == "__main__":
    main()
