"""Schemas from all over a config stand in one document, each definition once."""

import jsonschema_rs
import pytest

from understudy.formats.openapi.bundle import Bundle, CannotBundle
from understudy.load import load


@pytest.fixture
def bundle(tmp_path):
    (tmp_path / "config.yaml").write_text("endpoints: []")
    (tmp_path / "order.yaml").write_text(
        "type: object\nproperties:\n  item: { $ref: 'parts/item.json#/$defs/Item' }\n"
        "  parent: { $ref: '#' }\n  data: { const: { $ref: kept } }\n"
    )
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "item.json").write_text(
        '{"$defs": {"Item": {"properties": {"id": {"$ref": "#/$defs/Id"}}}, "Id": {"type": "integer"}}}'
    )
    return Bundle(load(tmp_path / "config.yaml", environ={}), "#/$defs/")


def test_files(bundle):
    assert bundle.add("order.yaml") == {
        "type": "object",
        "properties": {
            "item": {"$ref": "#/$defs/Item"},
            "parent": {"$ref": "#/$defs/order"},
            "data": {"const": {"$ref": "kept"}},
        },
    }
    assert bundle.definitions["Item"] == {"properties": {"id": {"$ref": "#/$defs/Id"}}}
    assert bundle.definitions["Id"] == {"type": "integer"}
    whole = {"$ref": "#/$defs/order", "$defs": bundle.definitions}
    check = jsonschema_rs.validator_for(whole)
    assert check.is_valid({"parent": {"item": {"id": 1}}})
    assert not check.is_valid({"parent": {"item": {"id": "x"}}})
    assert bundle.add("parts/item.json#/$defs/Item") == bundle.definitions["Item"]


def test_the_same_definition_is_there_once(bundle):
    def schema(kind):
        return {"$ref": "#/$defs/A", "$defs": {"A": {"items": {"$ref": "#/$defs/B"}}, "B": {"type": kind}}}

    assert bundle.add(schema("string")) == {"$ref": "#/$defs/A"}
    assert bundle.add(schema("string")) == {"$ref": "#/$defs/A"}
    assert bundle.add(schema("null")) == {"$ref": "#/$defs/A_2"}
    assert bundle.definitions["A_2"] == {"items": {"$ref": "#/$defs/B_2"}}
    assert set(bundle.definitions) == {"A", "B", "A_2", "B_2"}


def test_circles(bundle):
    tree = {"properties": {"left": {"$ref": "#"}}}
    assert bundle.add(tree, "Tree") == {"properties": {"left": {"$ref": "#/$defs/Tree"}}}
    assert bundle.definitions["Tree"] == {"properties": {"left": {"$ref": "#/$defs/Tree"}}}


@pytest.mark.parametrize(
    ("written", "modern"),
    [
        ({"$schema": "http://json-schema.org/draft-04/schema#", "id": "x"}, {}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ({"items": [True], "additionalItems": False}, {"prefixItems": [True], "items": False}),
        (True, True),
    ],
    ids=str,
)
def test_older_drafts(bundle, written, modern):
    assert bundle.add(written) == modern


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("none.json", "none.json cannot be read"),
        ("../outside.json", "../outside.json cannot be read"),
        ("order.yaml#/nowhere", "there is nothing at #/nowhere"),
        ({"$ref": "https://example.test/a.json"}, "https://example.test/a.json is elsewhere"),
        ({"$ref": "#anchor"}, "#anchor is no JSON pointer"),
        ({"properties": {"a": 1}}, "a schema is an object, true or false"),
    ],
    ids=str,
)
def test_what_cannot_be_followed(bundle, written, why):
    with pytest.raises(CannotBundle, match=why):
        bundle.add(written)
    assert bundle.definitions == {}
