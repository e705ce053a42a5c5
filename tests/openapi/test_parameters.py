"""Parameters in all places: read in their styles, typed, and held against their schemas."""

import pytest

from tests.openapi.kit import held, held_parameter

INTEGER = {"type": "integer", "minimum": 1}
LIST = {"type": "array", "items": {"type": "integer"}}
OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("where", "target", "headers"),
    [
        ("query", "/a?p={}", {}),
        ("path", "/a/{}", {}),
        ("header", "/a", {"P": "{}"}),
        ("cookie", "/a", {"Cookie": "x=1; p={}"}),
    ],
)
def test_a_parameter_in_each_place(where, target, headers):
    one = held_parameter({"type": "number", "minimum": 1}, where)

    def said(value):
        return one.said(target.format(value), **{key: text.format(value) for key, text in headers.items()})

    assert said("1.5") == []
    assert said("0") == [f"{where}.p minimum: Request {where} parameter p must be >= 1"]


def test_a_type_of_the_path_itself():
    assert held_parameter(INTEGER, "path").said("/a/0") == [
        "path.p minimum: Request path parameter p must be >= 1"
    ]


def test_text_where_a_number_should_be():
    assert held_parameter(INTEGER).said("/a?p=x") == [
        "query.p type: Request query parameter p must be integer"
    ]
    assert held_parameter(INTEGER).said("/a?p=1&p=2") == [
        "query.p type: Request query parameter p must be integer"
    ]
    assert held_parameter({"type": "string"}).said("/a?p=1") == []
    assert held_parameter({"type": "string"}).said("/a?p=1&p=2") == [
        "query.p type: Request query parameter p must be string"
    ]


@pytest.mark.parametrize("where", ["query", "header", "cookie"])
def test_what_must_be_there(where):
    assert held_parameter(INTEGER, where, required=True).said() == [
        f"{where} required: Request {where} must have required property 'p'"
    ]
    assert held_parameter(INTEGER, where).said() == []


def test_an_empty_value_is_none_unless_it_is_allowed():
    assert held_parameter(INTEGER, required=True).said("/a?p=") == [
        "query required: Request query must have required property 'p'"
    ]
    assert held_parameter(INTEGER).said("/a?p=") == []
    assert held_parameter(INTEGER, required=True, allowEmptyValue=True).said("/a?p=") == []
    assert held_parameter(INTEGER, required=True, allowEmptyValue=True).said("/a?p") == []
    assert held_parameter(INTEGER, required=True, allowEmptyValue=True).said("/a") != []


def test_parameters_that_nobody_names_are_let_through():
    assert held_parameter(INTEGER).said("/a?q=1", X="1", Cookie="z=1") == []


def test_names_of_headers_have_no_case_and_are_told_in_lower_case():
    one = held_parameter(INTEGER, "header", "X-Rate", required=True)
    assert one.said(x_rAtE="1") == []
    assert one.said() == ["header required: Request header must have required property 'x-rate'"]
    assert one.said(X_Rate="x") == ["header.x-rate type: Request header parameter x-rate must be integer"]


@pytest.mark.parametrize("name", ["Accept", "content-type", "Authorization"])
def test_some_headers_are_no_parameters(name):
    assert held_parameter(INTEGER, "header", name, required=True).incoming.is_trivial


def test_names_of_paths_are_those_of_the_document():
    operation = {
        "parameters": [
            {"name": "pet-id", "in": "path", "required": True, "schema": {"enum": ["a"]}},
            {"name": "unused", "in": "path", "required": True, "schema": {"enum": ["a"]}},
        ]
    }
    assert held(operation, "/a/{pet-id}", "get").said("/a/b") == [
        "path.pet-id enum: Request path parameter pet-id must be equal to one of the allowed values: a"
    ]


STYLED = [
    ("query", {"explode": False}, LIST, "/a?p=1,2", "/a?p=1,x", "p.1"),
    ("query", {}, LIST, "/a?p=1&p=2", "/a?p=1&p=x", "p.1"),
    ("query", {"style": "pipeDelimited"}, LIST, "/a?p=1|2", "/a?p=1|x", "p.1"),
    ("query", {"style": "spaceDelimited"}, LIST, "/a?p=1%202", "/a?p=1%20x", "p.1"),
    ("query", {"style": "deepObject", "explode": True}, OBJECT, "/a?p[a]=1", "/a?p[a]=x", "p.a"),
    ("query", {}, OBJECT, "/a?a=1", "/a?a=x", "p.a"),
    ("query", {"explode": False}, OBJECT, "/a?p=a,1", "/a?p=a,x", "p.a"),
    ("path", {}, LIST, "/a/1,2", "/a/1,x", "p.1"),
    ("path", {"style": "label"}, LIST, "/a/.1,2", "/a/.1,x", "p.1"),
    ("path", {"style": "label", "explode": True}, LIST, "/a/.1.2", "/a/.1.x", "p.1"),
    ("path", {"style": "label"}, INTEGER, "/a/.1", "/a/.x", "p"),
    ("path", {"style": "matrix"}, INTEGER, "/a/;p=1", "/a/;p=x", "p"),
    ("path", {"style": "matrix", "explode": True}, LIST, "/a/;p=1;p=2", "/a/;p=1;p=x", "p.1"),
    ("path", {"explode": True}, OBJECT, "/a/a=1", "/a/a=x", "p.a"),
]


@pytest.mark.parametrize(("where", "how", "schema", "good", "bad", "place"), STYLED)
def test_styles(where, how, schema, good, bad, place):
    one = held_parameter(schema, where, **how)
    assert one.said(good) == []
    (found,) = one.said(bad)
    assert found.startswith(f"{where}.{place} type: Request {where} parameter {place} must be integer")


def test_what_is_in_no_style_is_told():
    assert held_parameter(INTEGER, "path", style="label").said("/a/1") == [
        'path.p style: Request path parameter p must begin with "."'
    ]


def test_lists_in_headers_may_have_spaces():
    one = held_parameter(LIST, "header")
    assert one.said(P="1 , 2,\t3") == []
    assert one.said(P="1, x") == ["header.p.1 type: Request header parameter p.1 must be integer"]


def test_lists_in_cookies():
    assert held_parameter(LIST, "cookie").said(Cookie="p=1&p=2") == []
    assert held_parameter(LIST, "cookie").said(Cookie="p=1; p=2") == []
    assert held_parameter(LIST, "cookie", explode=False).said(Cookie="p=1,2") == []
    (found,) = held_parameter(LIST, "cookie").said(Cookie="p=1&p=x")
    assert found.startswith("cookie.p.1 type")


def test_cookies_are_encoded_unless_their_style_says_they_are_not():
    schema = {"enum": ["a b"]}
    assert held_parameter(schema, "cookie").said(Cookie="p=a%20b") == []
    assert held_parameter(schema, "cookie", style="cookie", version="3.2.0").said(Cookie="p=a%20b") != []


def test_an_object_that_is_spread_is_asked_for_only_if_it_is_there_or_must_be():
    assert held_parameter(OBJECT).said("/a?b=1") == []
    assert held_parameter(OBJECT, required=True).said("/a?b=1") == [
        "query required: Request query must have required property 'p'"
    ]


def with_content(schema, media_type="application/json"):
    parameter = {"name": "p", "in": "query", "content": {media_type: {"schema": schema}}}
    return held({"parameters": [parameter]}, "/a", "get")


def test_json_in_a_parameter():
    one = with_content(OBJECT)
    assert one.said("/a?p=%7B%22a%22:1%7D") == []
    assert one.said("/a?p=%7B%22a%22:%221%22%7D") == [
        "query.p.a type: Request query parameter p.a must be integer"
    ]
    assert one.said("/a?p=%7B") == ["query.p json: Request query parameter p must be JSON"]
    assert one.said("/a?p=1&p=2") == ["query.p type: Request query parameter p must be object"]


def test_other_content_is_text():
    assert with_content({"maxLength": 2}, "text/plain").said("/a?p=abc") == [
        "query.p maxLength: Request query parameter p must NOT have more than 2 characters"
    ]


def test_a_text_that_may_be_several_things_is_what_fits():
    one = held_parameter({"oneOf": [{"type": "string", "enum": ["all"]}, {"type": "integer"}]})
    assert one.said("/a?p=all") == []
    assert one.said("/a?p=5") == []
    assert one.said("/a?p=x")[-1].endswith("must match exactly one schema in oneOf")
    assert held_parameter({"type": ["string", "integer"], "enum": ["1", 2]}).said("/a?p=1") == []
    assert held_parameter({"type": ["string", "integer"], "enum": ["1", 2]}).said("/a?p=2") == []


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        ("csv", "/a?p=1,2", "/a?p=1,x"),
        ("ssv", "/a?p=1%202", "/a?p=1%20x"),
        ("tsv", "/a?p=1%092", "/a?p=1%09x"),
        ("pipes", "/a?p=1|2", "/a?p=1|x"),
        ("multi", "/a?p=1&p=2", "/a?p=1&p=x"),
    ],
)
def test_lists_of_swagger_2(written, good, bad):
    parameter = {"name": "p", "in": "query", **LIST, "collectionFormat": written}
    one = held({"parameters": [parameter]}, "/a", "get", "2.0")
    assert one.said(good) == []
    assert one.said(bad) == ["query.p.1 type: Request query parameter p.1 must be integer"]


def test_lists_in_paths_and_headers_of_swagger_2():
    parameters = [
        {"name": "p", "in": "path", "required": True, **LIST, "collectionFormat": "pipes"},
        {"name": "h", "in": "header", **LIST},
    ]
    one = held({"parameters": parameters}, "/a/{p}", "get", "2.0")
    assert one.said("/a/1|2", h="1,2") == []
    assert len(one.said("/a/1|x", h="1,x")) == 2


@pytest.mark.parametrize(
    ("where", "target", "headers"),
    [("query", "/a?p=1", {}), ("header", "/a", {"P": "1"}), ("cookie", "/a", {"Cookie": "p=1"})],
)
def test_a_parameter_that_is_deprecated(where, target, headers):  # (seen; Prism has no cookies)
    one = held_parameter({"type": "string"}, where, deprecated=True)
    assert one.said() == []
    assert one.said(target, **headers) == [
        f"{where}.p deprecated: {where.capitalize()} param p is deprecated"
    ]
