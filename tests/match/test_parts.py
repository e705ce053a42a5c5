"""The TABLE of what conditions look at, row by row; and each of them over the wire."""

import httpx
import msgspec
import pytest

from tests.kit import token
from tests.match.test_conditions import (
    CALL,
    FORM,
    JSON,
    PARTS_OF_B,
    PATTERN,
    TOKEN,
    UPLOAD,
    matches,
    remembering,
    request,
)
from understudy.build import build
from understudy.match import compile_match
from understudy.match.parts import PARTS
from understudy.model import Match

EXAMPLES = {  # a condition, a request that fits, one that differs
    "query": ({"a": 1}, request("/?a=1"), request("/?a=2")),
    "headers": ({"A": "1"}, request(headers=[("a", "1")]), request(headers=[("a", "2")])),
    "cookies": ({"a": 1}, request(headers=[("Cookie", "a=1")]), request(headers=[("Cookie", "a=2")])),
    "params": ({"id": 1}, request("/1/"), request("/2/")),
    "url": ("/a?b", request("/a?b"), request("/a?c")),
    "host": ("a", request(headers=[("Host", "a:80")]), request(headers=[("Host", "b:80")])),
    "client": ("10.0.0.0/8", request(client="10.1.1.1"), request(client="127.0.0.1")),
    "state": ({"a.b": 1}, remembering(request(), a={"b": [0, 1]}), request()),
    "accept": ("a/b", request(headers=[("Accept", "*/*")]), request(headers=[("Accept", "a/c")])),
    "jwt": ({"b.a": "1"}, request(headers=TOKEN), request(headers=[("Authorization", "Bearer a.b.c")])),
    "form": ({"a": 1}, request("/", FORM, b"a=1"), request("/", FORM, b"a=2")),
    "graphql": ({"type": "mutation"}, request("/", JSON, CALL), request("/", JSON, b'{"query": "{a}"}')),
    "multipart": ({"name": "a"}, request("/", PARTS_OF_B, UPLOAD), request("/", PARTS_OF_B, b"--b--")),
    "body": ({"json": {"a": 1}}, request(body=b'{"a": 1}'), request(body=b'{"a": 2}')),
}


def test_the_table_is_the_model():
    keys = {field.encode_name for field in msgspec.structs.fields(Match)}
    assert set(PARTS) == set(EXAMPLES) == keys - {"all", "any", "not", "ignore_case"}


@pytest.mark.parametrize("part", PARTS)
def test_each_part_has_a_request_that_fits_and_one_that_differs(part):
    written, fits, differs = EXAMPLES[part]
    assert matches({part: written}, fits)
    assert not matches({part: written}, differs)
    assert matches({"not": {part: written}}, differs)


@pytest.mark.parametrize(
    ("written", "asked", "found"),
    [
        ({"multipart": {}}, request(), "no parts: the Content-Type is not given"),
        (
            {"multipart": {}},
            request("/", PARTS_OF_B, b"--b"),
            "no parts: the body has none, is malformed or cut off, or has too many",
        ),
        ({"graphql": {}}, request("/", FORM), f"not a call of GraphQL: POST, Content-Type {FORM[0][1]}"),
        (
            {"graphql": {"type": "query"}},
            request("/", JSON, b'{"query": "{"}'),
            "this is not GraphQL: Syntax Error: Expected Name, found <EOF>.",
        ),
        ({"graphql": {"query": "{a}"}}, request("/", JSON, b'{"query": "{b}"}'), "{b}"),
        ({"accept": "a/b"}, request(headers=[("Accept", "c/d")]), "c/d"),
        ({"jwt": {"b.a": "x"}}, request(headers=TOKEN), ["1", "a"]),
        ({"params": {"id": 1}}, request("/2/x"), "2"),
    ],
)
def test_what_is_shown(written, asked, found):
    (row,) = compile_match(msgspec.convert(written, Match), PATTERN).explain(asked)
    assert row["found"] == found


def test_nothing_but_the_client_is_more_than_bytes():
    every = {part: written for part, (written, _, _) in EXAMPLES.items() if part != "client"}
    assert not compile_match(msgspec.convert({"not": every, "any": [every]}, Match), PATTERN).by_client


# --- over the wire ------------------------------------------------------------------------------------------


@pytest.fixture
def ask(endpoints):
    """The body that a request gets from endpoints which are written as name → match."""

    def start(path="/", **written):
        conditional = [
            {"path": path, "method": "ANY", "match": match, "body": name} for name, match in written.items()
        ]
        server = endpoints(*conditional, {"path": path, "method": "ANY", "body": "none"})

        def send(method="GET", target="/", **options):
            return httpx.request(method, server.url + target, **options).text

        return send

    return start


def test_uploads(ask, endpoints):
    send = ask(
        image={"multipart": {"name": "f", "filename": "a.png", "content_type": "image/png"}},
        both={
            "multipart": [{"name": "f", "body": {"json": {"a": 1}}}, {"name": "t", "text": {"contains": "é"}}]
        },
        field={"form": {"t": "x"}},
    )
    assert send("POST", files={"f": ("a.png", b"1", "image/png")}) == "image"
    assert send("POST", files={"f": ("x", b'{"a": 1}')}, data={"t": "café"}) == "both"
    assert send("POST", files={"f": ("x", b"")}, data={"t": "x"}) == "field"
    assert send("POST", data={"t": "x"}) == "field"
    assert send("POST", content=b"--b", headers={"Content-Type": "multipart/form-data; boundary=b"}) == "none"

    server = endpoints(
        {"path": "/", "method": "POST", "response": {"t": "{{ form.t }}", "all": "{{ body }}"}}
    )
    reply = httpx.post(server.url, files={"f": ("x", b"\xff")}, data={"t": "é"})
    assert reply.json() == {"t": "é", "all": {"t": "é"}}


def test_graphql(ask):
    send = ask(
        user={"graphql": {"operation": "GetUser", "variables": {"id": 7}}},
        mutation={"graphql": {"type": "mutation"}},
        named={"graphql": {"query": "{ users { name } }"}},
    )
    query = "query GetUser($id: ID!) { user(id: $id) { name } }"
    assert send("POST", json={"query": query, "variables": {"id": 7}}) == "user"
    assert send("GET", params={"query": query, "variables": '{"id": "7"}'}) == "user"
    assert send("POST", json={"query": query, "variables": {"id": 8}}) == "none"
    assert send("POST", json={"query": "mutation { drop }"}) == "mutation"
    headers = {"Content-Type": "application/graphql"}
    assert send("POST", content="{users{name,}} # all", headers=headers) == "named"
    assert send("POST", json={"query": "{users{"}) == "none"


def test_accept(ask):
    send = ask(json={"accept": "application/json"}, csv={"accept": ["text/csv", "text/plain"]})
    assert send(headers={"Accept": "text/*"}) == "csv"
    assert send(headers={"Accept": "application/json;q=0, text/plain"}) == "csv"
    assert send(headers={"Accept": "image/png"}) == "none"
    assert send() == "json"


def test_claims(ask):
    send = ask(
        admin={"jwt": {"realm_access.roles": "admin", "exp": {"gt": 2**53}}}, any={"jwt": {"scope": "b"}}
    )
    admin = {"realm_access": {"roles": ["user", "admin"]}, "exp": 2**53 + 1, "scope": "a b"}
    assert send(headers={"Authorization": f"Bearer {token(admin)}"}) == "admin"
    assert send(headers={"Authorization": f"Bearer {token(admin | {'exp': 2**53})}"}) == "any"
    assert send(headers={"Authorization": "Bearer x"}) == "none"


@pytest.mark.parametrize("slash", ["", "/"])
def test_parameters_of_the_path(ask, slash):
    send = ask(
        "/a/{id:int}", small={"params": {"id": {"lt": 10}}}, big={"not": {"params": {"id": {"lt": 100}}}}
    )
    assert [send(target=f"/a/{number}{slash}") for number in (7, 50, 700)] == ["small", "none", "big"]


def test_a_miss_says_which_parameter_differs(endpoints):
    server = endpoints({"path": "/a/{id}", "match": {"params": {"id": "x"}}})
    (nearest,) = httpx.get(f"{server.url}/a/y").json()["nearest"]
    assert nearest["differs"] == [{"field": "params.id", "expected": "x", "found": "y"}]


@pytest.mark.parametrize("written", [{"not": {"client": "10.0.0.0/8"}}, {"any": [{"client": "127.0.0.1"}]}])
def test_replies_that_depend_on_the_client_are_not_remembered(written):
    program = build({"endpoints": [{"path": "/", "match": written, "response": "here"}]})
    assert not program.constant
    assert not program.endpoints[0].plan.constant
