"""Requests and responses that belong together by the names of their examples."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.openapi.documents import ask, document, media, request
from understudy.openapi.pairs import compile_pairs

NAMES = {"one", "two", "three"}


def pairs_of(*, parameters=(), body=None, path="/a", wanted=NAMES, path_names=None):
    item = {"parameters": list(parameters), "responses": {"200": media(example=1)}}
    if body is not None:
        item["requestBody"] = {"content": body}
    read = document({path: {"post": item}})
    return compile_pairs(read.operations[f"POST {path}"], wanted, path_names)


def values(**named):
    return {name: {"value": value} for name, value in named.items()}


def parameter(name="p", where="query", examples=None, **more):
    return {"name": name, "in": where, "schema": {}, "examples": values(**(examples or {})), **more}


def post(body, content_type="application/json", target="/a", **more):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request(target, "POST", data, Content_Type=content_type, **more)


def test_without_names_there_is_nothing_to_pair():
    assert pairs_of() is None
    assert pairs_of(parameters=[parameter(examples={"other": 1})]) is None
    assert pairs_of(body={"application/json": {"example": 1}}) is None


@pytest.mark.parametrize(
    ("example", "sent", "is_same"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, True),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
        (None, None, True),
        ('{"a": 1}', {"a": 1}, True),
    ],
)
def test_a_json_body(example, sent, is_same):
    pairs = pairs_of(body={"application/json": {"examples": values(one=example)}})
    assert pairs.of(post(sent)) == (("one",) if is_same else ())


def test_bodies_that_are_none_of_the_examples():
    pairs = pairs_of(body={"application/json": {"examples": values(one={"a": 1})}})
    assert pairs.of(post(b"{")) == ()
    assert pairs.of(post(b"")) == ()
    assert pairs.of(post(b'{"a": 1}', "text/plain")) == ()
    assert pairs.of(post(b'{"a": 1}', "application/vnd.own+json")) == ("one",)


def test_other_bodies():
    pairs = pairs_of(
        body={
            "application/x-www-form-urlencoded": {"examples": values(one={"a": 1, "b": ["x", "y"]})},
            "text/plain": {"examples": values(two=" hello\n")},
        }
    )
    assert pairs.of(post(b"b=x&a=1&b=y", "application/x-www-form-urlencoded")) == ("one",)
    assert pairs.of(post(b"a=1", "application/x-www-form-urlencoded")) == ()
    assert pairs.of(post(b"hello", "text/plain")) == ("two",)
    assert pairs.of(post(b"\xff", "text/plain")) == ()


@pytest.mark.parametrize(
    ("described", "asked", "is_same"),
    [
        (parameter(examples={"one": 5}), request("/a?p=5"), True),
        (parameter(examples={"one": 5}), request("/a?p=6"), False),
        (parameter(examples={"one": 5}), request("/a"), False),
        (parameter(examples={"one": 5.0}), request("/a?p=5"), True),
        (parameter(examples={"one": True}), request("/a?p=true"), True),
        (parameter(examples={"one": "a b"}), request("/a?p=a+b"), True),
        (parameter(examples={"one": ["x", 1]}, schema={"type": "array"}), request("/a?p=x&p=1"), True),
        (parameter(examples={"one": ["x", 1]}, schema={"type": "array"}), request("/a?p=1&p=x"), False),
        (parameter(examples={"one": "x"}, schema={"type": "array"}), request("/a?p=x"), True),
        (parameter(examples={"one": ["x", 1]}, explode=False), request("/a?p=x,1"), True),
        (
            parameter(examples={"one": ["x", 1]}, style="pipeDelimited", explode=False),
            request("/a?p=x%7C1"),
            True,
        ),
        (parameter(where="header", examples={"one": ["x", 1]}), request(p="x,1"), True),
        (parameter("X-P", "header", {"one": "v"}), request(x_p="v"), True),
        (parameter(where="cookie", examples={"one": "v"}), request(Cookie="a=b; p=v"), True),
        (parameter(where="path", examples={"one": 7}), request(params={"p": 7}), True),
        (parameter(where="path", examples={"one": 7}), request(params={"p": 7.0}), True),
        (parameter(where="path", examples={"one": 7}), request(params={"p": "8"}), False),
        (parameter(where="path", examples={"one": 7}), request(), False),
    ],
)
def test_a_parameter(described, asked, is_same):
    pairs = pairs_of(parameters=[described])
    assert pairs.of(asked) == (("one",) if is_same else ())


def test_a_path_parameter_that_has_another_name_here():
    pairs = pairs_of(parameters=[parameter("p-q", "path", {"one": 7})], path_names={"p-q": "p_q"})
    assert pairs.of(request(params={"p_q": 7})) == ("one",)


def test_a_parameter_that_is_json():
    described = {
        "name": "p",
        "in": "query",
        "content": {"application/json": {"examples": values(one={"a": 1})}},
    }
    pairs = pairs_of(parameters=[described])
    assert pairs.of(request("/a?p=%7B%22a%22:%201%7D")) == ("one",)
    assert pairs.of(request("/a?p=%7B")) == ()
    assert pairs.of(request("/a")) == ()


def test_an_object_that_is_spread_says_nothing():
    assert pairs_of(parameters=[parameter(examples={"one": {"a": 1}})]) is None


def test_all_parts_that_have_an_example_of_the_name_must_fit():
    pairs = pairs_of(
        parameters=[parameter(examples={"one": 1, "two": 2})],
        body={"application/json": {"examples": values(one={"n": 1}, three={"n": 3})}},
    )
    assert pairs.of(post({"n": 1}, target="/a?p=1")) == ("one",)
    assert pairs.of(post({"n": 0}, target="/a?p=1")) == ()
    assert pairs.of(post({"n": 0}, target="/a?p=2")) == ("two",)
    assert pairs.of(post({"n": 3}, target="/a?p=2")) == ("two", "three")


def test_what_says_most_comes_first():
    pairs = pairs_of(
        parameters=[parameter(examples={"one": 1, "two": 1}), parameter("q", examples={"two": 2})],
    )
    assert pairs.of(request("/a?p=1&q=2")) == ("two", "one")
    assert pairs.of(request("/a?p=1")) == ("one",)


@given(st.lists(st.integers(0, 2), min_size=3, max_size=3), st.integers(0, 2), st.integers(0, 2))
def test_looking_up_is_searching(named, p, q):
    """The names of a request are those that a search through all examples finds."""
    first = {name: value for name, value in zip(sorted(NAMES), named, strict=True) if value}
    second = {name: value for name, value in zip(sorted(NAMES), reversed(named), strict=True) if value}
    pairs = pairs_of(parameters=[parameter(examples=first), parameter("q", examples=second)])
    expected = {name for name in {*first, *second} if first.get(name, p) == p and second.get(name, q) == q}
    assert set(pairs.of(request(f"/a?p={p}&q={q}")) if pairs else ()) == expected


# --- the answers -------------------------------------------------


def served(responses, named, **options):
    item = {"parameters": [parameter(examples=named)], "responses": responses}
    return document({"/a": {"get": item}}).answers("GET /a", **options)


TWO = media(examples={"one": "first", "two": "second"})


@pytest.mark.parametrize(
    ("target", "headers", "example"),
    [
        ("/a?p=1", {}, "one"),
        ("/a?p=2", {}, "two"),
        ("/a?p=3", {}, "one"),
        ("/a?p=2", {"Prefer": "example=one"}, "one"),
        ("/a?p=2", {"Prefer": "code=200"}, "two"),
        ("/a?p=2&__dynamic=false", {}, "two"),
    ],
)
def test_the_response_of_the_same_name(target, headers, example):
    answers = served({"200": TWO}, {"one": 1, "two": 2})
    assert ask(answers, request(target, **headers)).example == example
    assert answers.usual is None


def test_names_that_change_nothing_cost_nothing():
    answers = served({"200": media(examples={"default": 1, "other": 2})}, {"default": 1})
    assert answers.usual is not None


def test_an_error_of_the_same_name_where_names_pair_up():
    responses = {"200": TWO, "404": media(examples={"gone": "no"})}
    answers = served(responses, {"one": 1, "gone": 3})
    assert ask(answers, request("/a?p=1")).reply.status == 200
    assert ask(answers, request("/a?p=3")).reply.status == 404
    assert ask(answers, request("/a?p=3")).example == "gone"


def test_beside_a_success_the_default_is_an_error():
    answers = served({"200": TWO, "default": media(examples={"gone": "no"})}, {"one": 1, "gone": 3})
    assert ask(answers, request("/a?p=3")).reply.status == 500


def test_an_error_alone_is_no_pair():
    responses = {"204": {"description": ""}, "422": media(examples={"default": "no"})}
    assert ask(served(responses, {"default": 1}), request("/a?p=1")).reply.status == 204


def test_dynamic_answers_have_no_pairs():
    answers = served(
        {"200": media(examples={"one": 1, "two": 2}, schema={"const": 5})}, {"two": 2}, dynamic=True
    )
    assert ask(answers, request("/a?p=2")).reply.body == b"5"
