"""Values as bytes in a media type."""

import pytest

from tests.openapi.documents import answers_of, media
from understudy.openapi.written import body_bytes, header_value

PNG = b"\x89PNG\r\n\x1a\n"
PNG_64 = "iVBORw0KGgo="


def written(type, value, **keys):
    read = media(type, example=value, **keys)
    (response,) = answers_of({"200": read})._responses
    return body_bytes(response.media[0], response.media[0].type, value)


@pytest.mark.parametrize(
    ("type", "value", "body"),
    [
        ("application/json", {"a": [1, None]}, b'{"a":[1,null]}'),
        ("application/json", "text", b'"text"'),
        ("application/json", '{"a": 1}', b'{"a":1}'),
        ("application/json; charset=utf-8", {"a": "é"}, '{"a":"é"}'.encode()),
        ("application/vnd.api+json", [1], b"[1]"),
        ("application/xml", "<a/>", b"<a/>"),
        ("text/xml", {"a": 1}, b'<?xml version="1.0" encoding="UTF-8"?>\n<root><a>1</a></root>\n'),
        (
            "application/xml; charset=utf-8",
            {"a": 1},
            b'<?xml version="1.0" encoding="UTF-8"?>\n<root><a>1</a></root>\n',
        ),
        ("text/plain", "hé", "hé".encode()),
        ("text/plain", {"a": 1}, b'{"a":1}'),
        ("text/plain", None, b""),
        ("text/csv; header=present", "a,b\n", b"a,b\n"),
        ("application/x-www-form-urlencoded", {"a": "b c", "d": 1}, b"a=b+c&d=1"),
        ("application/x-ndjson", [{"a": 1}, {"a": 2}], b'{"a":1}\n{"a":2}\n'),
        ("image/png", PNG_64, PNG),
        ("image/png", f"data:image/png;base64,{PNG_64}", PNG),
        ("image/png", "not base64!", b"not base64!"),
        ("image/svg+xml", "<svg/>", b"<svg/>"),
        ("application/octet-stream", PNG_64, PNG_64.encode()),
        ("application/octet-stream", f"data:;base64,{PNG_64}", PNG),
        ("application/pdf", "JVBE\n Rg==", b"%PDF"),
    ],
)
def test_a_value_in_a_media_type(type, value, body):
    assert written(type, value) == body


@pytest.mark.parametrize("schema", [{"type": "string", "format": "byte"}, {"contentEncoding": "base64"}])
def test_what_is_sent_as_base64_stays_base64(schema):
    assert written("image/png", PNG_64, schema=schema) == PNG_64.encode()


def test_json_in_a_text_is_a_text_where_the_schema_says_so():
    assert written("application/json", "[1]", schema={"type": "string"}) == b'"[1]"'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, b"1"),
        (True, b"true"),
        (None, b""),
        ("a\r\nb", b"a b"),
        ([1, "b"], b"1,b"),
        ({"a": 1, "b": 2}, b"a,1,b,2"),
        ("é", "é".encode()),
    ],
)
def test_a_value_in_a_header(value, text):
    assert header_value(value) == text
