"""A producer without a broker behind it: full frames at a steady rate through the real publisher, each stamped now.

python -m benchmarks.feeder --kafka HOST:PORT --namespace NAME --rate TICKS_PER_SECOND --seconds S --report FILE
"""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec
import uvloop

from benchmarks.market import BOOK, OPENS, SEED, cuts
from benchmarks.measured import Stopwatch, tell
from producers.day import Open
from producers.log import Log
from producers.publisher import Publisher
from producers.sessions import Day
from producers.tail import Tail
from schemas.parameters import Parameters
from schemas.ticks import Frame, Session
from transport.kafka import Kafka

LIVELINESS = 0.05  # about one edge in three frames
DISTINCT = 3_000  # cuts, told again and again


async def run(given: argparse.Namespace) -> None:
    """Open a trade date behind whatever the log holds and publish on it."""
    fold = Log(BOOK.name)
    tail = Tail(Kafka(given.kafka), given.namespace, fold)
    await tail.begin()
    fold.parameters = msgspec.structs.replace(fold.parameters or Parameters(), confirm_sec=0)
    publisher = Publisher(Kafka(given.kafka), tail, Parameters(confirm_sec=0))
    working = [asyncio.create_task(publisher.run()), asyncio.create_task(tail.follow())]
    day = following(fold)
    publisher.open(Open(day, Session.REGULAR, day.opens_at), BOOK)
    await publisher.drain(10)
    made = list(islice(cuts(SEED, LIVELINESS), DISTINCT))
    frames, clock = round(given.rate * given.seconds / len(BOOK.symbols)), Stopwatch()
    begins, loop = day.opens_at + timedelta(minutes=40), asyncio.get_running_loop()
    clock.start()
    started = loop.time()
    for number in range(frames):
        due_s = number * len(BOOK.symbols) / given.rate
        if (early_s := started + due_s - loop.time()) > 0:
            await asyncio.sleep(early_s)
        moment = begins + timedelta(milliseconds=max(1, round(due_s * 1000)), microseconds=0)
        frame = Frame(book=BOOK.name, event_time=moment, ingest_time=datetime.now(UTC), ticks=made[number % DISTINCT])
        publisher.frame(frame, full=True)
        await asyncio.sleep(0)
    await publisher.drain(10)
    tell(given.report, clock.read(publisher.frames_sent * len(BOOK.symbols)))
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)


def following(fold: Log) -> Day:
    """A day behind the newest of the log; whether the exchange trades on it is no matter here."""
    days = 1 if fold.trade_date is None else (fold.trade_date - OPENS.date()).days + 1
    opens_at = OPENS + timedelta(days=days)
    closes_at = opens_at + timedelta(hours=6, minutes=30)
    return Day(opens_at.date(), opens_at - timedelta(hours=5), opens_at, closes_at, closes_at + timedelta(hours=4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--rate", type=float, required=True, help="ticks a second")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--report", type=Path, required=True)
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
