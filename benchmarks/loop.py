"""Decoding and folding alone: the least that one process must do, and the events that any worker has to say.

python -m benchmarks.loop BACKLOG --ticks N --report FILE
"""

from __future__ import annotations

import argparse
import gc
from pathlib import Path
from typing import Any

from benchmarks.backlog import Backlog
from benchmarks.measured import Stopwatch, tell
from processors.fold import fold, load_rules
from schemas.base import decoder
from schemas.catalogue import load_catalogue
from schemas.ticks import TickRecord


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backlog", type=Path)
    parser.add_argument("--ticks", type=int, required=True, help="ticks in it")
    parser.add_argument("--report", type=Path, required=True)
    given = parser.parse_args()
    rules, decode, clock = load_rules(load_catalogue()), decoder(TickRecord).decode, Stopwatch()
    states: list[Any] = [rule.initial() for rule in rules]
    ids: list[str] = []
    gc.freeze()  # as the worker does
    for position, value in enumerate(Backlog(given.backlog, 0, given.ticks, 0).values()):
        clock.start()
        record = decode(value)
        for place, rule in enumerate(rules):
            states[place], events = fold(rule, states[place], record, position)
            ids += [event.event_id for event in events]
    tell(given.report, clock.read(given.ticks, ids))


if __name__ == "__main__":
    main()
