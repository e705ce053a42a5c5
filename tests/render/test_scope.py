import pytest

from understudy.render.draws import Draws
from understudy.render.scope import NoCounters, NoRequest, Scope
from understudy.request import Request


def test_begin_shows_the_request_and_gives_its_draws(request_to):
    scope = Scope()
    request = request_to("/a")
    draws = scope.begin(request, 5, "GET /a", 2, 12.5)
    assert (scope.request, scope.endpoint, scope.now, scope.draws) == (request, "GET /a", 12.5, draws)
    assert draws.unit("x") == Draws(5, "GET /a", 2).unit("x")


def test_a_new_seed_is_heeded(request_to):
    scope = Scope()
    request = request_to("/a")
    first = scope.begin(request, 1, "e", 0, 0.0).unit("x")
    assert scope.begin(request, 2, "e", 0, 0.0).unit("x") != first
    assert scope.begin(request, 1, "e", 0, 0.0).unit("x") == first


def test_each_request_numbers_its_draws_anew(request_to):
    scope = Scope()
    for n in range(2):
        assert scope.begin(request_to("/a"), 1, "e", n, 0.0).numbered("uuid") == "uuid#0"


def test_what_live_endpoints_know_is_shown_until_the_next_request(request_to):
    scope = Scope()
    request = request_to("/a")
    draws = scope.begin(request, 1, "e", 0, 1.0)
    state = object()
    scope.show(request, "e", 1.0, draws, state, {"sub": "1"})
    assert (scope.state, scope.claims) == (state, {"sub": "1"})
    scope.begin(request, 1, "e", 1, 1.0)
    assert (scope.state, scope.claims) == (None, None)


def test_without_a_store_nothing_counts():
    counters = NoCounters()
    assert [counters.count("", "counters", "a", 5, 1) for _ in range(2)] == [5, 5]


def test_no_request_is_empty():
    assert NoRequest().header("x") is None
    with pytest.raises(ValueError, match="no body"):
        NoRequest().json()


def test_the_real_request_fits(make_stage):
    stage = make_stage()
    request = Request("GET", b"/a?name=Ann", [(b"X-Id", b"7")])
    assert stage.text("{{ query.name }} {{ headers.x_id }} {{ request.url }}", request) == "Ann 7 /a?name=Ann"
