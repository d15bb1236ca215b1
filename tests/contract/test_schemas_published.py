"""What is published of the topics is what the code says, and keeps what was promised to readers.

``docs/schemas`` is what the code generates now; ``docs/schemas/v1`` is the promise: what readers were told. It moves
only by ``python -m schemas.export --publish``, which refuses a change that would break them.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from schemas import export
from schemas.compatibility import breaking_topics
from schemas.topics import TOPICS

CURRENT = {name: document for name, document in export.documents().items() if name != "asyncapi.json"}
ASYNCAPI = export.documents()["asyncapi.json"]


def test_generated_files_are_current():
    """When this fails: `python -m schemas.export`, and look at what changed."""
    assert export.stale() == []


def test_no_promise_to_readers_is_broken():
    """When this fails: keep the field, or give the event a new version and its own directory of schemas."""
    assert export.broken_promises() == []


def test_everything_is_promised():
    """When this fails: `python -m schemas.export --publish`, once the new fields are meant to stay."""
    promised = {path.name for path in (export.DOCS / "schemas" / export.PROMISE).glob("*.json")}
    assert promised == set(export.documents())


@pytest.mark.parametrize("name", CURRENT)
def test_documents_are_json_schemas_without_loose_ends(name):
    jsonschema.Draft202012Validator.check_schema(CURRENT[name])
    references = set(json.dumps(CURRENT[name]).split('"$ref": "#/$defs/')[1:])
    assert {reference.partition('"')[0] for reference in references} <= set(CURRENT[name]["$defs"])


def test_a_version_is_a_constant_of_every_event():
    for topic in TOPICS:
        for kind in export._kinds(topic.value):
            version = CURRENT[f"{topic.suffix}.schema.json"]["$defs"][kind.__name__]["properties"]["v"]
            assert version["const"] == 1, kind


def test_generating_twice_gives_the_same_text():
    assert export.files() == export.files()


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    shutil.copytree(export.DOCS, tmp_path / "docs")
    return tmp_path / "docs"


def test_check_names_what_is_not_current_and_writes_nothing(docs, capsys):
    path = docs / "schemas" / "bars.schema.json"
    path.write_text("{}")
    assert export.main(["--check"], docs) == 1
    assert "schemas/bars.schema.json is not current" in capsys.readouterr().out
    assert path.read_text() == "{}"
    assert export.main([], docs) == 0
    assert export.main(["--check"], docs) == 0


def test_publish_refuses_what_breaks_readers_and_leaves_the_promise(docs, capsys):
    promise = docs / "schemas" / "v1" / "quotes.schema.json"
    told = json.loads(promise.read_text("utf-8"))
    told["$defs"]["Quote"]["properties"]["venue"] = {"type": "string"}  # as if it had been removed since
    promise.write_text(json.dumps(told))
    assert export.main(["--publish"], docs) == 1
    assert "quotes.schema.json: venue: field removed" in capsys.readouterr().err
    assert "venue" in promise.read_text()


def test_publish_adds_to_the_promise_what_was_added(docs):
    promise = docs / "schemas" / "v1" / "quotes.schema.json"
    told = json.loads(promise.read_text("utf-8"))
    del told["$defs"]["Tick"]["properties"]["carried"]  # as if it had been added since
    promise.write_text(json.dumps(told))
    assert export.main(["--publish"], docs) == 0
    assert "carried" in promise.read_text("utf-8")


def test_a_page_without_a_place_for_its_table_is_an_error(docs):
    (docs / "topics.md").write_text("# Topics\n")
    with pytest.raises(export.ConfigError, match=r"topics\.md: expected a line <!-- topics: generated -->"):
        export.main([], docs)


# The AsyncAPI document. The official schema of AsyncAPI 3.0.0 accepts it (version 6.11.1 of @asyncapi/specs).


def at(reference: str) -> Any:
    """What a local reference of the document points at."""
    found: Any = ASYNCAPI
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [part["$ref"]] if "$ref" in part else [ref for value in part.values() for ref in references(value)]
    return [ref for value in part for ref in references(value)] if isinstance(part, list) else []


def test_asyncapi_has_the_shape_that_version_3_asks_for():
    allowed = {
        "asyncapi",
        "id",
        "info",
        "servers",
        "defaultContentType",
        "channels",
        "operations",
        "components",
    }
    assert set(ASYNCAPI) <= allowed
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(ASYNCAPI["info"])
    for name, channel in ASYNCAPI["channels"].items():
        assert set(channel["parameters"]) == {"namespace"}, name
        assert "{namespace}" in channel["address"]
        kafka = channel["bindings"]["kafka"]
        assert set(kafka["topicConfiguration"]) <= {"cleanup.policy", "retention.ms"}  # the binding knows few
        assert kafka["partitions"] >= 1
    for operation in ASYNCAPI["operations"].values():
        assert operation["action"] in ("send", "receive")
        prefix = f"{operation['channel']['$ref']}/messages/"
        assert all(message["$ref"].startswith(prefix) for message in operation["messages"])


def test_asyncapi_refers_to_nothing_that_is_not_there():
    for reference in references(ASYNCAPI):
        assert isinstance(at(reference), dict), reference


def test_asyncapi_has_every_topic_with_its_records_and_settings():
    assert list(ASYNCAPI["channels"]) == [topic.suffix for topic in TOPICS]
    for topic in TOPICS:
        channel = ASYNCAPI["channels"][topic.suffix]
        assert channel["address"] == f"{{namespace}}.{topic.suffix}"
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        assert channel["x-topic-configuration"] == topic.config()
        assert list(channel["messages"]) == [kind.__name__ for kind in export._kinds(topic.value)]
        for name in channel["messages"]:
            assert at(f"#/components/messages/{name}")["bindings"]["kafka"]["key"]["description"] == topic.key


def changed(**what: Any) -> dict[str, Any]:
    """The document with the quotes topic changed."""
    document = json.loads(json.dumps(ASYNCAPI))
    channel = document["channels"]["quotes"]
    if "address" in what:
        channel["address"] = what["address"]
    if "partitions" in what:
        channel["bindings"]["kafka"]["partitions"] = what["partitions"]
    if "cleanup" in what:
        channel["bindings"]["kafka"]["topicConfiguration"]["cleanup.policy"] = [what["cleanup"]]
    if "key" in what:
        document["components"]["messages"]["Quote"]["bindings"]["kafka"]["key"]["description"] = what["key"]
    if what.get("record") == "removed":
        channel["messages"] = {}
    if what.get("topic") == "removed":
        del document["channels"]["quotes"]
    return document


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({}, []),
        ({"topic": "removed"}, ["quotes: topic removed"]),
        ({"partitions": 2}, ["quotes.partitions: was 1, is 2"]),
        ({"cleanup": "delete"}, ["quotes.cleanup.policy: was ['compact'], is ['delete']"]),
        ({"key": "<symbol>"}, ["quotes.Quote key: was '<book>:<symbol>', is '<symbol>'"]),
        ({"record": "removed"}, ["quotes.Quote key: was '<book>:<symbol>', is None"]),
        (
            {"address": "{namespace}.prices"},
            ["quotes.address: was '{namespace}.quotes', is '{namespace}.prices'"],
        ),
    ],
)
def test_a_subscriber_is_told_of_what_would_break_it(what, said):
    assert breaking_topics(ASYNCAPI, changed(**what)) == said


def test_a_new_topic_breaks_nobody():
    assert breaking_topics(changed(topic="removed"), ASYNCAPI) == []
