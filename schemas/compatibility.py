"""Whether a change of the published JSON Schemas would break someone who reads the topics.

The question is always the same: does a reader who trusts one schema accept every record that a writer of
another may send? `breaking_changes` asks it for yesterday's reader and today's writer, `lost_records` for
today's reader and the records kept from yesterday. Readers ignore what they do not know, so an added field
breaks nobody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

SIZES_UP = ("maxLength", "maxItems", "maxProperties")
SIZES_DOWN = ("minLength", "minItems", "minProperties")
SILENT = {
    "$schema",
    "$id",
    "$defs",
    "title",
    "description",
    "default",
    "examples",
    "required",
    "discriminator",
}
COMPARED = {
    *("$ref", "anyOf", "type", "enum", "const", "properties", "items", "additionalProperties"),
    *("pattern", "format", "contentEncoding"),
    *("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", *SIZES_UP, *SIZES_DOWN),
}
JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


def breaking_changes(old_schema: Schema, new_schema: Schema) -> list[str]:
    """What in `new_schema` would break a reader of `old_schema`, a line each; empty when nothing would.

    Breaking: a field removed, left out or null where it was not; a type or range widened; an enum value,
    record kind, constant or version that the reader does not know; another pattern, format, tag or omitted
    default.
    """
    return _Comparison(old_schema, new_schema, removal_breaks=True).problems()


def lost_records(old_schema: Schema, new_schema: Schema) -> list[str]:
    """What in `new_schema` would keep it from reading records that were written under `old_schema`."""
    return _Comparison(new_schema, old_schema, removal_breaks=False).problems()


def breaking_topics(old: Schema, new: Schema) -> list[str]:
    """What in the AsyncAPI document `new` would break a subscriber who was told `old`."""
    problems = []
    for name, channel in old["channels"].items():
        if name not in new["channels"]:
            problems.append(f"{name}: topic removed")
            continue
        was, now = _promises(old, channel), _promises(new, new["channels"][name])
        problems += [
            f"{name}.{what}: was {told!r}, is {now.get(what)!r}" for what, told in was.items() if now.get(what) != told
        ]
    return problems


def _promises(document: Schema, channel: Schema) -> Schema:
    """What a subscriber relies on: the address, the order within a partition, the key, what is kept."""
    kafka = channel["bindings"]["kafka"]
    messages = document["components"]["messages"]
    return {
        "address": channel["address"],
        "partitions": kafka["partitions"],
        "cleanup.policy": kafka["topicConfiguration"]["cleanup.policy"],
        **{f"{name} key": messages[name]["bindings"]["kafka"]["key"]["description"] for name in channel["messages"]},
    }


@dataclass
class _Comparison:
    """One walk over two documents: `reader` is what someone trusts, `writer` what may come."""

    reader: Schema
    writer: Schema
    removal_breaks: bool
    walked: set[tuple[str, str]] = field(default_factory=set)

    def problems(self) -> list[str]:
        return self.compare("", self.reader, self.writer)

    def compare(self, path: str, reader: Schema, writer: Schema) -> list[str]:
        if "$ref" in reader and "$ref" in writer:
            pair = (reader["$ref"], writer["$ref"])
            if pair in self.walked:
                return []
            self.walked.add(pair)
        reader, writer = _resolved(self.reader, reader), _resolved(self.writer, writer)
        if "anyOf" in reader or "anyOf" in writer:
            return self.compare_options(path, reader, writer)
        here = [f"{path or 'value'}: {said}" for said in _differences(reader, writer)]
        return here + self.compare_fields(path, reader, writer) + self.compare_contents(path, reader, writer)

    def compare_options(self, path: str, reader: Schema, writer: Schema) -> list[str]:
        problems = []
        was, now = (schema.get("discriminator", {}).get("propertyName") for schema in (reader, writer))
        if was != now:
            problems.append(f"{path or 'value'}: told apart by {was!r}, now by {now!r}")
        known = reader.get("anyOf", [reader])
        for option in writer.get("anyOf", [writer]):
            same = [candidate for candidate in known if self.same_kind(candidate, option)]
            if same:
                problems += self.compare(path, same[0], option)
            elif not any(self.accepts(path, candidate, option) for candidate in known):
                problems.append(f"{path or 'value'}: may now be {_words(option)}, which readers do not know")
        return problems

    def same_kind(self, one: Schema, other: Schema) -> bool:
        """Whether both name the same kind of record, by tag or else by name."""
        tag, tag_now = _tag(_resolved(self.reader, one)), _tag(_resolved(self.writer, other))
        if tag or tag_now:
            return bool(tag == tag_now)
        return "$ref" in one and bool(one["$ref"] == other.get("$ref"))

    def accepts(self, path: str, reader: Schema, writer: Schema) -> bool:
        trial = _Comparison(self.reader, self.writer, self.removal_breaks, set(self.walked))
        return not trial.compare(path, reader, writer)

    def compare_fields(self, path: str, reader: Schema, writer: Schema) -> list[str]:
        problems = []
        sent = writer.get("properties", {})
        for name, shape in reader.get("properties", {}).items():
            place = f"{path}.{name}" if path else name
            needed = name in reader.get("required", ())
            if name not in sent:
                if needed or self.removal_breaks:
                    problems.append(f"{place}: field removed")
                continue
            was, now = shape.get("default"), sent[name].get("default")
            if needed and name not in writer.get("required", ()):
                problems.append(f"{place}: may now be left out")
            elif writer.get("x-defaults-omitted") and was != now:
                problems.append(f"{place}: left out where it is {now!r}, which readers take for {was!r}")
            problems += self.compare(place, shape, sent[name])
        if reader.get("additionalProperties") is False and set(sent) - set(reader.get("properties", {})):
            problems.append(f"{path or 'value'}: may now have fields that readers refuse")
        return problems

    def compare_contents(self, path: str, reader: Schema, writer: Schema) -> list[str]:
        problems = []
        for part, mark in (("items", "[]"), ("additionalProperties", "{}")):
            expected, sent = reader.get(part), writer.get(part)
            if isinstance(expected, dict):
                problems += self.compare(path + mark, expected, sent if isinstance(sent, dict) else {})
        return problems


def _resolved(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = document["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _tag(schema: Schema) -> Any:
    """The value of the field that can have but one, which is how a tagged record names its kind."""
    fields = schema.get("properties", {}).values()
    return next((shape["enum"][0] for shape in fields if len(shape.get("enum", ())) == 1), None)


def _differences(reader: Schema, writer: Schema) -> list[str]:
    """What a value of `writer` may be that `reader` does not expect, its fields and items aside."""
    said = []
    if (known := _types(reader)) and not _covers(known, _types(writer)):
        said.append(f"type was {_words(reader)}, is {_words(writer)}")
    if "enum" in reader:
        values = writer["enum"] if "enum" in writer else [writer.get("const", "any other value")]
        said += [f"may now be {value!r}, which readers do not know" for value in values if value not in reader["enum"]]
    if "const" in reader and writer.get("const") != reader["const"]:
        said.append(f"was always {reader['const']!r}, is {writer.get('const', 'any value')!r}")
    for keyword in ("pattern", "format", "contentEncoding"):
        told, now = reader.get(keyword), writer.get(keyword)
        if told != now and (keyword in reader or keyword == "contentEncoding"):
            said.append(f"{keyword} was {told!r}, is {now!r}")
    if _low(writer) < _low(reader):
        said.append(f"lower limit was {_bound(*_low(reader), 'above')}, is {_bound(*_low(writer), 'above')}")
    if _high(writer) > _high(reader):
        limits = (_bound(limit, not included, "below") for limit, included in (_high(reader), _high(writer)))
        said.append("upper limit was {}, is {}".format(*limits))
    for keywords, none, grows in ((SIZES_UP, math.inf, 1), (SIZES_DOWN, 0, -1)):
        for keyword in keywords:
            told, now = reader.get(keyword, none), writer.get(keyword, none)
            if (now - told) * grows > 0:
                said.append(f"{keyword} was {told}, is {now}")
    strange = sorted(key for key in {*reader, *writer} - SILENT - COMPARED if not key.startswith("x-"))
    changed = [key for key in strange if reader.get(key) != writer.get(key)]
    return said + [f"{key} changed, and it is not known what that means" for key in changed]


def _types(schema: Schema) -> set[str]:
    """The JSON types of a value; empty when any is allowed."""
    if "type" in schema:
        told = schema["type"]
        return {told} if isinstance(told, str) else set(told)
    values = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return {JSON_TYPES.get(type(value), "object") for value in values}


def _covers(known: set[str], sent: set[str]) -> bool:
    return bool(sent) and sent <= known | ({"integer"} if "number" in known else set())


def _low(schema: Schema) -> tuple[float, bool]:
    """The lower limit and whether it is itself excluded; the greater, the tighter."""
    return max((schema.get("minimum", -math.inf), False), (schema.get("exclusiveMinimum", -math.inf), True))


def _high(schema: Schema) -> tuple[float, bool]:
    """The upper limit and whether it is itself included; the smaller, the tighter."""
    return min((schema.get("maximum", math.inf), True), (schema.get("exclusiveMaximum", math.inf), False))


def _bound(limit: float, excluded: bool, beyond: str) -> str:
    if math.isinf(limit):
        return "none"
    return f"{beyond} {limit:g}" if excluded else f"{limit:g}"


def _words(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    return " or ".join(sorted(_types(schema))) or "anything"
