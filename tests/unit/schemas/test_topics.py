"""The catalogue of topics, as the broker is told."""

from __future__ import annotations

import pytest

from schemas.topics import BOOK_PARTITIONS, TICK_PARTITIONS, TICKS, TOPICS, app_id, changelog, partition_of

BY_SUFFIX = {topic.suffix: topic for topic in TOPICS}


@pytest.mark.parametrize(
    ("suffix", "partitions", "cleanup", "retention_days"),
    [
        ("ticks", 8, "delete", 7),
        ("signals", 1, "delete", 90),
        ("views", 1, "compact", None),
        ("quotes", 1, "compact", None),
        ("bars", 1, "delete", 7),
        ("dead-letters", 1, "delete", 30),
    ],
)
def test_the_broker_is_told_what_to_keep(suffix, partitions, cleanup, retention_days):
    topic = BY_SUFFIX[suffix]
    config = topic.config()
    assert topic.partitions == partitions
    assert config["cleanup.policy"] == cleanup
    assert config.get("retention.ms") == (None if retention_days is None else str(retention_days * 86_400_000))
    assert config["message.timestamp.type"] == "LogAppendTime"  # else old event times are deleted within minutes


def test_compacted_topics_are_compacted_soon_and_so_stay_small():
    told = {"segment.bytes": "4194304", "segment.ms": "60000"}
    told |= {"min.cleanable.dirty.ratio": "0.1", "max.compaction.lag.ms": "60000"}
    for topic in TOPICS:
        config = topic.config()
        if config["cleanup.policy"] == "compact":
            assert config | told == config, topic.suffix


def test_a_topic_is_known_by_its_namespace():
    assert TICKS.name("demo") == "demo.ticks"
    assert BY_SUFFIX["dead-letters"].name("replay.r1.2") == "replay.r1.2.dead-letters"
    assert len({topic.suffix for topic in TOPICS}) == len(TOPICS)


def test_every_book_has_a_partition_that_exists():
    assert partition_of("us") == BOOK_PARTITIONS["us"] == 0
    assert partition_of("somebody's") == TICK_PARTITIONS - 1
    assert all(0 <= partition < TICK_PARTITIONS for partition in BOOK_PARTITIONS.values())


def test_the_app_and_its_changelogs_are_named_by_the_namespace():
    assert app_id("demo") == "demo.processor"
    assert changelog("gold").name("demo") == "demo.processor-gold-changelog"


def test_everything_that_may_be_told_apart_says_who_uses_it():
    for topic in TOPICS:
        assert topic.writers, topic.suffix
        assert topic.readers, topic.suffix
        assert topic.about, topic.suffix
