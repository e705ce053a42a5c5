"""What Prism answers, row by row, and that the same is answered here.

A row is a document's responses, what is asked, and the outcome. `seen` rows are what Prism 5.12 sent when it
was asked exactly that; the others name the page or the file of its repository that says so. Rows where we
differ on purpose stand at the end, each with the reason.
"""

import json

import pytest

from tests.openapi.documents import LOTS, answers_of, ask, header, media, request
from tests.openapi.kit import held, held_parameter
from understudy.openapi.prefer import wishes

JSON, XML = "application/json", "application/xml"
PETS = {
    "200": {
        "description": "ok",
        "headers": {"X-Rate": {"schema": {"type": "integer"}, "example": 7}},
        "content": {
            JSON: {
                "schema": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
                "examples": {"cat": {"value": {"id": 1}}, "dog": {"value": {"id": 2}}},
            },
            XML: {"schema": {"type": "object"}, "example": "<pet/>"},
        },
    },
    "404": media("application/problem+json", schema={"type": "object"}),
    "4XX": media(example={"range": 4}),
}
DEFAULT = {"default": media(example={"default": True})}
ERRORS = {"404": media(example={"n": 404}), "302": {"description": ""}}
NOTHING = {"200": {"description": ""}}
UNTYPED = {"200": media(example={"a": 2})}

ID = {"id": {"type": "integer", "example": 3, "xml": {"attribute": True}}}

NOT_FOUND = "NOT_FOUND: Response for contentType: application/json and exampleKey: {} does not exist."
NO_CODE = "NOT_FOUND: Requested status code {} is not defined in the document."

VALID = {
    "seen: the lowest success, its first example": (PETS, {}, 200, JSON, {"id": 1}),
    "seen: an example by name": (PETS, {"Prefer": "example=dog"}, 200, JSON, {"id": 2}),
    "seen: an example by the query": (PETS, {"query": "__example=dog"}, 200, JSON, {"id": 2}),
    "seen: an example that is not there": (
        PETS,
        {"Prefer": "example=bird"},
        404,
        None,
        NOT_FOUND.format("bird"),
    ),
    "seen: a range, with the status that was asked for": (
        PETS,
        {"Prefer": "code=418"},
        418,
        JSON,
        {"range": 4},
    ),
    "seen: a status that is not there": (PETS, {"Prefer": "code=500"}, 404, None, NO_CODE.format(500)),
    "seen: the example is there in the usual response only": (
        PETS,
        {"Prefer": "code=404, example=dog"},
        200,
        JSON,
        {"id": 2},
    ),
    "seen: other preferences mean nothing": (PETS, {"Prefer": "return=minimal"}, 200, JSON, {"id": 1}),
    "seen: with the header, the query is not read": (
        PETS,
        {"Prefer": "return=minimal", "query": "__code=404"},
        200,
        JSON,
        {"id": 1},
    ),
    "seen: another type": (PETS, {"Accept": XML}, 200, XML, "<pet/>"),
    "seen: the type with the higher weight": (
        PETS,
        {"Accept": f"{XML};q=0.5, {JSON};q=0.1"},
        200,
        XML,
        "<pet/>",
    ),
    "seen: of what is wanted alike, the type that is named first": (
        PETS,
        {"Accept": f"{XML}, {JSON}"},
        200,
        XML,
        "<pet/>",
    ),
    "seen: a type that is not there": (
        PETS,
        {"Accept": "text/html"},
        406,
        None,
        "NOT_ACCEPTABLE: Unable to find content for text/html",
    ),
    "seen: parameters of a type are left out": (PETS, {"Accept": f"{JSON};version=2"}, 200, JSON, {"id": 1}),
    "docs/guides/01-mocking.md: the wished status": (
        PETS,
        {"Prefer": "code=404"},
        404,
        "application/problem+json",
        ...,
    ),
    "seen: `default` alone is a success": (DEFAULT, {}, 200, JSON, {"default": True}),
    "seen: `default` with the status that was asked for": (
        DEFAULT,
        {"Prefer": "code=503"},
        503,
        JSON,
        {"default": True},
    ),
    "seen: no success is documented: the first status": (ERRORS, {}, 302, None, ""),
    "seen: no response at all": ({}, {}, 500, None, "NO_RESPONSE_DEFINED: "),
    "seen: no content": ({"204": {"description": ""}}, {}, 204, None, ""),
    "seen: nothing in it": (NOTHING, {"Accept": "*/*"}, 200, None, ""),
    "seen: nothing in it has no examples to miss": (NOTHING, {"Prefer": "example=x"}, 200, None, ""),
    "seen: nothing in it is acceptable to all": (NOTHING, {"Accept": "text/html"}, 200, None, ""),
    "seen: a range is sent as its first status": ({"2XX": media(example=1)}, {}, 200, JSON, 1),
    "seen: a status within a range": ({"2XX": media(example=1)}, {"Prefer": "code=206"}, 206, JSON, 1),
    "InternalHelpers.ts: the exact status before its range": (
        {"2XX": media(example="range"), "201": media(example="own")},
        {},
        201,
        JSON,
        "own",
    ),
    "seen: dynamic, and nothing to make it from": (
        UNTYPED,
        {"Prefer": "dynamic=true"},
        500,
        None,
        "UNKNOWN: Tried to force a dynamic response for: application/json but schema is not defined.",
    ),
    "NegotiatorHelpers.ts: an example goes before dynamic": (
        PETS,
        {"Prefer": "dynamic=true, example=dog"},
        200,
        JSON,
        {"id": 2},
    ),
}

DIFFERENT = {
    "seen: 500 UNKNOWN with both reasons; here the first one": (
        PETS,
        {"Prefer": "code=200, example=bird"},
        404,
        None,
        NOT_FOUND.format("bird"),
    ),
    "seen: 200, as problem+json is no JSON there; here the status that was asked for": (
        PETS,
        {"Prefer": "code=404", "Accept": JSON},
        404,
        "application/problem+json",
        ...,
    ),
    "seen: 500 NO_COMPLEX_OBJECT_TEXT; here the object as JSON text": (
        {"200": media("text/plain", example={"a": 1})},
        {},
        200,
        "text/plain; charset=utf-8",
        '{"a":1}',
    ),
    "seen: 500, no serializer for */*; here JSON": (
        {"200": media("*/*", example={"a": 1})},
        {},
        200,
        JSON,
        {"a": 1},
    ),
    "seen: 406; here */* is whatever we can write": (
        {"200": media("*/*", example={"a": 1})},
        {"Accept": XML},
        200,
        XML,
        '<?xml version="1.0" encoding="UTF-8"?>\n<root><a>1</a></root>\n',
    ),
    "accepts(): the first that is written; here JSON before it": (
        {"200": {"description": "", "content": {XML: {"example": "<a/>"}, JSON: {"example": 1}}}},
        {"Accept": "*/*"},
        200,
        JSON,
        1,
    ),
    "seen: 406; here text/xml is application/xml (RFC 7303 section 9.2)": (
        {"200": media(XML, example="<a/>")},
        {"Accept": "text/xml"},
        200,
        XML,
        "<a/>",
    ),
    "seen: 500 NO_COMPLEX_OBJECT_TEXT for numbers too; here the number": (
        {"200": media("text/plain", example=12.5)},
        {},
        200,
        "text/plain; charset=utf-8",
        "12.5",
    ),
    "seen: nothing, called JSON; here JSON": ({"200": media()}, {}, 200, JSON, {}),
    "seen: the process ends; here what cannot be read asks for nothing": (
        PETS,
        {"Accept": "nonsense"},
        200,
        JSON,
        {"id": 1},
    ),
    "seen: elements without types or attributes, in <xml>; here as the schema has them": (
        {"200": media(XML, schema={"type": "object", "xml": {"name": "pet"}, "properties": ID})},
        {},
        200,
        XML,
        '<?xml version="1.0" encoding="UTF-8"?>\n<pet id="3"/>\n',
    ),
    "RFC 9110 section 15.2: no exchange ends with such a status": (
        {"default": media(example=1)},
        {"Prefer": "code=100"},
        404,
        None,
        NO_CODE.format(100),
    ),
    "`fetch` and others cannot have a status above 599": (
        {"default": media(example=1)},
        {"Prefer": "code=999"},
        404,
        None,
        NO_CODE.format(999),
    ),
}


def check(answer, status, content_type, body):
    reply = answer.reply
    assert reply.status == status
    if answer.response is None:
        found = json.loads(reply.body)
        name, _, detail = body.partition(": ")
        assert found["type"].split("#")[1].replace("RESPONSE_RESPONSE", "RESPONSE") == name
        assert detail in (found["detail"], found["title"])
        return
    assert header(answer, "content-type") == content_type
    if body is not ...:
        assert (json.loads(reply.body) if content_type == JSON else reply.body.decode()) == body


@pytest.mark.parametrize("row", [*VALID, *DIFFERENT])
def test_a_valid_request(row):
    responses, asked, *outcome = (VALID | DIFFERENT)[row]
    query = asked.get("query", "")
    headers = {name: value for name, value in asked.items() if name != "query"}
    check(ask(answers_of(responses), request(f"/a?{query}", **headers)), *outcome)


ONE_TWO = media(examples={"one": {"n": 1}, "two": {"n": 2}})
MADE = media(schema={"type": "object", "properties": {"s": {"const": "made"}}, "required": ["s"]})
OK = {"200": media(example="never")}

REFUSED = {  # (documented, what was wrong, Prefer, status, body; None: nothing documented)
    "seen: nothing documented": (OK, 422, "", None, None),
    "seen: 400, its first example": (OK | {"400": ONE_TWO}, 422, "", 400, {"n": 1}),
    "seen: 400, the example that was asked for": (
        OK | {"400": ONE_TWO},
        422,
        "code=400, example=two",
        400,
        {"n": 2},
    ),
    "seen: an example is for a status": (OK | {"400": ONE_TWO}, 422, "example=two", 400, {"n": 1}),
    "seen: an example that is not there": (
        OK | {"400": ONE_TWO},
        422,
        "code=400, example=three",
        404,
        "NOT_FOUND",
    ),
    "seen: 422 before 400, from its schema": (
        OK | {"400": ONE_TWO, "422": MADE},
        422,
        "",
        422,
        {"s": "made"},
    ),
    "seen: `default` as 422": (OK | {"default": ONE_TWO}, 422, "", 422, {"n": 1}),
    "seen: 422 with nothing in it": (OK | {"422": {"description": ""}}, 422, "", 422, ""),
    "seen: a range": (OK | {"4XX": ONE_TWO}, 422, "", 422, {"n": 1}),
    "seen: not let in, not documented": (OK | {"400": ONE_TWO}, 401, "", None, None),
    "seen: not let in": (OK | {"401": ONE_TWO, "400": MADE}, 401, "", 401, {"n": 1}),
    "seen: not let in, `default`": (OK | {"default": ONE_TWO}, 401, "", 401, {"n": 1}),
    "seen: a wrong type": (OK | {"415": ONE_TWO, "422": MADE}, 415, "", 415, {"n": 1}),
    "docs/guides/01-mocking.md: a wrong type, then as any other": (
        OK | {"422": MADE},
        415,
        "",
        422,
        {"s": "made"},
    ),
    "docs/guides/01-mocking.md: and then 400": (OK | {"400": MADE}, 415, "", 400, {"s": "made"}),
    "mocker/index.ts: `default` has the first status": (OK | {"default": MADE}, 415, "", 415, {"s": "made"}),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_request_that_is_refused(row):
    responses, wrong, prefer, status, body = REFUSED[row]
    asked = request(Prefer=prefer)
    answer = answers_of(responses).refuse(wrong, asked, wishes(asked), LOTS)

    if status is None:
        assert answer is None
        return
    assert answer is not None
    assert answer.reply.status == status
    if answer.response is None:
        assert json.loads(answer.reply.body)["type"].endswith(f"#{body}")
    else:
        assert (json.loads(answer.reply.body) if answer.reply.body else "") == body


def test_headers_and_deprecation():  # seen
    answer = ask(answers_of(PETS, keys={"deprecated": True}))
    assert answer.reply.headers == (
        (b"Content-Type", b"application/json"),
        (b"X-Rate", b"7"),
        (b"Deprecation", b"true"),
    )


INTEGER = {"type": "integer"}
LIST = {"type": "array", "items": INTEGER}
IS_INTEGER = "must be integer"
JUDGED = {  # (parameter, target, headers, what is wrong, or None)
    "seen: 200, cookies are not looked at; here they are": (
        {"where": "cookie", "schema": INTEGER},
        ("/a", {"Cookie": "p=x"}),
        IS_INTEGER,
    ),
    "seen: 200, what JavaScript takes for a number; here what JSON does": (
        {"schema": INTEGER},
        ("/a?p=0x10", {}),
        IS_INTEGER,
    ),
    "seen: 200 for parameters with `content`; here they are read": (
        {"schema": None, "content": {JSON: {"schema": {"type": "object", "required": ["a"]}}}},
        ("/a?p={}", {}),
        "must have required property 'a'",
    ),
    "seen: 422; here allowEmptyValue allows it (OpenAPI 3.1 section 4.7.12)": (
        {"schema": {"type": "string"}, "required": True, "allowEmptyValue": True},
        ("/a?p=", {}),
        None,
    ),
    "seen: 422, names of queries in any case; here as they are written (RFC 3986 section 6.2.2.1)": (
        {"schema": INTEGER},
        ("/a?P=x", {}),
        None,
    ),
    "seen: 422 for each list with spaces; here it is a list": (
        {"schema": LIST, "style": "spaceDelimited", "explode": False},
        ("/a?p=1%202", {}),
        None,
    ),
    "seen: the process ends at lists in headers; here they are read": (
        {"where": "header", "schema": LIST},
        ("/a", {"p": "1,x"}),
        IS_INTEGER,
    ),
}
"""Requests that we judge otherwise on purpose."""


@pytest.mark.parametrize("row", JUDGED)
def test_a_request_that_is_judged_otherwise(row):
    parameter, (target, headers), wrong = JUDGED[row]
    found = held_parameter(**parameter).said(target, **headers)
    assert found == [] if wrong is None else wrong in found[0]


def test_forms_are_decoded_before_they_are_looked_at():  # seen: 422, or only the last of a name
    form = "application/x-www-form-urlencoded"
    schema = {"type": "object", "properties": {"l": LIST}}
    one = held({"requestBody": {"content": {form: {"schema": schema}}}}, "/a", "post")
    assert one.said("/a", b"l=1&l=2", **{"Content-Type": form}) == []
    assert "l.1 must be integer" in one.said("/a", b"l=1&l=x", **{"Content-Type": form})[0]
