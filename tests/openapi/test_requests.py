"""Whole requests: order, bounds, what costs nothing; hostile ones, and operations of real documents."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openapi.kit import held
from understudy.formats.openapi.document import Library
from understudy.formats.openapi.operations import read_api
from understudy.formats.openapi.paths import path_of
from understudy.formats.read import open_source
from understudy.openapi.access import compile_access
from understudy.openapi.checker import MAX_VIOLATIONS, Checkers
from understudy.openapi.outgoing import compile_outgoing
from understudy.openapi.requests import compile_requests
from understudy.request import Request

INTEGER = {"type": "integer"}


def parameter(name, where, schema, **rest):
    return {"name": name, "in": where, "required": True, "schema": schema, **rest}


ALL = held(
    {
        "parameters": [
            parameter("c", "cookie", INTEGER),
            parameter("id", "path", {"type": "string", "maxLength": 1}),
            parameter("q", "query", INTEGER),
            parameter("h", "header", INTEGER),
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": INTEGER}}},
    },
    "/a/{id}",
)


def test_everything_that_is_wrong_is_told_in_the_order_of_prism():
    found = ALL.said("/a/xx?q=x", body="{}", content_type="application/json", h="x", Cookie="c=x")
    assert [line.partition(" ")[0] for line in found] == [
        "body",
        "header.h",
        "query.q",
        "path.id",
        "cookie.c",
    ]
    assert ALL.said("/a/x?q=1", body="1", content_type="application/json", h="1", Cookie="c=1") == []


def test_what_is_missing_comes_before_what_is_wrong():
    one = held({"parameters": [parameter("a", "query", INTEGER), parameter("b", "query", INTEGER)]})
    assert [line.partition(":")[0] for line in one.said("/a?a=x")] == ["query required", "query.a type"]


def test_violations_are_bounded():
    both = held(
        {
            "parameters": [parameter("q", "query", {"type": "array", "items": INTEGER})],
            "requestBody": {"content": {"application/json": {"schema": {"items": INTEGER}}}},
        }
    )
    body = "[" + ",".join(["true"] * 200) + "]"
    target = "/a?" + "&".join(["q=x"] * 200)
    assert len(both.said(target, body=body, content_type="application/json")) == MAX_VIOLATIONS
    only = held({"parameters": [parameter(f"p{n}", "query", INTEGER) for n in range(200)]})
    assert len(only.said()) == MAX_VIOLATIONS


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({}, True),
        ({"parameters": [parameter("accept", "header", INTEGER)]}, True),
        ({"requestBody": {"content": {"image/png": {}}}}, True),
        ({"requestBody": {"required": True, "content": {"image/png": {}}}}, False),
        ({"requestBody": {"content": {"application/json": {}}}}, False),
        ({"parameters": [parameter("q", "query", {})]}, False),
        ({"parameters": [{"name": "q", "in": "query"}]}, True),
        ({"parameters": [{"name": "q", "in": "header", "schema": {"type": "string"}}]}, True),
        ({"parameters": [parameter("q", "header", {"type": "string"})]}, False),
    ],
)
def test_what_asks_for_nothing_is_trivial(operation, expected):
    one = held(operation)
    assert one.incoming.is_trivial is expected
    if expected:
        assert one.said(body="x", content_type="image/png") == []


# --- anything at all ----------------------------------------------------------------------------------------

OBJECT = {"type": "object", "properties": {"a": INTEGER, "b": {"type": "array", "items": INTEGER}}}
STYLES = [
    parameter("f", "query", {"type": "array", "items": INTEGER}, explode=False),
    parameter("g", "query", OBJECT, style="deepObject", explode=True),
    parameter("s", "query", OBJECT),
    parameter("t", "query", {"type": "array", "items": OBJECT}, style="spaceDelimited"),
    parameter("d", "query", {"type": "string", "format": "date-time"}),
    parameter("m", "path", OBJECT, style="matrix", explode=True),
    parameter("h", "header", OBJECT),
    parameter("c", "cookie", {"type": "array", "items": INTEGER}),
    {"name": "j", "in": "query", "content": {"application/json": {"schema": OBJECT}}},
]
MEDIA = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/*"]
HOSTILE = held(
    {
        "parameters": STYLES,
        "requestBody": {
            "content": {
                name: {
                    "schema": {**OBJECT, "required": ["a"]},
                    "encoding": {"a": {"contentType": "text/plain"}, "b": {"style": "pipeDelimited"}},
                }
                for name in MEDIA
            }
        },
    },
    "/a/{m}",
)
KINDS = st.sampled_from(
    [*MEDIA, "multipart/form-data; boundary=b", "text/plain; charset=utf-16", "", "/", ";"]
)
BYTES = st.binary(max_size=60) | st.text('fgstdjc[]ab=&,|%;{}":01é\0', max_size=60).map(str.encode)


@given(BYTES, BYTES, BYTES, BYTES, KINDS | st.text(max_size=10))
def test_any_bytes_are_held_against_it(query, header, cookie, body, kind):
    request = Request(
        "POST",
        b"/a/x?" + query,
        [(b"h", header), (b"cookie", b"c=" + cookie), (b"content-type", kind.encode())],
        b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n" + body + b"\r\n--b--\r\n"
        if "boundary" in kind
        else body,
    )
    request.params = {"m": header.decode("latin-1")}
    HOSTILE.incoming.media_refused(request)
    for one in HOSTILE.incoming.look(request):
        assert one.location
        assert one.message


# --- documents that people have written ---------------------------------------------------------------------

REAL = sorted((Path(__file__).parent.parent / "corpus" / "openapi_real").glob("*.json"))


@pytest.mark.parametrize("file", REAL, ids=lambda path: path.stem)
def test_real_documents_are_compiled(file):
    api = read_api(Library().begin(open_source(file), None))
    is_new = api.version in ("3.1", "3.2")
    incoming, outgoing = Checkers(is_new, "Request"), Checkers(is_new, "Response")
    assert api.operations
    for operation in api.operations:
        path = path_of(operation)
        assert path is not None
        compiled = compile_requests(operation, path, is_new, incoming)
        request = Request(operation.method, b"/", [(b"content-type", b"application/json")], b"{}")
        compiled.look(request)
        compiled.media_refused(request)
        compile_outgoing(operation, is_new, outgoing)(200, (), b"{}", "application/json")
        compile_access(operation, api.security, api.schemes)
