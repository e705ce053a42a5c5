"""What is drift, one case for each row of the TABLE, and what is none."""

import gzip
import json
import zlib
from dataclasses import replace

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.record.kit import exchange, raw
from understudy.record.drift import CHECKS, LEVELS, check_ignored, compare
from understudy.record.drift.ignore import ignoring
from understudy.record.drift.shape import MAX_PLACES, Shape, compare_shapes, shape_of
from understudy.record.drift.values import compare_values
from understudy.record.exchange import (
    BodyInFile,
    Failed,
    RecordedExchange,
    RecordedReply,
    RecordedRequest,
    SocketMessage,
)

HTML = ("Content-Type", "text/html; charset=utf-8")
PNG = ("Content-Type", "image/png")
TIMEOUT = Failed("timeout", "nothing came within 5 s")


def items(*values, **more):
    return {"items": [dict(one) for one in values], **more}


def talk(*said, asked=(), close=None, note=""):
    """A WebSocket in which the server says texts, bytes or JSON, to a client that has said `asked`."""
    messages = []
    for sender, all in (("client", asked), ("server", said)):
        for one in all:
            data = one if isinstance(one, str | bytes) else json.dumps(one)
            kind, data = ("text", data.encode()) if isinstance(data, str) else ("binary", data)
            messages.append(SocketMessage(1.0, sender, kind, data))
    messages.append(SocketMessage(2.0, "server", "ping", b"1"))
    if close is not None:
        messages.append(SocketMessage(3.0, "server", "close", close.to_bytes(2, "big")))
    return replace(exchange(status=101, kind=None), messages=tuple(messages), note=note)


MANY = json.dumps({f"k{n}x": 1 for n in range(MAX_PLACES)}).encode()
CASES = {
    "failure": (exchange({}), exchange(reply=False, failed=TIMEOUT), "reply"),
    "failure-gone": (exchange(reply=False, failed=TIMEOUT), exchange({}), "reply"),
    "failure-other": (
        exchange(reply=False, failed=TIMEOUT),
        exchange(reply=False, failed=Failed("reset", "reset")),
        "reply",
    ),
    "status-class": (exchange({"a": 1}), exchange({"error": "x"}, status=500), "status"),
    "status": (exchange({"a": 1}, status=201), exchange({"a": 1}), "status"),
    "content-type": (exchange({"a": 1}), exchange(body=b"<p>", kind=HTML), "header Content-Type"),
    "content-type-parameter": (
        exchange({"a": 1}),
        exchange({"a": 1}, kind=("Content-Type", "application/json; charset=latin-1")),
        "header Content-Type",
    ),
    "encoding": (
        exchange({"a": 1}),
        exchange(body=gzip.compress(b'{"a": 1}'), headers=[("Content-Encoding", "gzip")]),
        "header Content-Encoding",
    ),
    "framing": (exchange({"a": 1}), exchange({"a": 1}, framing="chunked"), "body"),
    "header-removed": (exchange({}, headers=[("X-Total", "3")]), exchange({}), "header X-Total"),
    "header-added": (exchange({}), exchange({}, headers=[("X-Total", "3")]), "header X-Total"),
    "header-changed": (
        exchange({}, headers=[("Cache-Control", "max-age=60, public")]),
        exchange({}, headers=[("cache-control", "no-store")]),
        "header Cache-Control",
    ),
    "header-volatile": (
        exchange({}, headers=[("Date", "Tue, 01 Jul 2025 10:00:00 GMT")]),
        exchange({}, headers=[("Date", "yesterday")]),
        "header Date",
    ),
    "cookie-removed": (exchange({}, headers=[("Set-Cookie", "sid=1; Path=/")]), exchange({}), "cookie sid"),
    "cookie-added": (exchange({}), exchange({}, headers=[("Set-Cookie", "sid=1; Path=/")]), "cookie sid"),
    "cookie-changed": (
        exchange({}, headers=[("Set-Cookie", "sid=1; Path=/; Secure")]),
        exchange({}, headers=[("Set-Cookie", "sid=2; Path=/")]),
        "cookie sid",
    ),
    "trailer-removed": (exchange({}, trailers=raw([("X-Sum", "1")])), exchange({}), "trailer X-Sum"),
    "trailer-added": (exchange({}), exchange({}, trailers=raw([("X-Sum", "1")])), "trailer X-Sum"),
    "trailer-changed": (
        exchange({}, trailers=raw([("X-Sum", "ok")])),
        exchange({}, trailers=raw([("X-Sum", "bad")])),
        "trailer X-Sum",
    ),
    "body-removed": (exchange({"a": 1}), exchange(), "body"),
    "body-added": (exchange(), exchange({"a": 1}), "body"),
    "body-unreadable": (exchange({"a": 1}), exchange(body=b'{"a": '), "body"),
    "field-removed": (
        exchange(items({"a": 1, "b": {"c": 1}}, {"a": 1, "b": {"c": 1}})),
        exchange(items({"a": 1}, {"a": 1})),
        "$.items[*].b",
    ),
    "field-optional": (
        exchange(items({"a": 1, "b": 1}, {"a": 1, "b": 1})),
        exchange(items({"a": 1, "b": 1}, {"a": 1})),
        "$.items[*].b",
    ),
    "optional-field-removed": (
        exchange(items(*([{"a": 1, "b": 1}] * 9), {"a": 1})),
        exchange(items(*([{"a": 1}] * 10))),
        "$.items[*].b",
    ),
    "field-added": (
        exchange(items({"a": 1}, {"a": 1})),
        exchange(items({"a": 1, "b": {"c": 1}}, {"a": 1, "b": {"c": 2}})),
        "$.items[*].b",
    ),
    "field-required": (
        exchange(items({"a": 1, "b": 1}, *([{"a": 1}] * 9))),
        exchange(items(*([{"a": 1, "b": 1}] * 10))),
        "$.items[*].b",
    ),
    "type-changed": (
        exchange(items({"price": 10}, {"price": 12})),
        exchange(items({"price": "10.00"}, {"price": "12.00"})),
        "$.items[*].price",
    ),
    "number-widened": (exchange({"price": 10}), exchange({"price": 10.5}), "$.price"),
    "items-changed": (exchange({"tags": ["a", "b"]}), exchange({"tags": [{"name": "a"}, {}]}), "$.tags[*]"),
    "array-empty": (exchange({"tags": ["a", "b"]}), exchange({"tags": []}), "$.tags"),
    "became-null": (
        exchange(items({"a": "x"}, {"a": "x"})),
        exchange(items({"a": None}, {"a": "x"})),
        "$.items[*].a",
    ),
    "no-longer-null": (exchange({"a": None}), exchange({"a": "x"}), "$.a"),
    "format-changed": (
        exchange({"at": "2025-07-01T10:00:00Z"}),
        exchange({"at": "01.07.2025"}),
        "$.at",
    ),
    "enum-value-new": (
        exchange(items(*[{"state": one} for one in ("open", "open", "closed", "open")])),
        exchange(items(*[{"state": one} for one in ("open", "locked", "closed", "locked")])),
        "$.items[*].state",
    ),
    "values": (
        exchange(items({"name": "Alice"}, {"name": "Bob"})),
        exchange(items({"name": "Alicia"}, {"name": "Bobby"})),
        "$.items[*].name",
    ),
    "array-length": (exchange(items({"a": 1}, {"a": 1})), exchange(items({"a": 1})), "$.items"),
    "text": (exchange(body=b"<p>a", kind=HTML), exchange(body=b"<p>b", kind=HTML), "body"),
    "binary": (exchange(body=b"\x89PNG", kind=PNG), exchange(body=b"\x89PNX", kind=PNG), "body"),
    "message-removed": (talk({"type": "hello"}, {"type": "price"}), talk({"type": "price"}), "messages"),
    "message-kind": (talk("hello"), talk(b"hello"), "messages"),
    "message-order": (
        talk({"type": "hello"}, {"type": "price"}),
        talk({"type": "price"}, {"type": "hello"}),
        "messages",
    ),
    "close-code": (talk("hello", close=1000), talk("hello", close=1011), "messages"),
    "message-added": (talk("hello"), talk("hello", {"type": "price"}), "messages"),
    "message-count": (talk("hello", "hello"), talk("hello"), "messages"),
    "messages-client": (talk("hello", asked=["a"]), talk("hello", asked=["a", "b"]), "messages"),
    "not-compared": (
        exchange(body=MANY),
        exchange(body=b" " + MANY),
        "body",
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_is_told_once(kind):
    recorded, now, where = CASES[kind]

    found = compare(recorded, now)

    assert [(one.kind, one.where) for one in found] == [(kind, where)]
    assert found[0].level == CHECKS[kind].level
    assert found[0].message
    assert found[0].as_json()["kind"] == kind


def test_every_kind_has_a_case():
    assert CASES.keys() == CHECKS.keys() - {"unrecorded"}  # which a report tells of
    assert {check.level for check in CHECKS.values()} == set(LEVELS)


@pytest.mark.parametrize("kind", CASES)
def test_the_same_is_no_drift(kind):
    for one in CASES[kind][:2]:
        assert compare(one, one) == ()


UUIDS = ("6f9619ff-8b86-4011-b42d-00cf4fc964ff", "0f8fad5b-d9cb-469f-a165-70867728950e")
EVENS = [
    ({"id": UUIDS[0]}, {"id": UUIDS[1]}),
    ({"id": 1, "userId": 7}, {"id": 2, "userId": 9}),
    ({"created": "2025-07-01T10:00:00Z"}, {"created": "2025-07-02T10:00:00.123Z"}),
    ({"when": 1751364000}, {"when": 1790000000}),
    ({"when": 1751364000123}, {"when": 1790000000123}),
    ({"sha": "a94a8fe5ccb19ba6"}, {"sha": "de9f2c7fd25e1b3a"}),
    ({"key": "cus_9s6XKzkNRiz8i3"}, {"key": "cus_NffrFeUfNV2Hib"}),
    ({"next": "/users/1/x?page=2"}, {"next": "/users/2/x?page=2"}),
    ({"total_count": 10}, {"total_count": 11}),
    ({"token": "REDACTED-access_token"}, {"token": "anything"}),
    ({"a": {UUIDS[0]: {"n": "x"}}}, {"a": {UUIDS[1]: {"n": "x"}}}),
    ([{"id": 1, "n": "a"}, {"id": 2, "n": "b"}], [{"id": 2, "n": "b"}, {"id": 1, "n": "a"}]),
    ({"url": "https://api.example.com/x"}, {"url": "http://localhost:9000/x"}),
    ({"a": 1.5}, {"a": 1.5}),
]


@pytest.mark.parametrize(("one", "other"), EVENS)
def test_what_differs_each_time_is_no_drift(one, other):
    assert compare(exchange(one), exchange(other, origin="http://localhost:9000")) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([("ETag", '"abc"')], [("ETag", 'W/"123"')]),
        ([("CF-Ray", "8a1b2c-FRA")], [("CF-Ray", "99aabb-TXL")]),
        ([("X-Request-Id", UUIDS[0])], [("X-Request-Id", UUIDS[1])]),
        ([("Age", "3")], [("Age", "1200")]),
        ([("Set-Cookie", "a=1; Max-Age=5; Path=/")], [("Set-Cookie", "a=2; path=/; max-age=9")]),
        ([("Vary", "Accept, Origin")], [("Vary", "origin"), ("Vary", "accept")]),
        ([("Location", "https://api.example.com/users/1")], [("Location", "http://localhost:9000/users/2")]),
        ([("Content-Length", "12"), ("Connection", "close")], [("Content-Length", "13")]),
        ([("X-Api-Key", "REDACTED-x_api_key")], [("X-Api-Key", "k")]),
    ],
)
def test_headers_that_differ_each_time_are_no_drift(one, other):
    origin = "http://localhost:9000"
    assert compare(exchange({}, headers=one), exchange({}, headers=other, origin=origin)) == ()


CODED = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("coding", CODED)
def test_bodies_are_decoded_first(coding):
    def coded(content):
        body = CODED[coding](json.dumps(content).encode())
        return exchange(body=body, headers=[("Content-Encoding", coding)])

    found = compare(coded({"a": 1, "b": 1}), coded({"a": 1}))

    assert [(one.kind, one.where) for one in found] == [("field-removed", "$.b")]


def test_a_body_in_a_coding_that_it_says_it_is_not_in():
    headers = [("Content-Encoding", "gzip")]
    fine = exchange(body=gzip.compress(b"{}"), headers=headers)
    broken = exchange(body=b"{}", headers=headers)

    assert [one.kind for one in compare(fine, broken)] == ["body-unreadable"]
    assert compare(broken, broken) == ()
    assert [one.kind for one in compare(broken, fine)] == ["binary"]


def test_lines_of_json_are_compared_as_items():
    kind = ("Content-Type", "application/x-ndjson")
    one = exchange(body=b'{"a":1,"b":2}\n{"a":1,"b":2}\n', kind=kind)
    other = exchange(body=b'{"a":1}\n{"a":1}\n', kind=kind)

    assert [(one.kind, one.where) for one in compare(one, other)] == [("field-removed", "$[*].b")]


def test_a_large_body_is_in_a_file(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(b'{"a": 1}')
    other.write_bytes(b'{"a": "1"}')
    recorded = exchange(body=BodyInFile(one, 8))

    assert [drift.kind for drift in compare(recorded, exchange(body=BodyInFile(other, 10)))] == [
        "type-changed"
    ]
    assert [drift.kind for drift in compare(recorded, exchange(body=BodyInFile(other, 10**9)))] == ["binary"]
    one.unlink()
    found = compare(recorded, exchange({"a": 1}))
    assert [(drift.kind, drift.message) for drift in found] == [
        ("not-compared", "a file with a body cannot be read: No such file or directory")
    ]


def test_texts_around_what_was_redacted():
    one = exchange(body=b"<p>\ntoken: REDACTED-jwt\n</p>", kind=HTML)

    assert compare(one, exchange(body=b"<p>\ntoken: abc\n</p>", kind=HTML)) == ()
    assert [found.kind for found in compare(one, exchange(body=b"<b>\ntoken: abc\n</b>", kind=HTML))] == [
        "text"
    ]


def test_numbers_that_were_redacted_are_zero():
    now = exchange({"pin": 1234, "price": 2})

    found = compare(exchange({"pin": 0, "price": 1}, secrets={"pin": 1}), now)

    assert [(one.kind, one.where) for one in found] == [("values", "$.price")]


def test_half_a_surrogate_pair_can_be_shown():
    (found,) = compare(exchange({"a\ud800": "\ud800"}), exchange({"a\ud800": "b"}))

    assert found.kind == "values"
    "".join(found).encode()


@pytest.mark.parametrize(
    ("ignored", "where"),
    [
        ("$.items[*].b", "$.items[*].b"),
        ("$.items[0].b", "$.items[*].b.c"),
        ("$.items", "$.items[*].b"),
        ("$..b", "$.items[*].b"),
        ("$.*.b", "$.x.b"),
        ("$['odd name']", "$['odd name']"),
        ("$.a.17.x", "$.a.*.x"),
        ("$", "$"),
        ("header-added", "header X-A"),
        ("x-a", "header X-A"),
        ("X-*", "header X-A"),
        ("Set-Cookie", "cookie sid"),
    ],
)
def test_ignored(ignored, where):
    found = CASES["header-added"] if where.startswith("header") else CASES["field-added"]
    (one,) = compare(*found[:2])

    assert check_ignored(ignored) is None
    assert ignoring([ignored])(one._replace(where=where))
    assert not ignoring([ignored])(one._replace(kind="values", where="$elsewhere"))


@pytest.mark.parametrize("wrong", ["", " Date", "$.a[?@.b]", "$.a[", "$a..", "$.a b"])
def test_what_cannot_be_ignored(wrong):
    assert check_ignored(wrong)


def test_what_is_ignored_is_not_told():
    recorded, now, where = CASES["field-removed"]

    assert compare(recorded, now, [where]) == ()


def test_what_is_optional_is_learnt_from_many_values():
    old, new = Shape(), Shape()
    for value in ({"a": 1, "b": 1}, {"a": 1}):
        old.add(value)
    new.add({"a": 1})

    assert compare_shapes(old, new) == []
    assert [one.kind for one in compare_shapes(shape_of({"a": 1, "b": 1}), new)] == ["field-removed"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=20,
)


@given(json_values)
def test_nothing_differs_from_itself(value):
    assert compare_shapes(shape_of(value), shape_of(value)) == []
    assert compare_values(value, value) == []


@given(json_values, json_values)
def test_each_place_is_told_of_once_for_each_kind(one, other):
    found = compare(exchange(one), exchange(other))

    assert len({(drift.kind, drift.where) for drift in found}) == len(found)
    for drift in found:
        if drift.where.startswith("$"):
            assert check_ignored(drift.where) is None
            assert ignoring([drift.where])(drift)
        assert compare(exchange(one), exchange(other), [drift.kind]) == tuple(
            rest for rest in found if rest.kind != drift.kind
        )


headers = st.lists(
    st.tuples(
        st.sampled_from(
            [b"Content-Type", b"Content-Encoding", b"Set-Cookie", b"ETag", b"X-A", b"Vary", b"\xff"]
        ),
        st.sampled_from(
            [b"application/json", b"gzip", b"br", b"zstd", b"deflate, gzip", b"text/html;charset=x"]
        )
        | st.binary(max_size=20),
    ),
    max_size=6,
)
replies = st.builds(
    RecordedReply,
    status=st.integers(100, 599),
    headers=headers.map(tuple),
    trailers=headers.map(tuple),
    body=st.binary(max_size=60) | st.sampled_from([b"[" * 100_000, b"9" * 10_000, gzip.compress(b"{}")]),
    framing=st.sampled_from(["length", "chunked", "close", "none"]),
)


@settings(max_examples=150)
@given(replies, replies)
def test_hostile_bytes_are_compared(one, other):
    request = RecordedRequest(method="GET", origin="http://a", target="/")

    def made(reply):
        return RecordedExchange(request=request, reply=reply)

    for found in compare(made(one), made(other)):
        "".join(found).encode()
    assert compare(made(one), made(one)) == ()
