"""Data from schemas, as the rest of the program asks for it."""

import json
import re
from collections import Counter

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings

from tests.formats.openapi.witness import satisfiable
from understudy.formats.openapi.generate import CannotGenerate, Generators, compile_generator, generate
from understudy.render.draws import Draws


def lots(n=0, seed=1):
    return Draws(seed, "test", n)


def many(schema, count=50, **options):
    make = compile_generator(schema, **options)
    return [make(lots(n)) for n in range(count)]


def ref(name):
    return {"$ref": f"#/$defs/{name}"}


def text(**more):
    return {"type": "string", **more}


CORPUS = {
    "any": {},
    "all true": True,
    "integer": {"type": "integer"},
    "a closed interval": {"type": "integer", "minimum": 3, "maximum": 4},
    "an open interval": {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    "a lower bound": {"type": "integer", "minimum": 10**12},
    "an upper bound": {"type": "integer", "maximum": -(10**12)},
    "bounds that are fractions": {"type": "integer", "minimum": 1.5, "maximum": 2.5},
    "multiples": {"type": "integer", "multipleOf": 7},
    "multiples of two numbers": {"allOf": [{"type": "integer", "multipleOf": 4}, {"multipleOf": 6}]},
    "large multiples": {"type": "integer", "multipleOf": 10**9},
    "negative multiples": {"type": "integer", "multipleOf": 10**9, "maximum": -1},
    "multiples of a fraction": {"type": "number", "multipleOf": 0.01, "minimum": 0.1, "maximum": 0.3},
    "integers that are multiples of a fraction": {"type": "integer", "multipleOf": 1.5},
    "a fine interval": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
    "one number": {"type": "number", "minimum": 0.3, "maximum": 0.3},
    "int32": {"type": "integer", "format": "int32", "minimum": 2**31 - 2},
    "double": {"type": "number", "format": "double"},
    "lengths": text(minLength=30, maxLength=32),
    "an empty text": text(maxLength=0),
    "one letter": text(minLength=1, maxLength=1),
    "a pattern": text(pattern=r"^[A-Z]{2}-\d{4}(?:/[a-z]+)?$"),
    "a pattern and lengths": text(pattern="^[a-z]*$", minLength=40, maxLength=45),
    "an open pattern": text(pattern="^x-", minLength=10),
    "two patterns": {"allOf": [text(pattern="^a"), {"pattern": "z$"}]},
    "a look-ahead": text(pattern=r"^(?=.*\d)[a-z0-9]{8,}$"),
    "a category": text(pattern=r"^\p{Lu}\p{L}+$"),
    "a pattern and a format": text(format="date", pattern="^202"),
    "a long email": text(format="email", minLength=100),
    "a short email": text(format="email", maxLength=9),
    "a long address": text(format="uri", minLength=80),
    "a long host name": text(format="hostname", minLength=70),
    "an unknown format": text(format="nothing-known"),
    "no list": {"type": "array", "maxItems": 0},
    "a list": {"type": "array", "items": {"type": "integer"}, "minItems": 5},
    "a tuple": {"type": "array", "prefixItems": [text(), {"type": "integer"}], "items": False},
    "different items": {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"enum": [1, 2, 3]}},
    "different objects": {
        "type": "array",
        "uniqueItems": True,
        "minItems": 8,
        "items": {"type": "object", "required": ["a"], "properties": {"a": {"enum": [*range(12)]}}},
    },
    "contains": {"type": "array", "contains": {"const": "here"}, "items": text()},
    "contains some": {
        "type": "array",
        "contains": {"type": "integer"},
        "minContains": 2,
        "maxContains": 3,
        "minItems": 5,
    },
    "an object": {"type": "object", "properties": {"a": text(), "b": {"type": "integer"}}, "required": ["b"]},
    "a map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "a map of patterns": {
        "type": "object",
        "patternProperties": {"^x-[a-z]+$": {"type": "boolean"}},
        "additionalProperties": False,
        "minProperties": 3,
    },
    "names": {"type": "object", "propertyNames": {"pattern": "^[A-Z]{3}$"}, "minProperties": 2},
    "at most two": {"type": "object", "properties": {name: {} for name in "abcde"}, "maxProperties": 2},
    "at least four": {"type": "object", "properties": {"a": text()}, "minProperties": 4},
    "needs another": {
        "type": "object",
        "properties": {"card": text(), "address": text()},
        "required": ["card"],
        "dependentRequired": {"card": ["address", "city"]},
    },
    "needs a schema": {
        "type": "object",
        "required": ["a"],
        "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 1}}}},
    },
    "nothing unevaluated": {
        "type": "object",
        "allOf": [{"properties": {"a": text()}, "required": ["a"]}],
        "properties": {"b": text()},
        "unevaluatedProperties": False,
    },
    "all of": {
        "allOf": [
            {"type": "object", "properties": {"a": {"minimum": 3}}, "required": ["a"]},
            {"properties": {"a": {"type": "integer", "maximum": 4}}},
        ]
    },
    "any of": {"anyOf": [text(), {"type": "integer"}, {"type": "null"}]},
    "one of, by names": {
        "type": "object",
        "properties": {"a": text(), "b": text()},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    },
    "one of, overlapping": {
        "oneOf": [{"type": "integer", "multipleOf": 2}, {"type": "integer", "maximum": 50}]
    },
    "one of, told apart": {
        "oneOf": [
            {"type": "object", "required": ["kind"], "properties": {"kind": {"const": kind}}} for kind in "ab"
        ]
    },
    "not": {"type": ["string", "integer"], "not": {"type": "string"}},
    "not required": {"type": "object", "properties": {"a": text(), "b": text()}, "not": {"required": ["a"]}},
    "not a value": {"enum": [1, 2, 3], "not": {"const": 2}},
    "if": {
        "type": "object",
        "required": ["country"],
        "properties": {"country": {"enum": ["US", "NL"]}},
        "if": {"properties": {"country": {"const": "US"}}},
        "then": {"properties": {"zip": text(pattern="^[0-9]{5}$")}, "required": ["zip"]},
        "else": {"properties": {"zip": text(pattern="^[0-9]{4} [A-Z]{2}$")}, "required": ["zip"]},
    },
    "a tree": {
        "$defs": {
            "node": {
                "type": "object",
                "required": ["value"],
                "properties": {
                    "value": {"type": "integer"},
                    "left": ref("node"),
                    "children": {"type": "array", "items": ref("node")},
                },
            }
        },
        **ref("node"),
    },
    "an expression": {
        "$defs": {
            "e": {"oneOf": [{"type": "number"}, ref("sum")]},
            "sum": {"type": "object", "required": ["l", "r"], "properties": {"l": ref("e"), "r": ref("e")}},
        },
        **ref("e"),
    },
    "an anchor": {"$defs": {"a": {"$anchor": "here", "type": "integer"}}, "$ref": "#here"},
    "an id": {"$id": "https://example.org/a", "$defs": {"b": {"$id": "b", "const": 5}}, "$ref": "b"},
    "escaped names": {"type": "object", "required": ["a/b", "~"], "properties": {"a/b": {"type": "integer"}}},
}


@pytest.mark.parametrize("name", CORPUS)
def test_always_valid_and_always_the_same(name):
    schema = CORPUS[name]
    check = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    make, again = compile_generator(schema), compile_generator(schema)
    for n in range(100):
        value = make(lots(n))
        check.validate(value)
        assert make(lots(n)) == value == again(lots(n))


@settings(suppress_health_check=list(HealthCheck), max_examples=60)
@given(satisfiable())
def test_schemas_that_can_be_met_are(schema):
    check = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for value in many(schema, 5):
        check.validate(value)


def test_a_condition_that_always_holds_may_leave_nothing_but_null():
    null = {"enum": [None]}
    schema = {"if": {"oneOf": [null, {"not": null}]}, "then": null, "else": {}}
    assert many(schema, 20) == [None] * 20


def test_an_item_may_be_what_several_ask_for():
    null, number = {"contains": {"enum": [None]}}, {"contains": {"enum": [None, 1]}}
    schema = {"type": "array", "allOf": [{**null, "maxItems": 1}, number]}
    assert many(schema, 5) == [[None]] * 5
    twice = {"type": "array", "maxItems": 2, "allOf": [{**number, "minContains": 2}, null]}
    assert all(len(value) == 2 and None in value for value in many(twice, 5))
    with pytest.raises(CannotGenerate):
        many({**twice, "maxItems": 1}, 1)


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(suppress_health_check=list(HealthCheck), max_examples=3000)
@given(satisfiable())
def test_many_schemas_that_can_be_met_are(schema):
    check = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    for value in many(schema, 5):
        check.validate(value)


def test_a_change_at_one_place_changes_no_other():
    properties = {"id": {"type": "integer"}, "who": {"type": "object", "properties": {"name": text()}}}
    before = generate({"type": "object", "properties": properties}, lots())
    after = generate({"type": "object", "properties": {"more": text(), **properties}}, lots())
    assert after.pop("more")
    assert after == before


def test_other_draws_give_other_data():
    assert len({json.dumps(value) for value in many({"type": "integer"}, 50)}) > 25


@pytest.mark.parametrize(
    ("schema", "wanted"),
    [
        ({"type": "boolean"}, {True, False}),
        ({"anyOf": [{"const": 1}, {"const": 2}, {"const": 3}]}, {1, 2, 3}),
        ({"oneOf": [{"const": 1}, {"const": 2}]}, {1, 2}),
        ({"enum": ["a", "b", "c"]}, {"a", "b", "c"}),
        ({"type": ["boolean", "null"]}, {True, False, None}),
        ({"type": "integer", "minimum": 1, "maximum": 3}, {1, 2, 3}),
    ],
)
def test_everything_comes(schema, wanted):
    found = Counter(many(schema, 300))
    assert set(found) == wanted
    assert min(found.values()) > 5


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"anyOf": [text(), {"type": "null"}]},
        {"oneOf": [{"const": None}, text()]},
    ],
)
def test_null_comes_at_times(schema):
    assert 5 < Counter(many(schema, 300))[None] < 80


def test_usual_sizes():
    schema = {
        "type": "object",
        "properties": {"tags": {"type": "array", "items": text()}, "n": {"type": "integer"}},
    }
    for value in many(schema):
        assert len(value["tags"]) == 2
        assert 1 <= value["n"] <= 1000
        assert all(len(tag) < 25 for tag in value["tags"])
    assert len(generate({"type": "array"}, lots(), max_items=4)) == 4


def test_optional_properties():
    schema = {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"]}
    assert all(set(value) == {"a", "b"} for value in many(schema))
    assert all(set(value) == {"a"} for value in many(schema, optional=0.0))
    found = Counter("b" in value for value in many(schema, 200, optional=0.5))
    assert min(found[True], found[False]) > 50


def test_properties_that_belong_to_one_direction():
    schema = {
        "type": "object",
        "required": ["id", "password"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "password": {"$ref": "#/$defs/secret"},
            "name": text(),
        },
        "$defs": {"secret": {"type": "string", "writeOnly": True}},
    }
    assert set(generate(schema, lots())) == {"id", "name"}
    assert set(generate(schema, lots(), direction="request")) == {"password", "name"}
    base = {"allOf": [{"$ref": "#/base"}, {"required": ["id", "password"]}]}
    assert set(generate(base, lots(), root={"base": schema, "$defs": schema["$defs"]})) == {"id", "name"}
    # what the property says itself goes first
    shown = {**schema["properties"], "password": {"allOf": [{"$ref": "#/$defs/secret"}], "readOnly": True}}
    assert set(generate({**schema, "properties": shown}, lots())) == {"id", "name", "password"}


OLD = {
    "nullable": ({"type": "integer", "nullable": True}, {"type": ["integer", "null"]}),
    "exclusive": (
        {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 5, "exclusiveMaximum": True},
        {"const": 4},
    ),
    "not exclusive": (
        {"type": "integer", "minimum": 3, "maximum": 3, "exclusiveMinimum": False},
        {"const": 3},
    ),
    "beside a reference": ({"$ref": "#/components/schemas/Id", "type": "string"}, {"type": "integer"}),
}


@pytest.mark.parametrize("name", OLD)
def test_openapi_3_0(name):
    written, meant = OLD[name]
    root = {"components": {"schemas": {"Id": {"type": "integer"}}}}
    check = jsonschema_rs.validator_for(meant)
    found = many(written, 100, root=root, dialect="3.0")
    assert all(map(check.is_valid, found))
    assert (None in found) == (name == "nullable")


PETS = {
    "Pet": {
        "type": "object",
        "required": ["petType"],
        "discriminator": {"propertyName": "petType", "mapping": {"dog": "#/components/schemas/Dog"}},
        "properties": {"petType": {"type": "string"}},
    },
    "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"bark": {"type": "boolean"}}}]},
    "Puppy": {"allOf": [{"$ref": "#/components/schemas/Dog"}]},
    "Cat": {"type": "object", "properties": {"petType": {"type": "string"}, "purr": {"type": "boolean"}}},
    "Any": {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {
            "propertyName": "petType",
            "mapping": {"dog": "Dog", "cat": "#/components/schemas/Cat"},
        },
    },
}


def pets(name, **options):
    root = {"components": {"schemas": PETS}}
    return many(PETS[name], root=root, dialect="3.0", pointer=f"#/components/schemas/{name}", **options)


def test_a_discriminator_says_which_branch_it_is():
    assert {(pet["petType"], *sorted(pet.keys() - {"petType"})) for pet in pets("Any")} == {
        ("cat", "purr"),
        ("dog", "bark"),
    }


def test_a_discriminator_of_a_base():
    assert {pet["petType"] for pet in pets("Dog")} == {"dog"}
    assert {pet["petType"] for pet in pets("Puppy")} == {"Puppy"}


def test_branches_that_overlap():
    schema = {"oneOf": [{"type": "object", "properties": {name: text()}} for name in ("first", "second")]}
    assert all(isinstance(value["first"], str) ^ isinstance(value["second"], str) for value in many(schema))
    loose = many(schema, strict=False)
    assert {tuple(value) for value in loose} == {("first",), ("second",)}


def test_examples_are_used_where_they_are_valid():
    schema = {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "examples": [7, "wrong"]},
            "b": {"type": "string", "example": "rex", "default": "none"},
            "c": {"type": "string", "default": "fallback"},
            "d": {"type": "boolean", "example": "yes"},
        },
    }
    found = generate(schema, lots(), prefer_examples=True)
    assert (found["a"], found["b"], found["c"]) == (7, "rex", "fallback")
    assert isinstance(found["d"], bool)
    assert generate(schema, lots())["b"] != "rex"


def test_examples_are_copies():
    schema = {"type": "object", "example": {"a": []}}
    make = compile_generator(schema, prefer_examples=True)
    make(lots())["a"].append(1)
    assert make(lots()) == {"a": []}


def test_names_of_properties_give_plausible_values():
    names = {
        "email": "@",
        "createdAt": r"^\d{4}-\d\d-\d\dT",
        "website": "^https://",
        "phone": r"^\+1-202-555-01\d\d$",
    }
    schema = {"type": "object", "properties": {name: text() for name in names}}
    found = generate(schema, lots())
    assert all(re.search(pattern, found[name]) for name, pattern in names.items())
    short = {
        "type": "object",
        "properties": {"email": text(maxLength=3), "age": {"type": "integer", "maximum": 5}},
    }
    found = generate(short, lots())
    assert len(found["email"]) <= 3
    assert found["age"] <= 5


def test_faker():
    pytest.importorskip("faker")
    schema = {
        "type": "object",
        "properties": {
            "a": text(**{"x-faker": "name.firstName"}),
            "b": text(**{"x-faker": "nothing.known"}),
            "c": {"type": "integer", "x-faker": "name.firstName"},
        },
    }
    generators = Generators({})
    make = generators.compile(schema)
    assert make(lots()) == make(lots())
    assert make(lots())["a"].isalpha()
    assert isinstance(make(lots())["c"], int)
    assert [message for _, message in generators.notes] == [
        "Faker has no provider for x-faker: nothing.known",
        "what x-faker: name.firstName gives is not allowed by the schema",
    ]


def test_circles_end():
    found = generate(CORPUS["a tree"], lots(), max_depth=3)
    assert set(found["left"]["left"]["left"]) <= {"value", "children"}
    assert "left" not in found["left"]["left"]["left"]
    flat = generate(CORPUS["a tree"], lots(), max_depth=0)
    assert set(flat) == {"value"}


def test_one_object_compiles_many_schemas():
    generators = Generators({"components": {"schemas": PETS}}, "3.0")
    names = ("Dog", "Cat", "Dog")
    found = [generators.compile({"$ref": f"#/components/schemas/{name}"})(lots()) for name in names]
    assert found[0] == found[2]
    assert found[0]["petType"] == "dog"


def test_a_schema_that_is_refused_is_in_nobodys_way():
    schemas = {
        "self": ref("self"),
        "bad": {"items": ref("none")},
        "uses": {"items": ref("bad")},
        "ok": {"const": 5},
    }
    generators = Generators({"$defs": schemas})
    for name in ("self", "uses", "bad", "uses", "self"):
        with pytest.raises(CannotGenerate):
            generators.compile(ref(name))
        assert generators.compile(ref("ok"))(lots()) == 5
    found = [generators.compile({"const": n})(lots()) for n in range(100)]
    assert found == list(range(100))


def nested(depth):
    schema = {}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    return schema


def doubling(required, length=40):
    last = {f"s{length}": text()}
    both = {f"s{n}": {name: ref(f"s{n + 1}") for name in "ab"} for n in range(length)}
    needed = ["a", "b"] if required else []
    return {
        **ref("s0"),
        "$defs": {
            name: {"type": "object", "required": needed, "properties": inner} for name, inner in both.items()
        }
        | last,
    }


REFUSED = {
    "false": (False, "#: nothing is allowed here"),
    "no schema": (5, "#: this is no schema"),
    "no type": ({"type": "any"}, "#: 'any' is not a type"),
    "no number": ({"minimum": "x"}, "#: this is not a schema that can be used: minimum"),
    "no names": ({"required": "a"}, "#: required is not a list"),
    "no list": ({"anyOf": {}}, "#: anyOf is not a list"),
    "no object": ({"properties": []}, "#: properties is not an object"),
    "no enum": ({"enum": 5}, "#: enum is not a list"),
    "not finite": ({"minimum": float("inf")}, "#: minimum is inf"),
    "a pattern": ({"properties": {"a": {"pattern": "("}}}, "#/properties/a: this is not a schema"),
    "a reference": ({"items": ref("none")}, "#/items: #/$defs/none leads nowhere"),
    "another file": ({"$ref": "other.yaml#/a"}, "#: other.yaml#/a is not in the document"),
    "no anchor": ({"$ref": "#none"}, "#: #none leads nowhere"),
    "itself": ({"$ref": "#"}, "#: the schema refers to itself"),
    "itself, by a branch": (
        {"$defs": {"a": {"anyOf": [ref("a"), text()]}}, **ref("a")},
        "the schema refers to itself",
    ),
    "without end": (
        {"$defs": {"a": {"type": "object", "required": ["a"], "properties": {"a": ref("a")}}}, **ref("a")},
        "#/$defs/a: the schema needs itself",
    ),
    "bounds": ({"type": "integer", "minimum": 5, "maximum": 4}, "#: no number is within the bounds"),
    "lengths": (text(minLength=5, maxLength=4), "#: no text has 5 characters or more"),
    "items": ({"type": "array", "minItems": 3, "maxItems": 2}, "#: a list of 3 items or more, and 2 at most"),
    "no more items": ({"type": "array", "items": False, "minItems": 1}, "nothing is allowed here"),
    "too few values": (
        {"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "boolean"}},
        "#: not enough different items were found",
    ),
    "properties": (
        {"type": "object", "required": ["a", "b"], "maxProperties": 1},
        "#: 2 properties are needed, and 1 allowed",
    ),
    "contradiction": ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "#: the schemas contradict"),
    "enum": ({"enum": ["a"], "minLength": 2}, "#: none of the listed values"),
    "a huge list": ({"type": "array", "minItems": 10**9}, "#: lists of 1000000000 items"),
    "a huge text": (text(minLength=10**9), "#: texts of 1000000000 characters"),
    "a huge repeat": (text(pattern="^a{20000}$"), "#: the pattern asks for texts of 20000 characters"),
    "a huge object": ({"type": "object", "minProperties": 10**6}, "#: objects of 1000000 properties"),
    "lists of lists": (
        {"type": "array", "minItems": 1000, "items": {"type": "array", "minItems": 1000}},
        "#: the data would have up to 1e+06 values",
    ),
    "doubling": (doubling(True), "#: the data would have up to 2.2e+12 values"),
    "deep": (nested(5000), "schemas are nested more than 100 deep"),
    "deep data": (nested(90), "data is nested more than 50 deep"),
    "several meanings": (
        {
            "$defs": {
                "a": {"$id": "a", "$dynamicAnchor": "x"},
                "b": {"$id": "b", "$dynamicAnchor": "x", "type": "array", "items": {"$dynamicRef": "#x"}},
            },
            "$ref": "b",
        },
        "#/$defs/b/items: #x has several meanings",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_made_is_said(name):
    schema, message = REFUSED[name]
    with pytest.raises(CannotGenerate) as caught:
        many(schema)
    assert message in str(caught.value)
    assert caught.value.pointer.startswith("#")


CLIQUE = {
    **ref("s0"),
    "$defs": {
        f"s{n}": {"type": "object", "properties": {"v": text(), **{f"p{m}": ref(f"s{m}") for m in range(20)}}}
        for n in range(20)
    },
}
HOSTILE = {
    "doubling": doubling(False),
    "everything refers to everything": CLIQUE,
    "a catastrophic pattern": text(pattern="^(a+)+$"),
    "a catastrophic look-ahead": text(pattern="^(?=x)(x+x+)+y$"),
    "many choices": {
        "type": "object",
        "allOf": [
            {"anyOf": [{"properties": {f"a{n}": {"type": kind}}} for kind in ("string", "null")]}
            for n in range(30)
        ],
    },
    "a long way": {
        **ref("s0"),
        "$defs": {f"s{n}": {"type": "object", "properties": {"n": ref(f"s{n + 1}")}} for n in range(300)}
        | {"s300": {}},
    },
    "many properties": {"type": "object", "properties": {f"p{n}": text() for n in range(2500)}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_schemas_stay_small(name):
    for value in many(HOSTILE[name], 3):
        assert len(json.dumps(value)) < 200_000


def test_no_way_through_many_choices():
    schema = {
        "type": "object",
        "allOf": [{"anyOf": [{"required": [f"{name}{n}"]} for name in "ab"]} for n in range(20)]
        + [{"properties": {"b19": False}}]
        + [{"properties": {f"a{n}": False}} for n in range(20)],
    }
    with pytest.raises(CannotGenerate):
        generate(schema, lots())


def test_hundreds_of_branches_that_overlap_end_soon():
    branches = [{"properties": {f"p{number}": {"type": "integer"}}} for number in range(200)]
    with pytest.raises(CannotGenerate, match="places and alternatives"):
        generate({"oneOf": branches, "type": "object"}, lots())
    assert generate({"oneOf": branches, "type": "object"}, lots(), strict=False) is not None
