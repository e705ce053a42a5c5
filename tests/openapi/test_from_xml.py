"""XML as the data of a schema."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.formats.openapi.document import Library
from understudy.formats.openapi.xml import xml_text
from understudy.formats.read import text_source
from understudy.openapi.from_xml import MAX_DEPTH, FromXml, is_xml
from understudy.openapi.shapes import shape_of
from understudy.views.xml import read_xml

TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
TEXTS = {"type": "array", "items": TEXT}
CIRCLE = {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}}}
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def read(schema, body):
    """What a document is to a schema, of the types that it has."""
    shape = shape_of(schema)
    root = read_xml(body.encode() if isinstance(body, str) else body)
    return shape.conform(FromXml(shape).read(root))


def of(**properties):
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        (of(id=NUMBER, name=TEXT), "<Pet><id> 7\n</id><name> Rex </name></Pet>", {"id": 7, "name": " Rex "}),
        (of(ok={"type": "boolean"}), "<a><ok>true</ok></a>", {"ok": True}),
        (of(name=TEXT), "<a><name/></a>", {"name": ""}),
        (of(n={"type": ["integer", "null"]}), "<a><n/></a>", {"n": None}),
        (of(at=of(street=TEXT)), "<a><at/></a>", {"at": {}}),
        (of(at=of(street=TEXT)), "<a><at><street>x</street></at></a>", {"at": {"street": "x"}}),
        (of(tags=TEXTS), "<a><tags>x</tags><tags>y</tags></a>", {"tags": ["x", "y"]}),
        (of(tags=TEXTS), "<a/>", {}),
        ({**of(tags=TEXTS), "required": ["tags"]}, "<a/>", {"tags": []}),
        ({"type": "array", "items": NUMBER}, "<a><n>1</n><n>2</n></a>", [1, 2]),
        ({"type": "array", "items": NUMBER}, "<a/>", []),
        (TEXT, "<a>x</a>", "x"),
        (NUMBER, "<a>5</a>", 5),
        ({}, "<a><b>1</b><c><d/></c></a>", {"b": "1", "c": {"d": ""}}),
        ({}, '<a><b id="5"/><b>x</b></a>', {"b": [{"id": "5"}, "x"]}),
        ({"type": "object"}, "<a><b>1</b><b>2</b></a>", {"b": ["1", "2"]}),
        (of(a=TEXT), f'<x xmlns:i="{INSTANCE}"><a i:nil="true"/></x>', {"a": None}),
        (of(name=TEXT), '<a><name xml:lang="en" kind="k">x</name></a>', {"name": "x"}),
        (of(name=TEXT), '<p:a xmlns:p="urn:x"><p:name>x</p:name></p:a>', {"name": "x"}),
        (CIRCLE, "<a><a><a/></a></a>", {"a": {"a": {}}}),
        (of(**{"a b": TEXT, "1": TEXT}), "<x><a_b>x</a_b><_1>y</_1></x>", {"a b": "x", "1": "y"}),
    ],
)  # fmt: skip
def test_plain_documents(schema, body, expected):
    assert read(schema, body) == expected


ID = {**NUMBER, "xml": {"attribute": True}}
WRAPPED = {**TEXTS, "xml": {"wrapped": True, "name": "labels"}}


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        (of(id=ID), '<a id="5"/>', {"id": 5}),
        (of(id={**NUMBER, "xml": {"attribute": True, "name": "no"}}), '<a no="5"/>', {"id": 5}),
        (
            of(id={**ID, "xml": {"attribute": True, "prefix": "s"}}),
            '<a xmlns:s="urn:s" s:id="5"/>',
            {"id": 5},
        ),
        (of(id=ID), "<a><id>5</id></a>", {"id": 5}),
        (of(id=ID), "<a id='5' more='x'/>", {"id": 5, "more": "x"}),
        (of(name={**TEXT, "xml": {"name": "title"}}), "<a><title>x</title></a>", {"name": "x"}),
        (of(a={**TEXT, "xml": {"name": "b"}}, b=TEXT), "<x><b>1</b></x>", {"a": "1"}),
        (of(tags=WRAPPED), "<a><labels><x>1</x><y>2</y></labels></a>", {"tags": ["1", "2"]}),
        (of(tags=WRAPPED), "<a><tags><x>1</x></tags></a>", {"tags": ["1"]}),
        (of(tags=WRAPPED), "<a><labels/></a>", {"tags": []}),
        ({**of(tags=WRAPPED), "required": ["tags"]}, "<a/>", {}),
        (
            of(tags={"type": "array", "items": {**TEXT, "xml": {"name": "tag"}}}),
            "<a><tag>x</tag><tag>y</tag></a>",
            {"tags": ["x", "y"]},
        ),
    ],
)
def test_names_of_the_schema(schema, body, expected):
    assert read(schema, body) == expected


@pytest.mark.parametrize(
    ("schema", "body", "expected"),
    [
        (of(name=TEXT), "<a><name>x</name><name>y</name></a>", {"name": ["x", "y"]}),
        (of(name=TEXT), "<a><name><b>x</b></name></a>", {"name": {"b": "x"}}),
        (of(at=of(street=TEXT)), "<a><at>x</at></a>", {"at": "x"}),
        (of(tags=WRAPPED), "<a><labels>x</labels></a>", {"tags": "x"}),
        (of(id=NUMBER), "<a><id>x</id></a>", {"id": "x"}),
    ],
)
def test_what_the_schema_refuses_is_not_made_to_fit(schema, body, expected):
    assert read(schema, body) == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("<a>", "not XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
        ("<a>" * (MAX_DEPTH + 2) + "</a>" * (MAX_DEPTH + 2), f"more than {MAX_DEPTH} elements"),
        ("<a>" * 1_000 + "</a>" * 1_000, "not XML"),
    ],
    ids=range(4),
)
def test_what_cannot_be_read(body, message):
    with pytest.raises(ValueError, match=message):
        read({}, body)


def test_many_elements_of_one_name_are_read_in_one_go():
    body = "<a>" + "<b>1</b>" * 20_000 + "</a>"
    assert len(read(of(b=TEXTS), body)["b"]) == 20_000
    assert len(read(of(b=TEXT), body)["b"]) == 20_000


def test_media_types():
    assert is_xml("application/xml; charset=utf-8")
    assert is_xml("text/xml")
    assert is_xml("application/atom+XML")
    assert not is_xml("application/json")
    assert not is_xml("image/svg")


# --- there and back -----------------------------------------------------------------------------------------

# what XML can say: no control characters, and no carriage return, which becomes a line feed
WORDS = st.text(st.sampled_from(" abé<&>\"'"), max_size=3)
SCALARS = [
    ({"type": "string"}, WORDS),
    ({"type": "integer"}, st.integers(-1000, 1000)),
    ({"type": "number"}, st.sampled_from([0.5, -1.25, 1e20])),
    ({"type": "boolean"}, st.booleans()),
]


@st.composite
def named(draw, key, depth):
    """A schema that XML can say the data of, with or without names of its own, and what makes its data."""
    kind = draw(st.integers(0, 2 if depth < 2 else 0))
    name = {"name": f"{key}-own"} if draw(st.booleans()) else {}
    if kind == 1:
        schema, values = draw(objects(depth + 1))
        return {**schema, "xml": name}, values
    if kind == 2:
        items, values = draw(objects(depth + 1) | st.sampled_from(SCALARS))
        item = {"xml": {"name": f"{key}-item"}} if draw(st.booleans()) else {}
        about = {**name, "wrapped": draw(st.booleans())}
        schema = {"type": "array", "items": {**items, **item}, "xml": about}
        return schema, st.lists(values, max_size=2)
    schema, values = draw(st.sampled_from(SCALARS))
    return {**schema, "xml": {**name, "attribute": draw(st.booleans())}}, values


@st.composite
def objects(draw, depth=0):
    """The same of an object."""
    found = {key: draw(named(key, depth)) for key in "abc"[: draw(st.integers(0, 3))]}
    properties = {key: schema for key, (schema, _) in found.items()}
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return schema, st.fixed_dictionaries({key: values for key, (_, values) in found.items()})


@given(st.data())
def test_what_is_written_is_read_back(data):
    schema, values = data.draw(objects())
    value = data.draw(values)
    node = Library().begin(text_source(json.dumps(schema), "api.json", ".json"), None).root
    assert read(schema, xml_text(value, node)) == value


TREES = st.recursive(
    st.sampled_from(["", "x", "5", " "]),
    lambda inner: st.lists(st.tuples(st.sampled_from("abx"), inner), max_size=3).map(
        lambda found: "".join(f"<{name} x='1'>{text}</{name}>" for name, text in found)
    ),
)


@given(TREES, objects())
def test_any_document_is_read_as_any_schema(body, found):
    schema, _ = found
    read(schema, f"<a>{body}</a>")


def test_schemas_in_circles_are_known_once():
    reader = FromXml(shape_of(CIRCLE))
    for depth in range(1, MAX_DEPTH):
        reader.read(read_xml(b"<a>" * depth + b"</a>" * depth))
    assert len(reader._names) <= 2
