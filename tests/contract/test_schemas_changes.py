"""Which changes of an event break its readers: a change made to each kind of event, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas.compatibility import breaking_changes, lost_records
from schemas.export import documents

Schema = dict[str, Any]
DOCUMENTS = documents()
TYPES = {  # every struct and enumeration on the wire, in the document where it is looked at
    "ticks": [
        "FrameBatch",
        "Frame",
        "Tick",
        "ParametersChange",
        "Parameters",
        "SessionRecord",
        "Book",
        "Ticker",
    ],
    "signals": ["SignalEvent", "Verdict"],
    "views": ["SignalView", "DayView"],
    "quotes": ["Quote"],
    "bars": ["Bar"],
    "dead-letters": ["DeadLetter"],
}


def changed(topic: str, change: Callable[[Schema], None]) -> tuple[Schema, Schema]:
    """A topic's document as it is, and with `change` made to its definitions."""
    old = DOCUMENTS[f"{topic}.schema.json"]
    new = deepcopy(old)
    change(new["$defs"])
    return old, new


def said(topic: str, change: Callable[[Schema], None]) -> list[str]:
    return breaking_changes(*changed(topic, change))


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "asyncapi.json"])
def test_no_change_breaks_nothing(name):
    assert breaking_changes(DOCUMENTS[name], deepcopy(DOCUMENTS[name])) == []
    assert lost_records(DOCUMENTS[name], deepcopy(DOCUMENTS[name])) == []


FIELDS = [
    pytest.param(topic, kind, name, id=f"{topic}-{kind}.{name}")
    for topic, kinds in TYPES.items()
    for kind in kinds
    for name in DOCUMENTS[f"{topic}.schema.json"]["$defs"][kind]["properties"]
]


def last(path: str) -> str:
    return path.partition(":")[0].rpartition(".")[2].removesuffix("[]")


@pytest.mark.parametrize(("topic", "kind", "name"), FIELDS)
def test_any_field_removed_is_noticed(topic, kind, name):
    problems = said(topic, lambda defs: defs[kind]["properties"].pop(name))
    assert problems, "removed, and nobody noticed"
    assert name == "kind" or [problem for problem in problems if last(problem) == name], problems


@pytest.mark.parametrize(("topic", "kind", "name"), FIELDS)
def test_any_field_of_another_type_is_noticed(topic, kind, name):
    def change(defs: Schema) -> None:
        was = defs[kind]["properties"][name]
        other = {"type": "array", "items": {"type": "boolean"}}
        defs[kind]["properties"][name] = {**other, "default": was["default"]} if "default" in was else other

    assert said(topic, change), "another type, and nobody noticed"


@pytest.mark.parametrize(("topic", "kind"), [(topic, kind) for topic, kinds in TYPES.items() for kind in kinds])
def test_a_field_added_breaks_nobody(topic, kind):
    def optional(defs: Schema) -> None:
        defs[kind]["properties"]["venue"] = {"type": "string", "default": ""}

    def required(defs: Schema) -> None:
        defs[kind]["properties"]["venue"] = {"type": "string"}
        defs[kind]["required"] = [*defs[kind]["required"], "venue"]

    assert said(topic, optional) == said(topic, required) == []
    assert lost_records(*changed(topic, optional)) == []
    problems = lost_records(*changed(topic, required))  # records kept from before do not have it
    assert [problem for problem in problems if problem.endswith("venue: field removed")]


@pytest.mark.parametrize(
    ("topic", "kind"),
    [("ticks", kind) for kind in ("FrameBatch", "ParametersChange", "SessionRecord", "End")]
    + [("signals", "SignalEvent"), ("views", "SignalView"), ("views", "DayView"), ("quotes", "Quote")]
    + [("bars", "Bar"), ("dead-letters", "DeadLetter")],
)
def test_a_new_version_is_noticed(topic, kind):
    def change(defs: Schema) -> None:
        defs[kind]["properties"]["v"] |= {"const": 2, "default": 2}

    assert said(topic, change) == ["v: was always 1, is 2"]


def shape(kind: str, name: str, **now: Any) -> Callable[[Schema], None]:
    """A change of one field to another shape."""

    def change(defs: Schema) -> None:
        defs[kind]["properties"][name] = now

    return change


def optional(kind: str, name: str) -> Callable[[Schema], None]:
    def change(defs: Schema) -> None:
        defs[kind]["required"].remove(name)

    return change


def values(kind: str, *now: str) -> Callable[[Schema], None]:
    def change(defs: Schema) -> None:
        defs[kind]["enum"] = list(now)

    return change


NULL = {"type": "null"}
CHANGES = [  # topic, change, what breaks
    pytest.param("bars", shape("Bar", "symbol", anyOf=[{"type": "string"}, NULL]),
                 ["symbol: may now be null, which readers do not know"], id="nullable"),
    pytest.param("bars", shape("Bar", "volume", type="integer"), [], id="no longer nullable"),
    pytest.param("bars", shape("Bar", "ticks", type="number"), ["ticks: type was integer, is number"],
                 id="integer becomes number"),
    pytest.param("bars", shape("Bar", "open", type="integer", exclusiveMinimum=0), [], id="number becomes integer"),
    pytest.param("bars", shape("Bar", "open", type="number"), ["open: lower limit was above 0, is none"],
                 id="limit gone"),
    pytest.param("bars", shape("Bar", "open", type="number", minimum=0), ["open: lower limit was above 0, is 0"],
                 id="the limit itself allowed"),
    pytest.param("bars", shape("Bar", "open", type="number", minimum=0.01), [], id="limit tightened"),
    pytest.param("bars", shape("Bar", "open", type="string"),
                 ["open: type was number, is string", "open: lower limit was above 0, is none"],
                 id="number becomes text"),
    pytest.param("bars", shape("Bar", "start", type="string"), ["start: format was 'date-time', is None"],
                 id="a time becomes any text"),
    pytest.param("bars", shape("Bar", "trade_date", type="string", format="date-time"),
                 ["trade_date: format was 'date', is 'date-time'"], id="a date becomes a time"),
    pytest.param("bars", shape("Bar", "symbol"), ["symbol: type was string, is anything"], id="anything"),
    pytest.param("bars", shape("Bar", "symbol", type="string", maxLength=4), [], id="text limited"),
    pytest.param("bars", shape("Bar", "symbol", enum=["GLD"]), [], id="text becomes one of few"),
    pytest.param("bars", shape("Bar", "symbol", oneOf=[{"type": "string"}]),
                 ["symbol: type was string, is anything",
                  "symbol: oneOf changed, and it is not known what that means"],
                 id="a word nobody compares"),
    pytest.param("bars", optional("Bar", "close"), ["close: may now be left out"], id="required becomes optional"),
    pytest.param("quotes", values("QuoteState", "missing", "ok", "stale", "suspect", "halted"),
                 ["tick.state: may now be 'halted', which readers do not know"], id="enum value added"),
    pytest.param("quotes", values("QuoteState", "missing", "ok", "stale"), [], id="enum value no longer sent"),
    pytest.param("signals", values("SignalState", "ok"), [], id="states no longer sent"),
    pytest.param("signals", values("Session", "pre", "regular", "after", "closed", "night"),
                 ["session: may now be 'night', which readers do not know"], id="a new session"),
    pytest.param("signals", shape("SignalEvent", "before", anyOf=[{"$ref": "#/$defs/SignalState"}, NULL]),
                 ["before: may now be SignalState, which readers do not know"], id="another struct"),
    pytest.param("signals", shape("Verdict", "suppressed_by", type="array", items={"type": "integer"}),
                 ["before.suppressed_by[]: type was string, is integer"], id="items of another type"),
    pytest.param("signals", shape("SignalEvent", "data", type="object", additionalProperties={"type": "number"}),
                 [], id="values of a map narrowed"),
    pytest.param("signals", shape("SignalEvent", "lane", type="string", default="main"), [],
                 id="another default, always written"),
    pytest.param("quotes", shape("Tick", "source", type="string", default="websocket"),
                 ["tick.source: left out where it is 'websocket', which readers take for 'rest'"],
                 id="another default, left out"),
    pytest.param("dead-letters", shape("DeadLetter", "value", type="string", contentEncoding="base32"),
                 ["value: may now be string, which readers do not know"], id="another encoding"),
    pytest.param("parameters", shape("Parameters", "confirm_sec", type="number", minimum=0, maximum=900, default=3.0),
                 ["confirm_sec: upper limit was 600, is 900"], id="range widened"),
    pytest.param("parameters", shape("Parameters", "confirm_sec", type="number", minimum=0, maximum=60, default=3.0),
                 [], id="range narrowed"),
    pytest.param("ticks", shape("Ticker", "symbol", type="string", pattern="^.*$"),
                 ["registry.tickers[].symbol: pattern was '^[A-Z0-9./-]{1,16}$', is '^.*$'"], id="another pattern"),
    pytest.param("ticks", shape("Ticker", "exchange", enum=["NAS", "NYS", "AMS", "HKS"]),
                 ["registry.tickers[].exchange: may now be 'HKS', which readers do not know"], id="literal added"),
    pytest.param("ticks", shape("End", "kind", enum=["stop"]), ["value: may now be End, which readers do not know"],
                 id="another tag"),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "change", "expected"), CHANGES)
def test_says_what_breaks_readers(topic, change, expected):
    assert said(topic, change) == expected


def test_a_new_kind_of_record_breaks_readers_and_one_less_does_not():
    def more(document: Schema) -> Schema:
        new = deepcopy(document)
        new["$defs"]["Halt"] = deepcopy(new["$defs"]["End"])
        new["$defs"]["Halt"]["properties"]["kind"] = {"enum": ["halt"]}
        new["anyOf"].append({"$ref": "#/$defs/Halt"})
        new["discriminator"]["mapping"]["halt"] = "#/$defs/Halt"
        return new

    ticks = DOCUMENTS["ticks.schema.json"]
    assert breaking_changes(ticks, more(ticks)) == ["value: may now be Halt, which readers do not know"]
    assert breaking_changes(more(ticks), ticks) == []
    assert lost_records(more(ticks), ticks) == ["value: may now be Halt, which readers do not know"]


def test_another_tag_field_breaks_readers():
    def change(document: Schema) -> Schema:
        new = deepcopy(document)
        new["discriminator"]["propertyName"] = "type"
        return new

    ticks = DOCUMENTS["ticks.schema.json"]
    assert breaking_changes(ticks, change(ticks)) == ["value: told apart by 'kind', now by 'type'"]


def test_records_that_are_kept_must_still_read():
    """An enumeration may shrink for readers, not for whoever reads the archive."""
    old, new = changed("quotes", values("QuoteState", "missing", "ok", "stale"))
    assert lost_records(old, new) == ["tick.state: may now be 'suspect', which readers do not know"]


def test_a_reader_that_refuses_unknown_fields_is_broken_by_one():
    old = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    new = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    assert breaking_changes(old, new) == ["value: may now have fields that readers refuse"]
    assert breaking_changes(new, {**new, "additionalProperties": False}) == []


def test_sizes_of_lists_and_texts_are_compared():
    old = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": 4}
    new = {"type": "array", "items": {"type": "string"}, "maxItems": 5}
    assert breaking_changes(old, new) == ["value: maxItems was 4, is 5", "[]: minLength was 1, is 0"]


def test_a_type_that_holds_itself_ends():
    tree = {
        "$ref": "#/$defs/T",
        "$defs": {"T": {"type": "object", "properties": {"of": {"$ref": "#/$defs/T"}}}},
    }
    assert breaking_changes(tree, deepcopy(tree)) == []
