"""Reading a topic by eye: a line per record, as sentences or as the JSON that is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import msgspec
from aiokafka import ConsumerRecord, TopicPartition

from schemas.errors import ConfigError
from schemas.topics import TOPICS
from transport.kafka import Kafka, admin, reading


def topic_name(given: str, namespace: str) -> str:
    """`signals` means `<namespace>.signals`; a name with a dot or of a changelog is taken as it is."""
    return f"{namespace}.{given}" if given in {topic.suffix for topic in TOPICS} else given


async def follow(kafka: Kafka, topic: str, *, from_beginning: bool, count: int | None) -> AsyncIterator[ConsumerRecord]:
    """Yield records of all partitions of `topic` for ever, or `count` of them. No such topic: `ConfigError`."""
    partitions = await partitions_of(kafka, topic)
    async with reading(kafka, *partitions) as consumer:
        if from_beginning:
            await consumer.seek_to_beginning(*partitions)
        else:
            await consumer.seek_to_end(*partitions)
            await asyncio.gather(*(consumer.position(partition) for partition in partitions))
        told = 0
        while True:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    yield record
                    told += 1
                    if told == count:
                        return


async def partitions_of(kafka: Kafka, topic: str) -> list[TopicPartition]:
    """The partitions of `topic`. Raises `ConfigError` that names the topics there are."""
    async with admin(kafka) as client:
        known = await client.list_topics()
        if topic not in known:
            ours = ", ".join(topic.suffix for topic in TOPICS)
            raise ConfigError(
                f"topic: expected {ours} or the name of one at {kafka.bootstrap_servers}, received {topic!r}"
            )
        [described] = await client.describe_topics([topic])
        return [TopicPartition(topic, part["partition"]) for part in described["partitions"]]


def as_json(record: ConsumerRecord) -> str:
    """The record with its place, on one line. A value that is no JSON is shown as text."""
    try:
        value: Any = msgspec.Raw(record.value) if msgspec.json.decode(record.value) is not None else None
    except (msgspec.DecodeError, TypeError):
        value = _text(record.value)
    shown = {"partition": record.partition, "offset": record.offset, "key": _text(record.key), "value": value}
    return msgspec.json.encode(shown).decode()


def as_sentence(record: ConsumerRecord) -> str:
    """`02:29:01 @1841 us:gold:market  …`: what a person wants to know of one record."""
    at = datetime.fromtimestamp(record.timestamp / 1000).strftime("%H:%M:%S")
    try:
        value = msgspec.json.decode(record.value or b"null")
    except msgspec.DecodeError:
        value = None
    said = _said(value) if isinstance(value, dict) else _text(record.value) or "(removed)"
    return f"{at}  @{record.offset:<8} {_text(record.key) or '':<28} {said}"


def _said(value: dict[str, Any]) -> str:
    for field, tell in _TELLERS.items():
        if field in value:
            try:
                return tell(value)
            except (KeyError, TypeError, IndexError, AttributeError):
                break  # another version than ours: show it as it is
    return msgspec.json.encode(value).decode()


def _frames(value: dict[str, Any]) -> str:
    frame = value["frames"][-1]
    prices = "  ".join(f"{tick['symbol']} {tick['last']:g}" for tick in frame["ticks"] if tick.get("last"))
    more = f" (the last of {len(value['frames'])} frames)" if len(value["frames"]) > 1 else ""
    return f"{_clock(frame['event_time'])} {len(frame['ticks'])} ticks{more}  {prices}"


def _verdict(verdict: dict[str, Any] | None) -> str:
    if verdict is None:
        return "nothing"
    said = verdict.get("decision") or verdict["state"]
    held = f" (held by {', '.join(verdict['suppressed_by'])})" if verdict.get("suppressed_by") else ""
    return f"{said}{' ACT' if verdict.get('is_actionable') else ''}{held}"


def _edge(value: dict[str, Any]) -> str:
    about = f"  {value['data']['message']}" if value.get("data", {}).get("message") else ""
    return f"{_clock(value['event_time'])} {_verdict(value['before'])} → {_verdict(value['after'])}{about}"


def _view(value: dict[str, Any]) -> str:
    return f"{_clock(value['event_time'])} {_verdict(value['verdict'])}  version {value['parameter_version']}"


def _quote(value: dict[str, Any]) -> str:
    tick = value["tick"]
    change = "" if tick.get("change_pct") is None else f"  {tick['change_pct']:+.2f} %"
    return f"{_clock(value['event_time'])} {tick.get('last', 'no price')}{change}  {tick['state']}"


def _bar(value: dict[str, Any]) -> str:
    prices = " ".join(f"{field[0]} {value[field]:g}" for field in ("open", "high", "low", "close"))
    return f"{_clock(value['start'])} {prices}  volume {value['volume']}"


def _session(value: dict[str, Any]) -> str:
    return f"{_clock(value['at'])} {value['trade_date']} is in session {value['session']}"


def _letter(value: dict[str, Any]) -> str:
    return f"{value['topic']}[{value['partition']}]@{value['offset']}  {value['reason']}"


def _clock(time: str) -> str:
    return time[11:23]


# The field that only one kind of value has, and how to tell that kind.
_TELLERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "frames": _frames,
    "event_id": _edge,
    "verdict": _view,
    "tick": _quote,
    "start": _bar,
    "at": _session,
    "reported_by": _letter,
    "replaces": lambda value: f"parameters version {value['version']} replace {value['replaces']}",
}


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")
