"""`match`: what it takes, and that an explanation is empty exactly if it takes the request."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import multipart, token
from understudy import ConfigError
from understudy.build import build
from understudy.match import PathPattern, compile_match
from understudy.match.kinds import OPERATORS
from understudy.match.parts import PARTS
from understudy.model import Match, State
from understudy.request import Request
from understudy.state.view import StateView

PATTERN = PathPattern("/{id:int}/{rest:path}")


def request(target="/", headers=(), body=b"", client="127.0.0.1"):
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    asked = Request("POST", target.encode(), pairs, body, client)
    asked.path = target.partition("?")[0]
    return asked


def remembering(asked, **variables):
    """The same request where something is remembered."""
    asked.state = StateView("", State(), 0)
    asked.state.variables = variables
    return asked


def matches(written, asked):
    conditions = compile_match(msgspec.convert(written, Match), PATTERN)
    assert conditions.matches(asked) == (conditions.explain(asked) == [])
    return conditions.matches(asked)


FORM = [("Content-Type", "application/x-www-form-urlencoded")]
PARTS_OF_B = [("Content-Type", "multipart/form-data; boundary=b")]
UPLOAD = multipart(
    ({"Content-Disposition": "form-data; name=a"}, b"1"),
    (
        {"Content-Disposition": "form-data; name=b; filename=a.json", "Content-Type": "application/json"},
        b'{"a": [1]}',
    ),
)
TOKEN = [("Authorization", "Bearer " + token({"a": 1, "b": {"a": ["1", "a"]}, "scope": "a b"}))]
JSON = [("Content-Type", "application/json")]
CALL = msgspec.json.encode({"query": "mutation a { b }", "variables": {"a": 1, "b": {"a": ["1", None]}}})


@pytest.mark.parametrize(
    ("written", "fits", "differs"),
    [
        ({"query": {"page": 2}}, request("/?page=2"), request("/?page=22")),
        ({"query": {"q": "a b"}}, request("/?q=a+b"), request("/")),
        ({"query": {"flag": True}}, request("/?flag=true"), request("/?flag=1")),
        ({"ignore_case": True, "query": {"Ab": 1}}, request("/?aB=1"), request("/?aB=2")),
        ({"query": {"Ab": 1}}, request("/?Ab=1"), request("/?aB=1")),
        ({"ignore_case": True, "query": {"a": {"exactly": [1, 2]}}}, request("/?A=2&a=1"), request("/?A=2")),
        ({"ignore_case": True, "form": {"A": 1}}, request("/", FORM, b"a=1"), request("/", FORM, b"b=1")),
        ({"query": {"x": {}}}, request("/?x="), request("/?y=")),
        ({"query": {"x": {"present": True}}}, request("/?x"), request("/")),
        ({"query": {"x": {"absent": True}}}, request("/"), request("/?x=1")),
        ({"query": {"x": {"not": "1"}}}, request("/"), request("/?x=1")),
        ({"query": {"x": {"not": {"matches": "[0-9]+"}}}}, request("/?x=a"), request("/?x=12")),
        ({"query": {"n": {"gte": 1, "lt": 10}}}, request("/?n=0&n=5"), request("/?n=0&n=10")),
        ({"query": {"n": {"gt": 1, "every": True}}}, request("/?n=2&n=3"), request("/?n=2&n=1")),
        ({"query": {"t": {"includes": ["a", 1]}}}, request("/?t=1&t=b&t=a"), request("/?t=a")),
        ({"query": {"t": {"exactly": ["a", "b"]}}}, request("/?t=b&t=a"), request("/?t=a&t=b&t=b")),
        (
            {"query": {"x": {"all": [{"contains": "a"}, {"contains": "b"}]}}},
            request("/?x=ab"),
            request("/?x=a"),
        ),
        ({"query": {"x": {"any": ["a", {"ends_with": "z"}]}}}, request("/?x=xz"), request("/?x=b")),
        ({"headers": {"X-A": "1"}}, request(headers=[("x-a", "1")]), request(headers=[("x-a", "2")])),
        (
            {"headers": {"Accept": {"contains": "json"}}},
            request(headers=[("Accept", "text/json")]),
            request(),
        ),
        ({"headers": {"x-a": "1"}}, request(headers=[("X-A", "0"), ("X-A", "1")]), request()),
        ({"cookies": {"s": {"starts_with": "x"}}}, request(headers=[("Cookie", "a=1; s=xy")]), request()),
        ({"form": {"a": "1"}}, request(headers=FORM, body=b"a=1"), request(body=b"a=1")),
        ({"host": "api.test"}, request(headers=[("Host", "api.test:80")]), request(headers=[("Host", "x")])),
        ({"url": "/a?b=%31"}, request("/a?b=%31"), request("/a?b=1")),
        ({"url": "/a?b"}, request("http://x/a?b"), request("*")),
        ({"client": "127.0.0.0/8"}, request(client="127.9.9.9"), request(client="10.0.0.1")),
        ({"client": ["10.0.0.1", "::1"]}, request(client="::1"), request(client="somewhere")),
        ({"body": "hello"}, request(body=b"hello"), request(body=b"hello ")),
        ({"body": {"text": {"contains": "ell"}}}, request(body=b"hello"), request()),
        (
            {"body": {"json": {"a": "#number"}}},
            request(body=b'{"a": 1, "b": 2}'),
            request(body=b'{"a": "1"}'),
        ),
        (
            {"body": {"json": {"a": 1}, "exact": True}},
            request(body=b'{"a": 1}'),
            request(body=b'{"a": 1, "b": 2}'),
        ),
        ({"body": {"json": [1, 2], "ignore_order": True}}, request(body=b"[2, 1]"), request(body=b"[2]")),
        (
            {"body": {"json": {"a": [1]}, "extra_items": True}},
            request(body=b'{"a": [1, 2]}'),
            request(body=b'{"a": [2, 1]}'),
        ),
        (
            {"body": {"json": [1], "extra_items": True, "ignore_order": True}},
            request(body=b"[2, 1]"),
            request(body=b"[2, 3]"),
        ),
        ({"body": {"json": None}}, request(body=b"null"), request(body=b"nonsense")),
        (
            {"body": {"json_path": {"$.items[*].sku": "A", "$.total": {"gt": 10}}}},
            request(body=b'{"items": [{"sku": "B"}, {"sku": "A"}], "total": 11}'),
            request(body=b'{"items": [{"sku": "A"}], "total": 10}'),
        ),
        (
            {"body": {"json_path": {"$.gone": {"absent": True}}}},
            request(body=b"{}"),
            request(body=b'{"gone": 1}'),
        ),
        (
            {"body": {"json_schema": {"type": "object", "required": ["id"]}}},
            request(body=b'{"id": 1}'),
            request(body=b"{}"),
        ),
        ({"body": {"base64": "AAH/"}}, request(body=b"\0\1\xff"), request(body=b"AAH/")),
        ({"any": [{"query": {"a": 1}}, {"query": {"b": 1}}]}, request("/?b=1"), request("/?c=1")),
        ({"all": [{"query": {"a": 1}}, {"query": {"b": 1}}]}, request("/?b=1&a=1"), request("/?a=1")),
        (
            {"not": {"query": {"a": 1}, "headers": {"x": "1"}}},
            request("/?a=1"),
            request("/?a=1", [("x", "1")]),
        ),
        ({"params": {"id": {"lt": 8}}}, request("/7/x"), request("/8/x")),
        ({"params": {"rest": "a/b"}}, request("/7/a/b?c"), request("/7/a%2Fb/")),
        ({"accept": "a/b"}, request(headers=[("Accept", "a/*;q=0.1")]), request(headers=[("Accept", "c/d")])),
        ({"accept": ["c/d", "a/b"]}, request(), request(headers=[("Accept", "a/b;q=0, */*;q=0")])),
        ({"jwt": {"a": 1, "b.a": "a"}}, request(headers=TOKEN), request()),
        ({"jwt": {"scope": {"includes": ["a", "b"]}}}, request(headers=TOKEN), request()),
        ({"form": {"a": "1", "b": {"absent": True}}}, request("/", PARTS_OF_B, UPLOAD), request()),
        (
            {
                "multipart": {
                    "name": "b",
                    "filename": {"ends_with": "json"},
                    "content_type": "application/json",
                }
            },
            request("/", PARTS_OF_B, UPLOAD),
            request("/", PARTS_OF_B, UPLOAD[:-5]),
        ),
        (
            {"multipart": [{"name": "a", "text": "1"}, {"body": {"json_path": {"$.a[0]": 1}}}]},
            request("/", PARTS_OF_B, UPLOAD),
            request("/", PARTS_OF_B, UPLOAD.replace(b"[1]", b"[2]")),
        ),
        (
            {"multipart": {"headers": {"content-TYPE": "application/json"}, "body": '{"a": [1]}'}},
            request("/", PARTS_OF_B, UPLOAD),
            request("/", FORM, UPLOAD),
        ),
        (
            {"graphql": {"operation": "a", "type": "mutation", "query": "mutation a{b,}"}},
            request("/", JSON, CALL),
            request("/", JSON, CALL.replace(b"mutation", b"query")),
        ),
        (
            {"graphql": {"variables": {"a": 1, "b.a": "null", "c": {"absent": True}}}},
            request("/", JSON, CALL),
            request("/", JSON, b'{"query": "{a}"}'),
        ),
        ({"graphql": {}}, request("/", JSON, b'{"query": "{"}'), request("/", JSON, b"{}")),
        ({}, request(), None),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_what_fits_and_what_does_not(written, fits, differs):
    assert matches(written, fits)
    if differs is not None:
        assert not matches(written, differs)


def test_the_strategies_have_every_kind():
    """The property below is about all there is."""
    assert {name for one in VALUES if isinstance(one, dict) for name in one} >= set(OPERATORS)
    assert set(WRITTEN) == set(PARTS)


@pytest.mark.parametrize(
    "written",
    [
        {"client": "::1"},
        {"any": [{"query": {"a": 1}}, {"client": "::1"}]},
        {"not": {"client": "::1"}},
        {"all": [{"not": {"any": [{"client": "::1"}]}}]},
    ],
)
def test_looking_at_the_client_is_known_wherever_it_is_done(written):
    assert compile_match(msgspec.convert(written, Match)).by_client


def test_explanations_show_what_was_written():
    written = {
        "query": {"a": {"gt": 5}},
        "multipart": [{"name": "a", "text": {"contains": "x"}}],
        "any": [{"query": {"a": 2}}, {"not": {"query": {"a": {"one_of": ["1"]}}}}],
    }
    explanation = compile_match(msgspec.convert(written, Match)).explain(request("/?a=1", PARTS_OF_B, UPLOAD))
    assert explanation == [
        {"field": "query.a", "expected": {"gt": 5}, "found": "1"},
        {
            "field": "multipart[0]",
            "expected": {"name": "a", "text": {"contains": "x"}},
            "found": [
                {"part": "a", "differs": [{"field": "text", "expected": {"contains": "x"}, "found": "1"}]},
                {
                    "part": "b",
                    "differs": [
                        {"field": "name", "expected": "a", "found": "b"},
                        {"field": "text", "expected": {"contains": "x"}, "found": '{"a": [1]}'},
                    ],
                },
            ],
        },
        {
            "field": "any",
            "expected": written["any"],
            "found": [
                [{"field": "query.a", "expected": 2, "found": "1"}],
                [
                    {
                        "field": "not",
                        "expected": {"query": {"a": {"one_of": ["1"]}}},
                        "found": "all of these hold",
                    }
                ],
            ],
        },
    ]


VALUES = [
            "1", 1, True, {}, {"equals": "a"}, {"one_of": ["a", "1"]}, {"contains": "a", "ignore_case": True},
            {"starts_with": "a"}, {"ends_with": "1"}, {"matches": "[a1]+"}, {"gt": 0}, {"gte": 1}, {"lt": 1},
            {"lte": 1},
            {"before": "2026-01-01"}, {"after": "2020-01-01"}, {"present": True}, {"present": False},
            {"absent": True},
            {"includes": ["a"]}, {"exactly": ["a", "1"]}, {"gt": 0, "every": True},
]  # fmt: skip
CONDITION = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: st.builds(lambda one: {"not": one}, inner)
    | st.builds(lambda some: {"all": some}, st.lists(inner, max_size=2))
    | st.builds(lambda some: {"any": some}, st.lists(inner, min_size=1, max_size=2)),
    max_leaves=4,
)  # fmt: skip
NAMED = st.dictionaries(st.sampled_from(["a", "b"]), CONDITION, max_size=2)
BODY = st.sampled_from(
    [
        "a", {"text": {"contains": "a"}}, {"json": {"a": 1}}, {"json": {"a": "#number"}, "exact": True},
        {"json": [1], "ignore_order": True}, {"json_path": {"$.a": 1}},
        {"json_path": {"$..a": {"absent": True}}},
        {"json_schema": {"type": "object"}}, {"base64": "YQ=="}, {"xml": "<a>1</a>"},
    ]
) | st.builds(lambda one: {"xpath": {"//a": one, "count(//a)": "1"}}, CONDITION)  # fmt: skip
PART = st.fixed_dictionaries(
    {},
    optional={
        "name": CONDITION, "filename": CONDITION, "content_type": CONDITION, "headers": NAMED,
        "text": CONDITION, "body": BODY,
    },
)  # fmt: skip
WRITTEN = {
    "query": NAMED, "headers": NAMED, "cookies": NAMED, "form": NAMED, "body": BODY, "host": CONDITION,
    "url": CONDITION,
    "client": st.sampled_from(["127.0.0.1", ["10.0.0.0/8"]]),
    "accept": st.sampled_from(["a/b", ["a/a", "a/b;a=1"]]),
    "params": st.dictionaries(st.sampled_from(["id", "rest"]), CONDITION, max_size=2),
    "state": st.dictionaries(st.sampled_from(["a", "b.a"]), CONDITION, max_size=2),
    "jwt": st.dictionaries(st.sampled_from(["a", "b.a", "scope"]), CONDITION, max_size=2),
    "multipart": PART | st.lists(PART, max_size=2),
    "graphql": st.fixed_dictionaries(
        {},
        optional={
            "operation": CONDITION, "type": st.sampled_from(["query", "mutation"]),
            "variables": st.dictionaries(st.sampled_from(["a", "b.a"]), CONDITION, max_size=2),
            "query": st.just("{a}"),
        },
    ),
}  # fmt: skip
MATCH = st.recursive(
    st.fixed_dictionaries(
        {},
        optional=WRITTEN | {"ignore_case": st.booleans()},
    ),
    lambda inner: st.fixed_dictionaries(
        {}, optional={"any": st.lists(inner, max_size=2), "all": st.lists(inner, max_size=2), "not": inner}
    ),
    max_leaves=4,
)  # fmt: skip
REQUEST = st.builds(
    request,
    st.sampled_from(["/", "/1/a", "/-7/", "/?a=1", "/?a=a&a=1", "/?b=2023-05-05&a=", "/?a=%ff"]),
    st.lists(
        st.sampled_from(
            [
                ("a", "1"),
                ("B", "a"),
                ("Cookie", "a=1; b=a"),
                ("Host", "a"),
                ("Host", "1:80"),
                ("Accept", "a/*"),
                ("Accept", "b/b"),
                *TOKEN,
                *FORM,
                *PARTS_OF_B,
                *JSON,
            ]
        ),
        max_size=3,
    ),
    st.sampled_from(
        [
            b"",
            b"a",
            b"a=1&b=a",
            b'{"a": 1}',
            b'{"a": 1, "b": [{"a": 2}]}',
            b"[1]",
            b"1",
            b"\xff",
            b"{",
            b"<a>1</a>",
            UPLOAD,
            CALL,
            b'{"query": "{a}"}',
            b"<!DOCTYPE a><a/>",
        ]
    ),
    st.sampled_from(["127.0.0.1", "10.1.1.1", "", "::1"]),
)


STATEFUL = REQUEST | st.builds(
    lambda asked, value: remembering(asked, a=value, b={"a": [value]}),
    REQUEST,
    st.sampled_from([1, "a", None]),
)


@settings(max_examples=200)
@given(MATCH, STATEFUL)
def test_matches_exactly_if_the_explanation_is_empty(written, asked):
    matches(written, asked)
    msgspec.json.encode(compile_match(msgspec.convert(written, Match), PATTERN).explain(asked))


@pytest.mark.parametrize(
    ("match", "path", "text"),
    [
        ({"query": {"x": {"matches": "("}}}, "endpoints[0].match.query.x.matches", "cannot be read"),
        (
            {"query": {"x": {"any": [{"before": "x"}]}}},
            "endpoints[0].match.query.x.any[0].before",
            "not a time",
        ),
        ({"client": "nowhere"}, "endpoints[0].match.client", "not an address"),
        ({"client": ["::1", "x"]}, "endpoints[0].match.client[1]", "not an address"),
        ({"body": {"json_path": {"$[": 1}}}, 'endpoints[0].match.body.json_path["$["]', "not a JSONPath"),
        (
            {"body": {"json_schema": {"type": "text"}}},
            "endpoints[0].match.body.json_schema",
            "not a JSON Schema",
        ),
        (
            {"body": {"json_schema": {"$ref": "file:///etc/hostname"}}},
            "endpoints[0].match.body.json_schema",
            "not fetched",
        ),
        ({"body": {"json": {"a": "#regex ("}}}, "endpoints[0].match.body.json", "cannot be read"),
        ({"body": {"base64": "?"}}, "endpoints[0].match.body.base64", "not base64"),
        ({"any": [{}, {"not": {"client": "x"}}]}, "endpoints[0].match.any[1].not.client", "not an address"),
        ({"params": {"id": 1}}, "endpoints[0].match.params.id", "no parameter 'id'"),
        ({"accept": "json"}, "endpoints[0].match.accept", "not a media type"),
        ({"accept": ["a/b", "a/*"]}, "endpoints[0].match.accept[1]", "not a media type"),
        ({"jwt": {"a.b": {"matches": "("}}}, 'endpoints[0].match.jwt["a.b"].matches', "cannot be read"),
        (
            {"multipart": [{}, {"body": {"xml": "<"}}]},
            "endpoints[0].match.multipart[1].body.xml",
            "not XML",
        ),
        (
            {"multipart": {"headers": {"a": {"before": "x"}}}},
            "endpoints[0].match.multipart.headers.a.before",
            "not a time",
        ),
        ({"graphql": {"query": "{"}}, "endpoints[0].match.graphql.query", "not GraphQL"),
        (
            {"graphql": {"variables": {"a": {"matches": "("}}}},
            "endpoints[0].match.graphql.variables.a.matches",
            "cannot be read",
        ),
        ({"graphql": {"type": "fetch"}}, "endpoints[0].match.graphql.type", "query"),
        ({"quer": {}}, "endpoints[0].match.quer", "unknown key"),
        ({"query": {"x": {"contain": 1}}}, "endpoints[0].match.query.x.contain", "unknown key"),
    ],
)
def test_mistakes_are_found_at_load(match, path, text):
    with pytest.raises(ConfigError) as caught:
        build({"endpoints": [{"path": "/", "match": match}]})
    (problem,) = caught.value.problems
    assert problem.path == path
    assert text in str(problem)


@pytest.mark.parametrize(
    ("written", "by_body"),
    [
        ({"query": {"a": 1}, "headers": {"b": 1}, "jwt": {"c": 1}, "state": {"d": 1}}, False),
        ({"body": "x"}, True),
        ({"form": {"a": 1}}, True),
        ({"graphql": {"type": "query"}}, True),
        ({"multipart": {"name": "a"}}, True),
        ({"all": [{"query": {"a": 1}}, {"body": "x"}]}, True),
        ({"any": [{"query": {"a": 1}}, {"form": {"a": 1}}]}, True),
        ({"not": {"body": {"json": {"a": 1}}}}, True),
        ({"any": [{"query": {"a": 1}}, {"not": {"host": "a"}}]}, False),
    ],
)
def test_whether_the_body_is_looked_at(written, by_body):
    conditions = compile_match(msgspec.convert(written, Match))
    assert conditions.by_body is by_body
    assert conditions.and_more([]).by_body is by_body
