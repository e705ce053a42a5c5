"""Bodies from somebody who wishes us ill, against every kind of condition: an answer, never an exception."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import multipart
from understudy.match import compile_match
from understudy.match.bodies import BODIES
from understudy.match.parts import PARTS
from understudy.model import Match
from understudy.request import Request

BODY_CONDITIONS = {
    "text": {"contains": "a", "ignore_case": True},
    "json": {"a": [1, "#uuid", {"b": "#regex a+"}]},
    "json_path": {"$..a": {"gt": 1}, "$.a[?@.b > 1 && search(@.a, 'a+')]": {"before": "2026-01-01"}},
    "json_schema": {
        "properties": {"a": {"pattern": "^(?=a)(a+)+$", "format": "date"}},
        "additionalProperties": {"type": "array", "uniqueItems": True},
    },
    "base64": "AAEC",
    "xml": "<a b='1'><c>x</c></a>",
    "xpath": {"//a": {"gt": 1}, "count(//a[. = //b])": 1, "string(//@*)": {"after": "2026-01-01"}},
}
WRITTEN = {
    "query": {"query": {"matches": "(a|b)*c"}},
    "headers": {"content-type": {"contains": "a"}},
    "cookies": {"a": {"present": True}},
    "form": {"a": {"gt": 1}},
    "url": {"matches": "/(a|b)*"},
    "host": {"ends_with": "a"},
    "client": "::1",
    "accept": "a/b",
    "params": {},
    "state": {"a.b": 1},
    "jwt": {"a.b.0.c": {"before": "2026-01-01"}, "scope": "a"},
    "multipart": [{"name": "a", "text": {"lt": 1}, "body": BODY_CONDITIONS}, {"headers": {"a": "b"}}],
    "graphql": {"operation": "a", "type": "query", "variables": {"a.b": 1}, "query": "{a}"},
    "body": BODY_CONDITIONS,
}
CONDITIONS = [compile_match(msgspec.convert({part: written}, Match)) for part, written in WRITTEN.items()]


def test_every_kind_is_here():
    assert set(WRITTEN) == set(PARTS)
    assert set(BODY_CONDITIONS) == set(BODIES)


def judge(asked):
    """What a server does with a request: match, and explain in JSON why not."""
    for conditions in CONDITIONS:
        assert conditions.matches(asked) == (not conditions.explain(asked))
        msgspec.json.encode(conditions.explain(asked))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
).map(msgspec.json.encode)
XML = st.text(alphabet="<>/ab='&;!-[]?# \x00é", max_size=60).map(str.encode)
NUMBER = st.from_regex(rb"-?[0-9]{1,60}(\.[0-9]{1,60})?([eE][-+]?[0-9]{1,5})?", fullmatch=True)
DATE = st.from_regex(rb'"[0-9]{4,9}-[0-9]{2}-[0-9]{2}T[0-9]{2,5}:00[-+][0-9]{2,6}"', fullmatch=True)
VALUE = JSON | XML | NUMBER | DATE | st.binary(max_size=60)
BODY = (
    VALUE
    | st.builds(lambda value: b'{"a": ' + value + b"}", VALUE)
    | st.builds(
        lambda name, value: b"<%s a='1'>%s</%s>" % (name, value, name), st.sampled_from([b"a", b"b"]), XML
    )
    | st.builds(
        lambda head, value: multipart(({"Content-Disposition": head}, value)),
        st.sampled_from(
            ["form-data; name=a", "form-data; name=a; filename=", "form-data; name*=a", ";", 'a="\\']
        ),
        VALUE,
    )
    | st.builds(lambda value: b'{"query": "{a}", "variables": ' + value + b"}", VALUE)
)
TYPE = st.sampled_from(
    [
        *(
            "",
            "application/json",
            "text/xml; charset=utf-16",
            "application/graphql",
            "text/plain; charset=utf-7",
        ),
        *(
            "multipart/form-data; boundary=b",
            'multipart/mixed; boundary="b',
            "multipart/form-data; boundary*0=b",
        ),
        *(
            "application/x-www-form-urlencoded",
            "a/b; charset=unicode_escape",
            "a/b;charset=idna",
            ";;=;charset",
        ),
    ]
)


@settings(max_examples=300)
@given(st.sampled_from(["GET", "POST"]), st.binary(max_size=40), TYPE, BODY, st.binary(max_size=60))
def test_no_request_is_too_odd(method, target, content_type, body, header):
    names = (b"Accept", b"Authorization", b"Cookie", b"Host")
    headers = [(b"Content-Type", content_type.encode()), *((name, header) for name in names)]
    judge(Request(method, b"/?query=" + target, headers, body))


def nested(opening, closing, depth):
    return opening * depth + closing * depth


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/xml", "multipart/form-data; boundary=b", "application/x-www-form-urlencoded"],
)
@pytest.mark.parametrize(
    "body",
    [
        *(nested(b"[", b"]", depth) for depth in (250, 300, 900, 1100, 100_000)),
        *(nested(b'{"a":', b"}", depth) for depth in (300, 100_000)),
        *(nested(b"<a>", b"</a>", depth) for depth in (250, 300, 100_000)),
        b"1" * 100_000,
        b'{"a": 1e308, "b": -0.0, "c": 123456789012345678901234567890123456789012345678901234567890}',
        b"[" + b"0," * 300_000 + b"0]",
        b"[" + b"{}," * 100_000 + b"{}]",
        b"<r>" + b"<a/>" * 100_000 + b"</r>",
        b"<r " + b" ".join(b'a%d=""' % number for number in range(20_000)) + b"/>",
        b"<r>" + b"&#x10000;" * 100_000 + b"</r>",
        multipart(*[({"Content-Disposition": "form-data; name=a"}, b"")] * 2000),
        multipart(({}, b"\r\n--" * 100_000)),
        multipart(({"Content-Disposition": "form-data" + "; a=b" * 1000}, b"")),
        b"a=1&" * 100_000,
        b"\xff\xfe" + b"\0" * 100_000,
    ],
    ids=lambda body: f"{body[:12]!r}",
)
def test_bombs(body, content_type):
    judge(Request("POST", b"/", [(b"Content-Type", content_type.encode())], body))
