"""What strangers build on: a JSON Schema per topic, an AsyncAPI 3 document, the tables in the docs.

``python -m schemas.export`` writes them, ``--check`` says which ones are not current, ``--publish`` makes
the current ones the promise in ``docs/schemas/v1`` and refuses when that would break a reader of the topics.
"""

from __future__ import annotations

import argparse
import inspect
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from schemas.base import Frozen
from schemas.compatibility import Schema, breaking_changes, breaking_topics, lost_records
from schemas.errors import ConfigError
from schemas.parameters import Parameters, limits
from schemas.topics import TOPICS, Topic
from schemas.wording import expected

__all__ = ["breaking_changes", "documents", "main", "stale", "table_of_parameters", "table_of_topics"]

DOCS = Path(__file__).parent.parent / "docs"
PROMISE = "v1"  # the generation of the events; a breaking change starts the next
DIALECT = "https://json-schema.org/draft/2020-12/schema"
KAFKA_BINDING = "0.5.0"


def documents() -> dict[str, Schema]:
    """File name → document: ``<topic>.schema.json`` of each topic and of parameters, ``asyncapi.json``."""
    schemas = {f"{topic.suffix}.schema.json": _document(topic.suffix, topic.about, topic.value) for topic in TOPICS}
    parameters = _document("parameters", "what people may change while the line runs", Parameters)
    return schemas | {"parameters.schema.json": parameters, "asyncapi.json": asyncapi()}


def _document(name: str, about: str, value: Any) -> Schema:
    kinds = _kinds(value)
    components = _components(kinds, "#/$defs/{name}")
    root: Schema = {"$ref": f"#/$defs/{kinds[0].__name__}"}
    if len(kinds) > 1:
        root = {"anyOf": [{"$ref": f"#/$defs/{kind.__name__}"} for kind in kinds]}
    if tag := kinds[0].__struct_config__.tag_field:
        root["discriminator"] = {
            "propertyName": tag,
            "mapping": {str(kind.__struct_config__.tag): f"#/$defs/{kind.__name__}" for kind in kinds},
        }
    head = {
        "$schema": DIALECT,
        "$id": f"urn:ptj-signals:{PROMISE}:{name}",
        "title": name,
        "description": about,
    }
    return {**head, **root, "$defs": components}


def _kinds(value: Any) -> tuple[type[Frozen], ...]:
    return get_args(value) or (value,)


def _components(kinds: tuple[type[Frozen], ...], ref: str) -> dict[str, Schema]:
    """The shapes of `kinds` and all they are made of, by name, and what else a reader should know of them."""
    _, shapes = msgspec.json.schema_components(kinds, ref_template=ref)
    structs = {cls.__name__: cls for cls in _subclasses(Frozen) if cls.__module__.startswith("schemas.")}
    for name, shape in shapes.items():
        if "description" in shape:
            shape["description"] = inspect.cleandoc(shape["description"])
        if name in structs and structs[name].__struct_config__.omit_defaults:
            shape["x-defaults-omitted"] = True  # a missing field has its default, so the default is part of the wire
        version = shape.get("properties", {}).get("v")
        if version:
            version["const"] = version["default"]
    for name, told in limits().items() if "Parameters" in shapes else ():
        shapes["Parameters"]["properties"][name] |= {"description": told["note"], "x-unit": told["unit"]}
    return dict(sorted(shapes.items()))


def _subclasses(cls: type[Frozen]) -> list[type[Frozen]]:
    return [found for child in cls.__subclasses__() for found in (child, *_subclasses(child))]


def asyncapi() -> Schema:
    """The topics as an AsyncAPI 3 document; `{namespace}` is `demo`, `live` or a replay's."""
    kinds = tuple(dict.fromkeys(kind for topic in TOPICS for kind in _kinds(topic.value)))
    return {
        "asyncapi": "3.0.0",
        "id": "urn:ptj-signals",
        "info": {
            "title": "PTJ Signals",
            "version": f"{PROMISE.removeprefix('v')}.0.0",
            "description": "Quotes in, trading signals out: every event of the line. Values are JSON, times "
            "UTC in ISO 8601. Readers ignore fields they do not know and drop an event_id they have seen.",
        },
        "defaultContentType": "application/json",
        "servers": {"local": {"host": "localhost:9092", "protocol": "kafka", "description": "compose's Kafka"}},
        "channels": {topic.suffix: _channel(topic) for topic in TOPICS},
        "operations": {f"send-{topic.suffix}": _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {kind.__name__: _message(topic, kind) for topic in TOPICS for kind in _kinds(topic.value)},
            "schemas": _components(kinds, "#/components/schemas/{name}"),
        },
    }


def _channel(topic: Topic) -> Schema:
    config = topic.config()
    configuration: Schema = {"cleanup.policy": [config["cleanup.policy"]]}
    if "retention.ms" in config:
        configuration["retention.ms"] = int(config["retention.ms"])
    return {
        "address": topic.name("{namespace}"),
        "title": topic.suffix,
        "description": topic.about,
        "parameters": {
            "namespace": {
                "description": "the world: demo (simulated), live (real), replay.<run>.<attempt>",
                "default": "demo",
                "examples": ["demo", "live"],
            }
        },
        "messages": {k.__name__: {"$ref": f"#/components/messages/{k.__name__}"} for k in _kinds(topic.value)},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "replicas": 1,
                "topicConfiguration": configuration,
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "x-topic-configuration": dict(sorted(config.items())),
        "x-readers": topic.readers,
        "x-writers": topic.writers,
    }


def _operation(topic: Topic) -> Schema:
    channel = f"#/channels/{topic.suffix}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "summary": f"{topic.writers} → {topic.readers}",
        "messages": [{"$ref": f"{channel}/messages/{kind.__name__}"} for kind in _kinds(topic.value)],
    }


def _message(topic: Topic, kind: type[Frozen]) -> Schema:
    return {
        "name": kind.__name__,
        "title": kind.__name__,
        "summary": inspect.cleandoc(kind.__doc__ or "").split("\n")[0],
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": KAFKA_BINDING}},
    }


def table_of_topics() -> str:
    """The catalogue as a Markdown table."""
    rows = [
        (
            f"`<ns>.{topic.suffix}`",
            ", ".join(f"`{key}`" for key in topic.key.split(", ")),
            ", ".join(f"`{kind.__name__}`" for kind in _kinds(topic.value)),
            str(topic.partitions),
            "newest per key" if topic.retention_days is None else f"{topic.retention_days} days",
            f"{topic.writers} → {topic.readers}",
            topic.about,
        )
        for topic in TOPICS
    ]
    return _table(("topic", "key", "value", "partitions", "kept", "who writes → who reads", "what"), rows)


def table_of_parameters() -> str:
    """The parameters as a Markdown table."""
    rows = [
        (
            f"`{name}`",
            _number(told["default"]),
            str(told["unit"]) or "–",
            expected(Parameters, name) or "",
            str(told["note"]),
        )
        for name, told in limits().items()
    ]
    return _table(("parameter", "default", "unit", "allowed", "what it does"), rows)


def _number(value: object) -> str:
    return json.dumps(value) if isinstance(value, bool) else f"{value:,.10g}"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


TABLES = {"topics.md": ("topics", table_of_topics), "signals.md": ("parameters", table_of_parameters)}


def files(docs: Path = DOCS) -> dict[Path, str]:
    """Path → text of all that is generated. Raises `ConfigError` when a page lost the place of its table."""
    made = {docs / "schemas" / name: _text(document) for name, document in documents().items()}
    for page, (name, table) in TABLES.items():
        path = docs / page
        text = path.read_text("utf-8")
        block = re.compile(rf"(<!-- {name}: generated -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not block.search(text):
            raise ConfigError(f"{path}: expected a line <!-- {name}: generated -->, received none")
        made[path] = block.sub(lambda found, made=table(): f"{found[1]}\n{made}\n{found[2]}", text)  # type: ignore[misc]
    return made


def _text(document: Schema) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def stale(docs: Path = DOCS) -> list[str]:
    """The generated files that are not what the code would write, by name."""
    return [
        str(path.relative_to(docs))
        for path, text in files(docs).items()
        if not path.exists() or path.read_text("utf-8") != text
    ]


def broken_promises(docs: Path = DOCS) -> list[str]:
    """What the code would break of the schemas in ``docs/schemas/v1``, for readers and for records kept."""
    current, problems = documents(), []
    for path in sorted((docs / "schemas" / PROMISE).glob("*.json")):
        old, new = json.loads(path.read_text("utf-8")), current.get(path.name)
        if new is None:
            problems.append(f"{path.name}: document removed")
        elif path.name == "asyncapi.json":
            problems += [f"{path.name}: {said}" for said in breaking_topics(old, new)]
        else:
            problems += [f"{path.name}: {said}, so readers break" for said in breaking_changes(old, new)]
            problems += [f"{path.name}: {said}, so kept records do not read" for said in lost_records(old, new)]
    return problems


def main(arguments: list[str] | None = None, docs: Path = DOCS) -> int:
    parser = argparse.ArgumentParser(prog="python -m schemas.export", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 when a file is not current")
    parser.add_argument("--publish", action="store_true", help=f"make the current schemas the promise {PROMISE}")
    asked = parser.parse_args(arguments)
    if asked.check:
        outdated = stale(docs)
        print("\n".join(f"{name} is not current" for name in outdated) or "all generated files are current")
        return 1 if outdated else 0
    if asked.publish and (broken := broken_promises(docs)):
        print(
            "\n".join(broken),
            "not published: this needs a new version of the event",
            sep="\n",
            file=sys.stderr,
        )
        return 1
    for path, text in files(docs).items():
        _write(path, text)
        if asked.publish and path.parent.name == "schemas":
            _write(path.parent / PROMISE / path.name, text)
    return 0


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text("utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {path.relative_to(DOCS.parent) if path.is_relative_to(DOCS.parent) else path}")


if __name__ == "__main__":
    sys.exit(main())
