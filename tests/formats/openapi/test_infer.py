"""Schemas for values that were seen: all of them are valid, and nothing is guessed."""

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.formats.openapi.infer import FORMATS, schema_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5) | st.sampled_from(["2026-01-31", "2026-01-31T08:00:00Z", "https://a.test/x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ([], {}),
        ([None], {"type": "null"}),
        ([1, 2], {"type": "integer"}),
        ([1, 2.5], {"type": "number"}),
        ([True], {"type": "boolean"}),
        (["a", None], {"type": ["string", "null"]}),
        (["a", 1], {"type": ["integer", "string"]}),
        ([[1], ["a"], []], {"type": "array", "items": {"type": ["integer", "string"]}}),
        ([[]], {"type": "array", "items": {}}),
        ([{}], {"type": "object"}),
        (
            [{"a": 1, "b": "x"}, {"a": 2}],
            {
                "type": "object",
                "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
                "required": ["a"],
            },
        ),
        ([[], {}], {"anyOf": [{"type": "array", "items": {}}, {"type": "object"}]}),
        ([[], 1, None], {"anyOf": [{"type": "array", "items": {}}, {"type": "integer"}, {"type": "null"}]}),
    ],
    ids=str,
)
def test_schemas(values, schema):
    assert schema_of(values) == schema


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("123e4567-e89b-42d3-a456-426614174000", "uuid"),
        ("2026-01-31T08:00:00Z", "date-time"),
        ("2026-01-31T08:00:00.123456+01:00", "date-time"),
        ("2026-01-31", "date"),
        ("https://example.test/a?b=c", "uri"),
        ("2026-02-31", None),
        ("2026-01-31 08:00", None),
        ("20260131", None),
        ("ada@example.test", None),
        ("https://", None),
        ("", None),
    ],
)
def test_formats_where_they_are_sure(text, format):
    assert schema_of([text]).get("format") == format
    assert schema_of([text, "other"]) == {"type": "string"}


@given(st.lists(JSON, max_size=6))
def test_all_values_are_valid(values):
    check = jsonschema_rs.validator_for(schema_of(values), validate_formats=True)
    assert all(check.is_valid(value) for value in values)


@given(st.lists(JSON, max_size=5), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(values, random):
    shuffled = list(values)
    random.shuffle(shuffled)
    assert _sorted(schema_of(shuffled)) == _sorted(schema_of(values))


@given(st.lists(JSON, max_size=5))
def test_what_was_seen_twice_says_no_more(values):
    assert schema_of(values * 2) == schema_of(values)


def test_what_is_very_deep_may_be_anything():
    value = 1
    for _ in range(200):
        value = [value]
    assert jsonschema_rs.validator_for(schema_of([value])).is_valid(value)


def test_each_format_has_a_test():
    assert set(FORMATS) == {"uuid", "date-time", "date", "uri"}


def _sorted(schema):
    if isinstance(schema, dict):
        return {key: _sorted(schema[key]) for key in sorted(schema)}
    return sorted(map(_sorted, schema), key=repr) if isinstance(schema, list) else schema
