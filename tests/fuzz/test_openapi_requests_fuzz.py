"""Operations with anything in any place of their document are compiled, and requests held against them."""

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from understudy.errors import ConfigError
from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import read_api
from understudy.formats.openapi.paths import path_of
from understudy.formats.read import text_source
from understudy.openapi.access import compile_access
from understudy.openapi.outgoing import compile_outgoing
from understudy.openapi.requests import compile_requests
from understudy.request import Request

OBJECT = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer", "format": "int32", "readOnly": True}, "b": {"$ref": "#/x"}},
    "additionalProperties": {"type": "boolean"},
    "allOf": [
        {
            "properties": {
                "c": {
                    "type": "array",
                    "xml": {"wrapped": True},
                    "items": {"enum": [1, "a"], "xml": {"name": "d"}},
                }
            }
        }
    ],
}
NEW = {
    "openapi": "3.1.0",
    "x": {"oneOf": [{"type": "string", "pattern": "^a"}, {"$ref": "#/x"}]},
    "security": [{"key": [], "basic": []}, {"bearer": ["read"]}],
    "components": {
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "query", "name": "k"},
            "basic": {"type": "http", "scheme": "basic"},
            "bearer": {"type": "oauth2", "flows": {}},
        }
    },
    "paths": {
        "/a/{p}": {
            "post": {
                "parameters": [
                    {"name": "p", "in": "path", "required": True, "style": "matrix", "schema": OBJECT},
                    {"name": "q", "in": "query", "style": "deepObject", "explode": True, "schema": OBJECT},
                    {"name": "r", "in": "query", "explode": False, "schema": {"items": {"type": "integer"}}},
                    {"name": "h", "in": "header", "content": {"application/json": {"schema": OBJECT}}},
                    {"name": "c", "in": "cookie", "allowEmptyValue": True, "schema": {"type": "number"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {"schema": OBJECT},
                        "application/xml": {"schema": OBJECT},
                        "application/x-www-form-urlencoded": {
                            "schema": OBJECT,
                            "encoding": {"c": {"style": "pipeDelimited", "contentType": "a/b"}},
                        },
                        "text/*": {"schema": {"type": "integer"}},
                    },
                },
                "responses": {
                    "200": {
                        "description": "",
                        "headers": {"X": {"required": True, "schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": OBJECT}},
                    }
                },
            }
        }
    },
}
OLD = {
    "swagger": "2.0",
    "consumes": ["multipart/form-data"],
    "paths": {
        "/a/{p}": {
            "post": {
                "parameters": [
                    {
                        "name": "p",
                        "in": "path",
                        "required": True,
                        "type": "array",
                        "collectionFormat": "pipes",
                    },
                    {"name": "q", "in": "query", "type": "array", "items": {"type": "integer"}},
                    {"name": "f", "in": "formData", "type": "array", "collectionFormat": "ssv"},
                    {"name": "g", "in": "formData", "type": "file", "required": True},
                ],
                "responses": {"200": {"description": "", "headers": {"X": {"type": "integer"}}}},
            }
        }
    },
}
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "a", "path", "query", "object", "array", "#/x", "deepObject", "form", "(", "*/*", "é"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$ref", "type", "items", "properties", "a", "name", "schema", "anyOf", "style"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def places(value, path=()):
    """The keys that lead to each value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*path, key))


def changed(document, path, value):
    document = copy.deepcopy(document)
    target = document
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return document


CASES = [(document, path) for document in (NEW, OLD) for path in places(document) if path]
REQUESTS = [
    ("/a/;a=1;b=x?q[a]=x&q[c][]=1&r=1,x&a=1&k=1", "application/json", b'{"a": "x", "b": 1, "c": [2, "a"]}'),
    ("/a/1|x?q=1&q=2&r=&r", "application/x-www-form-urlencoded", b"a=1&b=x&c=1|2&d[x]=1&f=1+2"),
    (
        "/a/.x",
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="g"\r\n\r\nx\r\n--b--\r\n',
    ),
    ("/a/x", "text/plain", b"\xff"),
    ("/a/x", "application/xml", b"<o a='1'><b>1</b><c><d>1</d><d/></c><e>true</e><e>x</e></o>"),
    ("/a/x", "application/xml", b"<o><c>x</c></o>"),
    ("/a/x", "application/xml", b"\xff"),
    ("/a/x", "", b""),
]


@given(st.sampled_from(CASES), JUNK)
def test_any_document_is_held_against_requests(case, value):
    document, path = case
    source = text_source(json.dumps(changed(document, path, value)), "api.json", ".json")
    try:
        api = read_api(Library().begin(source, None))
    except ConfigError:
        return
    is_new = api.version in ("3.1", "3.2")
    for operation in api.operations:
        its_path = path_of(operation)
        if its_path is None:
            continue
        incoming = compile_requests(operation, its_path, is_new)
        access = compile_access(operation, api.security, api.schemes)
        outgoing = compile_outgoing(operation, is_new)
        for target, kind, body in REQUESTS:
            headers = [(b"content-type", kind.encode()), (b"h", b'{"a": 1}'), (b"cookie", b"c=1; c=2")]
            request = Request(operation.method, target.encode(), headers, body)
            text = target.partition("?")[0].removeprefix("/a/")
            request.params = dict.fromkeys(its_path.names.values(), text)
            incoming.media_refused(request)
            incoming.look(request)
            if access is not None:
                access(request)
            outgoing(200, headers, body, kind)
