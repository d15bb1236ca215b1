"""Our processor in a process of its own, as `ptj processor` runs it, timed from its first frame to its last.

python -m benchmarks.worker --kafka HOST:PORT --namespace NAME --last OFFSET --ticks N --home DIR --report FILE
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measured import Stopwatch, tell
from processors import agents, worker
from processors.worker import ProcessorConfig, Worker
from runtime.process import serve
from transport.kafka import Kafka

LOOK_EVERY_S = 0.005


async def measured(
    config: ProcessorConfig, wanted: argparse.Namespace, stop: asyncio.Event, ready: Callable[[], None]
) -> None:
    """Run the stage until every agent has folded the record at `wanted.last`, or for `wanted.limit_s`."""
    clock, built = Stopwatch(), watched()
    timed(clock)
    working = asyncio.create_task(worker.run(config, stop, ready))
    places: list[Any] = []
    while not working.done() and clock.wall_s < wanted.limit_s:
        await asyncio.sleep(LOOK_EVERY_S)
        places = [place for one in built for place in one.positions.places.values() if place.book is not None]
        if places and len(places) == len(built[0].positions.tables) and done(places) >= wanted.last:
            break
    share = max(0, done(places)) / wanted.last
    tell(wanted.report, clock.read(round(wanted.ticks * share)))
    stop.set()
    await working


def done(places: list[Any]) -> int:
    """The newest record that every agent has folded."""
    return min((place.position for place in places), default=-1)


def watched() -> list[Worker]:
    """Where the worker that `run` builds will be found."""
    found: list[Worker] = []
    build = worker.build

    def kept(config: ProcessorConfig) -> Worker:
        found.append(build(config))
        return found[-1]

    worker.build = kept
    return found


def timed(clock: Stopwatch) -> None:
    """Start `clock` when the first batch is folded."""
    fold: Any = agents.fold

    def noted(*given: Any) -> Any:
        clock.start()
        agents.fold = fold
        return fold(*given)

    agents.fold = noted  # type: ignore[assignment]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--last", type=int, required=True, help="offset of the last record of the backlog")
    parser.add_argument("--ticks", type=int, required=True, help="ticks in the backlog")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--limit-s", type=float, default=90.0)
    parser.add_argument("--stock", action="store_true", help="Faust's own consumer")
    parser.add_argument("--quotes-and-bars", action="store_true")
    given = parser.parse_args()
    config = ProcessorConfig(
        kafka=Kafka(given.kafka),
        namespace=given.namespace,
        datadir=given.home,
        instance=f"{given.namespace}-0",
        stock=given.stock,
        quotes_and_bars=given.quotes_and_bars,
    )
    sys.exit(serve(partial(measured, config, given)))


if __name__ == "__main__":
    main()
