"""An attempt at a run: the agents' events, and not a topic, group or file left of it."""

from __future__ import annotations

import pytest

from processors.fold import load_rules
from runtime.backtests.attempt import Attempt, agents, canonical, replayed
from schemas.base import encode
from schemas.catalogue import load_catalogue
from schemas.errors import ConfigError
from schemas.ticks import End
from tests.builders import pure_fold
from tests.line import market
from transport.kafka import admin


async def left(kafka, namespace) -> list[str]:
    async with admin(kafka) as client:
        topics = [topic for topic in await client.list_topics() if topic.startswith(namespace)]
        groups = [group for group, _ in await client.list_consumer_groups() if group.startswith(namespace)]
    return topics + groups


@pytest.fixture
def attempt(kafka, namespace, tmp_path) -> Attempt:
    return Attempt(kafka, f"replay.{namespace}.1", "us", load_catalogue(), tmp_path / "attempt")


async def test_events_are_those_of_the_pure_fold_and_nothing_is_left(attempt):
    records = [*market(1000), End(book="us")]
    heard, progress = [], []
    async with agents(attempt) as worker:
        said = await replayed(attempt, worker, [encode(record) for record in records], progress.append, heard.extend)
    wanted = sorted(pure_fold(list(enumerate(records)), load_rules(load_catalogue())), key=canonical)
    assert [event.whole() for event in said] == wanted
    assert {event.event_id for event in heard} == {event.event_id for event in wanted}
    assert progress == sorted(progress)
    assert await left(attempt.kafka, attempt.namespace) == []
    assert not attempt.directory.exists()


async def test_an_attempt_that_fails_leaves_nothing_either(attempt):
    with pytest.raises(ConfigError, match="no bars"):
        async with agents(attempt):
            raise ConfigError("no bars")
    assert await left(attempt.kafka, attempt.namespace) == []
    assert not attempt.directory.exists()
