"""Bodies in each media type."""

import pytest

from tests.kit import multipart
from tests.openapi.kit import held, held_body

PET = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
}
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def types(*names, schema=None, required=False):
    content = {name: {"schema": schema} if schema is not None else {} for name in names}
    return held({"requestBody": {"required": required, "content": content}})


# --- whether there is one, and of which type ----------------------------------------------------------------


def test_a_body_that_must_be_there():
    assert held_body(PET, required=True).said() == ["body required: Body parameter is required"]
    assert held_body(PET).said() == []


@pytest.mark.parametrize(
    ("accepted", "sent", "fits"),
    [
        (["application/json"], "application/json; charset=utf-8", True),
        (["application/json"], "Application/JSON", True),
        (["application/json"], "application/vnd.api+json", True),
        (["application/json"], "text/plain", False),
        (["application/json; v=1"], "application/json", True),
        (["application/json", "text/plain"], "text/plain", True),
        (["image/*"], "image/png", True),
        (["image/*"], "text/png", False),
        (["*/*"], "anything/at-all", True),
        (["application/json"], "", True),
    ],
)
def test_media_types(accepted, sent, fits):
    one = types(*accepted)
    refused = one.incoming.media_refused(one.request(body="x", content_type=sent))
    assert refused == (None if fits else tuple(accepted))


def test_no_body_is_of_any_type():
    one = types("application/json")
    assert one.incoming.media_refused(one.request(content_type="text/plain")) is None


def test_a_body_where_there_should_be_none_is_refused():
    one = held({})
    assert one.incoming.media_refused(one.request(body="x")) == ()
    assert one.incoming.media_refused(one.request()) is None


def test_a_body_that_is_refused_is_not_looked_at():
    assert held_body(PET, required=True).said(body="x", content_type="text/plain") == []


def test_the_first_type_that_fits_is_meant():
    content = {
        "application/json": {"schema": PET},
        "text/plain": {"schema": {"maxLength": 1}},
        "*/*": {"schema": {"type": "null"}},
    }
    one = held({"requestBody": {"content": content}})
    assert one.said(body="ab", content_type="text/plain") == [
        "body maxLength: Request body must NOT have more than 1 characters"
    ]
    assert one.said(body="ab", content_type="text/css")[0].startswith("body type")
    assert one.said(body="ab", content_type="image/png") == []


# --- JSON ---------------------------------------------------------------------------------------------------


def test_json():
    one = held_body(PET)
    assert one.json({"name": "a", "age": 1}) == []
    assert one.json({"age": "1"}) == [
        "body required: Request body must have required property 'name'",
        "body.age type: Request body property age must be integer",
    ]
    assert one.said(body='{"age": 1}', content_type="application/problem+json") != []


def test_json_that_cannot_be_read():
    one = held_body(PET)
    (found,) = one.said(body='{"name":', content_type="application/json")
    assert found.startswith("body json: Request body must be JSON: ")
    (found,) = one.said(body="[" * 100_000, content_type="application/json")
    assert found.startswith("body json: Request body ")
    assert held({"requestBody": {"content": {"application/json": {}}}}).said(
        body="{", content_type="application/json"
    )


def test_without_a_type_it_is_text_in_the_first_type():
    assert held_body(PET).said(body='{"name": "a"}') == ["body type: Request body must be object"]
    assert held_body({"type": "string"}).said(body="a") == []
    assert held_body(PET, "application/xml").said(body="<a/>") == []


# --- XML ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/xml", "text/xml", "application/pet+xml"])
def test_xml(kind):
    one = held_body(PET, kind)
    assert one.said(body="<pet><name>a</name><age> 1 </age></pet>", content_type=kind) == []
    assert one.said(body="<pet><age>x</age></pet>", content_type=kind) == [
        "body required: Request body must have required property 'name'",
        "body.age type: Request body property age must be integer",
    ]


def test_xml_has_the_names_of_the_schema():
    shared = {"type": "array", "xml": {"wrapped": True}, "items": {"type": "integer", "xml": {"name": "no"}}}
    one = held_body({"type": "object", "properties": {"list": shared}}, "application/xml")
    assert one.said(body="<a><list><no>1</no></list></a>", content_type="application/xml") == []
    (found,) = one.said(body="<a><list><no>x</no></list></a>", content_type="application/xml")
    assert found == "body.list.0 type: Request body property list.0 must be integer"


def test_xml_that_cannot_be_read():
    one = held_body(PET, "application/xml")
    (found,) = one.said(body="<a>", content_type="application/xml")
    assert found.startswith("body json: Request body must be XML: ")
    (found,) = one.said(body="<a>" * 200 + "</a>" * 200, content_type="application/xml")
    assert found.startswith("body json: Request body is not read as XML: it has more than 100 elements")
    (found,) = one.said(body="<!DOCTYPE a><a/>", content_type="application/xml")
    assert "a DOCTYPE" in found


@pytest.mark.parametrize("schema", [{"type": "string"}, {"type": "string", "format": "binary"}, {}])
def test_xml_that_is_told_to_be_text_or_anything_is_not_looked_into(schema):
    assert held_body(schema, "application/xml").said(body=b"\xff", content_type="application/xml") == []


# --- forms --------------------------------------------------------------------------------------------------


def form(schema, body, **encoding):
    return held_body(schema, FORM, media={"encoding": encoding}).said(body=body, content_type=FORM)


def properties(**schemas):
    return {"type": "object", "properties": schemas}


INTEGERS = {"type": "array", "items": {"type": "integer"}}
POINT = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}


def test_a_form_is_typed():
    assert form(PET, "name=a+b&age=5") == []
    assert form(PET, "age=x") == [
        "body required: Request body must have required property 'name'",
        "body.age type: Request body property age must be integer",
    ]
    strict = {**PET, "additionalProperties": False}
    assert form(strict, "name=a&z=1") == [
        "body additionalProperties: Request body must NOT have additional properties; found 'z'"
    ]


@pytest.mark.parametrize(
    ("schema", "encoding", "good", "bad"),
    [
        (INTEGERS, None, "p=1&p=2", "p=1&p=x"),
        (INTEGERS, None, "p=1", "p=x"),
        (INTEGERS, None, "p=[1,2]", "p=[1,true]"),
        (INTEGERS, {"style": "form", "explode": False}, "p=1,2", "p=1,x"),
        (INTEGERS, {"style": "pipeDelimited"}, "p=1|2", "p=1|x"),
        (INTEGERS, {"style": "spaceDelimited"}, "p=1+2", "p=1+x"),
        (POINT, None, "p=%7B%22x%22:1%7D", "p=%7B%22x%22:true%7D"),
        (POINT, None, "p[x]=1", "p[x]=y"),
        (POINT, {"style": "deepObject", "explode": True}, "p[x]=1", "p[x]=y"),
        (POINT, {"explode": True}, "x=1", "x=y"),
        (POINT, {"explode": False}, "p=x,1", "p=x,y"),
        ({"type": "array", "items": POINT}, None, 'p=[{"x":1}]', 'p=[{"x":true}]'),
        ({"type": "array", "items": POINT}, None, 'p={"x":1}&p={"x":2}', 'p={"x":1}&p={"x":true}'),
    ],
)
def test_fields_in_their_styles(schema, encoding, good, bad):
    encodings = {"p": encoding} if encoding is not None else {}
    strict = {**properties(p=schema), "additionalProperties": False}
    assert form(strict, good, **encodings) == []
    (found,) = form(strict, bad, **encodings)
    assert "must be integer" in found


def test_a_form_of_swagger_2():
    fields = [
        {"name": "p", "in": "formData", **INTEGERS},
        {"name": "q", "in": "formData", **INTEGERS, "collectionFormat": "pipes"},
        {"name": "r", "in": "formData", "required": True, "type": "integer"},
    ]
    one = held({"parameters": fields, "consumes": [FORM]}, version="2.0")
    assert one.said(body="p=1&q=1|2&r=3", content_type=FORM) == []
    assert len(one.said(body="p=x&q=1|x&r=x", content_type=FORM)) == 3
    assert one.said(content_type=FORM) == ["body required: Body parameter is required"]


# --- multipart ----------------------------------------------------------------------------------------------


def field(name, content, **headers):
    head = {"Content-Disposition": f'form-data; name="{name}"', **headers}
    return {key.replace("_", "-"): value for key, value in head.items()}, content


def file(name, content, kind):
    head = {"Content-Disposition": f'form-data; name="{name}"; filename="f"', "Content-Type": kind}
    return head, content


def parts(schema, *found, **encoding):
    one = held_body(schema, MULTIPART, media={"encoding": encoding})
    return one.said(body=multipart(*found), content_type=f"{MULTIPART}; boundary=b")


def test_parts_are_fields():
    assert parts(PET, field("name", b"a"), field("age", b"5")) == []
    assert parts(PET, field("name", b"a"), field("age", b"x")) == [
        "body.age type: Request body property age must be integer"
    ]
    listed = properties(p=INTEGERS)
    assert parts(listed, field("p", b"1"), field("p", b"2")) == []
    assert parts(listed, field("p", b"1,2"), p={"style": "form", "explode": False}) == []
    assert parts(listed, field("p", b"x"))[0].startswith("body.p.0 type")


def test_parts_that_are_json():
    schema = properties(p=POINT, s={"type": "string"})
    assert parts(schema, field("p", b'{"x": 1}', Content_Type="application/json")) == []
    assert parts(schema, field("p", b'{"x": 1}')) == []
    assert parts(schema, field("p", b'{"x": true}')) == [
        "body.p.x type: Request body property p.x must be integer"
    ]
    assert parts(schema, field("p", b"{", Content_Type="application/json")) == [
        "body.p type: Request body property p must be object"
    ]
    assert parts(schema, field("s", b'{"x": 1}')) == []
    assert parts(schema, field("s", b'{"x": 1}', Content_Type="application/json")) == []


def test_parts_that_are_json_have_their_types():
    deep = properties(p=properties(t={"type": "string"}, n={"type": "integer"}))
    assert parts(deep, field("p", b'{"t": "5", "n": 5}', Content_Type="application/json")) == []
    for content, name, kind in ((b'{"t": 5}', "t", "string"), (b'{"n": "5"}', "n", "integer")):
        assert parts(deep, field("p", content, Content_Type="application/json")) == [
            f"body.p.{name} type: Request body property p.{name} must be {kind}"
        ]


def test_files():
    schema = {**properties(f={"type": "string", "format": "binary", "maxLength": 3}), "required": ["f"]}
    assert parts(schema, file("f", b"\xff\x00\xfe", "image/png")) == []
    assert parts(schema, file("f", b"\xff\x00\xfe\xfd", "image/png")) == [
        "body.f maxLength: Request body property f must NOT have more than 3 characters"
    ]
    assert parts(schema, field("g", b"")) == ["body required: Request body must have required property 'f'"]


def test_types_of_parts():
    schema = properties(f={"type": "string"})
    encoding = {"f": {"contentType": "image/png, image/svg+xml"}}
    assert parts(schema, file("f", b"x", "image/png"), **encoding) == []
    assert parts(schema, field("f", b"x"), **encoding) == []
    assert parts(schema, file("f", b"x", "text/plain"), **encoding) == [
        "body.f contentType: Request body property f must have the content type image/png or image/svg+xml"
    ]


def test_a_form_without_parts():
    assert parts(properties(p=INTEGERS)) == []
    needed = {**properties(p=INTEGERS), "required": ["p"]}
    assert parts(needed) == ["body required: Request body must have required property 'p'"]


def test_parts_that_cannot_be_read():
    one = held_body(PET, MULTIPART)
    for body, kind in [
        (b"x", MULTIPART),
        (b"x", f"{MULTIPART}; boundary=b"),
        (b"--b\r\n", f"{MULTIPART}; boundary=b"),
    ]:
        (found,) = one.said(body=body, content_type=kind)
        assert found.startswith("body json: Request body must be multipart/form-data")


# --- the rest -----------------------------------------------------------------------------------------------


def test_text_is_typed():
    one = held_body({"type": "integer", "maximum": 5}, "text/plain")
    assert one.said(body="5", content_type="text/plain; charset=utf-8") == []
    assert one.said(body="6", content_type="text/plain") == ["body maximum: Request body must be <= 5"]
    assert one.said(body="x", content_type="text/plain") == ["body type: Request body must be integer"]


@pytest.mark.parametrize("kind", ["application/octet-stream", "image/png"])
def test_of_anything_else_only_that_it_is_there(kind):
    one = held_body({"type": "object"}, kind, required=True)
    assert one.said(body=b"\xff\xfe", content_type=kind) == []
    assert one.said() == ["body required: Body parameter is required"]


def test_a_range_reads_by_what_came():
    one = held_body(PET, "*/*")
    assert one.said(body="age=1", content_type=FORM)[0].startswith("body required")
    assert one.said(body='{"name": "a"}', content_type="application/json") == []
    assert one.said(body="<a/>", content_type="application/xml")[0].startswith("body required")
