"""Priorities that keep an order: no more of them than needed, and enough of them always."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.build import build
from understudy.formats import order
from understudy.formats.order import keep_order, levels_between
from understudy.match.index import plain_scan
from understudy.model import Endpoint
from understudy.model.convert import convert
from understudy.request import Request

ENDPOINT = st.fixed_dictionaries(
    {
        "path": st.sampled_from(
            ["/a", "/a/b", "/{x}", "/{x}/b", "/a/{y}", "/{x:int}", "/a*", "/**", "/a/**", "/{rest:path}"]
        )
        | st.sampled_from(["/a.*", "/[a-z]", ".*"]).map(lambda regex: {"regex": regex})
    },
    optional={
        "method": st.sampled_from(["POST", "ANY", ["GET", "PUT"]]),
        "match": st.just({"query": {"q": "1"}}),
    },
)
ASKED = [
    (method, target)
    for method in ("GET", "POST")
    for target in ("/a", "/a/b", "/b", "/1", "/ab", "/", "/a/b/c", "/a?q=1", "/a/b?q=1", "/x/b?q=1")
]


def ordered(written):
    written = [{**one, "body": str(number)} for number, one in enumerate(written)]
    keep_order(written, [msgspec.convert(one, Endpoint) for one in written])
    return written


@given(st.lists(ENDPOINT, max_size=6))
def test_the_first_that_fits_answers(written):
    written = ordered(written)
    program = build({"endpoints": written, "trailing_slash": "strict"})
    for method, target in ASKED:
        request = Request(method, target.encode())
        request.path = target.partition("?")[0]
        fits = {
            endpoint.order: endpoint.conditions is None or endpoint.conditions.matches(request)
            for endpoint in plain_scan(program.endpoints, request.path, method, ignore_trailing_slash=False)
        }
        found = next((number for number, fitting in fits.items() if fitting), None)
        first = min((number for number, fitting in fits.items() if fitting), default=None)
        assert found == first


@pytest.mark.parametrize(
    ("paths", "priorities"),
    [
        (["/a", "/b", "/{x}", "/**"], [0, 0, 0, 0]),  # the natural order
        (["/{x}", "/a"], [1, 0]),
        (["/**", "/{x}", "/a"], [2, 1, 0]),
        (["/b/{x}", "/a"], [0, 0]),  # no request fits both
        (["/a/{x}", "/b/c"], [0, 0]),
    ],
)
def test_there_are_no_more_priorities_than_needed(paths, priorities):
    assert [one.get("priority", 0) for one in ordered([{"path": path} for path in paths])] == priorities


def test_too_many_to_compare_are_numbered(monkeypatch):
    monkeypatch.setattr(order, "MAX_PAIRS", 1)
    assert [one.get("priority") for one in ordered([{"path": "/{x}"}, {"path": "/a"}])] == [1, None]


def test_the_way_back():
    endpoints = [
        convert({"path": path, "priority": priority}, Endpoint)
        for path, priority in [("/users/{id}", 0), ("/users/me", 0), ("/other", 0), ("/**", 1)]
    ]
    assert levels_between(endpoints) == [0, 1, 0, 2]
    assert levels_between(endpoints, strict=True) == [0, 1, 0, 2]
    in_order = [endpoints[1], endpoints[0]]
    assert levels_between(in_order) == [0, 0]
    assert levels_between(in_order, strict=True) == [1, 0]


def test_the_way_back_with_very_many(monkeypatch):
    monkeypatch.setattr("understudy.formats.order.MAX_PAIRS", 1)
    endpoints = [convert({"path": path}, Endpoint) for path in ("/{a}", "/a")]
    assert levels_between(endpoints) == [0, 1]


def test_thousands_with_one_path_are_not_compared_with_each_other():
    written = [{"path": "/a", "match": {"query": {"n": str(number)}}} for number in range(20_000)]
    assert {one.get("priority", 0) for one in ordered([*written, {"path": "/a"}])} == {0}
    first, *rest = ordered([{"path": "/a"}, *written])
    assert first["priority"] == 1
    assert not any("priority" in one for one in rest)
