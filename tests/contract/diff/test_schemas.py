"""Two schemas in requests and in responses: each check, what is no change, and circles."""

import pytest

from tests.contract.kit import body_of, changes, checks, document
from understudy.contract.diff.checks import SCHEMA_CHECKS
from understudy.contract.diff.schemas import MAX_SAME

STRING, INTEGER = {"type": "string"}, {"type": "integer"}
CAT = {"title": "cat", "type": "object", "properties": {"purrs": {"type": "boolean"}}, "required": ["purrs"]}
DOG = {"title": "dog", "type": "object", "properties": {"barks": {"type": "boolean"}}, "required": ["barks"]}
COW = {"title": "cow", "type": "object", "properties": {"moos": {"type": "boolean"}}, "required": ["moos"]}


def thing(required=(), **properties):
    found = {"type": "object", "properties": properties}
    return {**found, "required": list(required)} if required else found


CASES = {  # check → pairs of an old and a new schema in which it, and nothing else, is found
    "type-narrowed": [
        ({"type": ["string", "integer"]}, STRING),
        ({"type": "number"}, INTEGER),
        ({}, STRING),
    ],
    "type-widened": [(INTEGER, {"type": "number"}), (STRING, {"type": ["string", "boolean"]}), (STRING, {})],
    "type-changed": [(STRING, INTEGER), (STRING, {"type": "array", "items": STRING})],
    "became-nullable": [
        (STRING, {"type": ["string", "null"]}),
        (STRING, {"anyOf": [STRING, {"type": "null"}]}),
        ({"enum": ["a"]}, {"enum": ["a", None]}),
        ({"oneOf": [CAT, DOG]}, {"oneOf": [CAT, DOG, {"type": "null"}]}),
    ],
    "became-not-nullable": [({"oneOf": [CAT, {"type": "null"}]}, CAT)],
    "enum-added": [
        (STRING, {"type": "string", "enum": ["a", "b"]}),
        (STRING, {"type": "string", "const": "a"}),
    ],
    "enum-removed": [({"type": "string", "enum": ["a"]}, STRING)],
    "enum-value-added": [({"enum": ["a"]}, {"enum": ["b", "a"]}), ({"const": 1}, {"enum": [1, 2]})],
    "enum-value-removed": [({"enum": ["a", 1]}, {"enum": [1]})],
    "bound-tightened": [
        (STRING, {"type": "string", "maxLength": 9}),
        ({"type": "string", "minLength": 1}, {"type": "string", "minLength": 2}),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 8}),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "exclusiveMaximum": 9}),
        ({"type": "integer", "minimum": 0}, {"type": "integer", "exclusiveMinimum": 0}),
        ({"type": "array"}, {"type": "array", "uniqueItems": True}),
        (INTEGER, {"type": "integer", "multipleOf": 2}),
        ({"type": "number", "multipleOf": 0.1}, {"type": "number", "multipleOf": 0.3}),
    ],
    "bound-loosened": [
        ({"type": "array", "maxItems": 3}, {"type": "array", "maxItems": 4}),
        ({"type": "array", "uniqueItems": True}, {"type": "array", "uniqueItems": False}),
        ({"type": "integer", "multipleOf": 4}, {"type": "integer", "multipleOf": 2}),
    ],
    "bound-changed": [({"type": "integer", "multipleOf": 2}, {"type": "integer", "multipleOf": 3})],
    "pattern-added": [(STRING, {"type": "string", "pattern": "^a"})],
    "pattern-removed": [({"type": "string", "pattern": "^a"}, STRING)],
    "pattern-changed": [({"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"})],
    "format-narrowed": [
        (STRING, {"type": "string", "format": "date"}),
        ({"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}),
    ],
    "format-widened": [
        ({"type": "string", "format": "date"}, STRING),
        ({"type": "number", "format": "float"}, {"type": "number", "format": "double"}),
    ],
    "format-changed": [({"type": "string", "format": "date"}, {"type": "string", "format": "date-time"})],
    "property-added": [(thing(a=STRING), thing(a=STRING, b=STRING))],
    "required-property-added": [(thing(a=STRING), thing(["b"], a=STRING, b=STRING))],
    "property-removed": [(thing(a=STRING, b=STRING), thing(a=STRING))],
    "required-property-removed": [(thing(["b"], a=STRING, b=STRING), thing(a=STRING))],
    "property-became-required": [(thing(a=STRING), thing(["a"], a=STRING))],
    "property-became-optional": [(thing(["a"], a=STRING), thing(a=STRING))],
    "property-deprecated": [(thing(a=STRING), thing(a={**STRING, "deprecated": True}))],
    "additional-properties-refused": [(thing(a=STRING), {**thing(a=STRING), "additionalProperties": False})],
    "additional-properties-allowed": [({**thing(a=STRING), "additionalProperties": False}, thing(a=STRING))],
    "choice-added": [
        ({"oneOf": [CAT, DOG]}, {"oneOf": [CAT, COW, DOG]}),
        (CAT, {"anyOf": [CAT, DOG]}),
    ],
    "choice-removed": [({"oneOf": [CAT, COW, DOG]}, {"oneOf": [DOG, CAT]}), ({"anyOf": [CAT, DOG]}, CAT)],
    "choices-added": [(thing(a=STRING), {**thing(a=STRING), "anyOf": [CAT, DOG]})],
    "choices-removed": [({**thing(a=STRING), "anyOf": [CAT, DOG]}, thing(a=STRING))],
    "choices-changed": [({"anyOf": [CAT, DOG]}, {"allOf": [{"anyOf": [CAT, DOG]}, {"oneOf": [COW, DOG]}]})],
    "discriminator-changed": [
        (
            {"oneOf": [CAT, DOG], "discriminator": {"propertyName": "a"}},
            {"oneOf": [CAT, DOG], "discriminator": {"propertyName": "b"}},
        )
    ],
    "default-changed": [(STRING, {**STRING, "default": "a"}), ({"default": 1}, {"default": 2})],
    "condition-changed": [
        (STRING, {**STRING, "not": {"const": "a"}}),
        ({"not": {"type": "object"}}, {"not": {"type": "array"}}),
    ],
}
ONE_WAY = {  # what is only there in one direction
    "request": {
        "property-refused": [
            (
                {**thing(a=STRING), "additionalProperties": False},
                {"type": "object", "additionalProperties": False},
            )
        ],
        "property-hidden": [(thing(a=STRING), thing(a={**STRING, "readOnly": True}))],
        "property-shown": [(thing(a={**STRING, "readOnly": True}), thing(a=STRING))],
    },
    "response": {
        "property-hidden": [(thing(a=STRING), thing(a={**STRING, "writeOnly": True}))],
        "property-shown": [(thing(a={**STRING, "writeOnly": True}), thing(a=STRING))],
    },
}
ALL = [
    (direction, name, old, new)
    for direction in ("request", "response")
    for name, pairs in {**CASES, **ONE_WAY[direction]}.items()
    for old, new in pairs
]


@pytest.mark.parametrize(
    ("direction", "name", "old", "new"), ALL, ids=[f"{direction}-{name}" for direction, name, _, _ in ALL]
)
def test_what_has_changed(direction, name, old, new):
    assert checks(body_of(old, direction), body_of(new, direction)) == [f"{direction}-{name}"]


def test_every_check_has_a_case():
    assert set(SCHEMA_CHECKS) == set(CASES) | set(ONE_WAY["request"])


SAME = [
    pytest.param({"type": "string", "description": "a"}, {"description": "b", "type": "string"}, id="words"),
    pytest.param(
        thing(["a"], a=STRING, b=STRING), {"allOf": [thing(["a"], a=STRING), thing(b=STRING)]}, id="allOf"
    ),
    pytest.param({"anyOf": [CAT]}, CAT, id="one alternative"),
    pytest.param({"oneOf": [CAT, DOG]}, {"oneOf": [DOG, CAT]}, id="order"),
    pytest.param(
        {"enum": [1, 2], "type": "integer"}, {"enum": [2, 1], "type": "integer"}, id="order of values"
    ),
    pytest.param({"type": ["string", "null"]}, {"anyOf": [{"type": "null"}, STRING]}, id="null"),
    pytest.param({"properties": {"a": STRING}}, thing(a=STRING), id="the type goes without saying"),
    pytest.param({"items": STRING}, {"type": "array", "items": STRING}, id="that of a list too"),
    pytest.param({"type": "number"}, {"type": ["number", "integer"]}, id="integers are numbers"),
    pytest.param({"type": "string", "minLength": 0}, STRING, id="a bound that says nothing"),
    pytest.param({**thing(a=STRING), "additionalProperties": {}}, thing(a=STRING), id="anything else"),
    pytest.param({"multipleOf": 1, "type": "integer"}, {"multipleOf": 1.0, "type": "integer"}, id="1.0 is 1"),
    pytest.param(
        {"not": {"title": "a", "type": "null"}}, {"not": {"type": "null"}}, id="words in conditions"
    ),
]


@pytest.mark.parametrize(("old", "new"), SAME)
@pytest.mark.parametrize("direction", ["request", "response"])
def test_what_is_no_change(direction, old, new):
    assert checks(body_of(old, direction), body_of(new, direction)) == []
    assert checks(body_of(new, direction), body_of(old, direction)) == []


def test_versions_write_the_same_in_different_ways():
    old = {
        "type": "object",
        "properties": {
            "a": {"type": "string", "nullable": True},
            "b": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            "c": {"allOf": [{"$ref": "#/components/schemas/C"}], "nullable": True},
        },
    }
    new = {
        "type": "object",
        "properties": {
            "a": {"type": ["string", "null"]},
            "b": {"type": "integer", "exclusiveMinimum": 0},
            "c": {"anyOf": [{"$ref": "#/components/schemas/C"}, {"type": "null"}]},
        },
    }
    before, after = (
        body_of(schema, "response", version, C=thing(d=STRING))
        for schema, version in ((old, "3.0.3"), (new, "3.1.0"))
    )

    assert checks(before, after) == []


def test_levels_follow_the_direction():
    old, new = thing(a=STRING), thing(a={"type": ["string", "integer"]})

    widened = [changes(body_of(old, way), body_of(new, way))[0].level for way in ("request", "response")]
    narrowed = [changes(body_of(new, way), body_of(old, way))[0].level for way in ("request", "response")]

    assert (widened, narrowed) == (["info", "error"], ["error", "info"])


def test_a_change_deep_inside_has_its_place():
    def api(kind):
        item = thing(tags={"type": "object", "additionalProperties": thing(**{"a/b": {"type": kind}})})
        return body_of({"type": "array", "items": item}, "response")

    (change,) = changes(api("string"), api("integer"))

    assert (change.check, change.where, change.pointer) == (
        "response-type-changed",
        "response 200 application/json",
        "/*/tags/*/a~1b",
    )
    assert change.detail == "string → integer"
    assert change.place == "POST /x, response 200 application/json /*/tags/*/a~1b"


def test_circles_end():
    def api(kind):
        reference = {"$ref": "#/components/schemas/Tree"}
        tree = thing(children={"type": "array", "items": reference}, value={"type": kind}, parent=reference)
        return body_of(reference, "response", Tree=tree)

    assert checks(api("string"), api("string")) == []
    (change,) = changes(api("string"), api("integer"))
    assert change.pointer == "/value"


def test_circles_of_references_and_allof_end():
    def api(extra):
        loop = {"allOf": [{"$ref": "#/components/schemas/B"}]}
        return body_of(
            {"$ref": "#/components/schemas/A"},
            "request",
            A={"$ref": "#/components/schemas/A2"},
            A2={"$ref": "#/components/schemas/A"},
            B={**loop, **extra},
            C=loop,
        )

    assert checks(api({}), api({"type": "object"})) == []


def test_what_many_operations_share_is_told_once():
    def api(kind):
        content = {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}
        responses = {"200": {"description": "", "content": content}}
        return document(
            {f"/p{number}": {"get": {"responses": responses}} for number in range(70)},
            components={
                "schemas": {
                    "Pet": thing(owner={"$ref": "#/components/schemas/Owner"}),
                    "Owner": thing(a={"type": kind}),
                }
            },
        )

    (change,) = changes(api("string"), api("boolean"))

    assert len(change.operations) == 70
    assert change.place == "GET /p0 and 69 others, response 200 application/json /owner/a"


def test_conditions_are_followed_through_references():
    def api(kind):
        return body_of({"not": {"$ref": "#/components/schemas/N"}}, "request", N=thing(a={"type": kind}))

    assert checks(api("string"), api("string")) == []
    assert checks(api("string"), api("integer")) == ["request-condition-changed"]


def test_large_conditions_are_compared_as_they_are_written():
    def api(last):
        return body_of({"not": {"enum": [*range(MAX_SAME + 10), last]}}, "request")

    assert checks(api(0.5), api(0.5)) == []
    assert checks(api(0.5), api(0.25)) == ["request-condition-changed"]


def test_references_that_multiply_cost_no_more():
    def api(kind):
        schemas = {
            f"S{n}": thing(**{key: {"$ref": f"#/components/schemas/S{n + 1}"} for key in "abcdef"})
            for n in range(100)
        }
        return body_of({"$ref": "#/components/schemas/S0"}, "response", **schemas, S100={"type": kind})

    (change,) = changes(api("string"), api("boolean"))

    assert change.pointer == "/a" * 100


def test_properties_that_one_direction_does_not_have():
    old = thing(["id"], id={**STRING, "readOnly": True}, a=STRING)

    assert checks(body_of(old, "request"), body_of(thing(a=STRING), "request")) == []
    assert checks(body_of(thing(a=STRING), "request"), body_of(old, "request")) == []
    assert checks(body_of(old, "response"), body_of(thing(a=STRING), "response")) == [
        "response-required-property-removed"
    ]


def test_numbers_of_any_size():
    sizes = [{"maximum": 10**400}, {"maximum": 1e308}, {"multipleOf": 1e-320}, {"multipleOf": 10**400}]

    for old in sizes:
        for new in sizes:
            found = checks(body_of(old, "request"), body_of(new, "request"))
            assert bool(found) == (old is not new)


def test_a_reference_that_leads_nowhere_is_no_crash():
    old = body_of({"$ref": "#/components/schemas/Missing"}, "response")

    assert checks(old, old) == []
