"""The parts that data is made by, each on its own."""

import base64
import json
import re
from fractions import Fraction
from pathlib import Path

import jsonschema_rs
import pytest

from understudy.formats.openapi.generate import CannotGenerate, compile_generator
from understudy.formats.openapi.generating.base import Impossible, Stream, escaped
from understudy.formats.openapi.generating.circles import Circles
from understudy.formats.openapi.generating.facts import canonical, common_multiple, same, types
from understudy.formats.openapi.generating.lift import Lifter
from understudy.formats.openapi.generating.negate import negate
from understudy.formats.openapi.generating.numbers import build_number
from understudy.formats.openapi.generating.plausible import PLAUSIBLE, plausible_for
from understudy.formats.openapi.generating.references import Document, Found
from understudy.formats.openapi.generating.regex import Pattern, PatternError
from understudy.formats.openapi.generating.texts import FORMATS, PLAUSIBLE_TEXTS, WORDS, plain
from understudy.render.draws import Draws

CORPUS = Path(__file__).parents[2] / "corpus" / "json_schema"
DRAFTS = {
    "draft7": ("http://json-schema.org/draft-07/schema#", jsonschema_rs.Draft7Validator),
    "draft2020-12": ("https://json-schema.org/draft/2020-12/schema", jsonschema_rs.Draft202012Validator),
}
NOT_MADE = {"dynamicRef", "unevaluatedItems with $dynamicRef", "unevaluatedProperties with $dynamicRef"}
"""Groups, or files of them, where a reference means something else from place to place."""


def draws(n=0):
    return Draws(1, "test", n)


def suite(draft):
    for line in (CORPUS / f"{draft}.jsonl").read_text().splitlines():
        group = json.loads(line)
        uri, _ = DRAFTS[draft]
        schema = group["schema"]
        outside = "localhost:1234" in line or (isinstance(schema, dict) and schema.get("$ref") == uri)
        if any(valid for _, _, valid in group["tests"]) and not outside:
            yield {"$schema": uri, **schema} if isinstance(schema, dict) else schema, group


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_schema_of_the_suite_that_can_be_met(draft):
    missed = []
    for schema, group in suite(draft):
        check = DRAFTS[draft][1](schema, validate_formats=True)
        try:
            make = compile_generator(schema)
        except CannotGenerate as error:
            if not NOT_MADE & {group["file"], group["description"]}:
                missed.append((group["description"], str(error)))
            continue
        for n in range(10):
            assert check.is_valid(value := make(draws(n))), (schema, value)
    assert not missed


@pytest.mark.parametrize(
    "pattern",
    [
        r"^[A-Z]{3}-\d{4}$",
        r"^(GET|POST|PUT)$",
        r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
        r"^\+?[1-9]\d{1,14}$",
        r"^#(?:[0-9a-fA-F]{3}){1,2}$",
        r"^(?<year>\d{4})-(?<month>0[1-9]|1[0-2])$",
        r"(['x])y\1",
        r"^[\w.\-/]+$",
        r"^[[\]{}]$",
        r"^\u0041\x42\u{43}$",
        r"^\p{L}+[\p{N}_]$",
        r"^[^\d]$",
        r"^\S+ \D\W$",
        r"^[à-ü]+$",
        r"^a??b*?c+?$",
        r"^(?=.*[A-Z])(?=.*\d)(?=.*[!@#]).{8,}$",
        r"",
        r"b$",
        r"^",
    ],
)
def test_texts_match_their_pattern(pattern):
    written = Pattern(pattern)
    matches = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    found = [written.write(Stream(draws(n), "x"), 0, 100) for n in range(100)]
    assert all(map(matches, found)), found
    assert all(written.least <= len(text) <= written.most for text in found)


@pytest.mark.parametrize(
    ("pattern", "low", "high"),
    [
        ("^[a-z]*$", 20, 25),
        ("^(ab|cde)+$", 11, 14),
        ("^a{2,}b{0,3}$", 9, 9),
        ("^[a-z]+(-[a-z]+)*$", 30, 40),
        ("^x", 8, 8),
        ("x", 8, 8),
        ("x$", 8, 8),
        (r"^\d{3}$", 0, 1000),
        ("^(a|b{5,9})$", 5, 7),
        ("^.*$", 0, 0),
    ],
)
def test_texts_are_as_long_as_wanted(pattern, low, high):
    for n in range(50):
        text = Pattern(pattern).write(Stream(draws(n), "x"), low, high)
        assert re.search(pattern, text)
        assert low <= len(text) <= high


@pytest.mark.parametrize(
    "pattern", ["(", "[", "a{2,1}", "*", "[]", r"\p{L}[\P{L}]", "(?<a>x", "x" * 3 + "(?i"]
)
def test_patterns_that_cannot_be_read(pattern):
    with pytest.raises(PatternError):
        Pattern(pattern)


def test_alternatives_and_repeats_vary():
    texts = {Pattern("^(a|b|c){1,3}$").write(Stream(draws(n), "x"), 0, 9) for n in range(300)}
    assert len(texts) > 20


def test_a_stream_is_even():
    stream = Stream(draws(), "x")
    found = [stream.below(10) for _ in range(5000)]
    assert set(found) == set(range(10))
    assert all(400 < found.count(digit) < 600 for digit in range(10))


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name):
    check = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    for n in range(200):
        assert check.is_valid(FORMATS[name](draws(n), "x", 0, 1 << 30))


SIZED = ("email", "idn-email", "hostname", "uri", "iri", "uri-reference", "json-pointer", "regex", "password")


@pytest.mark.parametrize("name", SIZED)
@pytest.mark.parametrize(("low", "high"), [(0, 12), (40, 60), (90, 90)])
def test_formats_of_a_length(name, low, high):
    check = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    for n in range(50):
        text = FORMATS[name](draws(n), "x", low, high)
        assert check.is_valid(text), text
        assert low <= len(text) <= high, text


def test_bytes_are_base64():
    for low, high in ((0, 100), (0, 8), (40, 44)):
        text = FORMATS["byte"](draws(), "x", low, high)
        assert base64.b64decode(text, validate=True) or high < 4
        assert low <= len(text) <= high


def test_ordinary_texts():
    assert len(set(WORDS)) == 64
    for low, high in ((0, 1 << 30), (0, 0), (1, 1), (50, 50), (0, 5)):
        for n in range(50):
            text = plain(draws(n), "x", low, high)
            assert low <= len(text) <= high
            assert text == text.strip()


def test_the_table_of_names_names_what_there_is():
    texts = {entry.text for entry in PLAUSIBLE.values() if isinstance(entry.text, str)}
    assert texts <= set(PLAUSIBLE_TEXTS)
    assert all(name == name.lower() for name in PLAUSIBLE)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("firstName", "firstname"),
        ("first_name", "firstname"),
        ("billingEmail", "email"),
        ("created_at", "at"),
        ("userID", "id"),
        ("emails", "email"),
        ("file_name", None),
        ("format", None),
        ("", None),
    ],
)
def test_names(name, entry):
    assert plausible_for(name) == entry


def number(n=0, whole=False, **schema):
    return build_number(({"type": ["number"], **schema},), whole, None, "#").make(draws(n), "x")


def test_numbers():
    assert {number(n, True, minimum=1, maximum=3) for n in range(50)} == {1, 2, 3}
    assert all(0 < number(n, exclusiveMinimum=0, exclusiveMaximum=0.01) < 0.01 for n in range(50))
    assert {number(n, multipleOf=0.1, minimum=0.25, maximum=0.45) for n in range(50)} == {0.3, 0.4}
    assert number(whole=True, minimum=10**30) >= 10**30
    assert number(whole=True, maximum=-(10**30)) <= -(10**30)
    assert number(minimum=0.1, maximum=0.1) == 0.1
    assert number(n=1, minimum=-5, maximum=-5, whole=True) == -5
    with pytest.raises(Impossible, match="no number"):
        number(exclusiveMinimum=1, maximum=1)
    with pytest.raises(Impossible, match="multipleOf"):
        number(multipleOf=0)


def test_common_multiples():
    assert common_multiple([Fraction(4), Fraction(6)]) == 12
    assert common_multiple([Fraction(3, 2), Fraction(1)]) == 3
    assert common_multiple([Fraction(1, 100)]) == Fraction(1, 100)


def test_equality_is_that_of_json():
    assert same(1, 1.0)
    assert same({"a": [1], "b": None}, {"b": None, "a": [1.0]})
    assert not same(1, True)
    assert not same([0], [False])
    assert not same(None, "None")
    assert len({canonical(value) for value in (1, 1.0, True, "1", None, [1], {"1": 1})}) == 6


def test_types():
    assert types(({"type": ["string", "null"]},)) == (["string", "null"], [])
    assert types(({"type": ["number"]}, {"type": ["integer", "string"]})) == (["integer"], [])
    assert types(({"type": ["string"]}, {"type": ["null"]})) == ([], [])
    assert types(({"properties": {}},))[0] == ["object"]
    assert types(({"minimum": 1},))[0] == ["number"]
    assert types(())[0] == ["string"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": ["string"]}, 5),
        ({"minimum": 3}, 2),
        ({"maxLength": 3}, "abcd"),
        ({"required": ["a"]}, {}),
        ({"properties": {"a": {"type": ["string"]}}}, {"a": 1}),
        ({"items": {"type": ["string"]}}, [1]),
        ({"contains": {"type": ["string"]}}, []),
        ({"not": {"type": ["string"]}}, "a"),
        ({"anyOf": [{"type": ["string"]}, {"type": ["null"]}]}, 5),
        ({"additionalProperties": False}, {"other": 1}),
        ({"type": ["string"], "pattern": "^a"}, "b"),
        ({"type": ["string"], "const": "a"}, "b"),
        (False, 5),
    ],
)
def test_negations_allow_what_was_refused(schema, value):
    opposite = negate(schema, lambda reference: True)
    assert opposite is not None
    assert any(jsonschema_rs.is_valid(one, value) for one in opposite)
    assert not jsonschema_rs.is_valid(schema, value)


def test_negations_that_cannot_be_said():
    assert negate({"const": 1}, lambda reference: True) is None
    assert negate(True, lambda reference: True) == []
    assert negate({}, lambda reference: True) == []


def test_references():
    document = Document(
        {
            "$id": "https://example.org/root",
            "a/b": {"~": [5]},
            "inner": {"$id": "other", "$anchor": "here", "x": {"$anchor": "there"}},
            "data": {"const": {"$id": "https://example.org/not-me"}},
        }
    )

    def follow(reference, resource=document.root):
        return document.follow(reference, resource, "#")

    assert follow("#/a~1b/~0/0").schema == 5
    assert follow("#/a~1b/~0/0").pointer == "#/a~1b/~0/0"
    inner = follow("other")
    assert (inner.pointer, inner.resource.uri) == ("#/inner", "https://example.org/other")
    assert follow("#there", inner.resource).pointer == "#/inner/x"
    assert follow("https://example.org/other#/x").pointer == "#/inner/x"
    for wrong in ("#/nope", "#/a~1b/~0/7", "#nope", "https://example.org/not-me", "file.yaml", 5):
        with pytest.raises(Impossible):
            follow(wrong)
    assert escaped("a/b~") == "a~1b~0"


def test_copies_are_of_one_dialect():
    root = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "items": [{"type": "string"}],
        "additionalItems": False,
        "dependencies": {"a": ["b"], "c": {"required": ["d"]}},
        "definitions": {"x": {"$ref": "#", "type": "integer"}},
        "required": True,
    }
    document = Document(root)
    lifter = Lifter(document, "3.1", "response", True)
    copy = lifter.target(lifter.add(Found(root, "#", document.root))["$ref"])
    assert copy == {
        "prefixItems": [{"type": ["string"]}],
        "items": False,
        "dependentRequired": {"a": ["b"]},
        "dependentSchemas": {"c": {"required": ["d"]}},
    }
    assert lifter.place(copy["prefixItems"][0]) == "#/items/0"
    part = document.follow("#/definitions/x", document.root, "#")
    assert list(lifter.target(lifter.add(part)["$ref"])) == ["$ref"]


def test_circles():
    root = {
        "$defs": {
            "a": {"properties": {"b": {"$ref": "#/$defs/b"}, "c": {"$ref": "#/$defs/c"}}},
            "b": {"items": {"$ref": "#/$defs/a"}},
            "c": {"type": "string"},
        }
    }
    document = Document(root)
    lifter = Lifter(document, "3.1", "response", True)
    first = lifter.add(document.follow("#/$defs/a", document.root, "#"))
    circles = Circles(lifter)
    assert not circles
    circles.look_at(first)
    a = lifter.target(first["$ref"])
    b, c = (lifter.target(a["properties"][name]["$ref"]) for name in "bc")
    assert circles
    assert circles.share([a], [b])
    assert not circles.share([a], [c])
