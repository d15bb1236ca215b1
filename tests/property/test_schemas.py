"""Whatever a writer may say of an event, a reader gets the same: strategies are made from the types themselves."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

import jsonschema
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from schemas.base import decoder, encode, parse
from schemas.errors import Malformed
from schemas.export import documents
from schemas.parameters import Fault, Parameters, merged
from schemas.topics import TOPICS

KINDS = [(topic.suffix, topic.value, kind) for topic in TOPICS for kind in get_args(topic.value) or (topic.value,)]
IDS = [f"{suffix}-{kind.__name__}" for suffix, _, kind in KINDS]
SCHEMAS = documents()

GENEROUS = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
SOME, FEW = settings(max_examples=25, **GENEROUS), settings(max_examples=10, **GENEROUS)

WHOLE = st.integers(min_value=-(2**63), max_value=2**63 - 1)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
MOMENTS = st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2199, 12, 31), timezones=st.just(UTC))
PLAIN = st.recursive(
    st.none() | st.booleans() | WHOLE | FINITE | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    return strategy(inspect.type_info(kind))


def strategy(told: inspect.Type) -> st.SearchStrategy[Any]:
    """Every value that `told` allows; prices, limits and patterns included."""
    match told:
        case inspect.Metadata(type=inner):
            return strategy(inner)
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: strategy(field.type) for field in fields})
        case inspect.UnionType(types=types):
            return st.one_of(*map(strategy, types))
        case inspect.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case inspect.LiteralType(values=allowed):
            return st.sampled_from(sorted(allowed))
        case inspect.VarTupleType(item_type=item):
            return st.lists(strategy(item), max_size=3).map(tuple)
        case inspect.DictType(value_type=inner):
            return st.dictionaries(st.text(max_size=8), strategy(inner), max_size=3)
        case inspect.AnyType():
            return PLAIN
        case inspect.StrType(pattern=pattern):
            return (
                st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")) if pattern else st.text()
            )
        case inspect.IntType(ge=low, le=high):
            return st.integers(-(2**63) if low is None else low, 2**63 - 1 if high is None else high)
        case inspect.FloatType(gt=above, ge=low, le=high):
            return st.floats(
                min_value=low if above is None else above,
                max_value=high,
                exclude_min=above is not None,
                allow_nan=False,
                allow_infinity=False,
            )
        case inspect.DateTimeType(tz=True):
            return MOMENTS
        case inspect.DateType():
            return st.dates()
        case inspect.BytesType():
            return st.binary(max_size=40)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
    raise NotImplementedError(told)  # a new kind of field wants its strategy here


@pytest.mark.parametrize(("suffix", "value", "kind"), KINDS, ids=IDS)
@SOME
@given(data=st.data())
def test_an_event_comes_back_as_it_was_said(suffix, value, kind, data):
    event = data.draw(values(kind))
    readers = [kind] if suffix == "views" else [value, kind]  # keys tell the views apart, a tag the ticks
    for reader in readers:
        assert parse(decoder(reader), encode(event), f"test.{suffix}@0") == event


@pytest.mark.parametrize(("suffix", "value", "kind"), KINDS, ids=IDS)
@FEW
@given(data=st.data())
def test_an_event_fits_the_published_schema(suffix, value, kind, data):
    event = msgspec.structs.replace(data.draw(values(kind)), v=1)
    jsonschema.Draft202012Validator(SCHEMAS[f"{suffix}.schema.json"]).validate(json.loads(encode(event)))


@pytest.mark.parametrize(("suffix", "value", "kind"), KINDS, ids=IDS)
@SOME
@given(data=st.data())
def test_any_bytes_are_an_event_or_malformed(suffix, value, kind, data):
    """A record with one byte changed, cut or added never ends the process that reads it."""
    record = bytearray(encode(data.draw(values(kind))))
    at = data.draw(st.integers(0, len(record) - 1))
    record[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        read = parse(decoder(kind), bytes(record), f"test.{suffix}@0")
    except Malformed as error:
        read = error
    assert isinstance(read, kind) or (read.where == f"test.{suffix}@0" and read.field and read.expected)


@settings(max_examples=200, deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from(Parameters.__struct_fields__) | st.text(max_size=5), PLAIN, max_size=4),
    rest_only=st.booleans(),
)
def test_any_change_of_parameters_is_taken_whole_or_refused_by_name(changes, rest_only):
    result = merged(Parameters(), changes, symbols=16, rest_only=rest_only)
    if isinstance(result, Parameters):
        assert msgspec.convert(msgspec.to_builtins(result), Parameters) == result  # within every limit
        for name in Parameters.__struct_fields__:
            assert getattr(result, name) == changes.get(name, getattr(Parameters(), name))
        assert result.pair_gap_sell_threshold < result.pair_gap_entry_threshold
    else:
        assert result
        assert all(isinstance(fault, Fault) and fault.expected for fault in result)
