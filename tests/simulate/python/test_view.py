"""What is not seen over the wire in test_handler.py and test_middleware.py."""

import pytest

from understudy import Request as View
from understudy.engine import World
from understudy.model import State
from understudy.render.draws import Draws
from understudy.render.scope import Scope
from understudy.request import Request
from understudy.simulate.exchange import Exchange
from understudy.simulate.variables import VariableError
from understudy.state.view import StateView
from understudy.steps import Plan


@pytest.fixture
def view():
    def make(request=None, owner="", **settings):
        state = StateView("", State(**settings), 1.0)
        state.owner = owner
        request = request or Request("GET", b"/a?x=1")
        exchange = Exchange(
            request, "e", Plan((), None), World(0, lambda: 1.0), state, Scope(), Draws(0, "e", 0), 1.0
        )
        return View(exchange, blocking=True)

    return make


def test_it_is_read_only(view):
    seen = view()
    for name in ("method", "path", "body", "query"):
        with pytest.raises(AttributeError):
            setattr(seen, name, "x")
    seen.query["x"] = "changed"
    assert seen.query == {"x": "1"}
    assert repr(seen) == "<Request GET /a?x=1>"


def test_json_that_is_changed_is_a_copy(view):
    seen = view(Request("POST", b"/", body=b'{"a": []}'))
    seen.json()["a"].append(1)
    assert seen.json() == {"a": []}


def test_what_is_in_the_state_is_not_shared(view):
    state = view(variables={"start": [1]}).state
    state.get("start").append(2)
    assert state.get("start") == [1]
    value = {"a": [1]}
    state.set("v", value)
    value["a"].append(2)
    state.get("v")["a"].append(3)
    assert state.get("v") == {"a": [1]}
    pushed = state.push("start", 5)
    pushed.append(6)
    assert state.get("start") == [1, 5]
    assert state.delete("start")
    assert state.get("start") == [1]


def test_each_owner_has_its_own(view):
    seen = view(owner="ada")
    seen.state.add("n")
    seen._exchange.state.owner = seen._exchange.owner = "bob"
    assert seen.state.get("n") is None


def test_adding_to_a_text_says_what_is_wrong(view):
    state = view(variables={"v": "text"}).state
    with pytest.raises(VariableError, match="the variable v is not a number"):
        state.add("v")


def test_a_changed_request_has_no_line_breaks_in_its_headers(view):
    with pytest.raises(ValueError, match="line break"):
        view().with_(headers={"A": "1\r\nB: 2"})
    changed = view().with_(headers={"A": ["1", 2]})
    assert changed.headers.getall("a") == ["1", "2"]
    assert view().with_(query={"x": None}).url == "/a"
