"""Responses held against the document."""

import json

import pytest

from tests.openapi.kit import outgoing_of

PET = {
    "type": "object",
    "required": ["name", "secret"],
    "properties": {"name": {"type": "string"}, "secret": {"type": "string", "writeOnly": True}},
}
JSON = "application/json"
CHECK = outgoing_of(
    {
        "200": {
            "description": "",
            "headers": {
                "X-Rate": {"required": True, "schema": {"type": "integer"}},
                "X-List": {"schema": {"type": "array", "items": {"type": "integer"}}},
                "X-Names": {"schema": {"type": "array", "items": {"enum": ["a", "b"]}}},
                "Content-Type": {"required": True, "schema": {"type": "integer"}},
            },
            "content": {JSON: {"schema": PET}, "text/plain; v=1": {"schema": {"maxLength": 3}}},
        },
        "4XX": {"description": "", "content": {JSON: {"schema": {"type": "string"}}}},
        "204": {"description": ""},
    }
)


def said(status=200, headers=((b"x-rate", b"1"),), body=b'{"name": "a"}', media_type=JSON, check=CHECK):
    return [
        f"{'.'.join(one.location)} {one.code}: {one.message}"
        for one in check(status, headers, body, media_type)
    ]


def test_a_response_that_is_as_documented():
    assert said() == []
    assert said(media_type="application/json; charset=utf-8") == []
    assert said(204, (), b"", "") == []
    assert said(404, (), b'"x"') == []
    assert said(headers=[(b"X-Rate", b"1"), (b"X-Names", b"a, b"), (b"X-Names", b"a")]) == []


def test_a_body_that_is_not():
    assert said(body=b'{"name": 1}') == [
        "response.body.name type: Response body property name must be string"
    ]
    assert said(404, (), b"1") == ["response.body type: Response body must be string"]
    assert said(body=b"{")[0].startswith("response.body json: Response body must be JSON: ")
    assert said(body=b'["a"]' + b" " * 9_000_000)[0].startswith(
        "response.body json: Response body is not read"
    )


def test_headers_that_are_not():
    assert said(headers=()) == [
        "response.header required: Response header must have required property 'x-rate'"
    ]
    assert said(headers=[(b"X-RATE", b"x"), (b"X-List", b"1"), (b"X-List", b"y")]) == [
        "response.header.x-rate type: Response header parameter x-rate must be integer",
        "response.header.x-list.1 type: Response header parameter x-list.1 must be integer",
    ]


def test_a_media_type_that_is_not():
    assert said(media_type="text/html") == [
        'response contentType: The received media type "text/html" does not match the ones specified in the'
        " current response: application/json, text/plain; v=1"
    ]
    assert len(said(media_type="text/plain")) == 1
    assert said(media_type="text/plain; v=1", body=b"abc") == []
    assert said(media_type="text/plain; v=1", body=b"abcd") == [
        "response.body maxLength: Response body must NOT have more than 3 characters"
    ]


@pytest.mark.parametrize(("status", "severity"), [(201, "Error"), (500, "Warning")])
def test_a_status_that_is_not(status, severity):
    (found,) = CHECK(status, (), b"", "")
    assert (found.location, found.severity) == (("response",), severity)
    assert found.message == (
        "Unable to match the returned status code with those defined in the document: 200,4XX,204"
    )


def test_the_nearest_status_is_meant():
    def content(schema):
        return {"description": "", "content": {JSON: {"schema": schema}}}

    check = outgoing_of(
        {"default": content({"const": 1}), "2XX": content({"const": 2}), "200": content({"const": 3})}
    )
    for status, value in [(200, 3), (201, 2), (500, 1)]:
        assert said(status, (), json.dumps(value).encode(), check=check) == []
        assert said(status, (), b"0", check=check) != []


def test_headers_of_swagger_2():
    check = outgoing_of({"200": {"description": "", "headers": {"A": {"type": "integer"}}}}, "2.0")
    assert said(headers=[(b"a", b"x")], check=check) == [
        "response.header.a type: Response header parameter a must be integer"
    ]


def test_a_list_or_object_as_text():
    text = "text/plain"
    check = outgoing_of({"200": {"description": "", "content": {text: {"schema": PET}}}})
    assert said(headers=(), body=b'{"name": "a"}', media_type=text, check=check) == []
    for wrong in (b"{}", b'"a"', b"{", b"name"):
        assert said(headers=(), body=wrong, media_type=text, check=check) == [
            "response.body type: Response body must be object"
        ]


def test_bodies_that_are_neither_json_nor_text_are_let_through():
    check = outgoing_of(
        {"200": {"description": "", "content": {"image/png": {"schema": {"type": "integer"}}}}}
    )
    assert said(body=b"\xff", media_type="image/png", check=check) == []


def test_it_is_bounded():
    check = outgoing_of(
        {"200": {"description": "", "content": {JSON: {"schema": {"items": {"type": "null"}}}}}}
    )
    assert len(said(body=json.dumps([1] * 500).encode(), check=check)) == 100
