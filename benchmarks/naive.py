"""The same five rules as a newcomer to Faust would write them: a message per tick, and per tick and agent one write
to the table and one awaited send. uvloop, typed messages and an in-memory table are on its side; frames are not, so
its verdicts are those of half-updated pairs.

    python -m benchmarks.naive --kafka HOST:PORT --namespace NAME --home DIR --report FILE --limit-s SECONDS
"""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path
from typing import Any

import faust
import uvloop
from faust.serializers import codecs
from msgspec.structs import replace

from benchmarks.market import BOOK
from benchmarks.measured import Stopwatch, tell
from processors.fold import Rule, fold, load_rules
from schemas.base import decoder, encode
from schemas.catalogue import load_catalogue
from schemas.ticks import TickRecord

LOOK_EVERY_S = 0.05

_decode = decoder(TickRecord).decode


class Json(codecs.Codec):  # type: ignore[misc]
    """msgspec as a codec; only ticks are ever decoded."""

    def _dumps(self, value: Any) -> bytes:
        return encode(value)

    def _loads(self, value: bytes) -> Any:
        return _decode(value)


def make_agent(
    app: faust.App, rule: Rule[Any], ticks: Any, signals: Any, clock: Stopwatch, done: dict[str, int]
) -> None:
    """`done`: ticks folded, by signal type."""
    states = app.Table(rule.signal_type, default=rule.initial, partitions=1)
    states.value_serializer = "ticks"
    days: dict[str, Any] = {}  # kept out of the table: it would be written to the changelog with each tick

    @app.agent(ticks, name=rule.signal_type)  # type: ignore[untyped-decorator]
    async def judge(stream: Any) -> None:
        async for record in stream:
            clock.start()
            before = replace(states[BOOK.name], day=days.get(BOOK.name))
            state, _ = fold(rule, before, record, done[rule.signal_type])
            days[BOOK.name] = state.day
            states[BOOK.name] = replace(state, day=None)
            await signals.send(key=rule.signal_type, value=getattr(state, "standing", {}))
            done[rule.signal_type] += 1


async def run(given: argparse.Namespace) -> None:
    """Work for `given.limit_s` from the first tick on, then tell."""
    codecs.register("ticks", Json())
    app = faust.App(
        given.namespace,
        broker=f"kafka://{given.kafka}",
        store="memory://",
        datadir=given.home,
        topic_partitions=1,
        topic_replication_factor=1,
        web_enabled=False,
    )
    ticks = app.topic(f"{given.namespace}.ticks", value_serializer="ticks")
    signals = app.topic(f"{given.namespace}.signals", key_type=str, value_serializer="ticks")
    clock, rules = Stopwatch(), load_rules(load_catalogue())
    done = {rule.signal_type: 0 for rule in rules}
    for rule in rules:
        make_agent(app, rule, ticks, signals, clock, done)
    await app.start()
    while clock.wall_s < given.limit_s and min(done.values()) < given.ticks:  # noqa: ASYNC110  agents count only
        await asyncio.sleep(LOOK_EVERY_S)
    tell(given.report, clock.read(min(done.values())))
    os._exit(0)  # a worker in mid-backlog takes long to stop, and its figures are told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--last", type=int, help="not needed: a tick is a record")
    parser.add_argument("--ticks", type=int, required=True, help="ticks on the topic")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--limit-s", type=float, default=10.0)
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
