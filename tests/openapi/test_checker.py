"""Schemas of documents as validators of one side."""

import json

import pytest

from understudy.formats.openapi.document import Library
from understudy.formats.read import text_source
from understudy.openapi.checker import MAX_VIOLATIONS, Checker, Checkers, Place

BODY = Place("Request", "body")


def node_of(schema, **schemas):
    text = json.dumps({"schema": schema, "components": {"schemas": schemas}})
    return Library().begin(text_source(text, "api.json", ".json"), None).root.get("schema")


def checker_of(schema, side="Request", is_new=True, **schemas):
    return Checkers(is_new, side).of(node_of(schema, **schemas))


def said(checker, value):
    return [f"{'.'.join(one.location)}: {one.message}" for one in checker.look(value, BODY)]


def test_no_schema_and_one_that_anything_fits_cost_nothing():
    assert Checkers(True, "Request").of(None) is None
    for schema in (True, {}, {"description": "x"}, {"example": 1, "readOnly": True}):
        assert checker_of(schema) is None
    assert not checker_of(False).is_valid(1)


@pytest.mark.parametrize(("side", "hidden"), [("Request", "readOnly"), ("Response", "writeOnly")])
def test_what_one_side_does_not_see_is_no_property(side, hidden):
    schema = {
        "type": "object",
        "required": ["id", "name", "ref"],
        "properties": {
            "id": {"type": "integer", hidden: True},
            "name": {"type": "string"},
            "ref": {"$ref": "#/components/schemas/Hidden"},
        },
    }
    checker = checker_of(schema, side, Hidden={"type": "integer", hidden: True})
    assert checker.look({"name": "a"}, BODY) == []
    assert checker.look({"name": "a", "id": "any", "ref": "any"}, BODY) == []
    other = checker_of(schema, "Response" if side == "Request" else "Request", Hidden={"type": "integer"})
    assert [one.code for one in other.look({"name": "a"}, BODY)] == ["required", "required"]
    strict = checker_of({**schema, "additionalProperties": False}, side, Hidden={hidden: True})
    assert said(strict, {"name": "a", "id": 1}) == [
        "body: Request body must NOT have additional properties; found 'id'"
    ]


def test_what_a_property_says_itself_goes_before_what_its_schema_says():
    hidden = {"type": "integer", "writeOnly": True}
    within = {"allOf": [{"$ref": "#/components/schemas/H"}]}
    schema = {"required": ["a"], "properties": {"a": {**within, "readOnly": True}}}
    assert said(checker_of(schema, "Response", H=hidden), {}) == [
        "body: Request body must have required property 'a'"
    ]
    unseen = {**schema, "type": "object", "properties": {"a": within}}
    assert said(checker_of(unseen, "Response", H=hidden), {}) == []


def test_what_a_part_of_all_of_hides_the_others_do_not_need():
    base = {"properties": {"id": {"type": "integer", "readOnly": True}}}
    checker = checker_of({"allOf": [{"$ref": "#/components/schemas/B"}, {"required": ["id", "a"]}]}, B=base)
    assert said(checker, {}) == ["body: Request body must have required property 'a'"]


def test_formats_of_numbers_are_bounds():
    assert said(checker_of({"type": "integer", "format": "int32"}), 2**31) == [
        "body: Request body must be <= 2147483647"
    ]
    checker = checker_of({"type": "integer", "format": "int64", "minimum": 0})
    assert checker.is_valid(2**63 - 1)
    assert not checker.is_valid(2**63)
    assert not checker.is_valid(-1)


def test_formats_of_texts_are_those_of_prism():
    assert checker_of({"format": "date-time"}).is_valid("2024-01-01 00:00:00Z")
    assert not checker_of({"format": "date-time"}).is_valid("2024-01-01")
    assert not checker_of({"format": "email"}).is_valid("a@b")
    assert checker_of({"format": "email"}).is_valid("a@b.example")
    assert checker_of({"format": "password"}).is_valid("")
    assert checker_of({"format": "no such"}).is_valid("")


def test_places_are_told_as_prism_tells_them():
    schema = {"properties": {"a": {"items": {"type": "integer"}}, "b/c": {"type": "integer"}}}
    assert said(checker_of(schema), {"a": [1, "x"], "b/c": "x"}) == [
        "body.a.1: Request body property a.1 must be integer",
        "body.b/c: Request body property b/c must be integer",
    ]
    (found,) = checker_of({"type": "integer"}).look("x", Place("Request", "query"), ("n",))
    assert found.message == "Request query parameter n must be integer"
    (found,) = checker_of({"type": "integer"}).look("x", Place("Response", "header"), ("n",))
    assert (found.location, found.message) == (
        ("response", "header", "n"),
        "Response header parameter n must be integer",
    )


def test_circles_are_followed():
    tree = {"properties": {"next": {"$ref": "#/components/schemas/T"}, "n": {"type": "integer"}}}
    checker = checker_of({"$ref": "#/components/schemas/T"}, T=tree)
    assert said(checker, {"next": {"next": {"n": "x"}}}) == [
        "body.next.next.n: Request body property next.next.n must be integer"
    ]


def test_version_3_0_has_its_own_dialect():
    old = {"type": "integer", "nullable": True, "minimum": 1, "exclusiveMinimum": True}
    checker = checker_of(old, is_new=False)
    assert checker.is_valid(None)
    assert said(checker, 1) == ["body: Request body must be > 1"]


def test_a_schema_is_compiled_once():
    node = node_of({"type": "integer"})
    checkers = Checkers(True, "Request")
    assert checkers.of(node) is checkers.of(node)


def test_definitions_are_shared():
    document = {
        "components": {
            "schemas": {
                "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
                "B": {"type": "integer"},
                "C": {"$ref": "#/components/schemas/B"},
            }
        },
    }
    library = Library().begin(text_source(json.dumps(document), "a.json", ".json"), None)
    schemas = library.root.get("components").get("schemas")
    checkers = Checkers(True, "Request")
    first, second = checkers.of(schemas.get("A")), checkers.of(schemas.child("C"))
    assert first.document["$defs"]["B"] is second.document["$defs"]["B"]


def test_large_and_deep_values_are_told_shortly():
    checker = checker_of({"type": "array", "items": {"type": "integer"}})
    found = checker.look(["x"] * 20_000, BODY)
    assert len(found) == MAX_VIOLATIONS
    assert found[0].message == "Request body property 0 must be integer"
    assert said(checker_of({"type": "string", "maxLength": 3}), "x" * 200_000) == [
        "body: Request body does not fit the schema, and is too large to say where"
    ]
    deep = []
    for _ in range(300):
        deep = [deep]
    assert said(checker_of({"minItems": 1, "items": {"$ref": "#/schema"}}), deep)[0].endswith(
        ("compared with the schema", "items")
    )


def test_locations_are_bounded():
    (found,) = checker_of({"additionalProperties": {"type": "integer"}}).look({"k" * 5000: "x"}, BODY)
    assert len(found.message) < 200
    assert len(found.location[1]) == 100
    tree = {"anyOf": [{"type": "integer"}, {"items": {"$ref": "#/components/schemas/T"}, "type": "array"}]}
    value = "x"
    for _ in range(100):
        value = [value]
    assert all(
        len(one.location) <= 31
        for one in checker_of({"$ref": "#/components/schemas/T"}, T=tree).look(value, BODY)
    )


def test_a_schema_that_cannot_be_used_is_a_warning(monkeypatch):
    node = node_of({"type": "integer"})

    def refuse(self, document):
        raise ValueError("it is no schema")

    monkeypatch.setattr(Checker, "__init__", refuse)
    assert Checkers(True, "Request").of(node) is None
    (warning,) = node.document.library.warnings
    assert warning.message == "this schema cannot be used, anything is valid: it is no schema"
