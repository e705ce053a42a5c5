"""Narrowing must find what asking every endpoint in order finds."""

import json
from dataclasses import dataclass

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.match import Conditions, compile_match
from understudy.match.narrow import FEW, Narrowing, narrowed
from understudy.model import Match
from understudy.request import Request

SCALARS = st.sampled_from([0, 1, 1.0, True, False, None, "1", "a", "true", "#string", "#ignore", 2**70, ""])
TREES = st.recursive(
    SCALARS,
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=5,
)
PATTERNS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)
NAMED = st.dictionaries(
    st.sampled_from(["x", "y"]),
    st.sampled_from(["1", 1, True, "a", {"contains": "a"}, {"absent": True}]),
    max_size=2,
)
MATCHES = st.fixed_dictionaries(
    {},
    optional={
        "query": NAMED,
        "headers": NAMED,
        "body": st.fixed_dictionaries({"json": PATTERNS}, optional={"exact": st.booleans()}),
        "ignore_case": st.booleans(),
        "not": st.fixed_dictionaries({"query": NAMED}),
        "all": st.lists(st.fixed_dictionaries({"query": NAMED}), max_size=1),
    },
)


@dataclass(eq=False)
class Entry:
    conditions: Conditions | None


def entries(matches):
    return [Entry(compile_match(msgspec.convert(match, Match)) if match else None) for match in matches]


def first(found, request):
    return next((e for e in found if e.conditions is None or e.conditions.matches(request)), None)


def ask(query="", body=None, headers=()):
    return Request("POST", f"/?{query}".encode(), headers, b"" if body is None else json.dumps(body).encode())


@given(
    st.lists(MATCHES, min_size=FEW + 1, max_size=FEW + 6),
    st.sampled_from(["", "x=1", "x=a&x=1", "x=true&y=1", "x=&y=a", "X=1&y=1"]),
    st.none() | TREES,
    st.sampled_from([(), [(b"X", b"1")], [(b"X", b"a"), (b"x", b"1")], [(b"y", b"true")]]),
)
@settings(max_examples=150)
def test_the_first_that_fits_is_the_same(matches, query, body, headers):
    asked = entries(matches)
    found = narrowed(asked)
    request = ask(query, body, headers)
    picked = found if isinstance(found, tuple) else found.pick(request)
    assert first(picked, request) is first(asked, request)


def test_a_thousand_bodies_leave_one():
    asked = entries([{"body": {"json": {"order": {"id": number}}}} for number in range(1000)])
    found = narrowed(asked)
    assert isinstance(found, Narrowing)
    assert found.pick(ask(body={"order": {"id": 567}})) == (asked[567],)
    assert found.pick(ask(body={"order": {}})) == ()


def test_two_facts_together():
    asked = entries([{"query": {"x": x}, "headers": {"y": y}} for x in range(30) for y in range(30)] + [{}])
    picked = narrowed(asked).pick(ask("x=7", headers=[(b"Y", b"9")]))
    assert len(picked) <= FEW
    assert asked[7 * 30 + 9] in picked


def test_a_repeated_name_asks_all():
    asked = entries([{"query": {"x": number}} for number in range(50)])
    assert first(narrowed(asked).pick(ask("x=40&x=3")), ask("x=40&x=3")) is asked[3]


def test_few_are_asked_one_by_one():
    assert isinstance(narrowed(entries([{"query": {"x": n}} for n in range(FEW)])), tuple)
