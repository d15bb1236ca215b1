"""Notices a worker that stands still: the log grows while its states' positions do not.

Faust is known to sit still after broker trouble, with lag growing and no error. Committed offsets are no measure, since
they stand still for harmless reasons too.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiokafka.errors import KafkaError
from faust.types import TP

from processors.positions import Positions

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Progress:
    """How far an agent was when it last moved, and for how long it has been behind a reachable log since."""

    position: int
    behind_s: float = 0.0


class StoodStill(Exception):
    """A worker made no progress; it has to be started again."""


async def watch(
    positions: Positions,
    assigned: Callable[[], set[TP]],
    settled: Callable[[], bool],
    *,
    every_s: float = 1.0,
    nudge_s: float = 3.0,
    limit_s: float = 10.0,
    unsettled_limit_s: float = 12.0,
) -> None:
    """Raise `StoodStill` when an agent is behind the log for `limit_s` of reachable broker without moving.

    Before that, after `nudge_s`, the partition is sought to the agent's position once more: records that were
    skipped at the very end of a log leave no hole to notice. `settled` says that no rebalance is in progress.
    """
    seen: dict[tuple[str, TP], Progress] = {}
    unsettled_s, away = 0.0, False
    last = time.monotonic()
    while True:
        await asyncio.sleep(every_s)
        # Looked at before the log's end is asked: an agent may fold the newest record in between.
        stood = {(place.agent, tp): place.position for tp in assigned() for place in positions.of(tp)}
        try:
            logs = {tp: await asyncio.wait_for(positions.log(tp), timeout=5) for tp in assigned()}
            reachable = True
        except (KafkaError, TimeoutError, OSError):
            reachable, logs = False, {}
        now = time.monotonic()
        passed, last = min(now - last, 2 * every_s), now
        if away is reachable:
            away = not reachable
            logger.warning("kafka %s", "away: waiting for it" if away else "answers again")
        if not reachable:
            unsettled_s = 0.0
            for progress in seen.values():
                progress.behind_s = 0.0
            continue
        unsettled_s = 0.0 if settled() else unsettled_s + passed
        if unsettled_s >= unsettled_limit_s:
            raise StoodStill(f"a rebalance has not ended for {unsettled_s:.0f} s")
        for tp, log in logs.items():
            for place in positions.of(tp):
                known = seen.setdefault((place.agent, tp), Progress(place.position))
                if stood.get((place.agent, tp), -1) >= log.end:
                    logger.warning("another stream under the name %s: its log ends at %d", tp.topic, log.end)
                    positions.verified = None
                    await positions.seek(tp, (await positions.seek_targets({tp}))[tp])
                elif place.position != known.position or place.position == log.end - 1 or log.start == log.end:
                    seen[place.agent, tp] = Progress(place.position)
                else:
                    before, known.behind_s = known.behind_s, known.behind_s + passed
                    if before < nudge_s <= known.behind_s and settled():
                        logger.warning(
                            "nudge agent=%s partition=%s[%d] position=%d end=%d",
                            place.agent,
                            *tp,
                            place.position,
                            log.end,
                        )
                        await positions.seek(tp, place.next)
                    if known.behind_s >= limit_s:
                        raise StoodStill(f"{place.agent} stands at {place.position} while {tp.topic} ends at {log.end}")
